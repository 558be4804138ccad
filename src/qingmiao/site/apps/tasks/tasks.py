"""Escalation on a timetable."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from qingmiao.site.apps.tasks import api


@app.periodic(cron="10 * * * *")
@app.task(name="tasks.escalate", queue="default")
def escalate(timestamp: int) -> None:
    """Every hour: overdue tasks go up."""
    api.escalate(now=timezone.now())
