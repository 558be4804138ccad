"""Acting's door: tasks from warnings and decisions, documents, responsibilities, funds, projects.

Every write has an actor, an audit event in its transaction, and compares before it sets.
"""

from __future__ import annotations

from django.db.models import Count

from qingmiao.site.apps.acting.documents import move_activity, record, rewrite
from qingmiao.site.apps.acting.effects import Effect, Mark, effect, marks
from qingmiao.site.apps.acting.kinds import BY_ID
from qingmiao.site.apps.acting.models import Activity, Fund, Project, Responsibility, Task
from qingmiao.site.apps.acting.money import put_fund, put_project
from qingmiao.site.apps.acting.responsibilities import assign, confirm, lead_of, propose
from qingmiao.site.apps.acting.work import (
    Waiting,
    add_evidence,
    answer,
    close,
    escalate,
    give_back,
    of_units,
    open_task,
    waiting,
)
from qingmiao.site.apps.directory.access import ConflictError

__all__ = [
    "ConflictError",
    "Effect",
    "Mark",
    "Waiting",
    "add_evidence",
    "answer",
    "assign",
    "close",
    "confirm",
    "counts",
    "effect",
    "escalate",
    "give_back",
    "lead_of",
    "marks",
    "move_activity",
    "of_units",
    "open_task",
    "propose",
    "put_fund",
    "put_project",
    "record",
    "rewrite",
    "waiting",
]


def counts(year: int) -> dict[str, int]:
    """How many activities of each kind, tasks, funds, projects a year has: what the page of duties shows."""
    held = Activity.objects.filter(year=year).values("kind").annotate(n=Count("pk"))
    found = dict.fromkeys(BY_ID, 0) | {row["kind"]: row["n"] for row in held}
    found["task"] = Task.objects.filter(opened_at__year=year).count()
    found["fund"] = Fund.objects.filter(year=year).count()
    found["project"] = Project.objects.filter(year=year).count()
    found["responsibility"] = Responsibility.objects.filter(year=year, confirmed_by__isnull=False).count()
    return found
