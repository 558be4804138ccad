"""临界 is marked where a fair reading decides otherwise, on both sides of it, and nowhere else; 「接近」; yearly points."""

from __future__ import annotations

from fractions import Fraction

import pytest
from assess_build import target, verdict

from qingmiao.assess.limits import ValueRange, judge
from qingmiao.assess.series import Series
from qingmiao.assess.verdict import AreaSeries

COMPUTED = """
published | limit  | met | close | because
20.86     | 20.865 | yes | no    | 20.86 is below 20.865 and below 20.87
20.87     | 20.865 | no  | yes   | the limit as it would be published is 20.87
20.88     | 20.865 | no  | no    | above both
20.86     | 20.864 | yes | yes   | the limit as it would be published is 20.86: equal
20.87     | 20.864 | no  | no    | above 20.86
20.87     | 20.874 | yes | yes   | equal to the limit as published
20.86     | 20.874 | yes | no    | below 20.87
"""


def _rows(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]


@pytest.mark.parametrize(("published", "limit", "met", "close", "because"), _rows(COMPUTED))
def test_a_computed_limit_is_close_at_the_published_precision(
    published: str, limit: str, met: str, close: str, because: str
) -> None:
    made = judge(ValueRange(high=Fraction(limit)), Fraction(published), decimals=2)
    assert (made.met, bool(made.boundary)) == (met == "yes", close == "yes"), because


def test_a_fall_of_a_share_is_close_at_its_level() -> None:
    t = target(kind="reduce_by", cut="35%", baseline={"year": 2020, "value": 32.1})  # 32.1 × 0.65 = 20.865
    close = [verdict(t, {2024: v}, decimals=2) for v in (20.86, 20.87, 21.05)]
    assert [a.label for a in close] == ["已达标", "未达标", "未达标"]
    assert close[1].boundary
    assert "限值按发布的 2 位小数取整会得出相反结论" in close[1].boundary_reason
    assert not close[2].boundary


def _every(*given: float | None, **more: object) -> tuple[str, bool]:
    t = target(kind="every_area", level="township", bound="at_least", value=90, **more)
    areas = tuple(AreaSeries(str(i), f"{i}镇", Series.of({2024: v})) for i, v in enumerate(given))
    answer = verdict(t, {}, areas=areas)
    return answer.label, answer.boundary


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ((95, 95, 95), ("已达标", False)),
        ((90, 95, 95), ("已达标", True)),
        ((89.96, 95, 95), ("已达标", True)),  # published 90.0
        ((89.6, 95, 95), ("未达标", True)),  # as the plan writes its number it is 90
        ((89.6, 89.7, 95), ("未达标", True)),
        ((89.6, 80, 95), ("未达标", False)),  # 80 decides however the other is read
        ((90, 80, 95), ("未达标", False)),
        ((90, None, 95), ("无法判定", False)),
    ],
)
def test_the_whole_is_close_only_if_its_close_parts_can_turn_it(
    given: tuple[float | None, ...], answer: tuple[str, bool]
) -> None:
    assert _every(*given) == answer


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        ((90, 95, 80), ("已达标", True)),  # without the first only one of three
        ((95, 95, 89.6), ("已达标", False)),
        ((95, 89.6, 80), ("未达标", True)),
        ((89.6, 80, 80), ("未达标", False)),
    ],
)
def test_a_share_of_areas_is_close_only_if_it_can_turn(given: tuple[float, ...], answer: tuple[str, bool]) -> None:
    assert _every(*given, of_areas="60%") == answer


def test_a_run_that_is_clearly_broken_is_not_close() -> None:
    t = target(kind="falling", qualifiers=["sustained"])
    clear = verdict(t, {2020: 9.0, 2021: 8.0, 2022: 8.0, 2023: 9.5, 2024: 7.0})
    assert (clear.label, clear.boundary) == ("未达标", False)
    close = verdict(t, {2020: 9.0, 2021: 8.0, 2022: 8.0, 2023: 7.5, 2024: 7.0})
    assert (close.label, close.boundary) == ("未达标", True)


