"""The job behind "a number is on the dashboard seconds after acceptance"."""

from __future__ import annotations

from procrastinate.contrib.django import app

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.monitoring import api


@app.task(name="monitoring.refresh", queue="measure", retry=5)
def refresh(form: str, area: str, year: int, filing: int | None = None, version: int | None = None) -> None:
    """Measure what an accepted return feeds."""
    forms = api.pack().returns
    number = forms[form].form_no if form in forms else form
    reason = f"验收 {number} {year} 年" + (f" 第 {version} 版" if version else "")
    api.refresh(audit.SYSTEM, form=form, reason=reason, filing=filing, filing_version=version)
