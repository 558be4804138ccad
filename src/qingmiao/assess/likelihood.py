"""Likelihood: the probability that the target is met in its year, with a grade of the evidence, or 数据不足.

Rare events go through the gamma–Poisson model, other series through the theta forecast. Between `shown_low` and
`shown_high` the probability is shown as it is; beyond, the evidence does not carry more
(docs/explanation/likelihood.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from qingmiao.assess.change_targets import CHANGES, published_base
from qingmiao.assess.forecast import NoForecast, theta_forecast
from qingmiao.assess.limits import ValueRange, bar_in_force, limit_of, precision
from qingmiao.assess.quantiles import negative_binomial_quantile
from qingmiao.assess.rare import (
    WEAK_PRIOR,
    GammaRate,
    Prior,
    YearCount,
    allowed_events,
    discounted,
    ratio_at_most,
)
from qingmiao.assess.series import Series, exact
from qingmiao.assess.trend_targets import trend
from qingmiao.assess.verdict import Grounds
from qingmiao.content.plan import Qualifier, TargetKind
from qingmiao.content.policy import Policy
from qingmiao.kernel.rounding import half_up

_NO_FORECAST = {
    TargetKind.EVERY_AREA: "须每个地区同时达到，不合并为一个概率",
    TargetKind.RELATIVE_TO: "上级地区到时的数值未知",
    TargetKind.ASSIGNED: "指标逐年下达，到时的数值未知",
    TargetKind.QUALITATIVE: "定性目标没有数值",
}


@dataclass(frozen=True)
class Likelihood:
    """The third answer. `probability` is what is shown; `raw` is not cut off; both None with 数据不足.

    `band` is likely, uncertain, unlikely or none; `applies` is False where there is nothing to foresee (not for want of
    data); `grade` A–C or empty; `true_probability` is that of the true rate (rare events). `forecast`, `low`, `high`
    are in the indicator's unit for `year`.
    """

    band: str
    reason: str
    probability: float | None = None
    raw: float | None = None
    grade: str = ""
    method: str = ""
    year: int | None = None
    forecast: float | None = None
    low: float | None = None
    high: float | None = None
    true_probability: float | None = None
    applies: bool = True

    @property
    def label(self) -> str:
        """Chinese word of the band."""
        return band_label(self.band) if self.applies else "不适用"


def band_label(band: str) -> str:
    """预计可达标, 不确定, 预计难达标, or 数据不足."""
    return {"likely": "预计可达标", "uncertain": "不确定", "unlikely": "预计难达标"}.get(band, "数据不足")


def band_of(probability: float, policy: Policy) -> str:
    """likely from `policy.likely` on, unlikely up to `policy.unlikely`, both included."""
    if probability >= policy.likely - 1e-12:
        return "likely"
    return "unlikely" if probability <= policy.unlikely + 1e-12 else "uncertain"


def likelihood(
    e: Grounds,
    *,
    prior: Prior | None = None,
    natural_limit: float | None = None,
    to_year: int | None = None,
) -> Likelihood:
    """Probability that the bar in force is met in the year it is due, from the data up to the assessed year.

    `prior` is the reference rate for rare events (None: a weak one, and a lower grade). Never raises for odd data.
    """
    if e.left_to:
        return Likelihood("none", applies=False, reason="由上级负责")
    if e.target.kind in _NO_FORECAST:
        return Likelihood("none", applies=False, reason=_NO_FORECAST[e.target.kind])
    if e.target.strata:
        return Likelihood("none", applies=False, reason="分组目标值不合并为一个概率")
    if Qualifier.NEAR in e.target.qualifiers and e.target.tolerance is None:
        return Likelihood("none", applies=False, reason="规划写「接近」而没有写允许偏差")
    limit, year = _limit_and_year(e)
    kinds = (TargetKind.FALLING, TargetKind.RISING)
    if Qualifier.SUSTAINED in e.target.qualifiers and e.target.kind in kinds:
        if trend(e).reason_code == "broken":
            return Likelihood("none", applies=False, reason="「持续」已经中断，规划期内不能再逐年达到", year=year)
        limit, year = _next_step(e, year)
    if to_year is not None:
        year = to_year
    if limit.is_open:
        return Likelihood("none", "没有可比较的目标值或基期值", year=year)
    series = e.series.until(e.year)
    if series.at(year).bound is not None:
        reason = f"{year} 年已公布 {series.at(year).bound}（没有确数），结论见达标判定"
        return Likelihood("none", applies=False, reason=reason, year=year)
    made = _foreseen(e, series, limit, year, prior, natural_limit)
    if series.bounded:
        years = "、".join(map(str, series.bounded))
        made = replace(made, reason=f"{made.reason}；{years} 年只公布了界限，不参加推算")
    return made


def _foreseen(
    e: Grounds, series: Series, limit: ValueRange, year: int, prior: Prior | None, natural_limit: float | None
) -> Likelihood:
    last = series.last_known(e.year)
    if last is None:
        return Likelihood("none", "没有数据", year=year)
    if last.year >= year:
        return _reached(e, series, limit, year, prior)
    made = _rare(e, series, limit, year, prior) if e.small else None
    if made is None:
        made = _theta(e, series, limit, year, natural_limit)
    if made.raw is None:
        return made
    return replace(
        made,
        probability=min(e.policy.shown_high, max(e.policy.shown_low, made.raw)),
        band=band_of(made.raw, e.policy),
    )


def _reached(e: Grounds, series: Series, limit: ValueRange, year: int, prior: Prior | None) -> Likelihood:
    """The target's year has its value: nothing to foresee; for rare events what chance leaves open about the true
    rate."""
    reason = f"{year} 年已有数据，结论见达标判定"
    counts = yearly_counts(series)
    if not e.small or len(counts) < e.policy.pooled_years or limit.high is None:
        return Likelihood("none", applies=False, reason=reason, year=year)
    rate = discounted(counts, prior=prior or WEAK_PRIOR, discount=e.policy.discount)
    true = rate.at_most(float(limit.high) / series.factor)
    reason += f"；登记值受偶然影响，真实水平达到目标的把握约为 {half_up(100 * true, 0)}%"
    return Likelihood("none", applies=False, reason=reason, year=year, method="rare", true_probability=true)


def _limit_and_year(e: Grounds) -> tuple[ValueRange, int]:
    """What must hold, and when: the next milestone due, or for targets without number the plan's last year."""
    bar, year = bar_in_force(e.target, year=e.year, plan_end=e.plan_end)
    base = e.base_exact
    kind = e.target.kind
    if kind in (TargetKind.AT_MOST, TargetKind.AT_LEAST, TargetKind.COUNT_AT_LEAST, TargetKind.WITHIN):
        return limit_of(e.target, bar), year
    if base is None or e.base_problem is not None:
        return ValueRange(), year
    if kind in CHANGES:
        year = (e.target.year or e.plan_end) if bar.per_year else year
        start = published_base(e, bar) or Fraction(0)
        known = start > 0 or bar.cut is None
        return (limit_of(e.target, bar, base=start, years=year - e.base_year) if known else ValueRange()), year
    edge = base if e.base_given else Fraction(half_up(base, precision(e.target, ValueRange(), e.decimals)))
    year = e.target.year or e.plan_end
    if kind is TargetKind.CONTAINED:
        return ValueRange(high=edge + exact(e.policy.contained_rise) * (year - e.base_year)), year
    if kind is TargetKind.FALLING:
        return ValueRange(high=edge, inclusive=False), year
    return ValueRange(low=edge, inclusive=False), year