@pytest.mark.parametrize(
    ("value", "label"), [(90.0, "已达标"), (95.0, "已达标"), (89.9, "无法判定"), (40.0, "无法判定")]
)
def test_near_a_number_without_a_tolerance_is_for_people(value: float, label: str) -> None:
    answer = verdict(target(kind="at_least", value=90, qualifiers=["near"]), {2024: value})
    assert answer.label == label
    assert ("没有写允许偏差" in answer.reason) == (label == "无法判定")
    assert not (answer.boundary and label == "无法判定")


@pytest.mark.parametrize(("value", "label"), [(87.9, "未达标"), (88.0, "已达标"), (90.0, "已达标")])
def test_near_with_the_plans_tolerance_is_judged(value: float, label: str) -> None:
    t = target(
        kind="at_least", value=90, qualifiers=["near"],
        tolerance={"kind": "absolute", "value": 2, "source": {"document": "规划"}},
    )  # fmt: skip
    answer = verdict(t, {2024: value}, unit="%")
    assert answer.label == label
    assert "规划写「接近」，允许偏差 2%（规划）" in answer.reason
    assert "（接近，±2%）" in answer.bar_text


def test_near_the_province_is_judged_with_a_tolerance_only() -> None:
    near = {
        "kind": "relative_to",
        "relative_to": {"area": "p", "relation": "at_least"},
        "qualifiers": ["near"],
    }
    province = Series.of({2024: 90.0})
    assert verdict(target(**near), {2024: 89.0}, reference=province).label == "无法判定"
    wide = {"kind": "absolute", "value": 1, "source": {"document": "规划"}}
    assert verdict(target(**near, tolerance=wide), {2024: 89.0}, reference=province).label == "已达标"
    assert verdict(target(**near, tolerance=wide), {2024: 88.9}, reference=province).label == "未达标"


POINTS = {"value": 90, "year": 2025, "milestones": [{"year": 2023, "value": 80}, {"year": 2024, "value": 85}]}
RANGES = {"low": 60, "high": 65, "year": 2025,
    "milestones": [{"year": 2023, "low": 50, "high": 55}, {"year": 2024, "low": 55, "high": 60}]}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "bars", "year", "value", "label", "bar"),
    [
        ("at_least", POINTS, 2022, 80, "已达标", "≥ 80"),  # the next one due
        ("at_least", POINTS, 2023, 79, "未达标", "≥ 80"),
        ("at_least", POINTS, 2024, 84, "未达标", "≥ 85"),
        ("at_least", POINTS, 2025, 90, "已达标", "≥ 90"),
        ("within", RANGES, 2023, 55, "已达标", "50—55"),
        ("within", RANGES, 2023, 56, "未达标", "50—55"),
        ("within", RANGES, 2024, 55, "已达标", "55—60"),
        ("within", RANGES, 2025, 66, "未达标", "60—65"),
        ("within", RANGES, 2026, 65, "已达标", "60—65"),  # after the last one
    ],
)
def test_yearly_points_and_ranges(
    kind: str, bars: dict[str, object], year: int, value: float, label: str, bar: str
) -> None:
    answer = verdict(target(kind=kind, **bars), {year: value}, year)
    assert (answer.label, answer.bar_text) == (label, bar)


def test_before_the_last_bar_is_due_both_bars_are_told() -> None:
    on_the_way = verdict(target(kind="at_least", **POINTS), {2023: 82}, 2023, unit="%")
    assert "达到 ≥ 80%" in on_the_way.reason
    assert "2025 年的最后目标为 ≥ 90%" in on_the_way.reason
    at_the_end = verdict(target(kind="at_least", **POINTS), {2025: 91}, 2025, unit="%")
    assert "最后目标" not in at_the_end.reason
