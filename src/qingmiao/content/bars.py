"""The numbers of a target: a bar, the bars of other years and groups, and what a change or a comparison starts from."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic.config import JsonDict

from qingmiao.content.base import Content, Name, Number, Source, Year

SHARE_FORM = r"^\d{1,15}(\.\d{1,12})?%$|^\d{1,12}/0*[1-9]\d{0,11}$|^\d{0,12}\.\d{1,12}$|^\d{1,12}$"
"""A share: 20%, 1/3, 0.2; never over zero."""


def _as_text(given: object) -> object:
    return str(given) if isinstance(given, int | float) and not isinstance(given, bool) else given


_EDITORS = {"anyOf": [{"type": "string", "pattern": SHARE_FORM}, {"type": "number", "exclusiveMinimum": 0}]}
Share = Annotated[str, Field(pattern=SHARE_FORM), BeforeValidator(_as_text), WithJsonSchema(_EDITORS)]


def share_of(text: str) -> Fraction:
    """A written share as an exact fraction: "20%" → 1/5."""
    return Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)


def _without_default(schema: JsonDict) -> None:
    """The exported schema does not offer the placeholder of a year that is worked out."""
    schema.pop("default", None)


class Tolerance(Content):
    """How far from an "about" value still counts as reached. A local setting unless the plan says it."""

    kind: Literal["relative", "absolute"]
    value: Annotated[Number, Field(ge=0)]
    source: Source


class Bar(Content):
    """The number(s) to reach: one of `value` (a limit), `low`/`high` (a range; either may be open), `cut` or `points`
    (a change).

    `cut` is a share of the baseline, written "20%", "1/3" or 0.2; `points` a change in the indicator's own unit
    (2 = two percentage points of a share; 0 = no worse than the baseline). With `per_year` the change is asked for each
    year since the baseline. Which one is allowed follows from the target's kind.
    """

    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    cut: Share | None = None
    points: Annotated[Number, Field(ge=0)] | None = None
    per_year: bool = False

    @property
    def cut_share(self) -> Fraction | None:
        """`cut` as an exact share of the baseline ("20%" → 1/5), or None."""
        return None if self.cut is None else share_of(self.cut)

    @property
    def is_empty(self) -> bool:
        """No number is given."""
        return all(x is None for x in (self.value, self.low, self.high, self.cut, self.points))

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low 大于 high")
        if self.cut is not None and self.points is not None:
            raise ValueError("cut（按比例）和 points（按单位）只能写一个")
        if self.per_year and self.cut is None and self.points is None:
            raise ValueError("per_year 只与 cut 或 points 同用")
        return self


class Baseline(Content):
    """Where the change is counted from: a year, or the mean of several `years` (then `year` is the last of them).

    Without a value, the indicator's value of that year is used, or the plain mean of its values in those years: each of
    them must be there.
    """

    year: Year = Field(default=0, json_schema_extra=_without_default)
    years: Annotated[tuple[Year, ...], Field(min_length=2)] | None = None
    value: Number | None = None
    source: Source | None = None

    @model_validator(mode="before")
    @classmethod
    def _last_of_years(cls, data: object) -> object:
        if isinstance(data, dict) and "year" not in data and isinstance(data.get("years"), list | tuple):
            known = [y for y in data["years"] if isinstance(y, int)]
            return {**data, "year": max(known)} if known else data
        return data

    @model_validator(mode="after")
    def _dated(self) -> Self:
        if not self.year:
            raise ValueError("baseline 要写 year（基期年）或 years（取平均的几个年份）")
        if self.years is not None and list(self.years) != sorted(set(self.years)):
            raise ValueError("baseline 的 years 要从小到大、不重复")
        if self.years is not None and self.year != self.years[-1]:
            raise ValueError("baseline 写了 years 就不用写 year（变化从最后一年算起）")
        return self

    @property
    def all_years(self) -> tuple[int, ...]:
        """The years whose mean is the baseline; one year where no mean is asked for."""
        return self.years or (self.year,)


class Milestone(Bar):
    """The bar at an earlier or later year."""

    year: Year


class Course(Bar):
    """A bar and the bars at other years; in force in a year is the next one due."""

    milestones: tuple[Milestone, ...] = ()

    @property
    def bars(self) -> tuple[Bar, ...]:
        """Every bar that carries a number."""
        return tuple(b for b in (self, *self.milestones) if not b.is_empty)


class Stratum(Course):
    """A course of its own for one group, for example towns 95 and villages 85.

    `by` is a breakdown of the indicator; for every_area targets it is an attribute of the areas. A value of the
    target's own baseline is that of the whole: a group starts from its own `baseline`, else from the value measured for
    it.
    """

    by: Name
    code: str
    baseline: Baseline | None = None


class HigherAreaReference(Content):
    """Compared with the same indicator of a higher area (its code in the series or reference values).

    `margin` is how much farther on the good side the value must lie; a negative one allows a gap.
    """

    area: str
    relation: Literal["at_least", "at_most", "above", "below"]
    margin: Number = 0.0


class AssignedNumber(Content):
    """A number set by a higher level for one year, entered with its document."""

    year: Year
    value: Number
    bound: Literal["at_most", "at_least"]
    document: Annotated[str, Field(min_length=2)]
