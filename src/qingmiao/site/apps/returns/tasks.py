"""Reminders on a timetable."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from qingmiao.site.apps.audit.api import SYSTEM
from qingmiao.site.apps.returns import calendar


@app.periodic(cron="5 * * * *")
@app.task(name="returns.remind", queue="default")
def remind(timestamp: int) -> None:
    """Make the day's reminders (once a day; asked every hour, so that a night without power loses none)."""
    calendar.remind(SYSTEM, on=timezone.localdate())
