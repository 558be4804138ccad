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


OPINION = {
    "stage": "final", "agrees": "agrees",
    **dict.fromkeys(("methods", "data_quality", "problem", "advice", "limits"), "见附件，逐项说明。"),
}  # fmt: skip


def an_opinion(make_person: Callable) -> Activity:
    """A draft of the opinion of an evaluator from outside."""
    who = make_person("third_party", Role.THIRD_PARTY_EVALUATOR, "third-party-opinion")
    return api.record(
        who, kind="evaluation_opinion", year=2024, on_date=date(2024, 4, 20), unit=who.organisation,
        title="终期评估意见", text="总体落实较好，两项目标没有达标。", answers=OPINION,
    )  # fmt: skip


def an_opinions_paper(make_person: Callable) -> DocumentEvidence:
    """A file that belongs to such an opinion."""
    opinion = an_opinion(make_person)
    return api.add_evidence(opinion.made_by, SimpleUploadedFile("评估附件.pdf", PDF), activity=opinion)


def some_evidence(make_person: Callable, task: Task) -> Evidence:
    """A file that belongs to a task."""
    who = make_person(task.unit_id, Role.LIAISON, f"{task.unit_id.replace('.', '-')}-files")
    return tasks.add_evidence(who, SimpleUploadedFile("核查表.pdf", PDF), task=task)


def a_paper(make_person: Callable, unit: str) -> DocumentEvidence:
    """A file that belongs to a unit's yearly plan."""
    plan = a_plan(make_person, unit)
    return api.add_evidence(plan.made_by, SimpleUploadedFile("计划附件.pdf", PDF), activity=plan)
