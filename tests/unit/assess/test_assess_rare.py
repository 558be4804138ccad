"""Rare events: the worked example to its printed digits, intervals against scipy, counts that are allowed."""

from __future__ import annotations

from fractions import Fraction

import pytest
from assess_build import counts, evidence, target
from scipy import integrate, stats

from qingmiao.assess.likelihood import band_of, likelihood
from qingmiao.assess.rare import (
    GammaRate,
    Prior,
    YearCount,
    allowed_events,
    clopper_pearson,
    discounted,
    garwood,
    pooled,
    ratio_at_most,
)
from qingmiao.content.policy import Policy

EVENTS = (6, 4, 5, 3, 4)
BIRTHS = (1700, 1620, 1580, 1510, 1450)
YEARS = [YearCount(2020 + i, e, b) for i, (e, b) in enumerate(zip(EVENTS, BIRTHS, strict=True))]


def test_worked_example() -> None:
    rate = discounted(YEARS, prior=Prior(4.5, 1500), discount=0.85)
    assert rate.a == pytest.approx(sum(e * 0.85 ** (4 - i) for i, e in enumerate(EVENTS)) + 4.5 * 0.85**5)
    assert (round(rate.a, 4), round(rate.b, 2)) == (17.7477, 6422.90)
    assert round(rate.mean * 1000, 3) == 2.763
    assert round(rate.at_most(0.0032), 3) == 0.762
    assert allowed_events(Fraction("3.2"), 1400, factor=1000, decimals=1) == 4
    assert round(rate.count_at_most(4, 1400), 3) == 0.653


def test_a_missing_year_ages_the_older_ones() -> None:
    gap = [YEARS[0], YEARS[2]]
    rate = discounted(gap, prior=Prior(1, 100), discount=0.5)
    assert rate.a == 5 + 6 * 0.25 + 1 * 0.125
    assert rate.b == 1580 + 1700 * 0.25 + 100 * 0.125


@pytest.mark.parametrize("events", [0, 1, 4, 25, 300])
@pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
def test_garwood(events: int, level: float) -> None:
    low, high = garwood(events, level)
    tail = (1 - level) / 2
    assert stats.poisson.cdf(events, high) == pytest.approx(tail)
    if events:
        assert stats.poisson.sf(events - 1, low) == pytest.approx(tail)
    else:
        assert low == 0


@pytest.mark.parametrize(("events", "trials"), [(0, 10), (3, 10), (10, 10), (480, 500)])
def test_clopper_pearson(events: int, trials: int) -> None:
    made = clopper_pearson(events, trials)
    exact = stats.binomtest(events, trials).proportion_ci(method="exact")
    assert made == pytest.approx((exact.low, exact.high))


def test_negative_binomial_is_the_gamma_mixture_of_poissons() -> None:
    rate = GammaRate(17.7, 6422.0)
    mixed, _ = integrate.quad(
        lambda x: stats.poisson.cdf(4, 1400 * x) * stats.gamma.pdf(x, 17.7, scale=1 / 6422.0), 0, 0.02
    )
    assert rate.count_at_most(4, 1400) == pytest.approx(mixed, abs=1e-7)
    assert rate.count_at_most(-1, 1400) == 0


def test_ratio_of_two_noisy_rates() -> None:
    now, base = GammaRate(4.0, 1500.0), GammaRate(7.0, 1600.0)
    mixed, _ = integrate.quad(
        lambda x: stats.gamma.cdf(0.8 * x, 4.0, scale=1 / 1500) * stats.gamma.pdf(x, 7.0, scale=1 / 1600),
        0,
        0.05,
    )
    assert ratio_at_most(now, base, 0.8) == pytest.approx(mixed, abs=1e-7)


