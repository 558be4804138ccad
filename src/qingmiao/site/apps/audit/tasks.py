"""Anchoring on a timetable."""

from __future__ import annotations

from django.conf import settings
from procrastinate.contrib.django import app

from qingmiao.site.apps.audit import api


@app.periodic(cron="* * * * *")
@app.task(name="audit.anchor", queue="default")
def anchor(timestamp: int) -> None:
    """Write the chain's head to the anchor file, every minute."""
    api.anchor(settings.HOME / "audit-anchors.jsonl")
