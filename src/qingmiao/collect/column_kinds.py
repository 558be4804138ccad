"""What reading a column gives: the typed values, the rows that were refused, and how each kind of column is called."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from qingmiao.content.facts import Column
from qingmiao.kernel.misread import MisreadError

ARROW = {
    "text": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "code": pa.string(),
    "area": pa.string(),
}
WORDS = {
    "text": "文字",
    "integer": "整数",
    "number": "数",
    "boolean": "真假（true/false、1/0、是/否）",
    "date": "日期（如 2024-01-31）",
    "code": "代码",
    "area": "行政区划代码",
}


@dataclass(frozen=True)
class RefusedRows:
    """Rows (positions) that cannot be read, all for one reason."""

    code: str
    message: str
    hint: str
    rows: NDArray[np.int64]


@dataclass
class ReadColumn:
    """The typed column; what was refused; the rows whose identifier was written otherwise; times of day of a date
    column."""

    values: pa.Array
    refused: list[RefusedRows] = field(default_factory=list)
    changed: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    clock: pa.Array | None = None
    wrong_column: str = ""
    """The column as a whole is of a type that this one cannot come from."""


def hint_for(why: MisreadError, column: Column) -> str:
    if why.code in ("unknown_code", "unknown_area"):
        return why.nearest
    if why.nearest.endswith("写法"):
        return f"写成 {why.nearest}"
    if why.nearest:
        return f"是不是 {why.nearest}"
    if why.code in ("too_large", "not_finite"):
        return "检查数位和单位"
    if why.code == "year_out_of_range":
        return "年份写四位，如 2024"
    return "" if why.code in ("nul", "too_long") else f"这一列要{WORDS[column.type]}；没有数据就留空"
