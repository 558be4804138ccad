"""What measuring gives: the values table, the coded reasons for missing values, and findings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.measure.plan import MeasurePlan


class Reason(IntEnum):
    """Why there is no value. NONE: there is one. The side (numerator or denominator) is part of the reason."""

    NONE = 0
    DENOMINATOR_NOT_COLLECTED = 1
    DENOMINATOR_NO_ROWS = 2
    DENOMINATOR_NO_SUM = 3
    DENOMINATOR_CELL_MISSING = 4
    DENOMINATOR_PART_MISSING = 5
    ZERO_DENOMINATOR = 6
    NUMERATOR_NOT_COLLECTED = 7
    NUMERATOR_NO_ROWS = 8
    NUMERATOR_NO_SUM = 9
    NUMERATOR_CELL_MISSING = 10
    NUMERATOR_PART_MISSING = 11
    GROUP_MISSING = 12
    TOO_FEW_GROUPS = 13
    NO_SERIES = 14
    ONLY_BOUND = 15
    PARTS_DO_NOT_ADD = 16
    BEFORE_SPLIT = 17

    @property
    def code(self) -> str:
        """The code in the values table; "" where there is a value."""
        return "" if self is Reason.NONE else self.name.lower()

    @property
    def obs_status(self) -> str:
        """A normal (a published bound is, too), O denominator zero, M missing."""
        if self in (Reason.NONE, Reason.ONLY_BOUND):
            return "A"
        return "O" if self is Reason.ZERO_DENOMINATOR else "M"

    @property
    def label(self) -> str:
        """In Chinese, for people."""
        return _LABELS[self]


_LABELS = {
    Reason.NONE: "",
    Reason.DENOMINATOR_NOT_COLLECTED: "分母的数据该年没有采集",
    Reason.DENOMINATOR_NO_ROWS: "分母的数据没有该地区该年的记录",
    Reason.DENOMINATOR_NO_SUM: "分母没有可相加的数（全部缺失）",
    Reason.DENOMINATOR_CELL_MISSING: "分母用到的报表单元格未填",
    Reason.DENOMINATOR_PART_MISSING: "分母所需的报表有下级地区未报",
    Reason.ZERO_DENOMINATOR: "分母为零",
    Reason.NUMERATOR_NOT_COLLECTED: "分子的数据该年没有采集",
    Reason.NUMERATOR_NO_ROWS: "分子的数据没有该地区该年的记录",
    Reason.NUMERATOR_NO_SUM: "分子没有可相加的数（全部缺失）",
    Reason.NUMERATOR_CELL_MISSING: "分子用到的报表单元格未填",
    Reason.NUMERATOR_PART_MISSING: "分子所需的报表有下级地区未报",
    Reason.GROUP_MISSING: "有分组没有值",
    Reason.TOO_FEW_GROUPS: "分组不足两个，无法比较",
    Reason.NO_SERIES: "该年没有公布的数值",
    Reason.ONLY_BOUND: "只公布了界限，没有确数",
    Reason.PARTS_DO_NOT_ADD: "当时是几个地区，只有各自的比率，没有分子分母，不能相加",
    Reason.BEFORE_SPLIT: "当时还没有分设，没有单独的数",
}


class ValueOrigin(IntEnum):
    """Where a value comes from."""

    FACTS = 0
    RETURNS = 1
    SERIES = 2
    COMBINE = 3

    @property
    def code(self) -> str:
        """The code in the values table."""
        return self.name.lower()


FIXED_BEFORE = ("indicator", "area", "year")
FIXED_AFTER = (
    "numerator",
    "denominator",
    "value",
    "obs_status",
    "origin",
    "definition_version",
    "reason",
    "bound",
)
"""The columns of the values table around its breakdown columns; `reason` is `Reason.code`, "" where there is a value.

`bound` is the text of a `Bound` (">99") where only that is published (then there is no value), else null.
"""


@dataclass(frozen=True)
class MeasureNotice:
    """Something about the data that measuring noticed; `message` is Chinese prose."""

    code: str
    message: str
    indicator: str = ""
    area: str = ""
    year: int = 0


@dataclass(frozen=True)
class Measured:
    """`values`: one row per indicator, area, year and group (see `FIXED_BEFORE`, `FIXED_AFTER`), sorted.

    `queries`: table → the SQL that was run. `plan`: what was planned.
    """

    values: pa.Table
    findings: tuple[MeasureNotice, ...]
    queries: dict[str, str]
    plan: MeasurePlan
    snapshot: str = ""


def values_schema(dims: tuple[str, ...]) -> pa.Schema:
    """The layout of the values table with these breakdown columns."""
    return pa.schema(
        [
            ("indicator", pa.string()),
            ("area", pa.string()),
            ("year", pa.int32()),
            *((d, pa.string()) for d in dims),
            ("numerator", pa.float64()),
            ("denominator", pa.float64()),
            ("value", pa.float64()),
            ("obs_status", pa.string()),
            ("origin", pa.string()),
            ("definition_version", pa.int32()),
            ("reason", pa.string()),
            ("bound", pa.string()),
        ]
    )


def with_bounds(table: pa.Table) -> pa.Table:
    """The table as people read it: where only a bound is published (column `bound`), it stands in the column `value`.

    `value` is then text; a table without bounds stays as it is.
    """
    if table["bound"].null_count == len(table) or not pc.any(pc.not_equal(table["bound"], "")).as_py():
        return table
    bounded = pc.fill_null(pc.not_equal(table["bound"], ""), False)
    told = pc.if_else(bounded, table["bound"], pc.cast(table["value"], pa.string()))
    return table.set_column(table.column_names.index("value"), "value", told)
