"""The demonstration's job: its reports, in a child that ends (decision 0019)."""

from __future__ import annotations

from procrastinate.contrib.django import app

from qingmiao.site import children


@app.task(name="demo.make_reports", queue="report", retry=children.AFTER_A_STOP)
async def make_reports() -> None:
    """Last year's report released by two made-up people, this year's a draft. Once."""
    await children.REPORT.do("qingmiao.site.demo.reports:stage")
