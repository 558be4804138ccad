"""Warnings of returns on a timetable, and the job behind "a number is on the dashboard seconds after acceptance";
both run in a child (decision 0019)."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from qingmiao.site import children

AGAIN = RetryStrategy(max_attempts=60, linear_wait=10)
"""A disk that is full or a database that is away may stay so for hours: tried again at once, then after 10, 20, 30 …
seconds (local setting), and by `follow_calendar` when that has ended too."""


@app.task(name="monitoring.refresh", queue="measure", retry=AGAIN)
async def refresh() -> None:
    """Measure what was accepted since the newest run: deferred by every acceptance, by every worker that starts and
    every hour."""
    await children.MEASURE.do(f"{__name__}:measure")


def warm() -> None:
    """In the child, before its first job: the libraries and the pack; nothing of the site is asked."""
    from qingmiao.site.apps.monitoring import api

    api.pack()


def measure() -> None:
    """In the child: one refresh; then, with the new values shown already, what the pages ask first is assessed."""
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.monitoring import api

    api.refresh(audit.SYSTEM)
    api.assess_ahead()


@app.periodic(cron="1 * * * *")
@app.task(name="monitoring.follow_calendar", queue="default")
async def follow_calendar(timestamp: int | None = None) -> None:
    """Every hour, and when a return is submitted: what is overdue today, whenever the last run was; and what no run
    has taken yet is measured (nothing is done where there is none)."""
    if timestamp is not None:
        await refresh.defer_async()
    await children.CHORES.do(f"{__name__}:tell_overdue")


def tell_overdue() -> None:
    """In the child: the warnings of returns as of now."""
    from qingmiao.site.apps.monitoring import api

    api.follow_the_clock()
