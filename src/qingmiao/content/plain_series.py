"""The plain yearly series that serves a target, written beside the target: label, unit and lead are written once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from qingmiao.content.base import Content, Id, Name, Source
from qingmiao.content.indicators import Comparison
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.periods import PeriodKind


class PlainSeries(Content):
    """`indicator:` of a target; every key may be left out (``series: true`` leaves out all). See `inline.py` for what
    is then meant.

    It is always `from: series`; an indicator that is counted from facts or returns has a file of its own.
    """

    id: Id | None = None
    """In series.csv; default: the target's id."""
    unit: str = ""
    """Default: the target's."""
    nature: Literal["rate", "ratio", "count", "index", "survey", "evidence"] | None = None
    decimals: Annotated[int, Field(ge=0, le=6)] | None = None
    """Default: as many as the target's numbers are written with, at least 1; counts 0."""
    better: Literal["lower", "higher", "none"] | None = None
    """Default: what the target's kind wants."""
    noise: Literal["poisson", "binomial", "none"] = "none"
    period: PeriodKind = PeriodKind.CALENDAR_YEAR
    levels: Annotated[tuple[AreaLevel, ...], Field(min_length=1)] | None = None
    """Default: the plan's own level, and the target's `level`."""
    by: tuple[Name | tuple[Name, ...], ...] | None = None
    """Default: the groups of the target's `strata`."""
    natural_limit: float | None = None
    lead: Id | None = None
    """Default: who leads the target or its goal (leads/); written here, it is also the target's lead."""
    comparisons: tuple[Comparison, ...] = ()
    form: Id | None = None
    source: Source | None = None
    """Default: the plan's document, as a local setting to be confirmed."""
    formula: str = ""
    note: str = ""
