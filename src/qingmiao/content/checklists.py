"""Inspection checklists (检查单): what is looked at on a visit, against which limit, and what follows from a finding.

Adding one is one file in `checklists/`. What inspectors fill in is an ordinary form made from it (`checklist_forms`),
its states are the house's flow `inspection`, its limits of time are in `deadlines/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, EvidenceMark, Id, Label, MisplacedError, Name, Source
from qingmiao.content.forms import FormField, Option

Severity = Literal["immediate", "major", "ordinary", "advice"]
SEVERITIES: dict[Severity, Label] = {
    "immediate": Label(zh="立即危险", en="immediate danger"),
    "major": Label(zh="重大", en="major"),
    "ordinary": Label(zh="一般", en="ordinary"),
    "advice": Label(zh="建议", en="advice"),
}
"""How much a finding weighs, from heavy to light; advice is told and orders nothing."""
ORDERED: tuple[Severity, ...] = ("immediate", "major", "ordinary")
"""What must be put right, within a time each."""
LIMITS = {
    "at_least": ("不低于", ">="),
    "more_than": ("高于", ">"),
    "at_most": ("不高于", "<="),
    "less_than": ("低于", "<"),
}
"""Key of a limit → its word, and how an expression says it."""
SUFFIXES = ("_applies", "_ok", "_said", "_done", "_photo")
"""What the form's fields of one item are called after its id (`checklist_forms`)."""


class ItemGrade(Option):
    """One grade of a graded item: whether it conforms, and the points that it earns."""

    conforms: bool
    score: Annotated[Decimal, Field(ge=0, le=1000)] = Decimal(0)


class ChecklistItem(Content):
    """One thing that is looked at, with the rule that asks for it.

    `conform`: in order or not; `measure` a number, `count` a whole one, judged by its limits (both ends as their words
    say; none at all: only recorded); `grade`: one of its grades. `applies_if` reads the fields of `asks`. `score`:
    points where it is in order.
    """

    id: Annotated[Name, Field(max_length=40)]
    label: Label
    type: Literal["conform", "measure", "count", "grade"] = "conform"
    severity: Severity
    source: Source
    unit: str = ""
    at_least: Decimal | None = None
    more_than: Decimal | None = None
    at_most: Decimal | None = None
    less_than: Decimal | None = None
    min: float | None = None
    max: float | None = None
    """What can be measured at all: anything else is a slip of the pen."""
    grades: tuple[ItemGrade, ...] = ()
    score: Annotated[Decimal, Field(ge=0, le=1000)] = Decimal(0)
    photo: Literal["no", "if_not", "always"] = "no"
    """Whether a photograph is asked: never, where it is not in order, always."""
    not_applicable: bool = False
    applies_if: str | None = None
    help: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for wrong, message, at in self._slips():
            if wrong:
                raise MisplacedError(message, at=(at,))
        return self

    def _slips(self) -> Iterator[tuple[bool, str, str]]:
        limits, numbers = dict(self.limits()), self.measured
        first = next(iter(limits), "type")
        yield bool(limits) and not numbers, "限值只用于 type: measure 或 count", first
        yield bool(self.unit) and not numbers, "unit 只用于 type: measure 或 count", "unit"
        yield (self.min is not None or self.max is not None) and not numbers, "min、max 只用于测量的数", "type"
        for one, other in (("at_least", "more_than"), ("at_most", "less_than")):
            yield {one, other} <= set(limits), f"{one} 和 {other} 只写一个", other
        low, high = self._end("at_least", "more_than"), self._end("at_most", "less_than")
        empty = low is not None and high is not None and (low > high or (low == high and self._open_ended))
        yield empty, "限值的下限高于上限，没有数能符合", first
        yield bool(self.grades) != (self.type == "grade"), "type: grade 要写 grades，其他类型不写", "grades"
        codes = [g.code for g in self.grades]
        yield len(set(codes)) < len(codes) or "na" in codes, "grades 的代码重复，或用了 na（不适用）", "grades"
        whole = {g.conforms for g in self.grades}
        yield self.type == "grade" and whole != {True, False}, "grades 里要有符合的，也要有不符合的", "grades"
        yield self.type == "grade" and bool(self.score), "分级的项把分写在各级，不写 score", "score"
        yield numbers and not limits and bool(self.score), "没有限值的测量不判定，不写 score", "score"

    def _end(self, *keys: str) -> Decimal | None:
        return next((x for x in (getattr(self, k) for k in keys) if x is not None), None)

    @property
    def _open_ended(self) -> bool:
        return self.more_than is not None or self.less_than is not None

    @property
    def measured(self) -> bool:
        """A number is taken."""
        return self.type in ("measure", "count")

    @property
    def judged(self) -> bool:
        """Whether it can fail: a number without a limit is only recorded."""
        return not self.measured or bool(dict(self.limits()))

    def limits(self) -> Iterator[tuple[str, Decimal]]:
        """(key, value) of the limits that are written, the lower one first."""
        for key in LIMITS:
            value = getattr(self, key)
            if value is not None:
                yield key, value

    @property
    def limit_words(self) -> str:
        """The limits as people read them: 不低于 300 lx; empty where there are none."""
        unit = f" {self.unit}" if self.unit else ""
        return "、".join(f"{LIMITS[key][0]} {value:f}{unit}" for key, value in self.limits())

    @property
    def best(self) -> Decimal:
        """The points that it can earn."""
        return max((g.score for g in self.grades), default=self.score)


