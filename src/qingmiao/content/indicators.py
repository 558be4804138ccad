"""Indicators: what is counted over what, from which facts, in which year, by which groups.

A definition has dated versions; a released version is never edited, a change is a new entry in `definitions` with its
reason.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Id, Label, Name, Source, Year
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.periods import PeriodKind

UNIT_MULTIPLIERS: dict[str, int] = {
    "%": 100,
    "‰": 1000,
    "1/千人口": 1000,
    "个/千人口": 1000,
    "名/千人": 1000,
    "张/千人": 1000,
    "1/万": 10_000,
    "1/10万": 100_000,
    "百分点": 100,
    "千分点": 1000,
}
"""What a ratio is multiplied with, by unit; other units: 1."""


class Aggregate(Content):
    """One number out of many rows: exactly one of count, distinct, sum, cells.

    - ``count: "*"`` counts rows for which `where` is true; ``count: column`` those where the column is also not
      missing.
    - ``distinct: column`` counts different non-missing values.
    - ``sum: expression`` adds; with no row left, or only missing values, there is no sum (not 0).
    - ``cells``: cells of a return, "row.column", added ("-row.column" subtracts); one missing cell = no sum.

    `source` overrides the definition's `source`, for ratios of two facts.
    """

    source: str | None = Field(default=None, alias="from")
    count: str | None = None
    distinct: Name | None = None
    sum: str | None = None
    cells: tuple[str, ...] | None = None
    where: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [x for x in (self.count, self.distinct, self.sum, self.cells) if x is not None]
        if len(given) != 1:
            raise ValueError("count、distinct、sum、cells 要写且只写一个")
        if self.cells is not None and self.where is not None:
            raise ValueError("cells 不能带 where")
        return self


class Latest(Content):
    """Only the newest row per `per` and year counts (ties: the greatest key); rows that fail `where` are not
    considered."""

    per: Name
    order: Name
    where: str | None = None


class Combine(Content):
    """Made of another indicator's values, per area and year.

    - difference: value of group `first` minus value of group `second` of dimension `by`;
    - spread: highest minus lowest over the groups of `by` (or over the areas of level `by_level`);
    - minimum / maximum: over the groups of `by` (or over the areas of level `by_level`). A missing group gives no
      value.
    """

    op: Literal["difference", "spread", "minimum", "maximum"]
    of: Id
    by: Name | None = None
    by_level: AreaLevel | None = None
    first: str | None = None
    second: str | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.by is None) == (self.by_level is None):
            raise ValueError("by 和 by_level 要写且只写一个")
        if (self.op == "difference") != (self.first is not None and self.second is not None):
            raise ValueError("difference 要写 first 和 second，其他运算不写")
        return self


class Definition(Content):
    """One dated version. `source` names a fact table, ``return:FORM``, or ``series`` for plain yearly values."""

    version: Annotated[int, Field(ge=1)] = 1
    first_year: Year | None = None
    last_year: Year | None = None
    comparable: bool = True
    """False: values before `first_year` must not be compared with later ones."""
    since_records: Name | None = None
    """In force from the year in which this table counts from records (`from_records` of the policy), in place of the
    version before; not at all where the policy does not name the table. `content.switched` sets `first_year`."""
    since_registers: Name | None = None
    """In force from the year in which the county turns to this register (`from_registers` of the policy), likewise."""
    since_programme: Name | None = None
    """In force from the year in which the county turns to the cases of this programme (`from_programmes`), likewise."""
    reason: str = ""
    source: str | None = Field(default=None, alias="from")
    numerator: Aggregate | None = None
    denominator: Aggregate | None = None
    combine: Combine | None = None
    latest: Latest | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.switch is not None and self.last_year is not None:
            raise ValueError("since_records、since_registers、since_programme 的定义是最后一版，不写 last_year")
        if sum(x is not None for x in (self.since_records, self.since_registers, self.since_programme)) > 1:
            raise ValueError("since_records、since_registers、since_programme 只写一个")
        if self.combine is not None:
            if self.source or self.numerator or self.denominator:
                raise ValueError("combine 不与 from、numerator、denominator 同用")
        elif self.source == "series":
            if self.numerator or self.denominator:
                raise ValueError("from: series 不写 numerator、denominator")
        elif self.numerator is None:
            raise ValueError("要写 numerator（或 from: series，或 combine）")
        elif self.source is None and self.numerator.source is None:
            raise ValueError("要写 from（事实表或 return:表号）")
        return self

    @property
    def switch(self) -> str | None:
        """The table, register or programme for which it waits; None of one that is simply dated."""
        return self.since_records or self.since_registers or self.since_programme

    def source_of(self, aggregate: Aggregate) -> str:
        """What one side reads: its own source where it names one, else the definition's."""
        return aggregate.source or self.source or ""

    @property
    def sources(self) -> tuple[str, ...]:
        """What is read, each once: fact tables, ``return:ID``, ``series``; nothing for a combined indicator."""
        if self.numerator is None:
            return (self.source,) if self.source else ()
        sides = [a for a in (self.numerator, self.denominator) if a is not None]
        return tuple(dict.fromkeys(self.source_of(a) for a in sides))


