"""The jobs that make and finish an edition: each in a child that ends (decision 0019); what went wrong stands in the
edition."""

from __future__ import annotations

from procrastinate.contrib.django import app

from qingmiao.site import children

MAKING = "qingmiao.site.apps.publishing.making"


@app.task(name="publishing.make", queue="report", retry=children.AFTER_A_STOP)
async def make(edition: int) -> None:
    """Resolve every number and write the draft's files."""
    await _or_say_why("make", edition)


@app.task(name="publishing.prepare", queue="report", retry=children.AFTER_A_STOP)
async def prepare(edition: int) -> None:
    """Write the final files of an edition that was handed in: what the second person reads is what is released."""
    await _or_say_why("prepare", edition)


async def _or_say_why(what: str, edition: int) -> None:
    try:
        await children.REPORT.do(f"{MAKING}:{what}", edition=edition)
    except children.ChildError as e:
        await children.REPORT.do(f"{MAKING}:gave_up", edition=edition, why=str(e))
        raise
