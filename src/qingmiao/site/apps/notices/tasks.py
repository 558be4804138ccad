"""Notices go outside on a timetable, in a child (decision 0019)."""

from __future__ import annotations

from procrastinate.contrib.django import app

from qingmiao.site import children


@app.periodic(cron="*/10 * * * *")
@app.task(name="notices.send", queue="default")
async def send(timestamp: int) -> None:
    """Every ten minutes: what waits is offered to the gateway."""
    await children.CHORES.do(f"{__name__}:send_all")


def send_all() -> None:
    """In the child: one round."""
    from qingmiao.site.apps.notices.gateway import send_waiting

    send_waiting()
