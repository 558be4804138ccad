"""What a county tells its city: totals, the standing of its returns, its warnings. Never a row, never a child."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, order=True)
class ExchangedFigure:
    """A total of an indicator in an area and a year.

    `value`: as published there, "" where there is none; counts are None where there are none. `reason`: why it is what
    it is now (which publication brought it), in Chinese.
    """

    indicator: str
    area: str
    year: int
    value: str
    numerator: float | None
    denominator: float | None
    version: int
    reason: str = ""

    @property
    def key(self) -> tuple[str, str, int]:
        """What it is of."""
        return (self.indicator, self.area, self.year)


@dataclass(frozen=True, order=True)
class ExchangedReturn:
    """How a return of a unit's area and year stands: due and, where it came, on which day (ISO dates)."""

    return_id: str
    area: str
    year: int
    due: str
    received: str


@dataclass(frozen=True, order=True)
class ExchangedWarning:
    """A warning that stands, in the county's own words."""

    key: str
    kind: str
    severity: str
    indicator: str
    area: str
    year: int
    told: str
    since: str


@dataclass(frozen=True)
class CountyState:
    """Everything that a county tells, as of one run; sorted, each figure once."""

    area: str
    pack: str
    figures: tuple[ExchangedFigure, ...]
    returns: tuple[ExchangedReturn, ...]
    warnings: tuple[ExchangedWarning, ...]

    def __post_init__(self) -> None:
        if len({f.key for f in self.figures}) < len(self.figures):
            raise ValueError("a figure stands twice")

    def as_json(self) -> dict[str, Any]:
        """As it is sent."""
        return asdict(self)

    @classmethod
    def made(
        cls,
        area: str,
        pack: str,
        figures: Iterable[ExchangedFigure],
        returns: Iterable[ExchangedReturn] = (),
        warnings: Iterable[ExchangedWarning] = (),
    ) -> CountyState:
        """A state in its one order."""
        ordered = sorted(figures, key=lambda f: f.key)
        return cls(area, pack, tuple(ordered), tuple(sorted(returns)), tuple(sorted(warnings)))

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> CountyState:
        """A state as it was sent. Raises KeyError, TypeError or ValueError where it is none."""
        return cls.made(
            str(told["area"]),
            str(told["pack"]),
            (ExchangedFigure(**f) for f in told["figures"]),
            (ExchangedReturn(**r) for r in told["returns"]),
            (ExchangedWarning(**w) for w in told["warnings"]),
        )
