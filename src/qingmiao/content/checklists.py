"""Inspection checklists (检查单): what is looked at on a visit, against which limit, and what follows from a finding.

Adding one is one file in `checklists/`. What inspectors fill in is an ordinary form made from it (`checklist_forms`),
its states are the house's flow `inspection`, its limits of time are in `deadlines/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, EvidenceMark, Id, Label, MisplacedError, Name, Source
from qingmiao.content.checklist_items import ORDERED, SEVERITIES, SUFFIXES, ChecklistItem, LimitSetting, Severity
from qingmiao.content.forms import FormField


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


class Instrument(Content):
    """What is measured with: its number and the last day of its calibration are asked before the items."""

    id: Annotated[Name, Field(max_length=40)]
    label: Label


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
    instruments: tuple[Instrument, ...] = ()
    asks: tuple[FormField, ...] = ()
    """What is filled in before the items: who was there, the stage of the school."""
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
            first = next((at for item, at in self.items() if item.may_be_judged and item.severity == severity), None)
            if first is not None and severity not in self.rectify:
                told = f"有「{SEVERITIES[severity]}」的项，rectify 没有写 {severity} 的整改时限"
                raise MisplacedError(told, at=(*first, "severity"))
        held = {i.id for i in self.instruments}
        for item, at in self.items():
            if item.instrument is not None and item.instrument not in held:
                raise MisplacedError(f"instruments 里没有「{item.instrument}」", at=(*at, "instrument"))
        if "advice" in self.rectify:
            raise MisplacedError("建议不下达整改，rectify 里不写 advice", at=("rectify", "advice"))
        return self

    @property
    def of_oneself(self) -> bool:
        """A unit's check of its own work (自查): whoever inspects also answers for it, so nobody is kept away."""
        return self.rectified_by in self.inspected_by

    def items(self) -> Iterator[tuple[ChecklistItem, tuple[str | int, ...]]]:
        """Every item with its place in the file, from top to bottom."""
        for n, section in enumerate(self.sections):
            for m, item in enumerate(section.items):
                yield item, ("sections", n, "items", m)

    def names(self) -> Iterator[tuple[str, tuple[str | int, ...]]]:
        """Every id that the form's fields take, with its place in the file."""
        for n, instrument in enumerate(self.instruments):
            for suffix in ("_no", "_until"):
                yield instrument.id + suffix, ("instruments", n, "id")
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

    def setting(self, item: ChecklistItem) -> str:
        """The key of an item in `limits` of the county's policy."""
        return f"{self.id}.{item.id}"

    def set_to(self, settings: Mapping[str, LimitSetting]) -> Self:
        """With the limits that the county has set (`policy.yaml`) taken in."""
        if not any(self.setting(item) in settings for item, _ in self.items()):
            return self
        sections = tuple(
            s.model_copy(update={"items": tuple(i.set_to(settings.get(self.setting(i))) for i in s.items)})
            for s in self.sections
        )
        return self.model_copy(update={"sections": sections})
