"""What a run's row keeps beside its values, typed: states of returns, findings, what it read for the first time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from qingmiao.assess.quality import DueReturn, QualityFinding

DAYS = frozenset({"due", "received", "as_of"})


@dataclass(frozen=True)
class TakenPartition:
    """A publication that a run read for the first time: the partition of a table, and the source's version."""

    table: str
    partition: int
    source: str
    version: int


def to_json(kept: Iterable[DueReturn | QualityFinding | TakenPartition]) -> list[dict[str, Any]]:
    """As JSON keeps it: by name, days as 2025-03-01."""
    return [{k: v.isoformat() if isinstance(v, date) else v for k, v in asdict(one).items()} for one in kept]


def statuses(kept: Iterable[Mapping[str, Any]]) -> list[DueReturn]:
    """The states of returns of a run's row."""
    return [DueReturn(**{k: _day(k, v) for k, v in one.items()}) for one in kept]


def _day(name: str, value: Any) -> Any:
    """JSON is untyped until here: the days among a return's fields."""
    return date.fromisoformat(value) if name in DAYS and value else value


def findings(kept: Iterable[Mapping[str, Any]]) -> list[QualityFinding]:
    """The findings of a run's row."""
    return [QualityFinding(**one) for one in kept]


def taken(kept: Iterable[Mapping[str, Any]]) -> list[TakenPartition]:
    """What a run's row says that it read for the first time."""
    return [TakenPartition(**one) for one in kept]
