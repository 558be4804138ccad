"""Housekeeping of kept files on a timetable; it runs in a child (decision 0019)."""

from __future__ import annotations

from procrastinate.contrib.django import app

from qingmiao.site import children


@app.periodic(cron="40 3 * * *")
@app.task(name="files.sweep", queue="default")
async def sweep(timestamp: int) -> None:
    """Every night: take away files that nothing uses."""
    await children.CHORES.do("qingmiao.site.apps.files.sweeping:sweep_unused")
