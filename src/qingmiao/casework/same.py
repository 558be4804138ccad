"""Are two cases about one event? As the programme says it: by which fields, and how many days apart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from qingmiao.content.programme_parts import SameRule


def same_event(rule: SameRule, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether all fields of the rule are known of both and equal, days and times at most `rule.days` days apart.

    What is not known of one of them is never the same: then a person decides.
    """
    return all(_equal(one.get(name), other.get(name), rule.days) for name in rule.fields)


def _equal(one: Any, other: Any, days: int) -> bool:
    if one is None or other is None:
        return False
    first, second = _day(one), _day(other)
    if first is not None and second is not None:
        return abs((first - second).days) <= days
    return bool(one == other)


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
