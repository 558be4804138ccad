"""Funds and 民生实事 projects: the unit keeps its own, the office those of its units; each write goes through the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Model, Q, QuerySet, Sum
from django.utils import timezone

from qingmiao.flow import NOTHING, Flow, State, Step, Who
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting.models import Fund, Project
from qingmiao.site.apps.directory.access import AbsentError, Doing, Door, Seen, create, perform, register, steps
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.tasks.api import ANSWERING, OFFICE
from qingmiao.site.narrowing import EVERYTHING, Narrowed
from qingmiao.site.paging import page_of

_KEPT = State("kept", "在册", "kept", "good", final=True)
FUND = Flow(
    "fund",
    "经费",
    states=(_KEPT,),
    steps=(
        Step("add", "新增", "add", NOTHING, "kept", ANSWERING | OFFICE, guards=("within",), effects=("told",)),
        Step(
            "put", "更新", "bring up to date", "kept", "kept", ANSWERING | OFFICE, guards=("within",), effects=("told",)
        ),
    ),
)
PROJECT = Flow(
    "project",
    "民生实事",
    states=(_KEPT,),
    steps=(
        Step("add", "新增", "add", NOTHING, "kept", OFFICE, guards=("per_cent",), effects=("told",)),
        Step(
            "put",
            "报告进度",
            "report progress",
            "kept",
            "kept",
            ANSWERING | OFFICE,
            guards=("per_cent",),
            effects=("told",),
        ),
    ),
)
FIGURES: Mapping[type[Model], tuple[str, ...]] = {
    Fund: ("budget", "allocated", "spent"),
    Project: ("percent", "progress"),
}
"""The columns that a step sets; nothing else that comes with it does."""
SOURCES: dict[str, str] = {str(id_): str(name) for id_, name in Fund._meta.get_field("source").flatchoices}
"""Where money comes from: id → its Chinese name."""
PAGE = 50
"""Rows on one page."""


@dataclass(frozen=True)
class FundRow:
    """One item of a unit's money of a year, in 10,000 yuan; `may`: whether who reads it may bring it up to date."""

    id: int
    unit: str
    item: str
    source: str
    budget: Decimal
    allocated: Decimal
    spent: Decimal
    version: int
    may: bool


@dataclass(frozen=True)
class FundTotals:
    """How many items a list has and what they come to, in 10,000 yuan."""

    items: int
    budget: Decimal
    allocated: Decimal
    spent: Decimal


@dataclass(frozen=True)
class ProjectRow:
    """One project and how far it is (`percent`: 0 to 100); `may`: whether who reads it may report its progress."""

    id: int
    unit: str
    title: str
    goal: str
    due: date
    percent: int
    progress: str
    finished: date | None
    version: int
    may: bool


def funds(
    reach: Reach, year: int, *, narrowed: Narrowed = EVERYTHING, start: int = 0, size: int = PAGE
) -> tuple[tuple[FundRow, ...], FundTotals]:
    """At most `size` funds of a year within reach (narrowed) after `start` others, by unit and item; what all come
    to."""
    found = Fund.objects.filter(year=year, unit__in=reach.unit_ids).select_related("unit")
    found = narrowed.rows(found, texts=("item", "unit__label", "unit__short"), named={"source": SOURCES})
    summed = found.aggregate(n=Count("pk"), **{name: Sum(name, default=Decimal()) for name in FIGURES[Fund]})
    rows = tuple(
        FundRow(
            f.pk, f.unit.short, f.item, SOURCES[f.source], f.budget, f.allocated, f.spent, f.version,
            bool(steps(reach, f)),
        )
        for f in found.order_by("unit__path", "item")[start : start + size]
    )  # fmt: skip
    return rows, FundTotals(summed["n"], summed["budget"], summed["allocated"], summed["spent"])


def projects(
    reach: Reach, year: int, *, narrowed: Narrowed = EVERYTHING, after: str = "", size: int = PAGE
) -> tuple[tuple[ProjectRow, ...], str]:
    """The projects of a year within reach (narrowed), the earliest due first, and the mark of the next page. Raises
    ValueError for an `after` that no page has given."""
    found = Project.objects.filter(year=year, unit__in=reach.unit_ids).select_related("unit")
    within = Q(goal__in=narrowed.parts.elements) if narrowed.parts is not None else None
    found = narrowed.rows(found, texts=("title", "progress", "unit__label", "unit__short"), in_field=within)
    rows, following = page_of(found, "due_date", after=after, size=size)
    return tuple(
        ProjectRow(
            p.pk, p.unit.short, p.title, p.goal, p.due_date, p.percent, p.progress, p.finished_date, p.version,
            bool(steps(reach, p)),
        )
        for p in rows
    ), following  # fmt: skip


