"""Housekeeping on a timetable: anchor the chain; take up the jobs of a worker that was killed."""

from __future__ import annotations

from django.conf import settings
from procrastinate.contrib.django import app

from qingmiao.site.apps.audit import api


@app.periodic(cron="* * * * *")
@app.task(name="audit.anchor", queue="default")
def anchor(timestamp: int) -> None:
    """Write the chain's head to the anchor file, every minute; sealed first, even if the sealing thread has died."""
    api.seal()
    api.anchor(settings.HOME / api.ANCHORS)


SILENT = 30
"""A worker that gave no sign for so many seconds is dead; its jobs are done again (every job may run twice)."""


@app.periodic(cron="* * * * *")
@app.task(name="jobs.rescue", queue="default")
async def rescue(timestamp: int) -> None:
    """Take up the jobs of dead workers."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENT):
        await app.job_manager.retry_job(job)
