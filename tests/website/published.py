"""Editions of the report of the small measured county."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from qingmiao.site.apps.publishing.models import Edition
from website.measured import a_run
from website.role_ids import Role


def an_edition(make_person: Callable, state: str = "draft") -> Edition:
    """The edition in a state, made once a test."""
    number = {"draft": 1, "released": 2}[state]
    found = Edition.objects.filter(year=2023, number=number).first()
    if found is not None:
        return found
    office, second = (
        make_person("committee_office", Role.COMMITTEE_OFFICE),
        make_person("statistics", Role.STATISTICS),
    )
    released = state == "released"
    edition = Edition.objects.create(
        year=2023, number=number, run=a_run(), state="draft", generated_date="2024-03-01", is_demo=True,
        started_by=office,
        started_at=timezone.now(), submitted_by=office if released else None, approved_by=second if released else None,
        released_at=timezone.now() if released else None,
    )  # fmt: skip
    if released:
        folder = Path(settings.HOME) / "reports" / "test"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "监测报告.html").write_text("演示数据", "utf-8")
        about = {
            "name": "监测报告.html",
            "sha256": hashlib.sha256("演示数据".encode()).hexdigest(),
            "bytes": 12,
        }
        Edition.objects.filter(pk=edition.pk).update(folder="test", files={"html": about}, state="released")
        edition.refresh_from_db()
    return edition
