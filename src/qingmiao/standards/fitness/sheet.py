"""A school's sheet in, the scored sheet out; and one pupil, through the same code."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from qingmiao.kernel.misread import MisreadError
from qingmiao.standards.columns import Codes, Column, ColumnError, Columns, Floats, Table
from qingmiao.standards.fitness import scoring, tables
from qingmiao.standards.fitness.scoring import SprintRounding
from qingmiao.standards.fitness.times import minutes_point_seconds, read_seconds

LONG_RUNS = ("shuttle_50m_x8", "run_1000m", "run_800m")
"""Items whose time is written in minutes and seconds."""
MEASURES = ("height_cm", "weight_kg")
"""Measurements of the body; the other measurement columns are named after their item."""


@dataclass(frozen=True, slots=True)
class PupilScore:
    """One pupil's result. A missing number is ``None``; ``reasons`` holds only the items without a score."""

    state: str
    bmi: float | None
    scores: Mapping[str, int]
    reasons: Mapping[str, str]
    bonus: int | None
    total: float | None
    level: str | None


def measure_columns() -> tuple[str, ...]:
    """Names of the measurement columns: height, weight and one for each test."""
    return (*MEASURES, *(table.item for table in tables.items() if table.item != "bmi"))


def input_columns() -> Mapping[str, str]:
    """What a sheet may hold: column name to its meaning in Chinese, in the order of the documentation."""
    known = {
        "id": "学生编号，原样写出",
        "grade": "年级：P1–P6 小学，J1–J3 初中，H1–H3 高中，U12、U34 大学；也可写一年级、初一、高一、职高一年级、大一，或上报编号 11–16、21–23、31–33",
        "sex": "性别：M 或 F（也可写 男、女、男生、女生）",
        "height_cm": "身高，厘米",
        "weight_kg": "体重，千克",
    }
    units = {"mL": "毫升", "s": "秒", "cm": "厘米", "count/min": "次", "count": "次"}
    for table in tables.items():
        if table.item != "bmi":
            known[table.item] = f"{table.label_zh}，{units[table.unit]}" + (
                "，或 3'45\"、3:45、3分45秒" if table.item in LONG_RUNS else ""
            )
    return {**known, "exempt": "可选：免予执行本标准的学生填 1（或 是、true）"}


def output_columns(*, reasons: bool = True) -> tuple[str, ...]:
    """Columns that scoring adds, in order; ``state`` and the items' reasons only with ``reasons``."""
    names = [table.item for table in tables.items()]
    added = ["bmi", *(f"score_{name}" for name in names), "bonus", "total", "level"]
    return (*added, "state", *(f"reason_{name}" for name in names)) if reasons else tuple(added)


def score_columns(
    table: Table, *, sprint_rounding: SprintRounding = "half_up", reasons: bool = True
) -> dict[str, Column]:
    """Score a table and give only the new columns (see :func:`output_columns`) as NumPy arrays.

    ``grade`` and ``sex`` must be there (:class:`ColumnError` otherwise); an absent measurement is missing for all.
    """
    columns = table if isinstance(table, Columns) else Columns(table)
    columns.require("grade", "sex")
    result = scoring.score_arrays(
        grade=columns.codes("grade", tables.grade_meaning()),
        sex=columns.codes("sex", scoring.SEX_MEANING),
        measures={name: _measured(columns, name) for name in measure_columns() if name in columns},
        exempt=columns.codes("exempt", scoring.EXEMPT_MEANING) if "exempt" in columns else None,
        sprint_rounding=sprint_rounding,
    )
    item_reasons, state = _told_apart(columns, result)
    found: dict[str, Column] = {"bmi": result.bmi}
    found.update({f"score_{name}": values for name, values in result.scores.items()})
    found["bonus"], found["total"] = result.bonus, result.total
    found["level"] = _LEVEL_TEXT.take(result.level)
    if reasons:
        found["state"] = _STATE_TEXT.take(state)
        found.update({f"reason_{name}": _REASON_TEXT.take(code) for name, code in item_reasons.items()})
    return found


def _measured(columns: Columns, name: str) -> Floats:
    """One measurement column; times may be written in minutes and seconds."""
    timed = name not in MEASURES and tables.item(name).unit == "s"
    return columns.read(name, read_seconds) if timed else columns.floats(name)