class Comparison(Content):
    """A published series shown beside ours; never a target by itself."""

    area: str
    series: Id
    label: str = ""


class Indicator(Content):
    """One indicator; the file's name is free, the id is not.

    `noise` says what chance does to it: poisson (rare events), binomial (a share), none (a count of things, an index).
    """

    id: Id
    label: Label
    implements: tuple[Id, ...] = ()
    """Targets that this indicator decides."""
    informs: tuple[Id, ...] = ()
    """Targets, goals or measures that it sheds light on without deciding them."""
    serves: tuple[Id, ...] = ()
    """Systems, goals, measures that it serves."""
    nature: Literal["rate", "ratio", "count", "index", "survey", "evidence"] = "rate"
    unit: str
    multiplier: Annotated[float, Field(gt=0)] | None = None
    decimals: Annotated[int, Field(ge=0, le=6)] = 1
    better: Literal["lower", "higher", "none"]
    noise: Literal["poisson", "binomial", "none"] = "none"
    period: PeriodKind
    definitions: Annotated[tuple[Definition, ...], Field(min_length=1)]
    by: tuple[Name | tuple[Name, ...], ...] = ()
    levels: tuple[AreaLevel, ...] = (AreaLevel.COUNTY, AreaLevel.TOWNSHIP)
    natural_limit: float | None = None
    lead: Id
    comparisons: tuple[Comparison, ...] = ()
    operation: bool = False
    """Of the daily work: no plan asks for it, it has no target, and what it holds moves no page to a newer year."""
    form: Id | None = None
    """The questionnaire or evidence form that collects it."""
    source: Source
    formula: str = ""
    """The official definition in words."""
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _single_definition(cls, data: object) -> object:
        """A file with one definition writes its keys at the top level."""
        if isinstance(data, dict) and "definitions" not in data:
            keys = (
                "version",
                "from",
                "numerator",
                "denominator",
                "combine",
                "latest",
                "first_year",
                "last_year",
            )
            inner = {k: data[k] for k in keys if k in data}
            return {**{k: v for k, v in data.items() if k not in keys}, "definitions": [inner]}
        return data

    @model_validator(mode="after")
    def _dated(self) -> Self:
        versions = [d.version for d in self.definitions]
        if versions != sorted(set(versions)):
            raise ValueError("definitions 的 version 要递增、不重复")
        if any(d.switch for d in self.definitions[:1] + self.definitions[1:-1]):
            raise ValueError(
                "since_records、since_registers、since_programme 只写在最后一版，前面要有没有切换以前用的一版"
            )
        if self.definitions[-1].switch is not None and self.definitions[-2].last_year is not None:
            raise ValueError(
                "since_records、since_registers、since_programme 前面的一版不写 last_year：用到哪一年由 policy.yaml 定"
            )
        for before, after in zip(self.definitions, self.definitions[1:], strict=False):
            if after.switch is not None:
                continue
            if before.last_year is None or after.first_year is None or after.first_year != before.last_year + 1:
                raise ValueError(
                    f"定义版本 {before.version} 与 {after.version} 之间的年份有空档或重叠："
                    f"前者 last_year 是 {before.last_year or '空'}，后者 first_year 是 {after.first_year or '空'}"
                )
        return self

    @property
    def factor(self) -> float:
        """What numerator / denominator is multiplied with."""
        return self.multiplier if self.multiplier is not None else float(UNIT_MULTIPLIERS.get(self.unit, 1))

    @property
    def sources(self) -> tuple[str, ...]:
        """What any of its versions reads, each once (see `Definition.sources`)."""
        return tuple(dict.fromkeys(s for d in self.definitions for s in d.sources))

    def definition_for(self, year: int) -> Definition | None:
        """The version in force in `year`, or None."""
        for d in self.definitions:
            if (d.first_year is None or d.first_year <= year) and (d.last_year is None or year <= d.last_year):
                return d
        return None

    @property
    def dimensions(self) -> tuple[tuple[str, ...], ...]:
        """`by` as tuples: each entry is one breakdown (several names = their cross)."""
        return tuple((b,) if isinstance(b, str) else tuple(b) for b in self.by)
