"""When two cases are about one event: all fields known and equal, days at most so many apart."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from qingmiao.casework.same import same_event
from qingmiao.content.programme_parts import SameRule

RULE = SameRule(fields=("injured_on", "place", "cause"), days=1)
ONE: dict[str, Any] = {"injured_on": date(2026, 5, 2), "place": "school", "cause": "fall"}


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({}, True),
        ({"injured_on": date(2026, 5, 3)}, True),
        ({"injured_on": date(2026, 5, 1)}, True),
        ({"injured_on": date(2026, 5, 4)}, False),
        ({"injured_on": datetime(2026, 5, 3, 23, 59)}, True),
        ({"place": "home"}, False),
        ({"cause": "burn"}, False),
        ({"cause": None}, False),
    ],
)
def test_two_cards_are_of_one_event(other: dict[str, Any], same: bool) -> None:
    assert same_event(RULE, ONE, ONE | other) is same
    assert same_event(RULE, ONE | other, ONE) is same


def test_what_is_not_known_is_never_the_same() -> None:
    assert not same_event(RULE, {}, {})
    assert not same_event(RULE, {k: v for k, v in ONE.items() if k != "place"}, ONE)
