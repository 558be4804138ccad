"""The plan: its goals, targets, measures and systems, verbatim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeVar

from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import Field

from qingmiao.content.plan import Goal, Measure, System, Target
from qingmiao.site.pack import pack
from qingmiao.site.web.api.rest.shapes import After, Named, PageShape, ShapeGiven, Size, page

T = TypeVar("T")
router = Router(tags=["规划 Plan"])


class PlanShape(ShapeGiven):
    """The plan."""

    id: Annotated[str, Field(title="标识")]
    """Its id."""
    title: Annotated[str, Field(title="名称")]
    """Its title."""
    area: Annotated[str, Field(title="地区代码")]
    """The code of the area that it binds."""
    start: Annotated[int, Field(title="开始年")]
    """Its first year."""
    end: Annotated[int, Field(title="结束年")]
    """Its last year."""


class GoalShape(ShapeGiven):
    """A main goal, verbatim."""

    id: Annotated[str, Field(title="标识")]
    """Its id."""
    field: Annotated[str, Field(title="领域")]
    """The id of its field."""
    number: Annotated[str, Field(title="编号")]
    """As printed."""
    text: Annotated[str, Field(title="原文")]
    """Its text."""
    parent: Annotated[str, Field(title="上级目标")]
    """The id of the goal that it is a part of; empty for none."""
    targets: Annotated[list[str], Field(title="可衡量的目标值")]
    """The ids of its targets."""


class TargetShape(ShapeGiven):
    """A measurable statement of a goal."""

    id: Annotated[str, Field(title="标识")]
    """Its id."""
    goal: Annotated[str, Field(title="所属目标")]
    """The id of its goal."""
    zh: Annotated[str, Field(title="中文")]
    """What it says, in Chinese."""
    en: Annotated[str, Field(title="英文")]
    """What it says, in English; empty where nobody wrote it."""
    kind: Annotated[str, Field(title="类型")]
    """What it asks for (at_most, at_least …)."""
    unit: Annotated[str, Field(title="单位")]
    """Of its numbers."""
    year: Annotated[int, Field(title="到哪一年")]
    """By when; 0 where the plan names none."""
    indicators: Annotated[list[str], Field(title="指标")]
    """The ids of the indicators that decide it."""


class MeasureShape(ShapeGiven):
    """A strategic measure, verbatim."""

    id: Annotated[str, Field(title="标识")]
    """Its id."""
    field: Annotated[str, Field(title="领域")]
    """The id of its field."""
    number: Annotated[str, Field(title="编号")]
    """As printed."""
    title: Annotated[str, Field(title="标题")]
    """Its title."""
    text: Annotated[str, Field(title="原文")]
    """Its text."""


class SystemShape(ShapeGiven):
    """A system that the plan asks for."""

    id: Annotated[str, Field(title="标识")]
    """Its id."""
    zh: Annotated[str, Field(title="中文")]
    """Its name in Chinese."""
    en: Annotated[str, Field(title="英文")]
    """Its name in English; empty where nobody wrote it."""
    place: Annotated[str, Field(title="出处")]
    """The clause that asks for it."""
    run_by: Annotated[str, Field(title="运行单位")]
    """Who runs it."""
    must_do: Annotated[str, Field(title="要做什么")]
    """What it must do."""


class GoalsShape(PageShape):
    """A page of goals."""

    rows: list[GoalShape]


class TargetsShape(PageShape):
    """A page of targets."""

    rows: list[TargetShape]


class MeasuresShape(PageShape):
    """A page of measures."""

    rows: list[MeasureShape]


class SystemsShape(PageShape):
    """A page of systems."""

    rows: list[SystemShape]


@router.get("/plan", response=PlanShape, summary="规划")
def plan(request: HttpRequest) -> PlanShape:
    """Which plan this site serves."""
    head = pack().plan
    if head is None:
        raise Http404
    return PlanShape(id=head.id, title=head.title, area=head.area, start=head.start, end=head.end)


@router.get("/goals", response=GoalsShape, summary="主要目标")
def goals(request: HttpRequest, after: After = "", size: Size = 100) -> GoalsShape:
    """The main goals, in the plan's order."""
    rows, following = page(list(pack().goals.values()), _id, after=after, size=size)
    return GoalsShape(rows=[_goal(g) for g in rows], following=following)


@router.get("/goals/{id}", response=GoalShape, summary="一个主要目标")
def goal(request: HttpRequest, id: Named) -> GoalShape:
    """One main goal."""
    return _goal(found(pack().goals, id))


@router.get("/targets", response=TargetsShape, summary="目标值")
def targets(request: HttpRequest, after: After = "", size: Size = 100) -> TargetsShape:
    """The targets, in the plan's order."""
    rows, following = page(list(pack().targets.values()), _id, after=after, size=size)
    return TargetsShape(rows=[_target(t) for t in rows], following=following)


@router.get("/targets/{id}", response=TargetShape, summary="一个目标值")
def target(request: HttpRequest, id: Named) -> TargetShape:
    """One target."""
    return _target(found(pack().targets, id))


@router.get("/measures", response=MeasuresShape, summary="策略措施")
def measures(request: HttpRequest, after: After = "", size: Size = 100) -> MeasuresShape:
    """The strategic measures, in the plan's order."""
    rows, following = page(list(pack().measures.values()), _id, after=after, size=size)
    return MeasuresShape(rows=[_measure(m) for m in rows], following=following)


@router.get("/measures/{id}", response=MeasureShape, summary="一项策略措施")
def measure(request: HttpRequest, id: Named) -> MeasureShape:
    """One strategic measure."""
    return _measure(found(pack().measures, id))


@router.get("/systems", response=SystemsShape, summary="制度和系统")
def systems(request: HttpRequest, after: After = "", size: Size = 100) -> SystemsShape:
    """The systems and mechanisms that the plan asks for."""
    rows, following = page(list(pack().systems.values()), _id, after=after, size=size)
    return SystemsShape(rows=[_system(s) for s in rows], following=following)


@router.get("/systems/{id}", response=SystemShape, summary="一项制度或系统")
def system(request: HttpRequest, id: Named) -> SystemShape:
    """One system or mechanism."""
    return _system(found(pack().systems, id))


def found(of: Mapping[str, T], id: str) -> T:
    """The entry of an id. Raises Http404."""
    if id not in of:
        raise Http404
    return of[id]


def _id(entry: Goal | Target | Measure | System) -> str:
    return entry.id


def _field(id: str) -> str:
    of = pack().field_of(id)
    return of.id if of is not None else ""


def _goal(g: Goal) -> GoalShape:
    return GoalShape(
        id=g.id, field=_field(g.id), number=g.number, text=g.text, parent=g.parent or "",
        targets=[t.id for t in g.targets],
    )  # fmt: skip


def _target(t: Target) -> TargetShape:
    return TargetShape(
        id=t.id, goal=pack().goal_of(t.id).id, zh=t.label.zh, en=t.label.en, kind=t.kind.value, unit=t.unit,
        year=t.year or 0, indicators=[i.id for i in pack().indicators_for(t.id)],
    )  # fmt: skip


def _measure(m: Measure) -> MeasureShape:
    return MeasureShape(id=m.id, field=_field(m.id), number=m.number, title=m.title, text=m.text)


def _system(s: System) -> SystemShape:
    return SystemShape(id=s.id, zh=s.label.zh, en=s.label.en, place=s.place, run_by=s.run_by, must_do=s.must_do)
