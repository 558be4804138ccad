"""Theta forecasts with the tabled errors; pace in every odd case."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from assess_build import evidence, target

from qingmiao.assess.forecast import (
    Forecast,
    NoForecast,
    error_quantiles,
    error_table,
    theta_forecast,
    theta_value,
)
from qingmiao.assess.likelihood import likelihood
from qingmiao.assess.limits import ValueRange
from qingmiao.assess.pace import Pace, pace
from qingmiao.assess.series import Series, YearPoint
from qingmiao.content.policy import Policy


def straight(n: int, slope: float = -1.0, first: int = 2016) -> Series:
    return Series.of({first + i: 50 + slope * i for i in range(n)})


def test_a_constant_series_stays_where_it_is() -> None:
    years = np.arange(2018.0, 2025.0)
    assert theta_value(years, np.full(7, 4.0), 2028.0) == pytest.approx(4.0)


def test_a_straight_line_goes_on_at_half_its_slope_or_more() -> None:
    # On a line the doubled departures are the line itself; smoothing holds its last level: half the slope is kept.
    years = np.arange(2018.0, 2025.0)
    assert theta_value(years, 10 - (years - 2018), 2026.0) == pytest.approx(((10 - 8) + (10 - 6)) / 2)


def test_table_is_whole() -> None:
    assert {n for n, _ in error_table()} == {5, 6, 7, 8, 10}
    assert {h for _, h in error_table()} == {1, 2, 3, 4}
    for levels, errors in error_table().values():
        assert list(levels) == sorted(levels)
        assert list(errors) == sorted(errors)


def test_nine_points_lie_between_eight_and_ten_and_more_are_taken_as_ten() -> None:
    eight, nine, ten = (error_quantiles(n, 1)[1] for n in (8, 9, 10))
    assert nine == pytest.approx([(a + b) / 2 for a, b in zip(eight, ten, strict=True)])
    assert error_quantiles(12, 1) == error_quantiles(10, 1)


@pytest.mark.parametrize(("points", "known"), [(4, False), (5, True), (12, True), (14, True)])
def test_number_of_points(points: int, known: bool) -> None:
    made = theta_forecast(straight(points), 2016 + points)
    assert isinstance(made, Forecast) == known
    if isinstance(made, Forecast):
        assert made.points == min(points, 12)


@pytest.mark.parametrize(("ahead", "known"), [(0, False), (1, True), (4, True), (5, False)])
def test_horizon(ahead: int, known: bool) -> None:
    assert isinstance(theta_forecast(straight(6), 2021 + ahead), NoForecast) != known


def test_points_before_a_break_do_not_count() -> None:
    series = Series(tuple(YearPoint(2016 + i, 50.0 - i) for i in range(9)), breaks=(2021,))
    made = theta_forecast(series, 2026)
    assert isinstance(made, NoForecast)
    assert "4 年" in made.reason


def test_the_tabled_quantile_is_the_probability() -> None:
    made = theta_forecast(straight(8), 2024)
    assert isinstance(made, Forecast)
    assert made.scale == 1.0
    assert made.below(made.value + 0.027) == pytest.approx(0.5)  # q50 of (8 points, 1 year)
    assert made.interval(0.8) == pytest.approx((made.value - 1.647, made.value + 1.995))
    assert made.below(-1e9) == 0.01
    assert made.below(1e9) == 0.99


def test_interval_keeps_within_what_a_rate_can_be() -> None:
    made = theta_forecast(Series.of({2019: 3, 2020: 0, 2021: 2, 2022: 0, 2023: 1, 2024: 0}), 2027, natural_limit=100)
    assert isinstance(made, Forecast)
    assert made.interval(0.98)[0] == 0.0


def test_shown_probability_stays_between_the_policys_ends() -> None:
    sure = likelihood(evidence(target(kind="at_most", value=60), straight(9)))
    never = likelihood(evidence(target(kind="at_most", value=1), straight(9)))
    assert (sure.probability, sure.band, sure.grade) == (0.90, "likely", "B")
    assert (never.probability, never.band) == (0.05, "unlikely")
    assert sure.raw is not None
    assert sure.raw > 0.90


def test_grade_and_missing_probability() -> None:
    short = likelihood(evidence(target(kind="at_most", value=40), straight(6, first=2019)))
    assert short.grade == "C"
    few = likelihood(evidence(target(kind="at_most", value=40), straight(4, first=2021)))
    assert (few.probability, few.label) == (None, "数据不足")
    over = likelihood(evidence(target(kind="at_most", value=40), straight(10), year=2025))
    assert over.probability is None


@pytest.mark.parametrize("kind", ["relative_to", "assigned", "qualitative"])
def test_kinds_without_probability_say_why(kind: str) -> None:
    more = {"relative_to": {"area": "990000", "relation": "above"}} if kind == "relative_to" else {}
    made = likelihood(evidence(target(kind=kind, **more), straight(9)))
    assert made.probability is None
    assert made.reason


def go(base: float | None, value: float | None, year: int = 2023, **more: object) -> Pace:
    given = {"limit": ValueRange(low=Fraction(90)), "from_year": 2020, "to_year": 2025, **more}
    exact_base = None if base is None else Fraction(str(base))
    exact_value = None if value is None else Fraction(str(value))
    return pace(base=exact_base, value=exact_value, year=year, policy=Policy(), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (85.7, "on_track"),  # (85.7 − 80) / 10 ÷ 3/5 = 0.95
        (85.69, "behind"),
        (83.6, "behind"),  # 3.6 / 10 ÷ 3/5 = 0.60
        (83.59, "far_behind"),
        (80.0, "far_behind"),
        (79.9, "away"),
        (90.0, "met"),
    ],
)
def test_pace_thresholds(value: float, name: str) -> None:
    assert go(80, value).name == name


def test_pace_is_share_achieved_over_share_used() -> None:
    made = go(80, 86)
    assert (made.achieved, made.used, made.ratio) == (0.6, 0.6, pytest.approx(1.0))


@pytest.mark.parametrize(
    ("base", "value", "more", "name"),
    [
        (92, 91, {}, "met"),
        (92, 89, {}, "away"),  # nothing was needed, now it is lost
        (90, 89, {}, "away"),
        (None, 95, {}, "met"),
        (None, 85, {}, "undetermined"),
        (80, None, {}, "undetermined"),
        (80, 85, {"year": 2020}, "undetermined"),
        (80, 85, {"year": 2019}, "undetermined"),
        (80, 89, {"year": 2030}, "behind"),  # after the end all time is used: 0.9
        (80, 85, {"to_year": 2020}, "undetermined"),
        (80, 85, {"limit": None}, "undetermined"),
        (80, 85, {"limit": ValueRange()}, "undetermined"),
    ],
)
def test_odd_cases_of_pace(base: float | None, value: float | None, more: dict[str, object], name: str) -> None:
    made = go(base, value, **more)  # type: ignore[arg-type]
    assert made.name == name
    assert made.reason


def test_a_natural_limit_is_a_floor_or_a_ceiling() -> None:
    falling = theta_forecast(straight(8), 2025, natural_limit=0)  # 50 … 43, limit 0: a floor
    assert isinstance(falling, Forecast)
    assert falling.shown == falling.value > 40
    rising = theta_forecast(Series.of({2016 + i: 92.0 + i for i in range(8)}), 2027, natural_limit=100)
    assert isinstance(rising, Forecast)
    assert rising.shown == 100.0
