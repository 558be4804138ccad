"""The robust slope is scipy's, for series of every length, in any order, with ties."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

from qingmiao.assess.slope import theil_sen


def test_the_slope_is_that_of_scipy():
    rng = np.random.default_rng(4)
    for count in [*range(2, 12), 40]:
        years = rng.permutation(np.arange(2000, 2000 + count)).astype(float)
        values = np.round(rng.normal(50, 9, count), 1)
        assert theil_sen(years, values) == float(stats.theilslopes(values, years)[0]), count


def test_two_values_of_one_year_give_no_slope_of_their_own():
    assert theil_sen(np.array([2020.0, 2020.0, 2021.0]), np.array([1.0, 3.0, 5.0])) == 3.0
    assert math.isnan(theil_sen(np.array([2020.0]), np.array([1.0])))