def _told_apart(columns: Columns, result: scoring.SheetScores) -> tuple[dict[str, Codes], Codes]:
    """Reasons and states in which a cell that was not understood is not a missing one; implausible cells are rejected
    by name.

    Cells of items that a pupil is not tested in, or is exempted from, count for nothing and are not named.
    """
    reasons: dict[str, Codes] = {}
    unread = np.zeros(len(columns), dtype=bool)
    for item, codes in result.reasons.items():
        names = MEASURES if item == "bmi" else (item,)
        for name in names:
            columns.forgive(name, (codes == scoring.NOT_TESTED) | (codes == scoring.EXEMPT))
        not_read = columns.is_unread(*names) & ((codes == scoring.MISSING) | (codes == scoring.IMPLAUSIBLE))
        reasons[item] = np.where(not_read, scoring.UNREADABLE, codes).astype(np.int8)
        unread |= not_read
        for name in names:
            _reject(columns, name, reasons[item] == scoring.IMPLAUSIBLE)
    state = np.where((result.state == scoring.INCOMPLETE) & unread, scoring.UNREADABLE_ITEM, result.state)
    return reasons, state.astype(np.int8)


def _reject(columns: Columns, name: str, implausible: NDArray[np.bool_]) -> None:
    """Name the implausible cells of a column; of height and weight the one that is beyond its own limits, else both."""
    if not implausible.any() or name not in columns:
        return
    low, high = tables.plausible(name)
    values = _measured(columns, name)
    if name in MEASURES:
        own = {n: tables.plausible(n) for n in MEASURES}
        outside = {n: (columns.floats(n) < least) | (columns.floats(n) > most) for n, (least, most) in own.items()}
        implausible = implausible & (outside[name] | ~(outside[MEASURES[0]] | outside[MEASURES[1]]))
    columns.reject(name, implausible & ~np.isnan(values), partial(_implausible, name=name, low=low, high=high))


def _implausible(cell: str, *, name: str, low: float, high: float) -> MisreadError:
    """Why a measurement cannot be right, with what another unit or notation would make of it."""
    near = minutes_point_seconds(cell) if name in LONG_RUNS else ""
    with contextlib.suppress(ValueError):
        value = float(cell)
        for ends, factor in (
            ("_cm", 100.0),
            ("_cm", 0.1),
            ("_kg", 0.001),
            ("jump", 100.0),
            ("capacity", 1000.0),
        ):
            if not near and name.endswith(ends) and low <= value * factor <= high:
                near = f"{value * factor:.10g}"
        if low <= value <= high:
            return MisreadError("implausible", f"「{cell}」不合理（次数不会有小数，身高与体重要相称）", near)
    return MisreadError("implausible", f"「{cell}」不在 {low:g}–{high:g} 之间", near)


def score_table(table: Table, *, sprint_rounding: SprintRounding = "half_up", reasons: bool = True) -> Table:
    """The same kind of table with bmi, ``score_<item>``, bonus, total, level, state and ``reason_<item>`` added."""
    columns = Columns(table)
    return columns.with_columns(score_columns(columns, sprint_rounding=sprint_rounding, reasons=reasons))


def score_pupil(
    *,
    grade: str,
    sex: str,
    measures: Mapping[str, float | None],
    exempt: bool = False,
    sprint_rounding: SprintRounding = "half_up",
) -> PupilScore:
    """Score one pupil; the same code as :func:`score_table`, so the same answer.

    ``measures`` uses the names of :func:`measure_columns`; an unknown name raises :class:`ColumnError`.
    """
    unknown = set(measures) - set(measure_columns())
    if unknown:
        raise ColumnError(f"不认识的测量项目：{'、'.join(sorted(unknown))}", column=min(unknown))
    row: dict[str, Column] = {
        "grade": np.array([grade], dtype=object),
        "sex": np.array([sex], dtype=object),
        "exempt": np.array(["1" if exempt else "0"], dtype=object),
    }
    for name, value in measures.items():
        row[name] = np.array([np.nan if value is None else value], dtype=np.float64)
    found = score_columns(row, sprint_rounding=sprint_rounding)
    names = [table.item for table in tables.items()]
    bonus = _number(found["bonus"])
    return PupilScore(
        state=found["state"][0],
        bmi=_number(found["bmi"]),
        scores={name: int(score) for name in names if (score := _number(found[f"score_{name}"])) is not None},
        reasons={name: reason for name in names if (reason := found[f"reason_{name}"][0]) is not None},
        bonus=None if bonus is None else int(bonus),
        total=_number(found["total"]),
        level=found["level"][0],
    )


def _number(values: Floats | Column) -> float | None:
    return None if np.isnan(values[0]) else float(values[0])


_LEVEL_TEXT = np.array([None, *scoring.LEVELS[1:]], dtype=object)
_STATE_TEXT = np.array(scoring.STATES, dtype=object)
_REASON_TEXT = np.array([None, *scoring.ITEM_REASONS[1:]], dtype=object)
