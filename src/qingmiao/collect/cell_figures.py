"""What a cell says where a figure of a certain unit belongs: percent cells and text as people see them, never as they
are stored."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from qingmiao.collect.number_formats import ShownAs, shown_as
from qingmiao.kernel.figure_texts import FigureError, plain_figure, quoted, read_double, read_figure, same_unit

SIGNS = ("%", "‰")
"""Units that people write behind a figure in its cell; where it is the cell's own, it is read."""
SHARES = {"%": Decimal(100), "‰": Decimal(1000)}
"""What a share is multiplied with, by the sign."""
_GENERAL = "把单元格格式改成「常规」，核对显示的数后再交"


def figure_in(value: Any, unit: str = "", number_format: str = "") -> Decimal | None:
    """The figure of a cell in a row (or column) of `unit`; None for an empty cell. Raises FigureError with its advice
    for all else.

    `number_format`: the cell's (`Sheet.formats`). A percent cell that holds 0.95 is 95 where the unit is %, a fault
    elsewhere; thousands left out, 万 added or digits hidden are faults: what is stored is not what was seen. A text
    "95%" is 95 where the unit is %.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        raise FigureError("wrong_type", f"「{'TRUE' if value else 'FALSE'}」不是数", "填数：是零填 0；没有数据就留空")
    if isinstance(value, int | float):
        return _of_number(read_double(value), unit, shown_as(number_format, value < 0))
    text = str(value)
    if unit in SIGNS:
        figure = read_figure(text)
        if figure is not None and not figure.bound and figure.unit and same_unit(figure.unit, unit):
            return figure.value
    return plain_figure(text)


def _of_number(value: Decimal, unit: str, shown: ShownAs | None) -> Decimal:
    if shown is None:
        return value
    kind, added = shown.kind, shown.text
    if kind == "percent":
        percent = _short(value * 100)
        if same_unit(unit, "%"):
            return percent
        told = f"单元格显示的是 {percent:f}%，这一格的单位是「{unit or '无'}」" + (
            f"，存的是 {value:f}" if value else ""
        )
        raise FigureError("number_format", told, _GENERAL)
    if kind == "literal" and unit and (same_unit(added, unit) or unit.startswith(added)):
        return value
    why = {"scaled": "缩小或加了小数点", "hidden": "看不见这个数", "literal": f"后面添上了「{added}」"}[kind]
    message = f"单元格显示的数与存的数 {value:f} 不一样：数字格式 {quoted(added)} {why}"
    raise FigureError("number_format", message, _GENERAL)


def _short(value: Decimal) -> Decimal:
    """Without closing zeros."""
    return Decimal(f"{value.normalize():f}")
