"""Outcomes (办理结果): what a programme says of each of its cases by name, as yes or no or as a number, so that it
can be counted; each is an indicator of the daily work by itself (docs/how-to/add-a-programme.md).

Such an indicator is asked for by no plan and has no target; a plan's own indicator reads the same rows of
`case_outcomes` by a definition of its own (`since_programme`).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Id, Label, MisplacedError, Name, Source
from qingmiao.content.indicators import Aggregate, Definition, Indicator
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.periods import PeriodKind

TABLE = "case_outcomes"
"""The fact table of outcomes, where the pack has it."""
CODES = "case_outcome"
"""The code list of every outcome of every programme."""
WORK = "casework"
"""What the ids of outcomes' indicators begin with."""


class CaseOutcome(Content):
    """One thing that is said of each case. `holds`: an expression that is true or false; `amount`: one that is a
    number, added up. Where it has no value the case does not count for it.

    `only_if`: only of cases for which this is true. `each`: once for every time that this step (or one of these) was
    taken, from the answers of that time and on its day. `on`: the day it counts for, else that of opening (or of the
    step). `of_core`: also said of 核心 and sealed cases, by county and month alone; else they do not count.
    """

    id: Name
    label: Label
    holds: str | None = None
    amount: str | None = None
    only_if: str | None = None
    each: Name | Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    on: str | None = None
    of_core: bool = False
    unit: str = ""
    better: Literal["lower", "higher", "none"]
    decimals: Annotated[int, Field(ge=0, le=6)] | None = None
    period: PeriodKind = PeriodKind.CALENDAR_YEAR
    lead: Id
    note: str = ""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.holds is None) == (self.amount is None):
            raise MisplacedError("holds 和 amount 要写且只写一个", at=("holds",))
        if (self.amount is None) != (not self.unit):
            raise MisplacedError("amount 要写单位（unit）；holds 不写，单位是 %", at=("unit",))
        return self

    @property
    def steps(self) -> tuple[Name, ...]:
        """The steps of `each`; none where the case as a whole is meant."""
        return (self.each,) if isinstance(self.each, str) else self.each or ()


def outcome_code(programme: str, outcome: str) -> str:
    """How facts name an outcome."""
    return f"{programme}.{outcome}"


def outcome_indicator(
    programme: str, label: Label, outcome: CaseOutcome, *, serves: tuple[Id, ...], source: Source
) -> Indicator:
    """The indicator of an outcome: the share of yes among the cases that say it, or the sum of the numbers."""
    code, rate = outcome_code(programme, outcome.id), outcome.holds is not None
    mine = f"outcome = '{code}'"
    yes = Aggregate(count="*", where=f"{mine} and holds") if rate else Aggregate(sum="amount", where=mine)
    said = Aggregate(count="*", where=f"{mine} and holds is not null") if rate else None
    of = "的次数" if outcome.each else "的个案数"
    return Indicator(
        id=f"{WORK}.{code}",
        operation=True,
        label=Label(
            zh=f"{label.zh}：{outcome.label.zh}",
            en=f"{label.en}: {outcome.label.en}" if label.en and outcome.label.en else "",
        ),
        serves=serves,
        nature="rate" if rate else "count",
        unit="%" if rate else outcome.unit,
        decimals=outcome.decimals if outcome.decimals is not None else 1 if rate else 0,
        better=outcome.better,
        period=outcome.period,
        definitions=(Definition.model_validate({"from": TABLE, "numerator": yes, "denominator": said}),),
        levels=(AreaLevel.COUNTY,) if outcome.of_core else (AreaLevel.COUNTY, AreaLevel.TOWNSHIP),
        natural_limit={"higher": 100.0, "lower": 0.0}.get(outcome.better) if rate else None,
        lead=outcome.lead,
        source=source,
        formula=f"“{outcome.label.zh}”{of}÷有此项记录{of}×100%" if rate else f"“{outcome.label.zh}”合计",
        note=outcome.note,
    )
