"""Planted signals and nulls: every method that looks for something odd finds what was planted and seldom anything else.

Each test prints what it found of what was planted, and its alarms on healthy data (`pytest -s`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingmiao.assess import quality
from qingmiao.assess.areas import AreaCount, Funnel, funnel
from qingmiao.assess.series import Series, YearPoint
from qingmiao.assess.volatility import volatility
from qingmiao.content.policy import Policy

LEVEL = 0.998
SIZES = (30, 60, 200, 1000)
RATES = (0.95, 0.8, 0.5, 0.1, 0.02)
FAR = 12.0
"""A plant is really far out: so many standard deviations (chance and healthy differences together) from the healthy
rate.

Of seven areas with three bad ones only four are healthy; how far they differ beyond chance is not known better than
that.
"""


def _funnel(events: np.ndarray, sizes: np.ndarray, better: str, noise: str = "binomial") -> Funnel:
    areas = [AreaCount(str(i), str(i), float(e), float(n)) for i,
        (e, n) in enumerate(zip(events, sizes, strict=True))]  # fmt: skip
    return funnel(areas, noise=noise, better=better, level=LEVEL)


def _warned(events: np.ndarray, sizes: np.ndarray, better: str, noise: str = "binomial") -> set[int]:
    return {i for i, p in enumerate(_funnel(events, sizes, better, noise).points) if p.worse}


def _healthy(rng: np.random.Generator, count: int, size: int, rate: float, phi: float) -> tuple[np.ndarray, np.ndarray]:
    """Events and sizes of healthy areas around `size`; their true rates differ so that chance is φ-fold
    (beta-binomial)."""
    sizes = np.rint(size * np.exp(rng.normal(0, 0.3, count)))
    shares = np.full(count, rate)
    if phi > 1:
        spread = (phi - 1) / (size - 1)
        shares = rng.beta(rate * (1 / spread - 1), (1 - rate) * (1 / spread - 1), count)
    return rng.binomial(sizes.astype(int), shares).astype(float), sizes


@dataclass(frozen=True)
class Planted:
    """A county with some bad areas, and on which side bad lies."""

    events: np.ndarray
    sizes: np.ndarray
    bad: frozenset[int]
    better: str


def _planted(phi: float, rounds: int) -> Iterator[Planted]:
    """1, 2 and 3 bad areas among 7 to 20, at all sizes and base rates, on both sides, each really far out."""
    rng = np.random.default_rng(2026)
    for _ in range(rounds):
        for size in SIZES:
            for rate in RATES:
                for count in (7, 8, 10, 14, 20):
                    for bad in (1, 2, 3):
                        for side in (-1, 1):
                            events, sizes = _healthy(rng, count, size, rate, phi)
                            sizes[:bad] = size
                            far = FAR * np.sqrt(rate * (1 - rate) * phi / size)
                            share = rate + side * far * rng.uniform(1.0, 1.5, bad)
                            if (share < 0).any() or (share > 1).any():
                                continue
                            events[:bad] = np.rint(size * share)
                            yield Planted(events, sizes, frozenset(range(bad)), "lower" if side > 0 else "higher")


@pytest.mark.parametrize(("phi", "share"), [(1.0, 1.0), (1.5, 0.99), (3.0, 0.98)])
def test_every_area_that_is_really_far_out_is_warned(phi: float, share: float) -> None:
    found = planted = 0
    for case in _planted(phi, 1):
        found += len(_warned(case.events, case.sizes, case.better) & case.bad)
        planted += len(case.bad)
    print(f"\nfunnel, φ = {phi}: {found} of {planted} planted areas warned")
    assert planted > 300
    assert found >= share * planted


@pytest.mark.parametrize(("phi", "times"), [(1.0, 1.0), (1.5, 1.0), (2.0, 1.5)])
def test_healthy_areas_are_warned_less_often_than_the_nominal_rate(phi: float, times: float) -> None:
    rng = np.random.default_rng(11)
    alarms = areas = 0
    for _ in range(6):
        for size in SIZES:
            for rate in RATES:
                if phi > 1 and rate * (size - 1) < (phi - 1):
                    continue
                for count in (5, 7, 10, 20):
                    events, sizes = _healthy(rng, count, size, rate, phi)
                    alarms += sum(bool(p.breach) for p in _funnel(events, sizes, "lower").points)
                    areas += count
    print(f"\nfunnel, φ = {phi}: {alarms} alarms on {areas} healthy areas ({alarms / areas:.4f}, nominal 0.002)")
    assert areas > 3000
    assert alarms <= times * (1 - LEVEL) * areas


def test_rare_events_planted_and_null() -> None:
    rng = np.random.default_rng(5)
    found = planted = alarms = areas = 0
    for _ in range(12):
        for size in (200, 1000, 5000):
            for count in (7, 10, 20):
                events, sizes = rng.poisson(0.004 * size, count).astype(float), np.full(count, float(size))
                alarms += len(_warned(events, sizes, "lower", "poisson"))
                areas += count
                for bad in (1, 2, 3):
                    worse = events.copy()
                    worse[:bad] = np.rint(0.004 * size + FAR * np.sqrt(0.004 * size) + 8)
                    found += len(_warned(worse, sizes, "lower", "poisson") & set(range(bad)))
                    planted += bad
    print(f"\nrare events: {found} of {planted} planted warned; {alarms} alarms on {areas} healthy areas")
    assert found == planted
    assert alarms <= (1 - LEVEL) / 2 * areas


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(SIZES), st.integers(7, 20), st.sampled_from((0.95, 0.9, 0.8)),
    st.data())  # fmt: skip
def test_a_worse_county_never_warns_less(seed: int, size: int, count: int, rate: float, data: st.DataObject) -> None:
    """Making a warned area worse, or turning a healthy one bad, never takes the warning of another bad one."""
    rng = np.random.default_rng(seed)
    events, sizes = _healthy(rng, count, size, rate, 1.0)
    events[0] = 0.0  # a bad one: nobody is reached
    before = _warned(events, sizes, "higher")
    assert 0 in before
    for area in sorted(before):
        worse = events.copy()
        worse[area] = data.draw(st.integers(0, int(events[area])))
        assert _warned(worse, sizes, "higher") >= before
    added = data.draw(st.lists(st.integers(1, count - 1), min_size=1, max_size=2, unique=True))
    worse = events.copy()
    worse[added] = 0.0
    assert _warned(worse, sizes, "higher") >= {0, *added}


@pytest.mark.parametrize("bad", [0, 1, 2, 3, 4])
@pytest.mark.parametrize(("usual", "odd", "better"), [(1.0, 0.0, "higher"), (0.0, 1.0, "lower")])
def test_all_or_nothing(usual: float, odd: float, better: str, bad: int) -> None:
    sizes = np.full(10, 60.0)
    events = np.where(np.arange(10) < bad, odd, usual) * sizes
    assert _warned(events, sizes, better) == set(range(bad))


def test_equal_areas_and_tiny_ones_warn_of_nothing() -> None:
    for noise in ("binomial", "poisson"):
        assert _warned(np.full(8, 57.0), np.full(8, 60.0), "higher", noise) == set()
        tiny = np.array([1, 0, 1, 1, 2, 0, 1], float)
        assert _warned(tiny, np.array([1, 1, 2, 1, 2, 1, 3], float), "higher", noise) == set()
        assert _warned(np.zeros(7), np.ones(7), "lower", noise) == set()


def _years(values: np.ndarray, size: float | None = None) -> Series:
    first = 2025 - len(values)
    if size is None:
        return Series(tuple(YearPoint(first + i, float(v)) for i, v in enumerate(values)))
    return Series(
        tuple(YearPoint(first + i, float(v) / size * 100, float(v), size) for i, v in enumerate(values)),
        factor=100,
    )


def test_odd_areas_by_value_planted_and_null() -> None:
    """Modified z over plain values: 1 to 3 of 7 to 20 areas planted, also where the others are all equal."""
    rng = np.random.default_rng(8)
    found = planted = alarms = areas = 0
    for spread in (0.0, 0.05, 1.0):
        for _ in range(30):
            for count in (7, 8, 10, 14, 20):
                healthy = np.round(90 + rng.normal(0, spread, count), 1)
                odd = quality.outlying_areas({str(i): float(v) for i, v in enumerate(healthy)}, year=2024, limit=3.5,
                    step=0.1)  # fmt: skip
                alarms, areas = alarms + len(odd), areas + count
                for bad in (1, 2, 3):
                    worse = healthy.copy()
                    worse[:bad] = 90 - rng.uniform(12, 40, bad) * max(spread, 0.5)
                    told = quality.outlying_areas({str(i): float(v) for i, v in enumerate(worse)}, year=2024, limit=3.5,
                        step=0.1)  # fmt: skip
                    found += len({f.area for f in told} & {str(i) for i in range(bad)})
                    planted += bad
    print(f"\nodd areas: {found} of {planted} planted told; {alarms} alarms on {areas} healthy areas")
    assert found >= 0.99 * planted
    assert alarms <= 0.02 * areas


def test_a_worse_area_never_hides_another_that_is_odd() -> None:
    same = {str(i): 5.0 for i in range(6)}
    for more in (
        {"x": 50.0},
        {"x": 50.0, "y": 50.0},
        {"x": 50.0, "y": 500.0},
        {"x": 50.0, "y": 51.0, "z": 5000.0},
    ):
        told = {f.area for f in quality.outlying_areas({**same, **more}, year=2024, limit=3.5)}
        assert told == set(more)
    # rounding noise around an equal majority is nothing
    near = {**same, "x": 5.1, "y": 4.9}
    assert quality.outlying_areas(near, year=2024, limit=3.5, step=0.1) == []


def test_odd_years_planted_and_null() -> None:
    """The newest year planted, with and without an earlier odd year that must not hide it."""
    rng = np.random.default_rng(9)
    found = planted = alarms = years = 0
    for _ in range(120):
        for count in (7, 9, 12):
            slope, level = rng.uniform(-1, 1), rng.uniform(40, 80)
            healthy = level + slope * np.arange(count) + rng.normal(0, 0.5, count)
            odd = quality.outlying_years(_years(healthy), limit=3.5, step=0.1)
            alarms, years = alarms + sum(f.year == 2024 for f in odd), years + 1
            for earlier in (None, 2):
                worse = healthy.copy()
                worse[-1] += rng.choice((-1, 1)) * rng.uniform(8, 20)
                if earlier is not None:
                    worse[earlier] += rng.choice((-1, 1)) * rng.uniform(8, 20)
                found += any(f.year == 2024 for f in quality.outlying_years(_years(worse), limit=3.5, step=0.1))
                planted += 1
    print(f"\nodd years: {found} of {planted} planted told; {alarms} alarms on {years} healthy newest years")
    assert found >= 0.95 * planted
    assert alarms <= 0.05 * years


def test_swings_planted_and_null() -> None:
    """A plunge in the newest year is volatile, also after an earlier jump; chance alone is not."""
    rng, policy = np.random.default_rng(10), Policy()
    found = planted = alarms = series = 0
    for _ in range(50):
        for count in (7, 9, 12):
            for size in (500, 5000):
                rate = rng.uniform(0.2, 0.7)
                healthy = rng.binomial(size, rate, count).astype(float)
                alarms += volatility(_years(healthy, size), noise="binomial", policy=policy).kind == "volatile"
                series += 1
                for earlier in (None, 2, 3):
                    worse = healthy.copy()
                    if earlier is not None:
                        worse[earlier] *= 1.35
                    worse[-1] *= 0.55
                    made = volatility(_years(worse, size), noise="binomial", policy=policy)
                    found, planted = found + (made.kind == "volatile"), planted + 1
    print(f"\nswings: {found} of {planted} planted told; {alarms} alarms on {series} healthy series")
    assert found >= 0.97 * planted
    assert alarms <= policy.volatility_alpha * series


def test_repeats_planted_and_null() -> None:
    """A share copied from year to year is told; chance alone seldom repeats a count three times."""
    rng = np.random.default_rng(12)
    found = planted = alarms = series = 0
    for _ in range(300):
        for size, rate in ((60, 0.95), (60, 0.6), (300, 0.9), (2000, 0.5)):
            own = rng.binomial(size, rate, 8).astype(float)
            alarms += bool(quality.repeated(_years(own, size), run=3, ends=(0.0, 100.0), small=30))
            series += 1
            if size >= 300:
                own[-3:] = own[-4]
                told = quality.repeated(_years(own, size), run=3, ends=(0.0, 100.0), small=30)
                found, planted = found + any(f.year == 2024 for f in told), planted + 1
    print(f"\nrepeats: {found} of {planted} planted told; {alarms} alarms on {series} healthy series")
    assert found == planted
    assert alarms <= 0.02 * series


def test_zeros_planted_and_null() -> None:
    """A year that was not reported shows as 0 among counts; true zeros of small counts are seldom told."""
    rng = np.random.default_rng(13)
    found = planted = alarms = series = 0
    for _ in range(200):
        for mean in (0.5, 2.0, 4.0, 12.0, 40.0):
            own = rng.poisson(mean, 8).astype(float)
            told = quality.implausible_zeros(_years(own, 1000), tail=0.025, small=20)
            alarms += any(f.year == 2024 for f in told)
            series += 1
            if mean >= 12:
                own[-1] = 0
                own[4] = 0  # an earlier unreported year must not hide the newest
                told = quality.implausible_zeros(_years(own, 1000), tail=0.025, small=20)
                found, planted = found + any(f.year == 2024 for f in told), planted + 1
    print(f"\nzeros: {found} of {planted} planted told; {alarms} alarms on {series} healthy newest years")
    assert found >= 0.99 * planted
    assert alarms <= 0.025 * series