class ChecklistSection(Content):
    """A part of a checklist. `repeat`: gone through once for each room, dish, bus …, from `min` to `max` times."""

    id: Annotated[Name, Field(max_length=40)]
    label: Label
    repeat: bool = False
    min: Annotated[int, Field(ge=1, le=200)] | None = None
    max: Annotated[int, Field(ge=1, le=200)] | None = None
    asks: tuple[FormField, ...] = ()
    """What tells one round from another (the room's name), and what its items' `applies_if` reads."""
    items: Annotated[tuple[ChecklistItem, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _rounds(self) -> Self:
        if not self.repeat and (self.min is not None or self.max is not None):
            raise MisplacedError("min、max 只用于 repeat: true 的部分", at=("min" if self.min is not None else "max",))
        if self.min is not None and self.max is not None and self.min > self.max:
            raise MisplacedError("min 不能大于 max", at=("min",))
        return self


class Inspectors(Content):
    """How many people inspect at least, and the rule that says so."""

    least: Annotated[int, Field(ge=1, le=9)]
    source: Source


class Frequency(Content):
    """How often a place is inspected, as a document says it; without a document it is not written."""

    label: Label
    source: Source

    @model_validator(mode="after")
    def _sourced(self) -> Self:
        if self.source.evidence in (EvidenceMark.LOCAL, EvidenceMark.PROPOSAL):
            raise MisplacedError("频次要有文件依据；没有依据的不写，由县里的年度计划安排", at=("source", "evidence"))
        return self


class Checklist(Content):
    """One checklist: who inspects which kind of place, what is looked at, what follows from a finding.

    `units`: the units that inspect (none named: any), through people with a role of `inspected_by`. `places`: codes of
    the kinds of places (the code list of the column `place_kind` of the fact table `inspections`). `rectify`: the
    deadline of each severity. `rectified_by`: the role that answers where the inspecting unit is also
    the inspected one's (a school that is no unit of its own). `version` grows with every change.
    """

    id: Id
    version: Annotated[int, Field(ge=1, le=9999)]
    label: Label
    order: Annotated[int, Field(ge=0, le=9999)] = 100
    source: Source
    units: tuple[Id, ...] = ()
    inspected_by: Annotated[tuple[Name, ...], Field(min_length=1)]
    places: Annotated[tuple[str, ...], Field(min_length=1)]
    inspectors: Inspectors
    frequency: Frequency | None = None
    rectify: dict[Severity, Id] = Field(default_factory=dict)
    rectified_by: Name | None = None
    asks: tuple[FormField, ...] = ()
    """What is filled in before the items: who was there, the stage of the school, the instrument."""
    sections: Annotated[tuple[ChecklistSection, ...], Field(min_length=1)]
    serves: tuple[Id, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for n, one in enumerate(self.asks):
            if one.column is not None:
                raise MisplacedError("检查单的字段不写 column，检查结果由系统写入事实表", at=("asks", n, "column"))
        seen: set[str] = set()
        for id_, at in self.names():
            if id_ in seen:
                raise MisplacedError(f"编号「{id_}」重复，或与别的项的附属字段同名", at=at)
            seen.add(id_)
        for severity in ORDERED:
            first = next((at for item, at in self.items() if item.judged and item.severity == severity), None)
            if first is not None and severity not in self.rectify:
                told = f"有「{SEVERITIES[severity]}」的项，rectify 没有写 {severity} 的整改时限"
                raise MisplacedError(told, at=(*first, "severity"))
        if "advice" in self.rectify:
            raise MisplacedError("建议不下达整改，rectify 里不写 advice", at=("rectify", "advice"))
        return self

    def items(self) -> Iterator[tuple[ChecklistItem, tuple[str | int, ...]]]:
        """Every item with its place in the file, from top to bottom."""
        for n, section in enumerate(self.sections):
            for m, item in enumerate(section.items):
                yield item, ("sections", n, "items", m)

    def names(self) -> Iterator[tuple[str, tuple[str | int, ...]]]:
        """Every id that the form's fields take, with its place in the file."""
        for n, ask in enumerate(self.asks):
            for one in (ask, *ask.fields):
                yield one.id, ("asks", n)
        for n, section in enumerate(self.sections):
            yield section.id, ("sections", n, "id")
            for m, ask in enumerate(section.asks):
                yield ask.id, ("sections", n, "asks", m)
        for item, at in self.items():
            for suffix in ("", *SUFFIXES):
                yield item.id + suffix, (*at, "id")
