"""The plan as data: fields, goals, targets, measures, systems and duties, verbatim from the document.

A target says what must be true by a year (`targets.py`); its numbers are in `bars.py`.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from qingmiao.content.bars import (
    AssignedNumber,
    Bar,
    Baseline,
    Course,
    HigherAreaReference,
    Milestone,
    Stratum,
    Tolerance,
)
from qingmiao.content.base import Content, Id, Label, Name, Source, Year
from qingmiao.content.targets import Qualifier, Target, TargetKind

__all__ = [
    "AssignedNumber",
    "Bar",
    "Baseline",
    "Course",
    "Duty",
    "Goal",
    "HigherAreaReference",
    "Measure",
    "Milestone",
    "PlanField",
    "PlanHead",
    "Qualifier",
    "Stratum",
    "System",
    "Target",
    "TargetKind",
    "Tolerance",
]


class Goal(Content):
    """One main goal (主要目标), verbatim."""

    id: Id
    number: str
    """As printed: "3", "3.1", "（二）"; nested numbers are allowed."""
    text: Annotated[str, Field(min_length=1)]
    parent: Id | None = None
    left_to: str = ""
    """The higher level that keeps this goal for itself, in its words; empty = ours."""
    targets: tuple[Target, ...] = ()
    note: str = ""


class Measure(Content):
    """One strategic measure (策略措施), verbatim."""

    id: Id
    number: str
    title: str
    text: Annotated[str, Field(min_length=1)]
    requirement: str = ""
    """The number(s) the measure carries, quoted."""
    tags: tuple[str, ...] = ()
    note: str = ""


class PlanField(Content):
    """One field of development (发展领域) with its goals and measures."""

    id: Name
    order: Annotated[int, Field(ge=1, le=30)]
    label: Label
    title: str
    """The heading as printed, for example （一）儿童与健康."""
    goals: tuple[Goal, ...]
    measures: tuple[Measure, ...] = ()


class System(Content):
    """A system or mechanism the plan asks for, with the clause that asks for it."""

    id: Id
    label: Label
    place: str
    quote: str
    run_by: str = ""
    must_do: str = ""
    kind: str = ""
    kept_in: tuple[Name, ...] = ()
    """Where on the site its work is done (names as in docs/reference/duties.md); empty: not here yet."""


class Duty(Content):
    """A duty of the parts on implementation, monitoring and evaluation."""

    id: Id
    section: str
    item: str
    duty: str
    who: str = ""
    to_whom: str = ""
    how_often: str = ""
    quote: str
    text: str = ""
    kept_in: tuple[Name, ...] = ()
    """Parts of the site in which the duty is done (docs/reference/duties.md); empty: not in the system."""
    not_yet: str = ""
    """What of the duty the system does not do yet, said to its users."""


class PlanHead(Content):
    """Which plan this is. `area` is the code of the area it binds; `start`–`end` are its years, both included."""

    id: Id
    title: Annotated[str, Field(min_length=2)]
    short_title: str = ""
    status: str = ""
    area: str
    start: Year
    end: Year
    source: Source
    preamble: str = ""

    @model_validator(mode="after")
    def _years(self) -> Self:
        if self.end < self.start:
            raise ValueError("规划的结束年早于开始年")
        return self
