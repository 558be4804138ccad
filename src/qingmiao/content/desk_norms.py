"""Functions of the table of desk sizes, for checklists of classrooms."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from qingmiao.content.norm_function import HEIGHT, Argument, NormFunction, Value

GBT3976 = "GB/T 3976《学校课桌椅功能尺寸及技术要求》（2002年版号数表，见转载；2014年版增加的0号未见）"
SIZES = range(1, 11)
BANDS = ("180", "173", "165", "158", "150", "143", "135", "128", "120", "113", "0")
"""The first centimetre of each band of stature, the tallest first (a test compares it with the table)."""
SEATS = tuple(Argument(f"seats_{n}", "number", f"{n}号桌椅的座位数", "个") for n in SIZES)


def _band(n: int) -> Argument:
    words = f"身高{BANDS[n]}厘米以上" if n == 0 else f"身高不满{BANDS[n - 1]}厘米"
    upper = f"{int(BANDS[n - 1]) - 1}" if n else ""
    words = f"身高{BANDS[n]}—{upper}厘米" if n and BANDS[n] != "0" else words
    return Argument(f"pupils_{BANDS[n]}", "number", f"{words}的人数", "人")


PUPILS = tuple(_band(n) for n in range(len(BANDS)))


def _number(stature: Any) -> Sequence[Value]:
    from qingmiao.standards.desks import desk_number

    return [Decimal(desk_number(Decimal(repr(float(v))))) for v in stature.tolist()]


def _fit(*columns: Any) -> Sequence[Value]:
    from qingmiao.standards.desks import desk_fit

    rows = zip(*(c.tolist() for c in columns), strict=True)
    whole = ([int(v) for v in row] for row in rows)
    return [desk_fit(row[: len(SEATS)], row[len(SEATS) :]) for row in whole]


DESK_NORMS: tuple[NormFunction, ...] = (
    NormFunction("desk_number", "课桌椅号数（身高最接近的标准身高）", (HEIGHT,), "number", GBT3976, _number),
    NormFunction("desk_fit", "能同时坐到合适课桌椅的学生占比（%）", (*SEATS, *PUPILS), "number", GBT3976, _fit),
)
