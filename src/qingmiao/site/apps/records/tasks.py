"""What is done with children's files on a timetable; it runs in a child (decision 0019)."""

from __future__ import annotations

from procrastinate import JobContext
from procrastinate.contrib.django import app

from qingmiao.site import children


@app.periodic(cron="20 2 * * *")
@app.task(name="records.look_through", queue="default")
async def look_through(timestamp: int) -> None:
    """Every night: files that may be of one child, or of one mother, are put before people."""
    await children.CHORES.do("qingmiao.site.apps.records.pairs:look_through")
    await children.CHORES.do("qingmiao.site.apps.records.mothers.pairs:look_through")


@app.periodic(cron="50 2 * * *")
@app.task(name="records.list_over", queue="default")
async def list_over(timestamp: int) -> None:
    """Every night: files that are past the times for which they are kept are put before people."""
    await children.CHORES.do("qingmiao.site.apps.records.privacy.erasing:list_over")


@app.periodic(cron="*/10 * * * *")
@app.task(name="records.count_due", queue="default")
async def count_due(timestamp: int) -> None:
    """Every ten minutes: where the day has changed since, or nothing was counted yet, all children are counted."""
    await children.CHORES.do("qingmiao.site.apps.records.due_counting:count_today")


@app.periodic(cron="* * * * *")
@app.task(name="records.publish_rolls", queue="default", pass_context=True)
async def publish_rolls(context: JobContext, timestamp: int) -> None:
    """Every minute: rolls of townships in which something was said since; no process is begun where nothing was."""
    publish = "qingmiao.site.apps.records.rolls.publishing:publish_waiting"
    await children.CHORES.do_where("records_roll_waiting", publish, context=context)


@app.task(name="records.work_on_list", queue="default", retry=children.AFTER_A_STOP)
async def work_on_list(listed: int) -> None:
    """A long list is checked, imported or taken back; where it is not, its page says why."""
    try:
        await children.LISTS.do("qingmiao.site.apps.records.list_work:carry_out", listed=listed)
    except children.ChildError as e:
        await children.CHORES.do("qingmiao.site.apps.records.list_work:gave_up", listed=listed, why=str(e))
        raise
