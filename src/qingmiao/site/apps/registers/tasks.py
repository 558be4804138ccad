"""What is done with registers on a timetable; it runs in a child (decision 0019)."""

from __future__ import annotations

from procrastinate import JobContext
from procrastinate.contrib.django import app

from qingmiao.site import children


@app.periodic(cron="* * * * *")
@app.task(name="registers.publish_minimums", queue="default", pass_context=True)
async def publish_minimums(context: JobContext, timestamp: int) -> None:
    """Every minute: minimums of registers in which something changed; no process is begun where nothing did."""
    publish = "qingmiao.site.apps.registers.missing:publish_waiting"
    await children.CHORES.do_where("registers_waiting", publish, context=context)


@app.periodic(cron="30 1 * * *")
@app.task(name="registers.new_day", queue="default")
async def new_day(timestamp: int) -> None:
    """Every night: entries of which the running year has no numbers yet; minimums wait to be worked out; who keeps and
    who entered what ends is told."""
    await children.CHORES.do("qingmiao.site.apps.registers.publishing:new_year")
    await children.CHORES.do("qingmiao.site.apps.registers.missing:every_night")
    await children.CHORES.do("qingmiao.site.apps.registers.telling:tell_expiring")
