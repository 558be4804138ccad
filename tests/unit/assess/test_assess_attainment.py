"""Each kind of target: on, below and above the bar, the odd data, the words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from assess_build import counts, target, verdict

from qingmiao.assess.series import Series, YearPoint
from qingmiao.assess.verdict import AreaSeries, Verdict
from qingmiao.content.policy import Policy

ABOUT = {
    "qualifiers": ["about"],
    "tolerance": {"kind": "relative", "value": 0.02, "source": {"document": "本地设定"}},
}


@pytest.mark.parametrize(
    ("kind", "bar", "value", "inclusive", "wanted"),
    [
        ("at_most", 3.2, 3.1, True, "met"),
        ("at_most", 3.2, 3.2, True, "met"),
        ("at_most", 3.2, 3.3, True, "not_met"),
        ("at_most", 3.2, 3.2, False, "not_met"),
        ("at_most", 3.2, 3.24, True, "met"),  # published 3.2
        ("at_most", 3.2, 3.25, True, "not_met"),  # half-up 3.3
        ("at_least", 95, 94.8, True, "not_met"),
        ("at_least", 95, 94.96, True, "met"),  # published 95.0
        ("at_least", 95, 95, True, "met"),
        ("at_least", 95, 95, False, "not_met"),
        ("count_at_least", 10, 9, True, "not_met"),
        ("count_at_least", 10, 10, True, "met"),
        ("at_most", 0, 0, True, "met"),
        ("at_most", 0.125, 0.1254, True, "met"),  # three decimals are written, three are compared
        ("at_most", 0.125, 0.1255, True, "not_met"),
    ],
)
def test_levels(kind: str, bar: float, value: float, inclusive: bool, wanted: str) -> None:
    assert verdict(target(kind=kind, value=bar, inclusive=inclusive), {2024: value}).verdict == wanted


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        (94.8, "书写的精度"),
        (94.96, "未四舍五入"),
        (95.0, "恰等于限值"),
        (94.4, ""),
        (95.1, ""),
        (95.5, ""),
    ],
)
def test_boundary(value: float, flag: str) -> None:
    answer = verdict(target(kind="at_least", value=95), {2024: value})
    assert answer.boundary == bool(flag)
    assert flag in answer.boundary_reason


def test_the_exact_fraction_is_rounded_not_the_float() -> None:
    # 29 / 200 × 100 is exactly 14.5, which half-up makes 15; the float 29 / 200 * 100 is 14.499999999999998
    series = Series((YearPoint(2024, 29 / 200 * 100, 29, 200),), factor=100)
    assert verdict(target(kind="at_least", value=15, decimals=0), series).published == Decimal("15")


@pytest.mark.parametrize(
    ("value", "wanted"), [(54.9, "not_met"), (55.0, "met"), (60, "met"), (65.0, "met"), (65.1, "not_met")]
)
def test_within(value: float, wanted: str) -> None:
    assert verdict(target(kind="within", low=55, high=65), {2024: value}).verdict == wanted


@pytest.mark.parametrize(
    ("value", "wanted", "boundary"),
    [(85.0, "met", True), (83.3, "met", True), (83.2, "not_met", False), (86.0, "met", False)],
)
def test_about_has_slack_and_says_so(value: float, wanted: str, boundary: bool) -> None:
    answer = verdict(target(kind="at_least", value=85, **ABOUT), {2024: value})  # 85 × (1 − 0.02) = 83.3
    assert (answer.verdict, answer.boundary) == (wanted, boundary)
    assert "允许偏差 2%" in answer.reason


def test_milestones() -> None:
    t = target(
        kind="at_least",
        value=95,
        year=2030,
        milestones=[{"year": 2023, "value": 80}, {"year": 2025, "value": 90}],
    )
    wanted = {
        2022: ("met", 2023),
        2023: ("met", 2023),
        2024: ("not_met", 2025),
        2026: ("not_met", 2030),
        2031: ("not_met", 2030),
    }
    for year, (word, bar_year) in wanted.items():
        answer = verdict(t, {year: 85}, year)
        assert (answer.verdict, answer.bar_year) == (word, bar_year)


def test_ranges_per_year() -> None:
    t = target(
        kind="within",
        milestones=[{"year": 2023, "low": 50, "high": 60}, {"year": 2025, "low": 55, "high": 60}],
    )
    assert verdict(t, {2023: 52}, 2023).verdict == "met"
    assert verdict(t, {2024: 52}, 2024).verdict == "not_met"


@pytest.mark.parametrize(
    ("town", "village", "wanted"),
    [
        (96, 86, "met"),
        (94, 86, "not_met"),
        (96, 84, "not_met"),
        (96, None, "undetermined"),
        (94, None, "not_met"),
    ],
)
def test_strata(town: float, village: float | None, wanted: str) -> None:
    strata = [
        {"by": "residence", "code": "town", "value": 95},
        {"by": "residence", "code": "village", "value": 85},
    ]
    given = {
        ("residence", "town"): Series.of({2024: town}),
        ("residence", "village"): Series.of({2024: village}),
    }
    assert verdict(target(kind="at_least", strata=strata), {}, strata=given).verdict == wanted


@pytest.mark.parametrize(
    ("cut", "base", "value", "wanted"),
    [
        ("20%", 10.0, 8.0, "met"),  # 10 × 0.8 = 8
        ("20%", 10.0, 8.1, "not_met"),
        ("1/3", 12.0, 8.0, "met"),  # 12 × 2/3 = 8
        ("0.2", 10.0, 8.0, "met"),
        ("20%", 0.0, 0.0, "undetermined"),
        ("20%", None, 8.0, "undetermined"),
    ],
)
def test_cut_from_the_measured_baseline(cut: str, base: float | None, value: float, wanted: str) -> None:
    answer = verdict(target(kind="reduce_by", cut=cut, baseline={"year": 2020}), {2020: base, 2024: value})
    assert answer.verdict == wanted
    assert answer.reason


def test_cut_from_a_given_baseline_and_without_any() -> None:
    t = target(kind="reduce_by", cut="20%", baseline={"year": 2019, "value": 12.5})
    assert verdict(t, {2024: 10.0}).verdict == "met"  # 12.5 × 0.8 = 10
    t = target(kind="increase_by", cut="50%")
    assert verdict(t, {2020: 10, 2024: 15}).verdict == "met"  # the year before the plan
    assert verdict(t, {2019: 10, 2024: 15}).reason_code == "no_baseline"


def test_a_break_of_definition_is_not_compared() -> None:
    series = Series((YearPoint(2020, 10.0), YearPoint(2024, 5.0)), breaks=(2022,))
    for t in (target(kind="reduce_by", cut="20%"), target(kind="falling"), target(kind="contained")):
        answer = verdict(t, series)
        assert answer.verdict is Verdict.UNDETERMINED
        assert "口径" in answer.reason


@pytest.mark.parametrize(
    ("value", "wanted"), [(4.9, "met"), (5.0, "not_met"), (5.1, "not_met"), (None, "undetermined")]
)
def test_falling_and_rising(value: float | None, wanted: str) -> None:
    assert verdict(target(kind="falling"), {2020: 5.0, 2024: value}).verdict == wanted
    mirrored = None if value is None else 10 - value
    assert verdict(target(kind="rising"), {2020: 5.0, 2024: mirrored}).verdict == wanted


def test_sustained_looks_at_every_year() -> None:
    t = target(kind="falling", qualifiers=["sustained"])
    assert verdict(t, {2020: 5, 2021: 4, 2022: 3, 2023: 2, 2024: 1}).verdict == "met"
    assert verdict(t, {2020: 5, 2021: 4, 2022: 4, 2023: 2, 2024: 1}).verdict == "not_met"
    assert verdict(t, {2020: 5, 2021: 4, 2023: 2, 2024: 1}).verdict == "undetermined"
    assert verdict(t, {2020: 5, 2021: 6, 2023: 2, 2024: 1}).verdict == "not_met"


def test_small_counts_are_called_a_lottery() -> None:
    t = target(kind="falling", qualifiers=["sustained"])
    few = counts(2020, [(4, 9000), (3, 9000), (3, 9000), (2, 9000), (1, 9000)], 100000)
    many = counts(2020, [(900, 9000), (700, 9000), (500, 9000), (400, 9000), (300, 9000)], 1000)
    assert "抽签" in verdict(t, few, small=True).reason
    assert "抽签" not in verdict(t, many, small=True).reason
    assert "抽签" not in verdict(t, few, small=False).reason


@pytest.mark.parametrize(
    ("allowed", "value", "wanted"),
    [(0.0, 8.0, "met"), (0.0, 8.1, "not_met"), (0.5, 10.0, "met"), (0.5, 10.1, "not_met")],
)
def test_contained(allowed: float, value: float, wanted: str) -> None:
    policy = Policy(contained_rise=allowed)  # 8.0 + 4 years × 0.5 = 10.0
    assert verdict(target(kind="contained"), {2020: 8.0, 2024: value}, policy=policy).verdict == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ((91, 92, 93), "met"),
        ((91, 90, 93), "met"),
        ((91, 89, 93), "not_met"),
        ((91, 92, None), "undetermined"),
        ((91, 89, None), "not_met"),
        ((None, None, None), "undetermined"),
    ],
)
def test_every_area(given: tuple[float | None, ...], wanted: str) -> None:
    t = target(kind="every_area", level="township", bound="at_least", value=90)
    areas = tuple(AreaSeries(str(i), f"{i}镇", Series.of({2024: v})) for i, v in enumerate(given))
    answer = verdict(t, {}, areas=areas)
    assert answer.verdict == wanted
    assert len(answer.missing) == sum(v is None for v in given)
    assert len(answer.failing) == sum(v is not None and v < 90 for v in given)


def test_every_area_without_areas_is_never_met() -> None:
    t = target(kind="every_area", level="township", bound="at_least", value=90)
    assert verdict(t, {2024: 99}).reason_code == "no_areas"


@pytest.mark.parametrize(
    ("relation", "margin", "value", "wanted"),
    [
        ("at_least", 0, 80.0, "met"),
        ("above", 0, 80.0, "not_met"),
        ("above", 0, 80.1, "met"),
        ("above", 1, 81.0, "not_met"),
        ("above", 1, 81.1, "met"),
        ("at_most", 0, 80.0, "met"),
        ("below", 0, 80.0, "not_met"),
        ("below", 1, 78.9, "met"),
    ],
)
def test_relative_to(relation: str, margin: float, value: float, wanted: str) -> None:
    t = target(kind="relative_to", relative_to={"area": "990000", "relation": relation, "margin": margin})
    assert verdict(t, {2024: value}, reference=Series.of({2024: 80.0})).verdict == wanted


def test_relative_to_without_that_years_reference() -> None:
    t = target(kind="relative_to", relative_to={"area": "990000", "relation": "above"})
    answer = verdict(t, {2024: 80}, reference=Series.of({2022: 70.0}), reference_name="甲省")
    assert answer.verdict is Verdict.UNDETERMINED
    assert "2022" in answer.reason


def test_assigned() -> None:
    t = target(
        kind="assigned",
        assigned=[{"year": 2024, "value": 90.5, "bound": "at_least", "document": "某函〔2024〕1号"}],
    )
    assert verdict(t, {2024: 90.5}).verdict == "met"
    assert verdict(t, {2024: 90.4}).verdict == "not_met"
    assert verdict(t, {2024: None}).verdict == "undetermined"
    assert verdict(t, {2023: 90.5}, 2023).verdict is Verdict.PENDING
    assert "某函" in verdict(t, {2024: 90.5}).reason


def test_left_to_a_higher_level() -> None:
    answer = verdict(target(kind="at_least", value=1), {2024: 2}, left_to="由市级统一实施")
    assert answer.verdict is Verdict.BY_SUPERIOR
    assert not answer.verdict.is_decided


def test_qualitative_is_for_people() -> None:
    assert verdict(target(kind="qualitative"), {2024: 1}).verdict is Verdict.UNDETERMINED


def test_what_failed_in_one_year_was_not_kept_and_the_year_is_judged_as_it_is() -> None:
    t = target(kind="at_least", value=90, qualifiers=["keep"])
    answer = verdict(t, {2020: 80, 2021: 91, 2022: 89, 2023: 92, 2024: 93})
    assert answer.verdict is Verdict.MET
    assert answer.years_below == (2022,)
    assert "2024 年为 93.0，达到 ≥ 90" in answer.reason  # the year itself is told as it is
    assert "规划期内 2022 年未达到，没有一直保持" in answer.reason
    every_year = verdict(t, {2021: 91, 2022: 90, 2023: 92, 2024: 93})
    assert every_year.verdict is Verdict.MET
    unknown = verdict(t, {2021: 91, 2023: 92, 2024: 93})
    assert unknown.verdict is Verdict.MET
    assert "2022 年没有确定的数据，是否一直「保持」无法核实" in unknown.reason
    without_word = verdict(target(kind="at_least", value=90), {2021: 91, 2022: 89, 2024: 93})
    assert without_word.verdict is Verdict.MET


@pytest.mark.parametrize(("before", "flag"), [(96, True), (95, True), (94, False), (None, False)])
def test_met_before_the_plan(before: float | None, flag: bool) -> None:
    answer = verdict(target(kind="at_least", value=95), {2020: before, 2024: 96})
    assert answer.met_before == flag
    assert ("规划前已达标" in answer.reason) == flag


@pytest.mark.parametrize(("status", "text"), [("O", "分母为 0"), ("L", "未公布"), ("M", "没有数据"), ("?", "没有数据")])
def test_every_missing_value_has_a_reason(status: str, text: str) -> None:
    series = Series((YearPoint(2024, None, status=status),))
    kinds: list[dict[str, Any]] = [
        {"kind": "at_most", "value": 3},
        {"kind": "falling"},
        {"kind": "contained"},
        {"kind": "within", "low": 1},
    ]
    for given in kinds:
        answer = verdict(target(**given), series)
        assert answer.verdict is Verdict.UNDETERMINED
        assert text in answer.reason


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e300])
def test_impossible_numbers_count_as_missing(value: float) -> None:
    assert verdict(target(kind="at_most", value=3), {2024: value}).verdict is Verdict.UNDETERMINED


def test_small_denominators_are_mentioned() -> None:
    series = Series((YearPoint(2024, 50.0, 5, 10),), factor=100)
    assert "分母只有 10" in verdict(target(kind="at_least", value=40), series).reason


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ((1, 1, 1, 0), "met"),  # 3 ÷ 4 = 75 %
        ((1, 1, 0, 0), "not_met"),
        ((1, 1, 1, None), "met"),  # whatever the missing one is
        ((1, 1, 0, None), "undetermined"),  # the missing one decides: 50 % or 75 %
        ((1, 0, 0, None), "not_met"),  # at most 2 ÷ 4
    ],
)
def test_a_share_of_the_areas_is_enough(values: tuple[float | None, ...], wanted: str) -> None:
    t = target(kind="every_area", level="township", bound="at_least", value=1, of_areas="75%")
    areas = tuple(AreaSeries(str(i), f"{i}镇", Series.of({2024: v})) for i, v in enumerate(values))
    assert verdict(t, {}, areas=areas).verdict == wanted


def test_no_worse_than_the_baseline() -> None:
    t = target(kind="increase_by", points=0, baseline={"year": 2020})
    assert verdict(t, {2020: 50.0, 2024: 50.0}).verdict == "met"
    assert verdict(t, {2020: 50.0, 2024: 49.9}).verdict == "not_met"
    assert "不低于 2020 年" in verdict(t, {2020: 50.0, 2024: 50.0}).bar_text


def test_many_areas_are_named_in_part() -> None:
    t = target(kind="every_area", level="village", bound="at_least", value=1)
    areas = tuple(AreaSeries(str(i), f"{i}村", Series()) for i in range(183))
    answer = verdict(t, {}, areas=areas)
    assert "19村等 183 个" in answer.reason
    assert "20村" not in answer.reason
    assert len(answer.missing) == 183


def test_keep_in_every_area_names_the_years_in_which_one_failed() -> None:
    t = target(kind="every_area", level="township", bound="at_least", value=90, qualifiers=["keep"])
    areas = (
        AreaSeries("1", "甲镇", Series.of({2020: 91, 2022: 89, 2023: 92, 2024: 95})),
        AreaSeries("2", "乙镇", Series.of({2020: 93, 2022: 95, 2023: 88, 2024: 95})),
    )
    answer = verdict(t, {}, areas=areas)
    assert answer.verdict == "met"
    assert answer.years_below == (2022, 2023)
    assert answer.years_unknown == (2021,)
    assert "2022、2023 年有地区未达到" in answer.reason
    assert "2021 年有地区没有确定的数据，是否一直「保持」无法核实" in answer.reason
    assert "规划前已达标" in answer.reason
