"""A child's eyes over the years: acuity, refraction, how fast it goes towards myopia, what is to be referred.

By the norms of `standards.vision`; a rate compares readings of one kind (both under cycloplegia or both not) that lie
at least half a year apart, and none under night lenses (orthokeratology).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.norms import ACUITY_WORDS
from qingmiao.kernel.days import completed_months
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import listing, looking
from qingmiao.site.apps.records.measures import holding, series
from qingmiao.site.apps.records.models import Child
from qingmiao.standards.vision import annual_progression, score_child
from qingmiao.standards.vision.chart import EyePoint, refraction_chart

EYES: Final = ("right", "left")
WORDS: Final = tuple(f"{what}_{eye}" for what in ("acuity", "sphere") for eye in EYES)
"""What a record measures that is shown here."""
FAST: Final = -0.5
"""Dioptres a year from which a change towards myopia is marked: our setting, in no source."""
MARKS: Final[Mapping[str, Label]] = {
    "myopia": Label(zh="筛查性近视", en="screening myopia"), "referral": Label(zh="转诊复查", en="refer"),
    "fast": Label(zh="进展较快", en="fast"), "ortho_k": Label(zh="夜戴角膜塑形镜", en="orthokeratology"),
}  # fmt: skip


@dataclass(frozen=True)
class OneEye:
    """One eye at one check. Acuity in five-mark; sphere, cylinder and equivalent in D, axis in degrees; `rate` in D a
    year since the reading before it that can be compared, negative towards myopia."""

    acuity: float | None
    corrected: float | None
    sphere: float | None
    cylinder: float | None
    axis: float | None
    equivalent: float | None
    rate: float | None


@dataclass(frozen=True)
class EyeRow:
    """One check of both eyes, with what it says of the child."""

    record: int
    on: date
    age: str
    right: OneEye
    left: OneEye
    cycloplegia: bool
    low: Label | None
    """Grade of low acuity of the worse eye."""
    poor: bool
    marks: tuple[Label, ...]

    @property
    def eyes(self) -> tuple[tuple[Label, OneEye], ...]:
        """Both eyes with their names."""
        return (Label(zh="右眼", en="right eye"), self.right), (Label(zh="左眼", en="left eye"), self.left)


@dataclass(frozen=True)
class EyePage:
    """All checks, the newest first, and the chart of refraction (SVG, "" where none was measured)."""

    row: listing.ChildRow
    rows: tuple[EyeRow, ...]
    chart: str


def eye_page(reach: Reach, number: int) -> EyePage:
    """The eyes of a child, as far as this person reads its records; the sight is written down. Raises AbsentError for
    who reads no kind of record that measures them."""
    _, child, reading = looking.part(reach, number, lambda kinds: holding(kinds, WORDS), "没有视力屈光记录")
    rows = eye_rows(child, reading)
    return EyePage(listing.row(child, child.left_date or timezone.localdate()), rows[::-1], chart(child, rows))


def chart(child: Child, rows: Sequence[EyeRow]) -> str:
    """The equivalents by age as SVG; "" where none was measured."""
    points = [
        EyePoint(
            (r.on - child.birth_date).days / 365.25, _nan(r.right.equivalent), _nan(r.left.equivalent), r.cycloplegia,
            r.on.isoformat(),
        )
        for r in rows
        if r.right.equivalent is not None or r.left.equivalent is not None
    ]  # fmt: skip
    return refraction_chart(points) if points else ""


def eye_rows(child: Child, reading: Collection[str], *, last: int = 0) -> tuple[EyeRow, ...]:
    """Every check, the earliest first; `last`: only so many records are looked at, the newest."""
    found = [
        one for one in series(child, holding(reading, WORDS), last=last) if any(w in one.said.words for w in WORDS)
    ]
    rows: list[EyeRow] = []
    for one in found:
        words, on = one.said.words, one.said.on
        cycloplegia, lenses = bool(words.get("cycloplegia")), bool(words.get("ortho_k"))
        judged = score_child(
            va=_pair(words, "acuity"), sphere=_pair(words, "sphere"), cylinder=_pair(words, "cylinder"),
            age_months=float(completed_months(child.birth_date, on)), ortho_k=lenses, cycloplegia=cycloplegia,
        )  # fmt: skip
        before = [] if lenses else [r for r in rows if r.cycloplegia is cycloplegia and MARKS["ortho_k"] not in r.marks]
        eyes = [_eye(words, eye, (judged.se_right, judged.se_left)[n], on, before) for n, eye in enumerate(EYES)]
        fast = any(e.rate is not None and e.rate <= FAST for e in eyes)
        told = {"myopia": judged.screening_myopia, "referral": judged.referral, "fast": fast, "ortho_k": lenses}
        low = ACUITY_WORDS.get(judged.low_acuity or "")
        rows.append(
            EyeRow(
                one.record, on, listing.age_text(child.birth_date, on), eyes[0], eyes[1], cycloplegia, low,
                judged.low_acuity not in (None, "none"), tuple(MARKS[m] for m, so in told.items() if so),
            )
        )  # fmt: skip
    return tuple(rows)


def _eye(words: Mapping[str, Any], eye: str, equivalent: float | None, on: date, before: Sequence[EyeRow]) -> OneEye:
    parts = (_number(words, f"{what}_{eye}") for what in ("acuity", "corrected", "sphere", "cylinder", "axis"))
    acuity, corrected, sphere, cylinder, axis = parts
    return OneEye(acuity, corrected, sphere, cylinder, axis, equivalent, _rate(eye, equivalent, on, before))


def _rate(eye: str, equivalent: float | None, on: date, before: Sequence[EyeRow]) -> float | None:
    """The change a year since the latest earlier reading that lies far enough back."""
    for row in reversed(before):
        earlier = getattr(row, eye).equivalent
        found, _ = annual_progression(
            np.array([_nan(earlier)]), np.array([_nan(equivalent)]), np.array([float((on - row.on).days)])
        )
        if np.isfinite(found[0]):
            return float(found[0])
    return None


def _pair(words: Mapping[str, Any], what: str) -> tuple[float | None, float | None]:
    return _number(words, f"{what}_right"), _number(words, f"{what}_left")


def _number(words: Mapping[str, Any], word: str) -> float | None:
    return float(words[word]) if words.get(word) is not None else None


def _nan(value: float | None) -> float:
    return np.nan if value is None else value
