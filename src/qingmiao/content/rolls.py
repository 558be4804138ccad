"""Rolls (`rolls/`): tables of facts that list who is there and what is due, worked out from children's files.

A record publishes what it says itself; whether a child was managed as it must be, or which doses were due, follows
from the whole file and the schedules. A roll says of which children, on which day, and what stands in each column; it
is worked out for a whole year and township at once, from the first year that `from_records` of the policy names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Label, MisplacedError, Name, Source
from qingmiao.content.expressions import Type

CHILD_WORDS: Mapping[str, Type] = {"sex": "text", "birth_date": "date", "grade": "text"}
"""What `child.` reads in a roll: who the child is, and its grade on the day."""
DOSE_WORDS: Mapping[str, Type] = {
    "code": "text", "vaccine": "text", "number": "number", "due_on": "date", "given_on": "date",
    "barred": "boolean",
}  # fmt: skip
"""What `dose.` reads in a roll of doses: its place in the series as the roll names it, vaccine and dose of the
programme, the day from which it was due, the day of the dose that counts, whether it must not be given or not yet."""


class CountedRecords(Content):
    """How many records of these kinds the child has in the year, up to the day of the roll."""

    kinds: Annotated[tuple[Name, ...], Field(min_length=1)]


class CountedItems(Content):
    """How many items by age of a schedule ended in the year up to the day of the roll (`state: ended`), or how many of
    those were done by it (`state: done`). `kinds`: only items that a record of one of these satisfies."""

    schedule: Name
    state: Literal["ended", "done"]
    kinds: tuple[Name, ...] = ()


class Roll(Content):
    """One table of facts worked out from files. `per`: one row a child, or a dose of a schedule's norm that was due in
    the year.

    On the roll are the children who live here on its day: 31 December, in the running year the day on which it is
    worked out; moved-out, dead and merged ones are not. `when` reads ``child.WORD``, ``as_of`` (the day) and ``year``;
    `row` (column → expression) reads these, ``counted.NAME`` and ``dose.WORD``. The columns that the register fills
    (`content.records.GIVEN_BY_HOUSE`, the table's year and version) are not written.
    """

    id: Name
    label: Label
    fact: Name
    per: Literal["child", "dose"] = "child"
    schedule: Name | None = None
    """Of doses: the schedule whose norm says what is due."""
    series: Mapping[str, str] = Field(default_factory=dict)
    """Of doses: series of the norm → how the table's codes name it; a place in the series that has no code is left
    out."""
    code: Name | None = None
    """Of doses: the column whose code list says which places there are."""
    when: str | None = None
    counted: Mapping[Name, CountedRecords | CountedItems] = Field(default_factory=dict)
    row: Mapping[Name, str] = Field(default_factory=dict)
    source: Source | None = None
    note: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        doses = self.per == "dose"
        if doses != (self.schedule is not None) or doses != bool(self.series) or doses != (self.code is not None):
            raise MisplacedError("per: dose 要写 schedule、series 和 code，per: child 不写", at=("per",))
        return self