def _next_step(e: Grounds, final: int) -> tuple[ValueRange, int]:
    """For a change that must go on every year: the next year against the last published value."""
    last = e.series.last_known(e.year)
    value = e.series.exact_at(last.year) if last is not None else None
    if last is None or value is None:
        return ValueRange(), final
    edge = Fraction(half_up(value, precision(e.target, ValueRange(), e.decimals)))
    year = min(final, last.year + 1)
    if e.target.kind is TargetKind.FALLING:
        return ValueRange(high=edge, inclusive=False), year
    return ValueRange(low=edge, inclusive=False), year


def _theta(e: Grounds, series: Series, limit: ValueRange, year: int, natural_limit: float | None) -> Likelihood:
    digits = precision(e.target, limit, e.decimals)
    made = theta_forecast(
        series,
        year,
        min_points=e.policy.min_points,
        max_points=e.policy.max_points,
        smallest_step=10.0**-digits,
        natural_limit=natural_limit,
    )
    if isinstance(made, NoForecast):
        return Likelihood("none", made.reason, year=year, applies=made.lacks_data)
    half = Fraction(1, 2 * 10**digits)
    side = half if limit.inclusive else -half
    upper = 1.0 if limit.high is None else made.below(float(limit.high + limit.slack + side))
    lower = 0.0 if limit.low is None else made.below(float(limit.low - limit.slack - side))
    low, high = made.interval(e.policy.forecast_level)
    tail = series.comparable_tail().points[-e.policy.max_points :]
    gaps = tail[-1].year - tail[0].year + 1 != len(tail)
    return Likelihood(
        "none",
        f"theta 预测，{made.points} 年可比数据，向前 {made.horizon} 年" + ("（中间缺年）" if gaps else ""),
        raw=max(0.0, upper - lower),
        grade="B" if made.points >= 8 and not gaps else "C",
        method="theta",
        year=year,
        forecast=made.shown,
        low=low,
        high=high,
    )


