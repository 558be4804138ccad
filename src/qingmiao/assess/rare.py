"""Rare events (deaths, injuries): exact Poisson intervals, a discounted gamma–Poisson rate, a negative-binomial
forecast.

Rates are events per unit of exposure (0.0032, not 3.2‰); multiply with the indicator's factor at the edge.
Method: gamma–Poisson discounting after West & Harrison (Bayesian Forecasting and Dynamic Models); interval after
Garwood (1936). Worked example: docs/explanation/rare-events.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from qingmiao.assess import special
from qingmiao.kernel.rounding import half_up


@dataclass(frozen=True)
class YearCount:
    """Events and exposure (births, children) of one year; exposure > 0, events ≥ 0."""

    year: int
    events: float
    exposure: float

    def __post_init__(self) -> None:
        if self.exposure <= 0 or self.events < 0:
            raise ValueError(f"year {self.year}: {self.events} events on {self.exposure}")


@dataclass(frozen=True)
class GammaRate:
    """The true rate as a gamma distribution with shape `a` (events) and rate `b` (exposure)."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        """Expected rate."""
        return self.a / self.b

    def at_most(self, rate: float) -> float:
        """Probability that the true rate is not above `rate`."""
        return float(special.gammainc(self.a, rate / (1 / self.b))) if rate > 0 else 0.0

    def interval(self, level: float) -> tuple[float, float]:
        """Central credible interval of the true rate."""
        tail = (1 - level) / 2
        low, high = (float(special.gammaincinv(self.a, t)) * (1 / self.b) for t in (tail, 1 - tail))
        return low, high

    def count_at_most(self, events: int, exposure: float) -> float:
        """Probability of at most `events` on `exposure` (negative binomial); 0 for a negative count."""
        if events < 0:
            return 0.0
        return float(special.betainc(self.a, events + 1, self.b / (self.b + exposure)))

    def aged(self, discount: float, years: int) -> GammaRate:
        """The same mean with less evidence: both parameters shrunk once a year."""
        weight = discount ** max(0, years)
        return GammaRate(self.a * weight, self.b * weight)


@dataclass(frozen=True)
class Prior:
    """What is believed before the county's own data: `events` on `exposure` at a named reference's rate."""

    events: float
    exposure: float
    source: str = ""

    @classmethod
    def at_rate(cls, rate: float, exposure: float, *, years: float = 1.0, source: str = "") -> Prior:
        """`years` county-years at a published `rate`."""
        return cls(rate * exposure * years, exposure * years, source)


WEAK_PRIOR = Prior(0.5, 0.0, "没有可比的省级或国家数值，用弱先验（Jeffreys，半个事件）")
"""Without a reference rate nothing is made up: half an event on no exposure, and a lower evidence grade."""


def garwood(events: float, level: float = 0.95) -> tuple[float, float]:
    """Exact Poisson interval for the expected count behind `events` (Garwood 1936); the lower end of 0 events is 0."""
    tail = (1 - level) / 2
    low = float(special.gammaincinv(events, tail)) if events > 0 else 0.0
    return low, float(special.gammaincinv(events + 1, 1 - tail))


def clopper_pearson(events: float, trials: float, level: float = 0.95) -> tuple[float, float]:
    """Exact binomial interval for a share (Clopper & Pearson 1934); 0 ≤ events ≤ trials, trials > 0."""
    tail = (1 - level) / 2
    low = float(special.betaincinv(events, trials - events + 1, tail)) if events > 0 else 0.0
    high = float(special.betaincinv(events + 1, trials - events, 1 - tail)) if events < trials else 1.0
    return low, high


def discounted(counts: Sequence[YearCount], *, prior: Prior, discount: float) -> GammaRate:
    """The rate in the last year: each year counts `discount` times the next one, the prior stands one year before the
    first.

    A missing year ages what is older, too. Raises ValueError without counts.
    """
    if not counts:
        raise ValueError("no counts")
    last = max(c.year for c in counts)
    first = min(c.year for c in counts)
    weight = discount ** (last - first + 1)
    a = prior.events * weight + sum(c.events * discount ** (last - c.year) for c in counts)
    b = prior.exposure * weight + sum(c.exposure * discount ** (last - c.year) for c in counts)
    return GammaRate(a, b)


def ratio_at_most(now: GammaRate, base: GammaRate, share: float) -> float:
    """Probability that the true rate now is at most `share` of the base's, both being uncertain (beta prime, exact)."""
    if share <= 0:
        return 0.0
    x = share * now.b / base.b
    return float(special.betainc(now.a, base.a, x / (1 + x)))


def allowed_events(limit: Fraction, exposure: float, *, factor: float, decimals: int, inclusive: bool = True) -> int:
    """The largest count whose published rate (half-up to `decimals`) keeps to the upper `limit`; −1 = none does.

    `limit` is in the indicator's unit (3.2 for 3.2‰ with factor 1000).
    """

    def keeps(count: int) -> bool:
        shown = Fraction(half_up(Fraction(count) * Fraction(factor) / Fraction(exposure), decimals))
        return shown <= limit if inclusive else shown < limit

    guess = max(0, floor(float(limit) * exposure / factor))
    while keeps(guess + 1):
        guess += 1
    while guess >= 0 and not keeps(guess):
        guess -= 1
    return guess


@dataclass(frozen=True)
class Pooled:
    """Several years' events over several years' exposure, with the exact interval, as rates."""

    years: tuple[int, ...]
    events: float
    exposure: float
    rate: float
    low: float
    high: float

    @property
    def of_counts(self) -> bool:
        """Plain counts on an exposure of 1 a year: `events` is their sum, `rate` their yearly mean, and no rate at
        all."""
        return self.exposure == len(self.years)


def pooled(counts: Sequence[YearCount], *, years: int, level: float) -> Pooled | None:
    """The rate over the last `years` calendar years up to the newest count; None unless each of them has a count."""
    if not counts:
        return None
    last = max(c.year for c in counts)
    taken = sorted((c for c in counts if c.year > last - years), key=lambda c: c.year)
    if len(taken) < years:
        return None
    events, exposure = sum(c.events for c in taken), sum(c.exposure for c in taken)
    low, high = garwood(events, level)
    return Pooled(tuple(c.year for c in taken), events, exposure, events / exposure, low / exposure, high / exposure)
