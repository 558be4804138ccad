"""Volatility, funnel limits, data quality: on, below and above each threshold."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from assess_build import counts
from scipy import stats

from qingmiao.assess import quality
from qingmiao.assess.areas import AreaCount, funnel
from qingmiao.assess.chance import break_probability
from qingmiao.assess.limits import percent
from qingmiao.assess.quality import DueReturn
from qingmiao.assess.series import Series, YearPoint
from qingmiao.assess.typical import typical, z_scores
from qingmiao.assess.volatility import dispersion_p, laney, volatility
from qingmiao.assess.warnings import late_returns
from qingmiao.content.policy import Policy, WarningKind

POLICY = Policy()


def test_small_counts_swing_by_chance() -> None:
    made = volatility(
        counts(2019, [(6, 1700), (3, 1650), (5, 1600), (2, 1550), (4, 1500), (5, 1450)]),
        noise="poisson",
        policy=POLICY,
    )
    assert made.kind == "small_sample"
    assert made.p_value is not None
    assert made.p_value >= 0.05


def test_the_same_swings_in_large_counts_are_real() -> None:
    made = volatility(
        counts(2019, [(600, 170000), (300, 165000), (500, 160000), (200, 155000), (400, 150000), (500, 145000)]),
        noise="poisson",
        policy=POLICY,
    )
    assert made.kind == "volatile"


def test_a_steady_trend_is_calm_however_significant() -> None:
    rows = [(9000 - 300 * i, 10000) for i in range(8)]
    assert volatility(counts(2017, rows, 100), noise="binomial", policy=POLICY).kind == "calm"


def test_without_counts_nothing_is_blamed_on_chance_or_reality() -> None:
    swing = {2019 + i: v for i, v in enumerate((10, 30, 8, 35, 9, 31))}
    assert volatility(Series.of(dict(swing)), noise="poisson", policy=POLICY).kind == "unknown"
    assert volatility(Series.of(dict(swing)), noise="none", policy=POLICY).kind == "volatile"


def test_too_few_points() -> None:
    assert volatility(Series.of({2022: 1, 2023: 9, 2024: 1}), noise="none", policy=POLICY).kind == "unknown"


def test_laney_sigma_z_by_hand() -> None:
    events, sizes = np.array([10.0, 20.0, 10.0, 20.0]), np.full(4, 1000.0)
    each = np.sqrt(0.015 / 1000)
    z = (events / 1000 - 0.015) / each
    sigma_z, outside = laney(events, sizes, noise="poisson")
    assert sigma_z == pytest.approx(np.mean(np.abs(np.diff(z))) / 1.128)
    assert outside == ()


def test_dispersion_follows_chi_square() -> None:
    events, sizes, years = np.array([5.0, 9.0, 5.0]), np.full(3, 1000.0), np.arange(3.0)
    mean = 19 / 3  # the fitted line is level
    chi2 = ((5 - mean) ** 2 * 2 + (9 - mean) ** 2) / mean
    assert dispersion_p(years, events, sizes, noise="poisson") == pytest.approx(stats.chi2.sf(chi2, 1))
    assert dispersion_p(years, np.zeros(3), sizes, noise="poisson") == 1.0


def test_chance_of_a_broken_run_against_simulation() -> None:
    chance, yearly = break_probability([12, 9, 7, 4], [1000, 1000, 1000, 1000])
    rng = np.random.default_rng(7)
    slope = np.log1p(yearly)
    x = np.arange(4) - 1.5
    mean = np.exp(slope * x)
    mean *= 32 / mean.sum()
    drawn = rng.poisson(mean, size=(200_000, 4))
    assert chance == pytest.approx(1 - np.mean((np.diff(drawn, axis=1) < 0).all(axis=1)), abs=0.005)


def test_funnel_limits_are_exact() -> None:
    areas = [AreaCount(str(i), str(i), e, 1000) for i, e in enumerate((20, 20, 20, 20, 20, 60, 0))]
    made = funnel(areas, noise="binomial", better="lower", level=0.998)
    points = made.points
    assert made.rate == 100 / 5000  # the usual rate: the two that stand apart are left out
    assert made.total == 160 / 7000
    assert made.apart == ("5", "6")
    assert made.dispersion == 1.0
    assert [p.breach for p in points] == [""] * 5 + ["high", "low"]
    assert [p.worse for p in points] == [False] * 5 + [True, False]
    law = stats.binom(1000, 0.02)
    assert points[0].high * 1000 == law.ppf(0.999)


def test_funnel_leaves_empty_areas_out() -> None:
    made = funnel([AreaCount("1", "1", 0, 0), AreaCount("2", "2", 1, 10)], noise="poisson", better="lower", level=0.9)
    assert len(made.points) == 1
    assert funnel([], noise="poisson", better="lower", level=0.9).points == ()


def test_balance() -> None:
    series = Series((YearPoint(2022, 90, 90, 100), YearPoint(2023, 110, 110, 100), YearPoint(2024, -1, -1, 100)))
    assert [(f.code, f.year) for f in quality.balance(series, is_share=True)] == [
        ("balance", 2023),
        ("negative", 2024),
    ]
    assert [f.code for f in quality.balance(series, is_share=False)] == ["negative"]


def test_modified_z_by_hand() -> None:
    assert quality.modified_z([1, 2, 3, 4, 100])[-1] == pytest.approx(0.6745 * 97 / 1)
    assert quality.modified_z([5, 5, 5, 5, 9])[-1] == pytest.approx(4 / (1.253314 * 4 / 5))
    assert list(quality.modified_z([5, 5, 5])) == [0, 0, 0]


def test_outlying_years_follow_the_trend() -> None:
    trend = {2016 + i: 50.0 + 2 * i + (0.3 if i % 2 else 0.0) for i in range(9)}
    assert quality.outlying_years(Series.of(dict(trend)), limit=3.5) == []
    assert [f.year for f in quality.outlying_years(Series.of({**trend, 2020: 90.0}), limit=3.5)] == [2020]


def test_outlying_areas() -> None:
    same = {str(i): 90.0 + i for i in range(6)}
    assert quality.outlying_areas(same, year=2024, limit=3.5) == []
    assert [f.area for f in quality.outlying_areas({**same, "x": 20.0}, year=2024, limit=3.5)] == ["x"]
    assert quality.outlying_areas({"1": 1.0, "2": 99.0}, year=2024, limit=3.5) == []


@pytest.mark.parametrize(("values", "found"), [((7, 7, 8), 0), ((7, 7, 7), 1), ((0, 0, 0), 0), ((100, 100, 100), 0)])
def test_repeated(values: tuple[float, ...], found: int) -> None:
    series = Series.of({2022 + i: v for i, v in enumerate(values)})
    assert len(quality.repeated(series, run=3, ends=(0, 100))) == found


def test_implausible_zeros() -> None:
    many = counts(2021, [(40, 1000), (38, 1000), (41, 1000), (0, 1000)])
    few = counts(2021, [(1, 1000), (2, 1000), (1, 1000), (0, 1000)])
    assert [f.year for f in quality.implausible_zeros(many, tail=0.025, small=20)] == [2024]
    assert quality.implausible_zeros(few, tail=0.025, small=20) == []  # e^−1.33 = 0.26


@pytest.mark.parametrize(("second", "found"), [(1000, 0), (900, 0), (899, 1), (0, 0)])
def test_disagreeing_denominators(second: float, found: int) -> None:
    made = quality.disagreeing_denominators("活产数", {"甲": 1000, "乙": second}, year=2024, gap=0.10)
    assert len(made) == found


def test_disagreeing_denominators_are_named_as_people_name_them() -> None:
    sizes = {"health.a": 1000.0, "health.b": 850.0}
    names = {"health.a": "产检率", "health.b": "访视率"}
    made = quality.disagreeing_denominators("活产数", sizes, year=2024, gap=0.10, name_of=names.__getitem__)
    assert made[0].data == "“访视率”用 850，“产检率”用 1000，相差 15%"  # (1000 − 850) / 1000
    assert made[0].indicator == "health.a"


@pytest.mark.parametrize(
    ("received", "kind"),
    [
        (date(2025, 1, 10), None),
        (date(2025, 1, 11), WarningKind.RETURN_LATE),
        (None, WarningKind.RETURN_MISSING),
    ],
)
def test_returns(received: date | None, kind: WarningKind | None) -> None:
    status = DueReturn("R1", "990101", 2024, date(2025, 1, 10), received, date(2025, 2, 1))
    assert [w.kind for w in late_returns([status], POLICY, {"R1": "health"}, {})] == ([kind] if kind else [])


def test_a_return_that_is_not_yet_due_is_no_warning() -> None:
    status = DueReturn("R1", "990101", 2024, date(2025, 1, 10), None, date(2025, 1, 10))
    assert late_returns([status], POLICY, {}, {}) == []
    late = DueReturn("R1", "990101", 2024, date(2025, 1, 10), date(2025, 1, 15), date(2025, 2, 1))
    assert late_returns([late], Policy(late_days=5), {}, {}) == []


def test_a_tiny_jump_is_calm_though_the_chart_sees_it() -> None:
    rows = [(96000 + d, 100000) for d in (0, 20, -10, 10, 0, 900, 10)]  # 0.9 points of 96
    made = volatility(counts(2018, rows, 100), noise="binomial", policy=POLICY)
    assert made.kind == "calm"


def test_a_one_way_change_is_no_swing_and_an_old_jump_is_old() -> None:
    taken_up = {2018 + i: v for i, v in enumerate((3.0, 8.0, 54.0, 62.0, 75.0, 80.0, 87.0))}
    assert volatility(Series.of(dict(taken_up)), noise="none", policy=POLICY).kind == "calm"
    rows = [(7000, 10000), *[(9400 + d, 10000) for d in (0, 10, 5, 15, 8, 12, 10)]]
    assert volatility(counts(2017, rows, 100), noise="binomial", policy=POLICY).kind == "calm"


def test_areas_that_all_differ_widen_the_funnel_and_one_odd_area_does_not_hide_itself() -> None:
    def areas(events: list[int]) -> list[AreaCount]:
        return [AreaCount(str(i), str(i), e, 10_000) for i, e in enumerate(events)]

    spread = [
        700,
        760,
        800,
        850,
        900,
        950,
        1000,
        1050,
        1100,
        1150,
    ]  # z from −7.5 to +7.5 at the common 9.26 %
    made = funnel(areas(spread), noise="binomial", better="lower", level=0.998)
    assert made.dispersion > 10
    assert made.apart == ()
    assert [p.breach for p in made.points] == [""] * 10
    odd = [900, 905, 895, 910, 890, 900, 908, 892, 900, 1500]
    made = funnel(areas(odd), noise="binomial", better="lower", level=0.998)
    assert [p.area.code for p in made.points if p.worse] == ["9"]


def test_dispersion_is_the_mean_square_of_those_that_belong_together() -> None:
    events = np.array([780.0, 840.0, 900.0, 960.0, 1020.0, 3000.0])  # z: −4, −2, 0, 2, 4 about, and one far out
    made = typical(events, np.full(6, 10_000.0), noise="binomial", limit=4.0)
    assert list(made.inside) == [True] * 5 + [False]
    assert made.rate == (780 + 840 + 900 + 960 + 1020) / 50_000
    z = z_scores(events[:5], np.full(5, 10_000.0), made.rate, noise="binomial")
    assert made.dispersion == pytest.approx(max(1.0, ((z**2).sum() + 3) / (4 + 3)))
    assert funnel(
        [AreaCount(str(i), str(i), e, 10_000) for i, e in enumerate((800, 900, 1000, 900))],
        noise="binomial", better="lower", level=0.998,
    ).dispersion == 1.0  # four areas say nothing  # fmt: skip


def test_z_scores_are_those_of_the_exact_law() -> None:
    law = stats.binom(60, 0.9)
    middle = law.cdf(49) + 0.5 * law.pmf(50)
    z = z_scores(np.array([50.0]), np.array([60.0]), 0.9, noise="binomial")
    assert z[0] == pytest.approx(stats.norm.ppf(middle))
    law = stats.poisson(4.0)
    above = law.sf(12) + 0.5 * law.pmf(12)
    z = z_scores(np.array([12.0]), np.array([1000.0]), 0.004, noise="poisson")
    assert z[0] == pytest.approx(stats.norm.isf(above))


def test_healthy_areas_seldom_breach() -> None:
    rng = np.random.default_rng(11)
    alarms = 0
    for _ in range(200):
        sizes = rng.integers(300, 3000, 10)
        shares = np.clip(rng.normal(0.95, 0.01, 10), 0, 1)  # real differences of one point between healthy places
        events = rng.binomial(sizes, shares)
        made = funnel(
            [AreaCount(str(i), str(i), int(e), int(n)) for i, (e, n) in enumerate(zip(events, sizes, strict=True))],
            noise="binomial",
            better="higher",
            level=0.998,
        )  # fmt: skip
        alarms += sum(p.worse for p in made.points)
    assert alarms <= 200 * 10 * 0.01  # without over-dispersion: about 4 %


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ((10, 16, 20, 22, 22, 20, 16, 10), "calm"),  # a bend
        ((1, 2, 4, 8, 16, 32, 64), "calm"),  # growth that doubles
        ((100, 60, 40, 30, 25, 23, 22, 21), "calm"),  # a fall that levels off
        (
            (0.51, 0.57, 0.63, 0.69, 0.77, 0.85, 1.53),
            "volatile",
        ),  # the same way, but the last step breaks off
        ((25, 30, 35, 41, 19, 23, 26, 35, 41), "volatile"),  # a collapse in the middle
    ],
)
def test_a_smooth_course_is_no_swing(values: tuple[float, ...], kind: str) -> None:
    series = Series.of({2016 + i: float(v) for i, v in enumerate(values)})
    assert volatility(series, noise="none", policy=POLICY).kind == kind


def test_a_bend_and_chance_are_no_outliers() -> None:
    bend = Series.of({2018 + i: float(v) for i, v in enumerate((94, 101, 113, 124, 140, 153, 172))})
    assert quality.outlying_years(bend, limit=3.5) == []
    shares = [(n, 1000) for n in (940, 942, 941, 944, 943, 945, 960)]
    assert quality.outlying_years(counts(2018, shares, 100), limit=3.5, is_share=True) == []  # 3σ = 2.2 points
    many = [(n * 100, d * 100) for n, d in shares]
    found = quality.outlying_years(counts(2018, many, 100), limit=3.5, is_share=True)  # 3σ = 0.22 points
    assert [f.year for f in found] == [2024]


def test_ten_of_twelve_may_be_ten_of_twelve_again() -> None:
    few = counts(2022, [(10, 12)] * 3, 100)
    assert quality.repeated(few, run=3, small=30) == []
    assert len(quality.repeated(counts(2022, [(100, 120)] * 3, 100), run=3, small=30)) == 1


def test_a_zero_at_the_end_of_a_fall_is_plausible() -> None:
    fall = counts(2018, [(18, 600), (12, 590), (6, 580), (4, 570), (2, 590), (0, 550), (0, 550)])
    assert [f.year for f in quality.implausible_zeros(fall, tail=0.025, small=20)] == []


@pytest.mark.parametrize(
    ("share", "told"),
    [(0.285, "29%"), (0.125, "13%"), (Fraction(1, 8), "13%"), (0.05, "5%"), (-0.125, "-13%")],
)
def test_shares_are_told_half_up(share: float | Fraction, told: str) -> None:
    assert percent(share) == told  # 0.285 × 100 is 28.499999999999996 in binary
