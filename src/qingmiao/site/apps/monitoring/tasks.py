"""The job behind "a number is on the dashboard seconds after acceptance"; it runs in a child (decision 0019)."""

from __future__ import annotations

from procrastinate.contrib.django import app

from qingmiao.site import children


@app.task(name="monitoring.refresh", queue="measure", retry=5)
async def refresh() -> None:
    """Measure what was accepted since the newest run: deferred by every acceptance and by every worker that starts."""
    await children.MEASURE.do(f"{__name__}:measure")


def measure() -> None:
    """In the child: one refresh."""
    from qingmiao.site.apps.audit import api as audit
    from qingmiao.site.apps.monitoring import api

    api.refresh(audit.SYSTEM)