def _rare(e: Grounds, series: Series, limit: ValueRange, year: int, prior: Prior | None) -> Likelihood | None:
    """The rare-event model; None where the series has no counts (then the forecast of the values is tried)."""
    counts = yearly_counts(series)
    if not counts:
        return None
    if len(counts) < e.policy.pooled_years:
        return Likelihood("none", f"可比的人数只有 {len(counts)} 年，少于 {e.policy.pooled_years} 年", year=year)
    used = prior or WEAK_PRIOR
    ahead = year - counts[-1].year
    rate = discounted(counts, prior=used, discount=e.policy.discount).aged(e.policy.discount, ahead - 1)
    exposure = expected_exposure(counts, year, e.policy)
    digits = precision(e.target, limit, e.decimals)
    recorded = _recorded(rate, exposure, limit, factor=series.factor, decimals=digits)
    edge = limit.high if limit.high is not None else limit.low
    bound = float(edge or 0) / series.factor
    true = rate.at_most(bound) if limit.high is not None else 1 - rate.at_most(bound)
    tail = (1 - e.policy.forecast_level) / 2
    low, high = negative_binomial_quantile((tail, 1 - tail), rate.a, rate.b / (rate.b + exposure))
    scale = series.factor / exposure
    grade = "A" if len(counts) >= e.policy.min_points else "B"
    if prior is None:
        grade = {"A": "B", "B": "C"}[grade]
    plain_counts = all(c.exposure == 1 for c in counts)
    below = "" if plain_counts else f"预计分母 {half_up(exposure, 0)}，"
    reason = (
        f"稀有事件模型（gamma–Poisson），{len(counts)} 年人数，{below}{used.source}；"
        f"真实水平达到目标的概率 {half_up(true, 2)}，登记值达到目标的概率 {half_up(recorded, 2)}"
    )
    raw = recorded
    both = _both_years(e, series, limit, used)
    if both is not None:
        raw = both
        reason += f"；计入基期与现期两头的偶然误差后为 {half_up(both, 2)}"
    return Likelihood(
        "none",
        reason,
        raw=raw,
        grade=grade,
        method="rare",
        year=year,
        forecast=rate.mean * series.factor,
        low=float(low) * scale,
        high=float(high) * scale,
        true_probability=true,
    )


def _recorded(rate: GammaRate, exposure: float, limit: ValueRange, *, factor: float, decimals: int) -> float:
    upper, lower = 1.0, 0.0
    if limit.high is not None:
        allowed = allowed_events(
            limit.high + limit.slack,
            exposure,
            factor=factor,
            decimals=decimals,
            inclusive=limit.inclusive,
        )
        upper = rate.count_at_most(allowed, exposure)
    if limit.low is not None:
        too_few = allowed_events(
            limit.low - limit.slack,
            exposure,
            factor=factor,
            decimals=decimals,
            inclusive=not limit.inclusive,
        )
        lower = rate.count_at_most(too_few, exposure)
    return max(0.0, upper - lower)


def _both_years(e: Grounds, series: Series, limit: ValueRange, prior: Prior) -> float | None:
    """For a fall from counted base years: the probability with the noise of both sides; else None."""
    if Qualifier.SUSTAINED in e.target.qualifiers:
        return None
    base = e.base_exact
    if e.target.kind not in (TargetKind.REDUCE_BY, TargetKind.FALLING) or limit.high is None or not base:
        return None
    bar, _ = bar_in_force(e.target, year=e.year, plan_end=e.plan_end)
    share = limit.high / (published_base(e, bar) or base)
    if share < 0:
        return None
    counts = yearly_counts(series)
    before = [c for c in counts if c.year in e.base_years]
    after = [c for c in counts if c.year > e.base_year]
    if not before or not after:
        return None
    then = discounted(before, prior=prior, discount=e.policy.discount)
    now = discounted(after, prior=prior, discount=e.policy.discount)
    return ratio_at_most(now, then, float(share))


def yearly_counts(series: Series) -> list[YearCount]:
    """The comparable years that have both a count and a denominator above 0, oldest first."""
    return [
        YearCount(p.year, p.numerator, p.denominator)
        for p in series.comparable_tail().points
        if p.numerator is not None and p.denominator is not None and p.denominator > 0 and p.numerator >= 0
    ]


def expected_exposure(counts: Sequence[YearCount], year: int, policy: Policy) -> float:
    """The denominator expected in `year`: its own theta forecast (at least half the last one), else the last one."""
    series = Series.of({c.year: c.exposure for c in counts})
    last = counts[-1].exposure
    made = theta_forecast(series, year, min_points=policy.min_points, max_points=policy.max_points)
    if isinstance(made, NoForecast):
        return last
    return max(1.0, float(half_up(max(made.shown, last / 2), 0)))
