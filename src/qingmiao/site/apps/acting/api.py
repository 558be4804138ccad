"""Acting's door: tasks from warnings and decisions with their measured effect, documents, responsibilities, funds,
projects.

Every write has an actor, an audit event in its transaction, and compares before it sets. What becomes of a task is said
by `tasks.api`.
"""

from __future__ import annotations

from django.db.models import Count

from qingmiao.site.apps.acting.apart import Apart, ApartLine
from qingmiao.site.apps.acting.by_number import add_document_file, move_document, record_for, rewrite_document
from qingmiao.site.apps.acting.documents import add_evidence, evidence, move_activity, proofs, record, rewrite
from qingmiao.site.apps.acting.filling import UnfilledError, lines_of, ready_for
from qingmiao.site.apps.acting.goal_figures import GoalFigure, GoalFigures, figures_of
from qingmiao.site.apps.acting.kinds import kinds
from qingmiao.site.apps.acting.measured import MeasuredEffect, TaskMark, aimed_within, effect, marks
from qingmiao.site.apps.acting.models import Activity, Fund, Project, Responsibility
from qingmiao.site.apps.acting.money import (
    SOURCES,
    FundRow,
    ProjectRow,
    add_fund,
    add_project,
    funds,
    projects,
    put_fund,
    put_project,
    units_for_funds,
    units_for_projects,
)
from qingmiao.site.apps.acting.news import news
from qingmiao.site.apps.acting.outside import comes_from_outside, open_kinds
from qingmiao.site.apps.acting.permissions import may_office
from qingmiao.site.apps.acting.proofs import PlanProof, proofs_for, provable
from qingmiao.site.apps.acting.responsibilities import (
    assign,
    confirm,
    lead_of,
    may_assign,
    propose,
    responsibilities,
    units_of_plan,
)
from qingmiao.site.apps.acting.showing import (
    DocumentDecisions,
    DocumentList,
    DocumentRow,
    DocumentShown,
    decisions_of,
    differs,
    find_documents,
    listed,
    shown,
)
from qingmiao.site.apps.acting.wanted import WantedThing, wanted
from qingmiao.site.apps.acting.work import carried, open_task, tasks_of_document, tasks_of_warning
from qingmiao.site.apps.directory.access import ConflictError
from qingmiao.site.apps.tasks import api as tasks

__all__ = [
    "SOURCES",
    "Apart",
    "ApartLine",
    "ConflictError",
    "DocumentDecisions",
    "DocumentList",
    "DocumentRow",
    "DocumentShown",
    "FundRow",
    "GoalFigure",
    "GoalFigures",
    "MeasuredEffect",
    "PlanProof",
    "ProjectRow",
    "TaskMark",
    "UnfilledError",
    "WantedThing",
    "add_document_file",
    "add_evidence",
    "add_fund",
    "add_project",
    "aimed_within",
    "assign",
    "carried",
    "comes_from_outside",
    "confirm",
    "counts",
    "decisions_of",
    "differs",
    "effect",
    "evidence",
    "figures_of",
    "find_documents",
    "funds",
    "kinds",
    "lead_of",
    "lines_of",
    "listed",
    "marks",
    "may_assign",
    "may_office",
    "move_activity",
    "move_document",
    "news",
    "open_kinds",
    "open_task",
    "projects",
    "proofs",
    "proofs_for",
    "propose",
    "provable",
    "put_fund",
    "put_project",
    "ready_for",
    "record",
    "record_for",
    "responsibilities",
    "rewrite",
    "rewrite_document",
    "shown",
    "tasks_of_document",
    "tasks_of_warning",
    "units_for_funds",
    "units_for_projects",
    "units_of_plan",
    "wanted",
]


def counts(year: int) -> dict[str, int]:
    """How many activities of each kind, tasks, funds, projects a year has: what the page of duties shows."""
    held = Activity.objects.filter(year=year).values("kind").annotate(n=Count("pk"))
    found = dict.fromkeys(kinds(), 0) | {row["kind"]: row["n"] for row in held}
    found["task"] = tasks.opened_in(year)
    found["fund"] = Fund.objects.filter(year=year).count()
    found["project"] = Project.objects.filter(year=year).count()
    found["responsibility"] = Responsibility.objects.filter(year=year, state="confirmed").count()
    return found
