"""Sizes of desks: the table, and that no other seating seats more pupils well."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise, product

import pytest

from qingmiao.content.desk_norms import BANDS
from qingmiao.standards.desks import desk_fit, desk_number, fitting, sizes, stature_bands


def test_the_bands_that_forms_ask_are_those_of_the_table() -> None:
    assert stature_bands() == tuple(map(int, BANDS))
    for low, above in zip(stature_bands()[1:], stature_bands(), strict=False):
        assert {fitting(cm) for cm in range(low, above)} == {fitting(low)}, "all of a band sit at the same sizes"


@pytest.mark.parametrize(
    ("stature", "nearest", "may"),
    [(187, 1, (1,)), (188, 1, (1,)), (180, 1, (1,)), (179, 1, (1, 2)), (173, 2, (1, 2)), (172, 2, (2, 3)),
     (135, 7, (6, 7)), (134, 7, (7, 8)), (128, 8, (7, 8)), (120, 9, (8, 9)), (119, 9, (9, 10)), (112, 10, (10,))],
)  # fmt: skip
def test_a_pupil_sits_at_the_nearest_size_or_where_the_ranges_overlap(
    stature: int, nearest: int, may: tuple[int, ...]
) -> None:
    assert desk_number(Decimal(stature)) == nearest
    assert fitting(stature) == may


def test_desks_grow_with_the_stature() -> None:
    rows = sizes()
    assert [s.number for s in rows] == list(range(1, 11))
    assert all(a.desk_mm - b.desk_mm == 30 for a, b in pairwise(rows))
    assert all(a.standard_stature_cm - b.standard_stature_cm == Decimal("7.5") for a, b in pairwise(rows))


def best(seats: tuple[int, ...], pupils: tuple[int, ...]) -> int:
    """The most that any way of dividing each band over its sizes seats (small classes only)."""
    bands = [fitting(low) for low in stature_bands()]
    chosen = [n for n, count in enumerate(pupils) if count]
    most = 0
    for split in product(*(range(pupils[n] + 1) for n in chosen)):
        wanted = [0] * 11
        for n, to_first in zip(chosen, split, strict=True):
            wanted[bands[n][0]] += to_first
            if len(bands[n]) > 1:
                wanted[bands[n][1]] += pupils[n] - to_first
        most = max(most, sum(min(w, s) for w, s in zip(wanted[1:], seats, strict=True)))
    return most


def test_no_other_seating_seats_more() -> None:
    tried = 0
    for five, four, three, a, b, c in product((0, 2), (0, 1, 3), (0, 2), (0, 1, 3), (0, 2, 3), (0, 1)):
        seats = (0, 0, three, four, five, 0, 0, 0, 0, 0)
        pupils = (0, 0, 0, a, b, c, 0, 0, 0, 0, 0)
        if a + b + c == 0:
            assert desk_fit(seats, pupils) is None
            continue
        found = desk_fit(seats, pupils)
        assert found is not None
        assert abs(found - Decimal(100 * best(seats, pupils)) / (a + b + c)) <= Decimal("0.05")
        tried += 1
    assert tried > 150
