"""Escalation on a timetable; it runs in a child (decision 0019)."""

from __future__ import annotations

from procrastinate.contrib.django import app

from qingmiao.site import children


@app.periodic(cron="10 * * * *")
@app.task(name="tasks.escalate", queue="default")
async def escalate(timestamp: int) -> None:
    """Every hour: overdue tasks go up."""
    await children.CHORES.do(f"{__name__}:go_up")


def go_up() -> None:
    """In the child: one round of escalation."""
    from django.utils import timezone

    from qingmiao.site.apps.tasks import api

    api.escalate(now=timezone.now())
