"""Days and years that rows of a fact may have: not in the future, not before people whose records are kept, not long
before the plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.collect.column_kinds import RefusedRows
from qingmiao.content.facts import Fact
from qingmiao.content.pack import Pack
from qingmiao.kernel.days import FIRST_YEAR, LAST_YEAR

BEFORE_PLAN = 40
"""Years before the plan's start in which rows may still be counted (local setting): baselines and long series lie
within."""
AHEAD = 20
"""Years after the day of collecting in which a day that is only planned (应种、应办结) may lie (local setting)."""

FEW = 5
"""So many different days or years are told one by one."""


@dataclass(frozen=True)
class Bounds:
    """`on`: the day on which the data were collected (None: not known, then nothing is in the future); `first_counted`:
    a year."""

    on: date | None
    first_counted: int

    @classmethod
    def of(cls, pack: Pack, on: date | None) -> Bounds:
        """The bounds of a pack's data."""
        start = pack.plan.start if pack.plan is not None else FIRST_YEAR + BEFORE_PLAN
        return cls(on, start - BEFORE_PLAN)


def implausible_days(fact: Fact, name: str, values: pa.Array, bounds: Bounds) -> list[RefusedRows]:
    """The rows of a date column, or of the fact's year column, that cannot be."""
    if fact.columns[name].type == "date":
        return _days(fact, name, values, bounds)
    return _years(values, bounds) if name == fact.year else []


def _days(fact: Fact, name: str, values: pa.Array, bounds: Bounds) -> list[RefusedRows]:
    known = values.is_valid().to_numpy(zero_copy_only=False)
    days = values.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False)
    found = []
    if bounds.on is not None:
        on = bounds.on
        ahead = fact.columns[name].ahead
        last = date(min(on.year + AHEAD, LAST_YEAR), 12, 31) if ahead else on
        hint = "检查年份" if ahead else "检查年份；到期日一类可以晚于采集日的列，在事实表里写 ahead: true"
        found += _each(values, known & (days > _number(last)), "future_date", f"晚于采集日 {on.isoformat()}", hint)
    if name == fact.date:
        first = date(bounds.first_counted, 1, 1)
        why = f"比规划早 {BEFORE_PLAN} 年以上"
        found += _each(values, known & (days < _number(first)), "implausible_date", why, "检查年份")
    return found


def _years(values: pa.Array, bounds: Bounds) -> list[RefusedRows]:
    years = values.fill_null(0).to_numpy(zero_copy_only=False)
    known = years != 0  # 0 stands for a year that `years.read_years` has refused
    last = bounds.on.year if bounds.on is not None else LAST_YEAR
    future = known & (years > last) & (years <= LAST_YEAR)
    wrong = known & ((years < bounds.first_counted) | (years > LAST_YEAR))
    span = f"不在 {bounds.first_counted}–{last} 年之间"
    return [
        *_each(values, future, "future_date", f"晚于采集的 {last} 年", "检查年份"),
        *_each(values, wrong, "implausible_date", span, "年份写四位，如 2024"),
    ]


def _each(values: pa.Array, wrong: np.typing.NDArray[np.bool_], code: str, why: str, hint: str) -> list[RefusedRows]:
    """The rows together by their value; more than `FEW` different values are told as one."""
    rows = np.flatnonzero(wrong)
    if not len(rows):
        return []
    given = values.take(pa.array(rows))
    different = given.unique().sort()
    if len(different) > FEW:
        span = f"有 {len(different)} 个不同的值（{different[0].as_py()} 到 {different[-1].as_py()}）"
        return [RefusedRows(code, f"{span}{why}", hint, rows)]
    place = pc.index_in(given, value_set=different).to_numpy(zero_copy_only=False)
    return [RefusedRows(code, f"「{value.as_py()}」{why}", hint, rows[place == i]) for i, value in enumerate(different)]


def _number(day: date) -> int:
    return (day - date(1970, 1, 1)).days
