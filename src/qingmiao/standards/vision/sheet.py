"""A school's or clinic's vision checks in, results out; and one child, through the same code."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingmiao.kernel.misread import MisreadError
from qingmiao.standards.columns import Column, Columns, Floats, Table, Texts
from qingmiao.standards.screening.dates import completed_months, read_dates
from qingmiao.standards.vision import acuity, myopia, referral, refraction
from qingmiao.standards.vision.acuity import Notation
from qingmiao.standards.words import YES_NO

TRUTH = YES_NO
READINGS = ("va_right", "va_left", "sphere_right", "cylinder_right", "sphere_left", "cylinder_left")
INPUT_COLUMNS: Mapping[str, str] = {
    "id": "儿童编号，原样写出",
    "age_months": "月龄（可改给 birth_date 与 check_date）",
    "birth_date": "出生日期，如 2015-09-01",
    "check_date": "检查日期",
    "va_right": "右眼裸眼视力（五分记录；小数记录或 logMAR 用 --notation）",
    "va_left": "左眼裸眼视力",
    "sphere_right": "右眼球镜，D",
    "cylinder_right": "右眼柱镜，D（没有散光写 0，不留空）",
    "sphere_left": "左眼球镜，D",
    "cylinder_left": "左眼柱镜，D",
    "ortho_k": "可选：夜戴角膜塑形镜写 1；空白当作没有",
    "glasses": "可选：戴镜写 1；只记录，不改变判定（视力须是裸眼视力）",
    "cycloplegia": "可选：散瞳（睫状肌麻痹）验光写 1；空白当作没有",
}
OUTPUT_COLUMNS = (
    "se_right", "se_left", "worse_acuity", "worse_eye", "low_acuity", "screening_myopia", "state", "refer_acuity",
    "refer_refraction", "referral", "reason",
)  # fmt: skip

REASONS = {name: f"{name}:out_of_range" for name in READINGS}
_LOW = np.array(acuity.LOW_ACUITY, dtype=object)
_EYE = np.array(acuity.WORSE_EYES, dtype=object)
_STATE = np.array(myopia.STATES, dtype=object)


@dataclass(frozen=True, slots=True)
class VisionCheck:
    """One child's check; ``None`` is "cannot be said". Names are those of :data:`OUTPUT_COLUMNS`."""

    se_right: float | None
    se_left: float | None
    worse_acuity: float | None
    worse_eye: str | None
    low_acuity: str | None
    screening_myopia: bool | None
    state: str
    refer_acuity: bool | None
    refer_refraction: bool | None
    referral: bool | None
    reason: str | None


def score_columns(table: Table, *, notation: Notation = "five_mark", preschool_rule: bool = False) -> dict[str, Column]:
    """Score vision checks and give only the new columns (:data:`OUTPUT_COLUMNS`).

    ``va_right`` and ``va_left`` (uncorrected) must be there; refraction, flags and age may be absent: what needs them
    is missing. Implausible readings and dates count as missing and are listed in ``reason`` as ``column:code``, joined
    by ``;``. Equivalents are in D, ``worse_acuity`` in five-mark whatever the notation. ``low_acuity`` is given from 6
    years on (or where the age is not given).
    """
    columns = table if isinstance(table, Columns) else Columns(table)
    columns.require("va_right", "va_left")
    given = {
        name: acuity.read_acuity(columns, name, notation) if name.startswith("va") else columns.floats(name)
        for name in READINGS
    }
    kind = {name: notation if name.startswith("va") else name.split("_")[0] for name in READINGS}
    bad = {name: ~np.isnan(given[name]) & ~acuity.in_limits(given[name], kind[name]) for name in READINGS}
    for name, wrong in bad.items():
        columns.reject(name, wrong, partial(_out_of_range, kind=kind[name]))
    clean = {name: np.where(bad[name], np.nan, given[name]) for name in READINGS}
    sharp = (
        acuity.to_five_mark(clean["va_right"], notation),
        acuity.to_five_mark(clean["va_left"], notation),
    )
    sphere, cylinder = (
        (clean["sphere_right"], clean["sphere_left"]),
        (clean["cylinder_right"], clean["cylinder_left"]),
    )
    power = (
        refraction.spherical_equivalent(sphere[0], cylinder[0]),
        refraction.spherical_equivalent(sphere[1], cylinder[1]),
    )
    age, age_faults = _age_months(columns)
    age_unknown = np.logical_or.reduce(list(age_faults.values()))
    flags = {name: _flag(columns, name) for name in ("ortho_k", "cycloplegia")}
    myopic, state = myopia.screening_myopia(
        acuity=sharp,
        equivalent=power,
        ortho_k=flags["ortho_k"],
        cycloplegia=flags["cycloplegia"],
        out_of_range=np.logical_or.reduce(list(bad.values())),
        misread=np.logical_or.reduce([columns.is_unread(name) & ~wrong for name, wrong in bad.items()]),
        unreadable=age_unknown | columns.is_unread("cycloplegia"),
        unreadable_ortho_k=columns.is_unread("ortho_k"),
        age_months=age,
        preschool_rule=preschool_rule,
    )
    worst, which = acuity.worse(*sharp)
    with np.errstate(invalid="ignore"):
        grade = np.where((age < myopia.STUDENT_FROM_MONTHS) | age_unknown, 0, acuity.low_acuity(worst))
    by_acuity = referral.acuity_referral(sharp, age)
    by_power = referral.refraction_referral(sphere, cylinder, power, age)
    faults = {REASONS[name]: wrong for name, wrong in bad.items()} | age_faults
    faults |= {f"{name}:unreadable": columns.is_unread(name) & ~bad[name] for name in READINGS}
    for name in ("ortho_k", "glasses", "cycloplegia"):
        if name in columns:
            faults[f"{name}:unreadable"] = columns.codes(name, TRUTH) < 0
    return {
        "se_right": power[0],
        "se_left": power[1],
        "worse_acuity": worst,
        "worse_eye": _EYE.take(which),
        "low_acuity": _LOW.take(grade),
        "screening_myopia": myopic,
        "state": _STATE.take(state),
        "refer_acuity": by_acuity,
        "refer_refraction": by_power,
        "referral": referral.any_referral(by_acuity, by_power, age),
        "reason": join_faults(faults, len(columns)),
    }


