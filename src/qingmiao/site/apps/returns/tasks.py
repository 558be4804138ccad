"""Reminders on a timetable; they are made in a child (decision 0019)."""

from __future__ import annotations

from procrastinate.contrib.django import app

from qingmiao.site import children


@app.periodic(cron="5 * * * *")
@app.task(name="returns.remind", queue="default")
async def remind(timestamp: int) -> None:
    """Make the day's reminders (once a day; asked every hour, so that a night without power loses none)."""
    await children.CHORES.do(f"{__name__}:make_reminders")


def make_reminders() -> None:
    """In the child: the reminders of today."""
    from django.utils import timezone

    from qingmiao.site.apps.audit.api import SYSTEM
    from qingmiao.site.apps.returns import calendar

    calendar.remind(SYSTEM, on=timezone.localdate())
