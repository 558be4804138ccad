"""Lengths of a life: ages and intervals in days, months or years, each with its source or left to the county."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Source
from qingmiao.kernel.days import add_months

LifeUnit = Literal["days", "months", "years"]
UNIT_WORDS: Mapping[LifeUnit, str] = {"days": "天", "months": "个月", "years": "年"}


class LifeInterval(Content):
    """So many days, months or years: `{value: 3, unit: months}`."""

    value: Annotated[int, Field(ge=0, le=40_000)]
    unit: LifeUnit

    def after(self, day: date) -> date:
        """The day so long after another; months and years by the rule of `qingmiao.kernel.days.add_months`."""
        if self.unit == "days":
            return day + timedelta(days=self.value)
        return add_months(day, self.value * (12 if self.unit == "years" else 1))

    @property
    def words(self) -> str:
        """As people read it: 3个月."""
        return f"{self.value}{UNIT_WORDS[self.unit]}"


class SourcedInterval(Content):
    """An interval that a document sets (`value`, `unit`, `source`), or that the county does (`local: true`, nothing
    else).

    What the county sets stands in `intervals` of its policy, under the name that `check` tells.
    """

    value: Annotated[int, Field(ge=0, le=40_000)] | None = None
    unit: LifeUnit = "days"
    source: Source | None = None
    local: bool = False

    @model_validator(mode="after")
    def _sourced(self) -> Self:
        if self.local and (self.value is not None or self.source is not None):
            raise ValueError("本县设置（local: true）的间隔不写 value 和 source，数写在 policy.yaml 的 intervals 里")
        if not self.local and (self.value is None or self.source is None):
            raise ValueError("间隔要写 value、unit 和 source（依据）；没有文件规定的写 local: true，由县里设置")
        return self

    def set_to(self, setting: LifeInterval | None) -> LifeInterval | None:
        """The interval with a county's setting taken in; None where the county has set nothing yet."""
        if self.value is None:
            return setting
        return LifeInterval(value=self.value, unit=self.unit)
