"""Fact tables: typed columns that departments and front-line workers know, one row a child, event or unit.

Rows are append-only. A correction is a new row with the same key and a later `version`; a row whose `retracted` column
is true takes the fact back. What a run saw is fixed by its snapshot (see docs/explanation/missing-data.md).
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Id, Label, Name, Source
from qingmiao.kernel.periods import PeriodKind

ColumnType = Literal["text", "integer", "number", "boolean", "date", "code", "area"]


class Column(Content):
    """One stored column. `codes` names a code list (type code); `min`/`max` are the plausible range (both allowed);
    `ahead`: a date that may lie after the day of collecting, because it says when something is due."""

    type: ColumnType
    label: Label
    required: bool = False
    codes: Id | None = None
    unit: str = ""
    min: float | None = None
    max: float | None = None
    ahead: bool = False
    sensitivity: Literal["公开", "内部", "敏感", "核心"] = "内部"
    note: str = ""

    @model_validator(mode="after")
    def _codes(self) -> Self:
        if (self.type == "code") != (self.codes is not None):
            raise ValueError("type: code 的列要写 codes（代码表），其他类型不写")
        if self.ahead and self.type != "date":
            raise ValueError("ahead 只用于日期列")
        return self


class Bands(Content):
    """A column cut into half-open bands: `edges` e0 < e1 < … give labels [e0,e1), [e1,e2) …; outside is missing."""

    of: Name
    edges: tuple[float, ...]
    labels: tuple[str, ...]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.edges) != len(self.labels) + 1 or list(self.edges) != sorted(set(self.edges)):
            raise ValueError("edges 要递增，且比 labels 多一个")
        return self


class Scored(Content):
    """An output of a published norm in `qingmiao.standards`, computed once per row. `inputs` maps the norm's names to
    columns."""

    norm: str
    output: str
    inputs: dict[str, Name] = {}


class Previous(Content):
    """The same child's value of `of` in the period just before (year − 1); missing when there was none."""

    of: Name
    per: Name
    period: PeriodKind


class Derived(Content):
    """A column computed once when facts are read: exactly one of expr, bands, scored, previous, area_attribute."""

    type: Literal["text", "integer", "number", "boolean"]
    label: Label
    expr: str | None = None
    bands: Bands | None = None
    scored: Scored | None = None
    previous: Previous | None = None
    area_attribute: Name | None = None
    codes: Id | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [x for x in (self.expr, self.bands, self.scored, self.previous, self.area_attribute) if x is not None]
        if len(given) != 1:
            raise ValueError("expr、bands、scored、previous、area_attribute 要写且只写一个")
        return self


class RowCheck(Content):
    """What must hold in every row: an error refuses the file, a query goes to the data-quality findings."""

    id: Id
    level: Literal["error", "query"]
    check: str
    message: str


class Fact(Content):
    """One fact table. `key` identifies a row; `area` and `date` say where and when it counts."""

    id: Name
    label: Label
    grain: Literal["child", "event", "unit", "total"]
    key: Annotated[tuple[Name, ...], Field(min_length=1)]
    area: Name
    date: Name | None = None
    """The column whose date decides the year; or `year` when the table carries the year itself."""
    year: Name | None = None
    version: Name | None = None
    retracted: Name | None = None
    owner: Id | None = None
    columns: dict[Name, Column]
    derived: dict[Name, Derived] = {}
    checks: tuple[RowCheck, ...] = ()
    source: Source | None = None
    serves: tuple[Id, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _columns_exist(self) -> Self:
        if (self.date is None) == (self.year is None):
            raise ValueError("date 和 year 要写且只写一个")
        named = [*self.key, self.area, self.date or self.year, self.version, self.retracted]
        missing = sorted({n for n in named if n is not None and n not in self.columns})
        if missing:
            raise ValueError(f"key、area、date、year、version、retracted 提到了没有的列：{'、'.join(missing)}")
        twice = sorted(set(self.columns) & set(self.derived))
        if twice:
            raise ValueError(f"列与派生列同名：{'、'.join(twice)}")
        if self.columns[self.area].type != "area":
            raise ValueError(f"area 列 {self.area} 的类型应为 area")
        return self
