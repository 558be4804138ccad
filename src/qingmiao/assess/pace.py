"""Pace: the share of the needed change that is achieved, against the share of the time that is used.

Every odd case has an answer of its own: already met, moving away, nothing to change, before the start, after the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from qingmiao.assess.limits import ValueRange, percent
from qingmiao.content.policy import Policy

_EDGE = Fraction(1, 10**12)


@dataclass(frozen=True)
class Pace:
    """`ratio` = achieved ÷ used (None where undefined); `name` is on_track, behind, far_behind, away, met,
    undetermined."""

    name: str
    reason: str
    achieved: float | None = None
    used: float | None = None
    ratio: float | None = None

    @property
    def label(self) -> str:
        """Chinese word."""
        return {
            "on_track": "进度正常",
            "behind": "进度滞后",
            "far_behind": "明显滞后",
            "away": "背离目标",
            "met": "已达标",
            "undetermined": "无法判定",
        }[self.name]


def pace(
    *,
    base: Fraction | None,
    value: Fraction | None,
    limit: ValueRange | None,
    from_year: int,
    to_year: int,
    year: int,
    policy: Policy,
    unrounded_met: bool | None = None,
) -> Pace:
    """Pace of `value` in `year` on the way from `base` (in `from_year`) into `limit` (by `to_year`).

    `unrounded_met` is the verdict of attainment, which decides "met" (it compares published values).
    """
    if limit is None or limit.is_open:
        return Pace("undetermined", "目标没有数值，算不出进度")
    if value is None and not unrounded_met:
        return Pace("undetermined", f"{year} 年没有数据")
    if value is None:
        return Pace("met", "已达到目标值", used=_used(from_year, to_year, year))
    met = limit.holds(value) if unrounded_met is None else unrounded_met
    used = _used(from_year, to_year, year)
    if base is None:
        if met:
            return Pace("met", "已达到目标值", used=used)
        return Pace("undetermined", f"没有起点年（{from_year} 年）的数值", used=used)
    edge = _near_edge(limit, base)
    achieved = None if edge is None or edge == base else (value - base) / (edge - base)
    share = None if achieved is None else float(achieved)
    ratio = share / used if share is not None and used else None
    if met:
        return Pace("met", "已达到目标值", share, used, ratio)
    if used is None:
        return Pace("undetermined", f"目标年 {to_year} 年不晚于起点年 {from_year} 年", share)
    if year <= from_year:
        return Pace("undetermined", f"{year} 年不晚于起点年 {from_year} 年，还没有用去时间", share, used)
    if achieved is None or limit.holds(base):
        return Pace("away", "起点时已达到目标值，现已退出", None, used)
    if achieved < 0:
        return Pace("away", "与起点相比朝相反方向变化", share, used, ratio)
    late = "，目标年已过" if year > to_year else ""
    reason = f"完成所需变化的 {percent(achieved)}，用去时间的 {percent(used)}{late}"
    quick = Fraction(achieved) / Fraction(min(year, to_year) - from_year, to_year - from_year)
    if quick >= Fraction(repr(policy.pace_on_track)) - _EDGE:
        name = "on_track"
    else:
        name = "behind" if quick >= Fraction(repr(policy.pace_behind)) - _EDGE else "far_behind"
    return Pace(name, reason, share, used, ratio)


def _used(from_year: int, to_year: int, year: int) -> float | None:
    """Share of the time used, between 0 and 1; None where the target year is not after the start."""
    if to_year <= from_year:
        return None
    return min(1.0, max(0.0, (year - from_year) / (to_year - from_year)))


def _near_edge(limit: ValueRange, base: Fraction) -> Fraction | None:
    """The side of the range that `base` has to reach; the base itself where it lies inside."""
    if limit.high is not None and base > limit.high:
        return limit.high
    if limit.low is not None and base < limit.low:
        return limit.low
    return base
