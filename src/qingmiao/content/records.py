"""Kinds of events in the record of a child or mother (`records/`): a form, and what the house does with it.

Adding one is one form in `forms/`, one file in `records/` and its case under `tests/records/`. Expressions (`offer_if`,
`when`, the values of `row`) read the form's fields and ``child.WORD`` (`person_words`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Id, Label, MisplacedError, Name, Source
from qingmiao.content.intervals import LifeInterval, SourcedInterval
from qingmiao.content.policy import Policy

Subject = Literal["child", "mother"]
RECORDER = "recorder"
"""Who follows a finding up: whoever recorded it, in place of a role."""
GIVEN_BY_HOUSE = ("child_id", "sex", "birth_date", "area_code", "school_id", "grade")
"""Columns of fact tables that the child's register fills wherever a row does not say them; beside them the first column
of the key, the day, the version and the retraction of the table."""

GIVEN_OF_MOTHER = ("mother_id", "area_code")
"""The same of a woman's records."""


class PublishedRow(Content):
    """A row of a fact table that an event gives. `when`: only where this is true. `row`: column → expression.

    What the row does not name is filled from the child (`GIVEN_BY_HOUSE`) and from the event: its number, its day, the
    day of recording, whether it was withdrawn.
    """

    fact: Name
    when: str | None = None
    row: Mapping[Name, str] = Field(default_factory=dict)


class FollowUpRule(Content):
    """A finding that somebody follows up (早发现、早诊断、早干预): where `when` is true, a task for `by` (a role, or
    `recorder`), closed by an event of one of `closed_by` (of which `closed_when`, if written, is true: that a hospital
    looked, and not the school again), due `within` a time from the event's day, or `since` the birth."""

    id: Name
    label: Label
    when: str
    by: Name = RECORDER
    closed_by: Annotated[tuple[Name, ...], Field(min_length=1)]
    closed_when: str | None = None
    within: SourcedInterval
    since: Literal["event", "birth"] = "event"


class BornRows(Content):
    """The children that a record of a birth makes: one a line of the repeated group `rows` where `live` is true.

    `sex`: the field of the group that says it; `live` reads the fields of the group. The mother's file is the record's,
    the day of birth is the record's day.
    """

    rows: Name
    sex: Name
    live: str


class CrossingRule(Content):
    """What of a mother's record is shown in the file of the child that she bore, and to which roles: `label` where
    `when` is true. Nothing else of her file is shown there."""

    id: Name
    label: Label
    when: str
    seen_by: Annotated[tuple[Name, ...], Field(min_length=1)]
    source: Source


class RecordKind(Content):
    """One kind of event. `on`: the field that is its day; `part`: where the record shows it (code list `record_part`).

    `recorded_by`: the roles that write it; `seen_by`: those that read it beside them. `offer_if`: for which child it is
    offered. `once`: a second one is a correction of the first. `means`: what else it changes (a birth, a death).
    `measures`: word of `person_words.MEASURES` → field. `due`: the schedule that it satisfies. `carries`: fields
    that a new form takes over from the recorder's own last record (of the same vaccine, where it holds one).
    `brief`: the fields that are said of it in the timeline of the file, in their order (what was given, measured).
    `beside`: word → kinds;
    `publishes` reads ``beside.WORD``, the day of the person's first record of those kinds, which publish it anew.
    """

    id: Name
    label: Label
    part: str
    subject: Subject = "child"
    form: Id
    on: Name
    recorded_by: Annotated[tuple[Name, ...], Field(min_length=1)]
    seen_by: tuple[Name, ...] = ()
    sensitivity: Literal["内部", "敏感", "核心"] = "敏感"
    order: Annotated[int, Field(ge=0, le=9999)] = 100
    offer_if: str | None = None
    once: bool = False
    means: Literal["birth", "death"] | None = None
    measures: Mapping[Name, Name] = Field(default_factory=dict)
    carries: tuple[Name, ...] = ()
    brief: tuple[Name, ...] = ()
    beside: Mapping[Name, Annotated[tuple[Name, ...], Field(min_length=1)]] = Field(default_factory=dict)
    publishes: tuple[PublishedRow, ...] = ()
    follow_up: tuple[FollowUpRule, ...] = ()
    due: tuple[Name, ...] = ()
    births: BornRows | None = None
    """Of mothers: the children that it makes."""
    crosses: tuple[CrossingRule, ...] = ()
    """Of mothers: what of it is shown in the child's file."""
    serves: tuple[Id, ...] = ()
    source: Source | None = None
    note: str = ""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        if twice := _doubled(f.id for f in self.follow_up):
            raise MisplacedError(f"follow_up 的 id 重复：{twice}", at=("follow_up",))
        if both := sorted(set(self.recorded_by) & set(self.seen_by)):
            raise MisplacedError(f"「{both[0]}」在 recorded_by 里，seen_by 不用再写", at=("seen_by",))
        return self

    def setting(self, rule: FollowUpRule) -> str:
        """The name under which a county sets the time of a follow-up, in `intervals` of its policy."""
        return f"{self.id}.{rule.id}"

    def within(self, rule: FollowUpRule, policy: Policy) -> LifeInterval | None:
        """How long a follow-up may take; None where no document sets it and the county has not."""
        return rule.within.set_to(policy.intervals.get(self.setting(rule)))


class VisitCheck(Content):
    """What must hold between an event and what was recorded before (`record_checks/`): `error` blocks, `query` asks.

    The check reads ``this.WORD`` (the event's measures, and ``this.on``), ``previous.WORD`` (the latest earlier event
    that holds all the words it names, ``previous.on`` its day), ``birth.WORD`` (the event that means birth) and
    ``child.WORD``. It is asked of every kind that measures all its words of `this`. A missing value decides nothing.
    """

    id: Name
    level: Literal["error", "query"] = "query"
    check: str
    message: Label
    source: Source
    note: str = ""


def _doubled(names: Iterable[str]) -> str:
    listed = list(names)
    return "、".join(sorted({n for n in listed if listed.count(n) > 1}))
