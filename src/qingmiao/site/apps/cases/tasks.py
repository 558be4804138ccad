"""What is done with cases on a timetable; it runs in a child (decision 0019)."""

from __future__ import annotations

from procrastinate import JobContext
from procrastinate.contrib.django import app

from qingmiao.site import children


@app.periodic(cron="* * * * *")
@app.task(name="cases.look", queue="default", pass_context=True)
async def look(context: JobContext, timestamp: int) -> None:
    """Every minute: cases a clock of which turned yellow, ended or goes up; no process is begun where none did."""
    asked = "SELECT EXISTS (SELECT FROM cases_case WHERE look_at <= now()) AS waiting"  # the worker has no models
    if (await context.app.connector.execute_query_one_async(asked))["waiting"]:
        await children.CHORES.do("qingmiao.site.apps.cases.clocks:look")
    asked = "SELECT EXISTS (SELECT FROM cases_heard) AS waiting"  # what an attempt before has left
    if (await context.app.connector.execute_query_one_async(asked))["waiting"]:
        await children.CHORES.do("qingmiao.site.apps.cases.self_opening:open_heard")


@app.task(name="cases.open_heard", queue="default")
async def open_heard() -> None:
    """What may open a case by itself is looked at: deferred by whatever says it."""
    await children.CHORES.do("qingmiao.site.apps.cases.self_opening:open_heard")


@app.periodic(cron="10 0,6 * * *")
@app.task(name="cases.take_due", queue="default")
async def take_due(timestamp: int) -> None:
    """Every night (and in the morning, if the night was missed): steps whose time has come are taken by the system."""
    await children.CHORES.do("qingmiao.site.apps.cases.timely:take_due")
