"""From the two numbers to a value: joining, zero and missing, with the reason (docs/explanation/missing-data.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qingmiao.content.indicators import Definition, Indicator
from qingmiao.measure.groups import Floats, Frame, Keys, Space
from qingmiao.measure.passes import CELL_MISSING, PART_MISSING, Frames
from qingmiao.measure.plan import Breakdown, FactSide, Side, VersionPlan
from qingmiao.measure.result import Reason, ValueOrigin


@dataclass(frozen=True)
class ValueBlock:
    """The values of one indicator for one tuple of dims, all levels; arrays of one length, `keys` sorted and
    different."""

    dims: tuple[str, ...]
    keys: Keys
    numerator: Floats
    denominator: Floats
    value: Floats
    reason: NDArray[np.int8]
    origin: NDArray[np.int8]
    version: NDArray[np.int32]

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> ValueBlock:
        """Some of the rows, in the given order."""
        return replace(
            self,
            keys=self.keys[rows],
            numerator=self.numerator[rows],
            denominator=self.denominator[rows],
            value=self.value[rows],
            reason=self.reason[rows],
            origin=self.origin[rows],
            version=self.version[rows],
        )


def join_blocks(blocks: list[ValueBlock]) -> ValueBlock:
    """Blocks with the same dims and different keys as one."""
    if len(blocks) == 1:
        return blocks[0]
    joined = ValueBlock(
        blocks[0].dims,
        np.concatenate([b.keys for b in blocks]),
        np.concatenate([b.numerator for b in blocks]),
        np.concatenate([b.denominator for b in blocks]),
        np.concatenate([b.value for b in blocks]),
        np.concatenate([b.reason for b in blocks]),
        np.concatenate([b.origin for b in blocks]),
        np.concatenate([b.version for b in blocks]),
    )
    return joined.take(np.argsort(joined.keys, kind="stable"))


def fill(
    dims: tuple[str, ...], keys: Keys, value: Floats, reason: NDArray[np.int8], origin: ValueOrigin, version: int
) -> ValueBlock:
    """A block without numerator and denominator."""
    none = np.full(len(keys), np.nan)
    return ValueBlock(
        dims, keys, none, none.copy(), value, reason,
        np.full(len(keys), origin, np.int8), np.full(len(keys), version, np.int32),
    )  # fmt: skip


def measure_version(
    plan: VersionPlan, frames: Frames, space: Space, years: tuple[int, int] | None, wanted: Keys
) -> list[ValueBlock]:
    """The blocks of one definition version: one per tuple of dims.

    `wanted`: the areas that get a row, missing or not, in every year in which a source was collected (or that was asked
    for).
    """
    by_dims: dict[tuple[str, ...], list[Breakdown]] = {}
    for b in plan.breakdowns:
        by_dims.setdefault(b.dims, []).append(b)
    sides = [s for s in (plan.numerator, plan.denominator) if s is not None]
    totals = tuple(by_dims.get((), ()))
    collected = {s: np.unique(space.years(frames.of(s, totals).keys, ())) for s in sides}
    blocks = []
    for dims, breakdowns in by_dims.items():
        top = frames.of(plan.numerator, tuple(breakdowns))
        bottom = frames.of(plan.denominator, tuple(breakdowns)) if plan.denominator is not None else None
        parts = [top.keys, *([bottom.keys] if bottom is not None else [])]
        if not dims:
            seen = np.unique(np.concatenate([*collected.values(), _asked(years)]))
            levels = {b.level for b in breakdowns}
            areas = np.array([a for a in wanted.tolist() if space.level_of[a] in levels], dtype=np.int64)
            parts.append(space.totals(areas, seen))
        keys = np.unique(np.concatenate(parts))
        keys = keys[in_years(space.years(keys, dims), plan.definition, years)]
        blocks.append(_block(plan, dims, keys, top, bottom, collected, space))
    return blocks


def _asked(years: tuple[int, int] | None) -> Keys:
    return np.arange(years[0], years[1] + 1, dtype=np.int64) if years else np.zeros(0, dtype=np.int64)


def in_years(of: Keys, definition: Definition, years: tuple[int, int] | None) -> NDArray[np.bool_]:
    """Which years a definition version is in force in, and were asked for."""
    first = max(definition.first_year or 0, years[0] if years else 0)
    last = min(definition.last_year or 9999, years[1] if years else 9999)
    return (of >= first) & (of <= last)


def _block(
    plan: VersionPlan, dims: tuple[str, ...], keys: Keys, top: Frame, bottom: Frame | None,
    collected: dict[Side, Keys], space: Space,
) -> ValueBlock:  # fmt: skip
    years = space.years(keys, dims)
    reason = np.zeros(len(keys), dtype=np.int8)
    here, numerator, issue = top.find(keys)
    was_collected = np.isin(years, collected[plan.numerator])
    denominator = np.full(len(keys), np.nan)
    if bottom is not None and plan.denominator is not None:
        below, denominator, below_issue = bottom.find(keys)
        if isinstance(plan.numerator, FactSide) and plan.numerator.counts:
            # Nobody of the denominator is in the numerator's table, which was collected that year: none, not unknown.
            numerator = np.where(~here & was_collected & ~np.isnan(denominator), 0.0, numerator)
        _why(reason, denominator, below, below_issue, np.isin(years, collected[plan.denominator]), 0)
        reason[(reason == 0) & (denominator == 0)] = Reason.ZERO_DENOMINATOR
    _why(reason, numerator, here, issue, was_collected, _NUMERATOR)
    value = _ratio(plan.indicator, numerator, denominator if bottom is not None else None)
    value[reason != 0] = np.nan
    origin = ValueOrigin.FACTS if any(isinstance(s, FactSide) for s in collected) else ValueOrigin.RETURNS
    return ValueBlock(
        dims, keys, numerator, denominator, value, reason,
        np.full(len(keys), origin, np.int8), np.full(len(keys), plan.definition.version, np.int32),
    )  # fmt: skip


def _ratio(indicator: Indicator, numerator: Floats, denominator: Floats | None) -> Floats:
    """numerator × factor ÷ denominator, in this order (29 × 100 ÷ 100 is exactly 29); a count alone × its own
    multiplier."""
    if denominator is None:
        return numerator * (indicator.multiplier or 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return numerator * indicator.factor / denominator


_NUMERATOR = Reason.NUMERATOR_NOT_COLLECTED - Reason.DENOMINATOR_NOT_COLLECTED


def _why(
    reason: NDArray[np.int8], values: Floats, here: NDArray[np.bool_], issue: NDArray[np.int8],
    collected: NDArray[np.bool_], shift: int,
) -> None:  # fmt: skip
    """Write the reason of each missing value where none is written yet; `shift` turns denominator codes into numerator
    codes."""
    missing = np.isnan(values) & (reason == 0)
    reason[missing & ~collected] = Reason.DENOMINATOR_NOT_COLLECTED + shift
    reason[missing & collected & ~here] = Reason.DENOMINATOR_NO_ROWS + shift
    reason[missing & here] = Reason.DENOMINATOR_NO_SUM + shift
    reason[missing & here & (issue == CELL_MISSING)] = Reason.DENOMINATOR_CELL_MISSING + shift
    reason[missing & here & (issue == PART_MISSING)] = Reason.DENOMINATOR_PART_MISSING + shift
