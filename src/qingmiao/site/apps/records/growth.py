"""Growth curves of a child: the norm's lines with the child's measurements, and the same numbers as a table.

By the Chinese standard under seven years, by the WHO's at any age; a preterm child's points stand at the corrected age.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import listing, looking, person
from qingmiao.site.apps.records.measures import holding, series
from qingmiao.site.apps.records.models import Child
from qingmiao.standards.growth import NORMS
from qingmiao.standards.growth.chart import PRETERM_WEEKS, SMALL, Point, corrected_months, growth_chart
from qingmiao.standards.growth.inputs import DAYS_PER_MONTH

WORDS: Final = ("weight_kg", "length_cm", "head_cm")
NORM_NAMES: Final = {
    "wst423": Label(zh="中国 7 岁以下儿童生长标准", en="China, under 7 years"),
    "who2006": Label(zh="世界卫生组织 0～5 岁", en="WHO, 0 to 5 years"),
    "who2007": Label(zh="世界卫生组织 5～19 岁", en="WHO, 5 to 19 years"),
}
DRAWN: Final = {
    "wst423": ("lhfa", "wfa", "bfa", "hcfa"), "who2006": ("lhfa", "wfa", "bfa", "hcfa"),
    "who2007": ("hfa", "wfa", "bfa"),
}  # fmt: skip
"""Norm → the measures that have a curve by age."""
SPANS: Final = {"": None, "0": (0.0, 24.0), "2": (24.0, 60.0), "5": (60.0, 120.0), "10": (120.0, 228.0)}
"""Part of the curves that is shown: months from, until."""
COVERS: Final = {"wst423": (0.0, 84.0), "who2006": (0.0, 60.9), "who2007": (61.0, 228.0)}
_OF: Final = {"lhfa": "length_cm", "hfa": "length_cm", "wfa": "weight_kg", "hcfa": "head_cm", "bfa": "bmi"}
_SCORE: Final = {
    "who2006": {"lhfa": "len", "wfa": "wei", "bfa": "bmi", "hcfa": "hc"},
    "who2007": {"hfa": "hfa", "wfa": "wfa", "bfa": "bfa"},
}  # fmt: skip


@dataclass(frozen=True)
class GrowthRow:
    """One day's measurements. Scores are standard deviations by the WHO's norm of the age; None where there is none."""

    record: int
    on: date
    age: str
    corrected: float | None
    """Corrected age in months of a preterm child under two years."""
    values: Mapping[str, float]
    scores: Mapping[str, float]

    @property
    def cells(self) -> tuple[tuple[float | None, float | None], ...]:
        """(value, score) of weight, length, body mass index and head."""
        return tuple((self.values.get(w), self.scores.get(w)) for w in ("weight_kg", "length_cm", "bmi", "head_cm"))


@dataclass(frozen=True)
class GrowthPage:
    """The curves of one norm and the table of all measurements, the newest first."""

    row: listing.ChildRow
    norm: str
    span: str
    norms: tuple[tuple[str, Label], ...]
    spans: tuple[str, ...]
    charts: tuple[str, ...]
    """SVG; its texts are escaped."""
    rows: tuple[GrowthRow, ...]
    gestation_weeks: float | None


def growth_page(reach: Reach, number: int, *, norm: str = "", span: str = "") -> GrowthPage:
    """The growth of a child, as far as this person reads its records; the sight is written down. Raises AbsentError for
    who reads no kind of record that measures it."""
    _, child, reading = looking.part(reach, number, measuring, "没有生长曲线")
    weeks, day = gestation(child), child.left_date or timezone.localdate()
    rows = growth_rows(child, reading, weeks)
    chosen = norm if norm in NORM_NAMES else _fit(child, rows, day)
    spans = tuple(s for s, part in SPANS.items() if part is None or _overlap(COVERS[chosen], part))
    part = SPANS[span] if span in spans else None
    return GrowthPage(
        listing.row(child, day), chosen, span if span in spans else "", tuple(NORM_NAMES.items()), spans,
        charts(child, rows, chosen, weeks, part), rows[::-1], weeks,
    )  # fmt: skip


def first_curves(child: Child, reading: Collection[str]) -> tuple[str, ...]:
    """Length and weight by age by the norm that fits the last measurement; () where nothing was measured."""
    weeks = gestation(child)
    return curves_of(child, growth_rows(child, reading, weeks), weeks)


def curves_of(child: Child, rows: Sequence[GrowthRow], weeks: float | None) -> tuple[str, ...]:
    """The same of measurements that have been read."""
    if not rows:
        return ()
    return charts(child, rows, _fit(child, rows, rows[-1].on), weeks, measures=("lhfa", "hfa", "wfa"))


def _fit(child: Child, rows: Sequence[GrowthRow], day: date) -> str:
    """The norm of the age at the last measurement, else on a day: the Chinese one under seven years."""
    months = _months(child, rows[-1].on if rows else day)
    return "wst423" if months <= COVERS["wst423"][1] else "who2007"


def measuring(reading: Collection[str]) -> tuple[str, ...]:
    """The kinds of records, of those that are read, that measure growth."""
    return holding(reading, WORDS)


def gestation(child: Child) -> float | None:
    """Weeks at birth of a child born too early; None of any other."""
    weeks = person.words(child).get("gestation_weeks")
    return float(weeks) if weeks is not None and weeks < PRETERM_WEEKS else None


def growth_rows(child: Child, reading: Collection[str], weeks: float | None) -> tuple[GrowthRow, ...]:
    """What the records measured, the earliest first, with scores."""
    found = [one for one in series(child, measuring(reading)) if any(w in one.said.words for w in WORDS)]
    values = [_values(one.said.words) for one in found]
    ages = [_months(child, one.said.on) for one in found]
    judged = [corrected_months(a, weeks) for a in ages]
    scores = _scores(child, judged, values, [one.said.words for one in found])
    return tuple(
        GrowthRow(
            one.record, one.said.on, listing.age_text(child.birth_date, one.said.on),
            round(right, 1) if right != age else None, value, score,
        )
        for one, age, right, value, score in zip(found, ages, judged, values, scores, strict=True)
    )  # fmt: skip


def charts(
    child: Child, rows: Sequence[GrowthRow], norm: str, weeks: float | None, part: tuple[float, float] | None = None,
    measures: Sequence[str] = (),
) -> tuple[str, ...]:  # fmt: skip
    """The charts of a norm as SVG: of every measure that it has a curve for, or of those named."""
    sex = {"M": 1, "F": 2}.get(child.sex)
    if sex is None:
        return ()
    low, high = COVERS[norm]
    span = None if part is None else (max(low, part[0]), min(high, part[1]))
    return tuple(
        growth_chart(norm, m, sex, _points(child, rows, m), gestation_weeks=weeks, ages=span, paper=SMALL)
        for m in DRAWN[norm]
        if m in (measures or DRAWN[norm]) and (norm != "who2007" or m != "wfa" or span is None or span[0] < 120)
    )


def _points(child: Child, rows: Sequence[GrowthRow], measure: str) -> list[Point]:
    word = _OF[measure]
    return [
        Point(_months(child, r.on), r.values[word], _tip(r, word))
        for r in rows
        if word in r.values
    ]  # fmt: skip


def _tip(row: GrowthRow, word: str) -> str:
    score = row.scores.get(word)
    return row.on.isoformat() if score is None else f"{row.on.isoformat()}，Z {score:+.2f}"


def _values(words: Mapping[str, Any]) -> dict[str, float]:
    found = {w: float(words[w]) for w in WORDS if words.get(w) is not None}
    if "weight_kg" in found and found.get("length_cm"):
        found["bmi"] = round(found["weight_kg"] / (found["length_cm"] / 100) ** 2, 1)
    return found


def _scores(
    child: Child, months: Sequence[float], values: Sequence[Mapping[str, float]], said: Sequence[Mapping[str, Any]]
) -> list[dict[str, float]]:
    """Standard deviations by the WHO's norm of each age; flagged ones are left out."""
    if not values:
        return []
    age = np.array(months)
    table = {
        "sex": np.array([child.sex] * len(values), dtype=object), "age_months": age,
        "weight_kg": _column(values, "weight_kg"), "lenhei_cm": _column(values, "length_cm"),
        "headc_cm": _column(values, "head_cm"), "measure": np.array([w.get("measured") for w in said], dtype=object),
        "oedema": np.array(["y" if w.get("oedema") else "n" for w in said], dtype=object),
    }  # fmt: skip
    found: list[dict[str, float]] = [{} for _ in values]
    for norm, outputs in _SCORE.items():
        rows = np.flatnonzero([_covers(norm, a) for a in months])
        if not len(rows):
            continue
        fields = {f.name for f in NORMS[norm].fields}
        scored: Any = NORMS[norm].score({k: v[rows] for k, v in table.items() if k in fields}, reasons=False)
        for measure, code in outputs.items():
            flags = np.ma.filled(np.ma.asarray(scored[f"f{code}"]), 0)
            for place, z, flag in zip(rows, np.asarray(scored[f"z{code}"], dtype=float), flags, strict=True):
                if np.isfinite(z) and not flag:
                    found[place][_OF[measure]] = float(z)
    return found


def _column(values: Sequence[Mapping[str, float]], word: str) -> np.ndarray[Any, Any]:
    return np.array([v.get(word, np.nan) for v in values], dtype=np.float64)


def _months(child: Child, on: date) -> float:
    return (on - child.birth_date).days / DAYS_PER_MONTH


def _covers(norm: str, months: float) -> bool:
    return COVERS[norm][0] <= months <= COVERS[norm][1]


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] < other[1] - 1 and other[0] < one[1] - 1
