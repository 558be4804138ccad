"""What is done with children's files on a timetable; it runs in a child (decision 0019)."""

from __future__ import annotations

from procrastinate.contrib.django import app

from qingmiao.site import children


@app.periodic(cron="20 2 * * *")
@app.task(name="records.look_through", queue="default")
async def look_through(timestamp: int) -> None:
    """Every night: files that may be of one child are put before people."""
    await children.CHORES.do("qingmiao.site.apps.records.pairs:look_through")
