"""Free places as everybody may see them."""

from __future__ import annotations

import pytest

from qingmiao.registers.public_rows import places_shown
from qingmiao.registers.yearly import Occupancy


@pytest.mark.parametrize(
    ("places", "used", "shown"),
    [
        (40, 12, (40, 25)),  # 28 free, rounded down to 5
        (40, 37, (40, "few")),
        (40, 40, (40, "none")),
        (40, 43, (40, "none")),
        (40, 0, (40, 40)),  # nought is no small count
        (40, 3, (40, "some")),
        (12, 7, (12, "some")),
        (12, 8, (12, "few")),
        (5, 3, (None, "some")),
        (5, 5, (None, "none")),
        (0, 0, (None, None)),
    ],
)
def test_what_is_shown_of_places(places: int, used: int, shown: tuple[object, object]) -> None:
    assert places_shown(Occupancy(places, used)) == shown


def test_an_entry_that_says_nothing_shows_nothing() -> None:
    assert places_shown(None) == (None, None)


def test_no_small_count_follows_from_what_is_shown() -> None:
    """Of every way to fill a site, what is shown leaves all of 1 to 7 open, or none of them."""
    small = set(range(1, 8))
    for places in range(1, 60):
        by_shown: dict[object, set[int]] = {}
        for used in range(places + 3):
            by_shown.setdefault(places_shown(Occupancy(places, used)), set()).add(used)
        for used in by_shown.values():
            possible = small & set(range(places + 3))
            full = possible - set(range(places, places + 3))
            assert not used & small or places < 8 or used & small in (possible, full)
