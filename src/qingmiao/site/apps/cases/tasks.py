"""What is done with cases on a timetable; it runs in a child (decision 0019)."""

from __future__ import annotations

from procrastinate import JobContext
from procrastinate.contrib.django import app

from qingmiao.site import children

CASES = "qingmiao.site.apps.cases"


@app.periodic(cron="* * * * *")
@app.task(name="cases.look", queue="default", pass_context=True)
async def look(context: JobContext, timestamp: int) -> None:
    """Every minute: cases a clock of which turned yellow, ended or goes up; no process is begun where none did."""
    looked, heard = f"{CASES}.clocks:look", f"{CASES}.self_opening:open_heard"
    await children.CHORES.do_where("cases_case WHERE look_at <= now()", looked, context=context)
    await children.CHORES.do_where("cases_heard", heard, context=context)  # what an attempt before has left


@app.task(name="cases.open_heard", queue="default")
async def open_heard() -> None:
    """What may open a case by itself is looked at: deferred by whatever says it."""
    await children.CHORES.do("qingmiao.site.apps.cases.self_opening:open_heard")


@app.periodic(cron="10 0,6 * * *")
@app.task(name="cases.take_due", queue="default")
async def take_due(timestamp: int) -> None:
    """Every night (and in the morning, if the night was missed): steps whose time has come are taken by the system."""
    await children.CHORES.do("qingmiao.site.apps.cases.timely:take_due")
