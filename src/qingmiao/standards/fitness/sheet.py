"""A school's sheet in, the scored sheet out; and one pupil, through the same code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from qingmiao.standards.columns import Column, ColumnError, Columns, Floats, Table
from qingmiao.standards.fitness import scoring, tables
from qingmiao.standards.fitness.scoring import SprintRounding

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
        "grade": "年级：P1–P6 小学，J1–J3 初中，H1–H3 高中，U12、U34 大学",
        "sex": "性别：M 或 F（也可写 男、女）",
        "height_cm": "身高，厘米",
        "weight_kg": "体重，千克",
    }
    units = {"mL": "毫升", "s": "秒", "cm": "厘米", "count/min": "次", "count": "次"}
    for table in tables.items():
        if table.item != "bmi":
            known[table.item] = f"{table.label_zh}，{units[table.unit]}"
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
        measures={name: columns.floats(name) for name in measure_columns() if name in columns},
        exempt=columns.codes("exempt", scoring.EXEMPT_MEANING) if "exempt" in columns else None,
        sprint_rounding=sprint_rounding,
    )
    found: dict[str, Column] = {"bmi": result.bmi}
    found.update({f"score_{name}": values for name, values in result.scores.items()})
    found["bonus"], found["total"] = result.bonus, result.total
    found["level"] = _LEVEL_TEXT.take(result.level)
    if reasons:
        found["state"] = _STATE_TEXT.take(result.state)
        found.update({f"reason_{name}": _REASON_TEXT.take(code) for name, code in result.reasons.items()})
    return found


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