def score_table(table: Table, *, notation: Notation = "five_mark", preschool_rule: bool = False) -> Table:
    """The same kind of table with :data:`OUTPUT_COLUMNS` added."""
    columns = Columns(table)
    return columns.with_columns(score_columns(columns, notation=notation, preschool_rule=preschool_rule))


def score_child(
    *,
    va: tuple[float | None, float | None],
    sphere: tuple[float | None, float | None] = (None, None),
    cylinder: tuple[float | None, float | None] = (None, None),
    age_months: float | None = None,
    ortho_k: bool = False,
    cycloplegia: bool = False,
    notation: Notation = "five_mark",
    preschool_rule: bool = False,
) -> VisionCheck:
    """Score one child's check, (right, left) pairs; the same code as :func:`score_table`, so the same answer."""
    row: dict[str, Column] = {
        "ortho_k": np.array([ortho_k]),
        "cycloplegia": np.array([cycloplegia]),
        "age_months": _one(age_months),
    }
    for name, pair in (("va", va), ("sphere", sphere), ("cylinder", cylinder)):
        row[f"{name}_right"], row[f"{name}_left"] = _one(pair[0]), _one(pair[1])
    found = score_columns(row, notation=notation, preschool_rule=preschool_rule)
    return VisionCheck(**{name: _plain(values) for name, values in found.items()})


def _out_of_range(cell: str, kind: str) -> MisreadError:
    """Why a reading is not plausible; a five-mark reading in a decimal column, or the other way round, is said."""
    low, high = acuity.limits("decimal" if kind == "snellen" else kind)
    near = ""
    with contextlib.suppress(ValueError):
        value = float(cell)
        if kind == "five_mark" and 0 < value <= 2:
            near = "小数记录（--notation decimal）"
        elif kind == "decimal" and 3 <= value <= 5.3:
            near = "五分记录（--notation five_mark）"
        elif kind in ("sphere", "cylinder") and low <= value / 100 <= high:
            near = f"{value / 100:g}"  # written in hundredths of a dioptre, without the point
    return MisreadError("out_of_range", f"「{cell}」不在 {low:g}–{high:g} 之间", near)


def join_faults(faults: Mapping[str, NDArray[np.bool_]], length: int) -> Texts:
    """For each row, the names of its faults joined by ``;``; ``None`` where there is none."""
    joined = np.full(length, None, dtype=object)
    started = np.zeros(length, dtype=bool)
    for name, wrong in faults.items():
        fresh = wrong & ~started
        joined[fresh] = name
        joined[wrong & started] += f";{name}"
        started |= wrong
    return joined


def _age_months(columns: Columns) -> tuple[Floats, dict[str, NDArray[np.bool_]]]:
    """Age in months, NaN where it cannot be known or is negative, and what was wrong."""
    age = columns.floats("age_months")
    unread = columns.is_unread("age_months")
    faults: dict[str, NDArray[np.bool_]] = {"age_months:unreadable": unread}
    if "birth_date" in columns:
        birth, bad_birth = read_dates(columns, "birth_date")
        check, bad_check = read_dates(columns, "check_date")
        faults |= {"birth_date:not_a_date": bad_birth, "check_date:not_a_date": bad_check}
        age = np.where(np.isnan(age) & ~unread, completed_months(birth, check), age)
    with np.errstate(invalid="ignore"):
        wrong = (age < 0) | (age > 12 * 30)
    faults["age_months:out_of_range"] = wrong
    columns.reject(
        "age_months" if "age_months" in columns else "check_date", wrong,
        lambda cell: MisreadError("age_out_of_range", f"「{cell}」算出的年龄不在 0–30 岁"),
    )  # fmt: skip
    return np.where(wrong, np.nan, age), faults


def _flag(columns: Columns, name: str) -> NDArray[np.bool_] | None:
    return columns.codes(name, TRUTH) == 1 if name in columns else None


def _one(value: float | None) -> Floats:
    return np.array([np.nan if value is None else value], dtype=np.float64)


def _plain(values: Column) -> Any:  # one cell of any column form
    value = values.tolist()[0]
    return None if isinstance(value, float) and value != value else value
