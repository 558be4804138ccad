"""The rate of targets met: told by the policy, rounded half up."""

from __future__ import annotations

import pytest

from qingmiao.assess.run import AttainmentRate
from qingmiao.content.policy import Policy


@pytest.mark.parametrize(
    ("met", "monitored", "total", "told"),
    [
        (1, 16, 16, "6.3"),
        (3, 16, 16, "18.8"),
        (16, 16, 16, "100.0"),
        (0, 16, 16, "0.0"),
        (0, 0, 16, ""),
        (1, 2, 16, ""),
    ],
)
def test_the_share_is_told_half_up_and_only_where_enough_was_judged(
    met: int, monitored: int, total: int, told: str
) -> None:
    assert AttainmentRate(met, monitored, total, ()).told(Policy()) == told