def units_for_funds(reach: Reach) -> tuple[tuple[str, str], ...]:
    """For which units this person may add a fund: their ids and names."""
    return tuple((u.pk, u.label) for u in _units(reach) if steps(reach, Fund(unit=u)))


def units_for_projects(reach: Reach) -> tuple[tuple[str, str], ...]:
    """For which units this person may promise a project: their ids and names."""
    return tuple((u.pk, u.label) for u in _units(reach) if steps(reach, Project(unit=u)))


def _units(reach: Reach) -> QuerySet[Organisation]:
    return Organisation.objects.filter(pk__in=reach.unit_ids, is_active=True).order_by("path")


def add_fund(
    by: Reach | Person, *, year: int, unit: str, item: str, source: str, budget: Decimal,
    allocated: Decimal = Decimal(0), spent: Decimal = Decimal(0),
) -> int:  # fmt: skip
    """A unit's new item of money, once a year. Returns its number; ConflictError where it is there already."""
    item = item.strip()[:120]
    if len(item) < 2 or source not in SOURCES:
        raise UserError("请写明项目和资金来源")
    amounts = {"budget": budget, "allocated": allocated, "spent": spent}
    return int(create(by, Fund(year=year, unit=_unit(unit), item=item, source=source), "add", amounts).pk)


def put_fund(
    by: Reach | Person, number: int, *, version: int, budget: Decimal, allocated: Decimal, spent: Decimal
) -> None:
    """Bring a fund's figures up to date, compare-and-set."""
    amounts = {"budget": budget, "allocated": allocated, "spent": spent}
    perform(by, _there(Fund, number), "put", Seen("", version), amounts)


def add_project(by: Reach | Person, *, year: int, unit: str, title: str, goal: str, due: date) -> int:
    """The office promises a project for a year. Returns its number; ConflictError where it is there already."""
    title = title.strip()[:120]
    if len(title) < 4:
        raise UserError("请写明实事的名称（至少 4 个字）")
    made = Project(year=year, unit=_unit(unit), title=title, goal=goal, due_date=due)
    return int(create(by, made, "add", {"percent": 0, "progress": ""}).pk)


def put_project(by: Reach | Person, number: int, *, version: int, percent: int, progress: str) -> None:
    """Report a project's progress, compare-and-set; 100 per cent finishes it."""
    said = {"percent": percent, "progress": progress.strip()[:2000]}
    perform(by, _there(Project, number), "put", Seen("", version), said)


def _unit(id_: str) -> Organisation:
    found = Organisation.objects.filter(pk=id_, is_active=True).first()
    if found is None:
        raise AbsentError("没有这个单位")
    return found


def _there(model: type[Model], number: int) -> Any:
    found = model._default_manager.filter(pk=number).first()
    if found is None:
        raise AbsentError("没有这一项")
    return found


def _within(fund: Fund, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    amounts = {name: answers.get(name, getattr(fund, name)) for name in ("budget", "allocated", "spent")}
    if min(amounts.values()) < 0:
        return no("金额不能是负数")
    return no("支出不能多于拨付") if amounts["spent"] > amounts["allocated"] else YES


def _per_cent(project: Project, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return YES if 0 <= answers.get("percent", project.percent) <= 100 else no("进度是 0 到 100")


def _columns(thing: Fund | Project, doing: Doing) -> dict[str, Any]:
    """What was said of the figures, and the version that goes up by one."""
    found = _told(thing, doing) | ({} if doing.step.makes else {"version": thing.version + 1})
    if isinstance(thing, Project):
        found["finished_date"] = timezone.localdate(doing.at) if found.get("percent") == 100 else None
    return found


def _told(thing: Fund | Project, doing: Doing) -> dict[str, Any]:
    """Of what came with a step, the figures that a step may set."""
    return {name: value for name, value in doing.answers.items() if name in FIGURES[type(thing)]}


def _register(model: Any, flow: Flow, noun: str, guards: Mapping[str, Any]) -> None:
    register(
        Door(
            model, flow, noun=noun, kind=flow.name, action=f"acting.{flow.name}", unit=lambda thing: thing.unit,
            guards=guards, effects={"told": _told}, changes=_columns, stored=lambda state: {},
        )
    )  # fmt: skip


_register(Fund, FUND, "这项经费", {"within": _within})
_register(Project, PROJECT, "这件实事", {"per_cent": _per_cent})