@pytest.mark.parametrize(
    ("limit", "births", "inclusive", "wanted"),
    [
        ("3.2", 1400, True, 4),  # 4/1400 = 2.86, 5/1400 = 3.57
        ("3.2", 1250, True, 4),  # exactly 3.2
        ("3.2", 1250, False, 3),
        ("3.2", 1238, True, 4),  # 4/1238 = 3.231 is published as 3.2
        ("0", 1400, True, 0),
        ("0", 1400, False, -1),
    ],
)
def test_allowed_events(limit: str, births: int, inclusive: bool, wanted: int) -> None:
    assert allowed_events(Fraction(limit), births, factor=1000, decimals=1, inclusive=inclusive) == wanted


def test_pooled_needs_every_year() -> None:
    made = pooled(YEARS, years=3, level=0.95)
    assert made is not None
    assert made.years == (2022, 2023, 2024)
    assert made.rate == (5 + 3 + 4) / (1580 + 1510 + 1450)
    assert made.low == garwood(12)[0] / 4540
    assert pooled([YEARS[0], YEARS[1], YEARS[3]], years=3, level=0.95) is None
    assert pooled([], years=3, level=0.95) is None


def test_likelihood_of_rare_events() -> None:
    series = counts(2020, list(zip(EVENTS, BIRTHS, strict=True)))
    e = evidence(target(kind="at_most", value=3.2), series, small=True)
    made = likelihood(e, prior=Prior(4.5, 1500, "先验"))
    assert (made.method, made.grade, made.year) == ("rare", "A", 2025)
    assert made.true_probability == pytest.approx(0.762, abs=5e-4)
    assert made.band == "uncertain"
    assert likelihood(e).grade == "B"  # no reference: a weak prior, a lower grade


def test_a_relative_reduction_has_the_noise_of_both_years() -> None:
    series = counts(2020, list(zip(EVENTS, BIRTHS, strict=True)))
    prior = Prior(4.5, 1500, "先验")
    made = likelihood(evidence(target(kind="reduce_by", cut="20%"), series, small=True), prior=prior)
    base = discounted(YEARS[:1], prior=prior, discount=0.85)
    now = discounted(YEARS[1:], prior=prior, discount=0.85)
    assert made.raw == ratio_at_most(now, base, 0.8)


def test_few_years_give_no_probability() -> None:
    series = counts(2023, [(3, 1500), (4, 1450)])
    made = likelihood(evidence(target(kind="at_most", value=3.2), series, small=True))
    assert (made.probability, made.label) == (None, "数据不足")


@pytest.mark.parametrize(
    ("probability", "band"),
    [
        (0.71, "likely"),
        (0.70, "likely"),
        (0.69, "uncertain"),
        (0.31, "uncertain"),
        (0.30, "unlikely"),
        (0.29, "unlikely"),
    ],
)
def test_bands(probability: float, band: str) -> None:
    assert band_of(probability, Policy()) == band


def test_after_the_targets_year_only_the_true_rate_is_open() -> None:
    series = counts(2021, list(zip(EVENTS, BIRTHS, strict=True)))
    made = likelihood(
        evidence(target(kind="at_most", value=3.2), series, year=2025, small=True), prior=Prior(4.5, 1500)
    )
    assert (made.probability, made.band, made.label) == (None, "none", "不适用")
    assert made.true_probability == pytest.approx(0.762, abs=5e-4)


def test_a_broken_run_cannot_be_mended() -> None:
    t = target(kind="falling", qualifiers=["sustained"])
    broken = counts(2020, [(4, 9000), (5, 9000), (3, 9000), (2, 9000), (1, 9000)])
    going = counts(2020, [(9, 9000), (7, 9000), (5, 9000), (4, 9000), (3, 9000)])
    assert "中断" in likelihood(evidence(t, broken, small=True)).reason
    made = likelihood(evidence(t, going, small=True))
    rate = discounted(
        [YearCount(2020 + i, n, 9000) for i, n in enumerate((9, 7, 5, 4, 3))],
        prior=Prior(0.5, 0),
        discount=0.85,
    )
    assert made.raw == pytest.approx(rate.count_at_most(2, 9000))  # strictly below the last 3 of 9000
