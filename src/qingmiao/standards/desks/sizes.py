"""The table of sizes, and how a class with its desks is judged by it.

The ranges of stature overlap, so that most pupils may sit at either of two sizes. A class is judged from counts alone,
never from names: so many pupils in each band of stature, so many seats of each size, as many as can be seated well at
the same time. The bands are cut where a range of the table begins or ends, so that all of one band may sit at the same
sizes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from qingmiao.standards import norm_tables


@dataclass(frozen=True, slots=True)
class DeskSize:
    """One size: the statures it is for (whole centimetres, both included; None: no end), heights in millimetres."""

    number: int
    standard_stature_cm: Decimal
    from_cm: int | None
    to_cm: int | None
    desk_mm: int
    seat_mm: int
    colour_zh: str

    def suits(self, stature_cm: int) -> bool:
        """Whether a pupil of this stature may sit at it."""
        above = self.from_cm is None or stature_cm >= self.from_cm
        return above and (self.to_cm is None or stature_cm <= self.to_cm)


@cache
def sizes() -> tuple[DeskSize, ...]:
    """Every size, the largest first (``sizes.csv``)."""
    return tuple(
        DeskSize(
            int(r["number"]), Decimal(r["standard_stature_cm"]), _end(r["stature_from_cm"]), _end(r["stature_to_cm"]),
            int(r["desk_mm"]), int(r["seat_mm"]), r["colour_zh"],
        )
        for r in norm_tables.rows("desks", "sizes.csv")
    )  # fmt: skip


@cache
def stature_bands() -> tuple[int, ...]:
    """The first centimetre of each band, the tallest first; the last band has no lower end (0).

    Above the largest size's own range (over 187 cm) a pupil counts with the tallest band; the edition of 2014 has a
    larger size, whose numbers were not seen.
    """
    cuts = {s.from_cm for s in sizes() if s.from_cm is not None} | {s.to_cm + 1 for s in sizes() if s.to_cm is not None}
    return (*sorted((c for c in cuts if any(s.suits(c) for s in sizes())), reverse=True), 0)


def fitting(stature_cm: int) -> tuple[int, ...]:
    """The numbers of the sizes at which a pupil may sit, the largest first; the largest size above the table."""
    found = tuple(s.number for s in sizes() if s.suits(stature_cm))
    return found or (sizes()[0].number,)


def desk_number(stature_cm: Decimal) -> int:
    """The size whose standard stature is nearest; of two equally near ones the larger."""
    return min(sizes(), key=lambda s: (abs(s.standard_stature_cm - stature_cm), s.number)).number


def desk_fit(seats: Sequence[int], pupils: Sequence[int]) -> Decimal | None:
    """The share (%) of pupils who can all be seated at a size that suits them, at the same time.

    `seats`: of each size in the order of `sizes`; `pupils`: of each band in the order of `stature_bands`. From the
    tallest band down each takes the larger of its sizes first, which nobody shorter may take: no other seating seats
    more. Half-up to 0.1; None for a class without pupils.
    """
    left, seated = dict(zip((s.number for s in sizes()), seats, strict=True)), 0
    for first, wanted in zip(stature_bands(), pupils, strict=True):
        for number in fitting(first):
            taken = min(left[number], wanted)
            left[number] -= taken
            wanted -= taken
            seated += taken
    total = sum(pupils)
    if total == 0:
        return None
    return (Decimal(100 * seated) / total).quantize(Decimal("0.1"), ROUND_HALF_UP)


def _end(text: str) -> int | None:
    return int(text) if text else None
