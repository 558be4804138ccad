"""Published bounds (>99, <1.68, ≥95) from the series to the verdict: judged where the bound decides, else open."""

from __future__ import annotations

import pytest

from qingmiao.assess.attainment import attain
from qingmiao.assess.series import Series, YearPoint
from qingmiao.assess.verdict import Grounds
from qingmiao.content.plan import Target
from qingmiao.kernel.bounds import Bound

ROWS = """
kind     | bar   | published | verdict      | because
at_least | 95    | >99       | 已达标       | every value above 99 is at least 95
at_least | 95    | >=95      | 已达标       | 95 itself is reached
at_least | 95    | >90       | 无法判定     | 93 would miss it, 97 would reach it
at_least | 95    | <90       | 未达标       | no value below 90 is 95
at_least | 95    | <95       | 未达标       | 95 itself is not possible
at_least | 95    | <=95      | 无法判定     | 95 would reach it
at_least | 95    | >=94.9    | 无法判定     | 94.9 is below 95
at_most  | 2     | <1.68     | 已达标       | every value below 1.68 is at most 2
at_most  | 2     | <=2       | 已达标       | 2 itself is reached
at_most  | 2     | <2.5      | 无法判定     | 2.3 would miss it
at_most  | 2     | >2        | 未达标       | no value above 2 is at most 2
at_most  | 2     | >=2       | 无法判定     | 2 would reach it
within   | 50-60 | >60       | 未达标       | above the range
within   | 50-60 | >=60      | 无法判定     | 60 lies in it
within   | 50-60 | <50       | 未达标       | below the range
within   | 50-60 | >50       | 无法判定     | 70 would not
within   | 95-100| >96       | 已达标       | no share is above 100
"""


def _cases() -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in ROWS.strip().splitlines()[1:]]


@pytest.mark.parametrize(("kind", "bar", "published", "verdict", "because"), _cases())
def test_a_bound_decides_or_leaves_it_open(kind: str, bar: str, published: str, verdict: str, because: str) -> None:
    numbers = dict(zip(("low", "high"), map(float, bar.split("-")),
        strict=False)) if "-" in bar else {"value": float(bar)}  # fmt: skip
    target = Target.model_validate({"id": "t", "label": {"zh": "目标"}, "kind": kind, **numbers})
    series = Series((YearPoint(2024, None, bound=Bound.parse(published)),))
    answer = attain(Grounds(target=target, year=2024, plan_start=2021, plan_end=2030, series=series, unit="%",
        possible=(0.0, 100.0)))  # fmt: skip
    assert answer.label == verdict, because
    assert f"公布为 {published}%" in answer.reason
    assert answer.shown == published
    assert answer.published is None
