"""The job behind "a number is on the dashboard seconds after acceptance"."""

from __future__ import annotations

from procrastinate.contrib.django import app

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.monitoring import api


@app.task(name="monitoring.refresh", queue="measure", retry=5)
def refresh() -> None:
    """Measure what was accepted since the newest run: deferred by every acceptance and by every worker that starts."""
    api.refresh(audit.SYSTEM)
