"""Tasks and activities of any unit, for the tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from qingmiao.site.apps.acting import api
from qingmiao.site.apps.acting.models import Activity
from qingmiao.site.apps.acting.models import DocumentFile as DocumentEvidence
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.apps.tasks.models import Evidence, Task
from website.role_ids import Role

PDF = b"%PDF-1.4 \xe6\xbc\x94\xe7\xa4\xba"


def a_task(make_person: Callable, unit: str = "health", **given: Any) -> Task:
    """An open task of a unit."""
    office = make_person("committee_office", Role.COMMITTEE_OFFICE)
    return tasks.open_task(
        office,
        unit=Organisation.objects.get(pk=unit),
        due_at=tasks.end_of(timezone.localdate() + timedelta(days=10)),
        title="查明接种率下降的原因",
        **given,
    )


def a_plan(make_person: Callable, unit: str = "health") -> Activity:
    """A draft of a unit's yearly plan."""
    who = make_person(unit, Role.LIAISON, f"{unit.replace('.', '-')}-plans")
    return api.record(
        who,
        kind="work_plan",
        year=2024,
        on_date=date(2024, 1, 20),
        unit=who.organisation,
        title="年度计划",
        text="全年工作安排如下，一共三项。",
    )


def some_evidence(make_person: Callable, task: Task) -> Evidence:
    """A file that belongs to a task."""
    who = make_person(task.unit_id, Role.LIAISON, f"{task.unit_id.replace('.', '-')}-files")
    return tasks.add_evidence(who, SimpleUploadedFile("核查表.pdf", PDF), task=task)


def a_paper(make_person: Callable, unit: str) -> DocumentEvidence:
    """A file that belongs to a unit's yearly plan."""
    plan = a_plan(make_person, unit)
    return api.add_evidence(plan.made_by, SimpleUploadedFile("计划附件.pdf", PDF), activity=plan)
