"""Figures that cannot be: a share above the whole, a negative rate. They decide nothing; data quality tells them."""

from __future__ import annotations

from dataclasses import replace

from qingmiao.assess.limits import plain
from qingmiao.assess.series import YearPoint
from qingmiao.content.indicators import Indicator
from qingmiao.content.natural_range import is_share, natural_range

_NOISE = 1e-9
"""Relative: a sum of shares may end at 100.00000000000001."""


def possible(point: YearPoint, indicator: Indicator) -> YearPoint:
    """The point as it is, or without its value and with the reason where its figures cannot be."""
    why = _why(point, indicator)
    return replace(point, value=None, impossible=why) if why else point


def _why(point: YearPoint, indicator: Indicator) -> str:
    top, bottom, value = point.numerator, point.denominator, point.value
    low, high = natural_range(indicator)
    if bottom is not None and bottom < 0:
        return f"分母为负：{plain(bottom)}"
    if value is None:
        return ""
    if is_share(indicator) and top is not None and bottom is not None and top > bottom * (1 + _NOISE):
        return f"分子大于分母：分子 {plain(top)}，分母 {plain(bottom)}"
    slack = _NOISE * max(1.0, abs(value))
    if high is not None and value > high + slack:
        return f"{plain(value)}{indicator.unit} 大于 {plain(high)}{indicator.unit}"
    if low is not None and value < low - slack:
        return f"{plain(value)}{indicator.unit} 小于 {plain(low)}{indicator.unit}"
    return ""
