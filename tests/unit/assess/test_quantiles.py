"""Quantiles and chances of counts are those of `scipy.stats`, which the program itself does not load."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from qingmiao.assess import quantiles, rare

TAILS = (1e-10, 0.001, 0.00135, 0.025, 0.1, 0.45, 0.9, 0.975, 0.999)
MEANS = np.array([0.0, 1e-9, 0.01, 0.7, 1.0, 3.3, 12.0, 57.5, 400.0, 12345.6])
TRIALS = np.array([0, 1, 2, 7, 30, 365, 4000])[:, None]
SHARES = np.array([0.0, 1e-7, 0.01, 0.25, 0.5, 0.973, 1.0])


@pytest.mark.parametrize("tail", TAILS)
def test_quantiles_of_counts_are_those_of_scipy_stats(tail):
    assert quantiles.poisson_quantile(tail, MEANS).tolist() == stats.poisson.ppf(tail, MEANS).tolist()
    assert quantiles.poisson_from_above(tail, MEANS).tolist() == stats.poisson.isf(tail, MEANS).tolist()
    assert quantiles.binomial_quantile(tail, TRIALS, SHARES).tolist() == stats.binom.ppf(tail, TRIALS, SHARES).tolist()
    for size in (0.5, 1.0, 3.7, 40.0):
        for share in (0.001, 0.2, 0.5, 0.99):
            found = quantiles.negative_binomial_quantile((tail, 1 - tail), size, share)
            assert found.tolist() == stats.nbinom.ppf((tail, 1 - tail), size, share).tolist()


@pytest.mark.parametrize("tail", TAILS)
def test_from_above_is_the_smallest_count_with_at_most_the_tail_above(tail):
    found = quantiles.binomial_from_above(tail, TRIALS, SHARES)
    trials = np.broadcast_to(TRIALS, found.shape)
    near = 1e-9  # where a probability is the tail itself, either count will do
    assert (stats.binom.sf(found, TRIALS, SHARES) <= tail * (1 + near)).all()
    lower = stats.binom.sf(found - 1, TRIALS, SHARES) >= tail * (1 - near)
    assert (lower | (found == 0)).all()
    assert ((found >= 0) & (found <= trials)).all()


def test_chances_of_counts_are_those_of_scipy_stats():
    counts = np.arange(60)[:, None]
    assert quantiles.poisson_chance(counts, MEANS) == pytest.approx(stats.poisson.pmf(counts, MEANS), rel=1e-9)
    for count, trials, share in ((0, 5, 0.0), (5, 5, 1.0), (3, 9, 0.25), (180, 200, 0.9), (40, 4000, 0.01)):
        expected = stats.binom.pmf(count, trials, share)
        assert quantiles.binomial_chance(count, trials, share) == pytest.approx(expected, rel=1e-9)


def test_intervals_and_probabilities_of_rates_are_those_of_scipy_stats():
    rate = rare.GammaRate(7.5, 2400.0)
    assert rate.at_most(0.004) == pytest.approx(stats.gamma.cdf(0.004, 7.5, scale=1 / 2400), rel=1e-13)
    assert rate.interval(0.9) == pytest.approx(stats.gamma.ppf((0.05, 0.95), 7.5, scale=1 / 2400), rel=1e-13)
    assert rate.count_at_most(5, 1800) == pytest.approx(stats.nbinom.cdf(5, 7.5, 2400 / 4200), rel=1e-13)
    assert rare.garwood(4) == pytest.approx((stats.chi2.ppf(0.025, 8) / 2, stats.chi2.ppf(0.975, 10) / 2), rel=1e-13)
    assert rare.clopper_pearson(4, 90) == pytest.approx((stats.beta.ppf(0.025, 4, 87), stats.beta.ppf(0.975, 5, 86)))
    base = rare.GammaRate(11.0, 3000.0)
    assert rare.ratio_at_most(rate, base, 0.8) == pytest.approx(stats.betaprime.cdf(0.64, 7.5, 11.0), rel=1e-13)


def test_assessing_does_not_load_scipy_stats():
    code = "import sys, qingmiao.assess.run; print('scipy.stats' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
