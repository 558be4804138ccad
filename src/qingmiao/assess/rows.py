"""One row of the assessment: an indicator in an area, measured against a target; and its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from qingmiao.assess.international import ProgressClass
from qingmiao.assess.likelihood import Likelihood
from qingmiao.assess.limits import plain
from qingmiao.assess.pace import Pace
from qingmiao.assess.rare import Pooled
from qingmiao.assess.verdict import Attainment
from qingmiao.assess.warnings import FoundWarning
from qingmiao.kernel.bounds import Bound
from qingmiao.kernel.rounding import half_up

COLUMNS = (
    "indicator",
    "target",
    "area",
    "year",
    "kind",
    "target_text",
    "value",
    "bound",
    "attainment",
    "boundary",
    "pace",
    "pace_class",
    "probability",
    "likelihood",
    "grade",
    "interval_low",
    "interval_high",
    "forecast",
    "forecast_low",
    "forecast_high",
    "statcan_class",
    "unsd_class",
    "reason",
)
"""Columns of assessment.csv."""

_NUMBERS = {
    "value",
    "pace",
    "probability",
    "interval_low",
    "interval_high",
    "forecast",
    "forecast_low",
    "forecast_high",
}


@dataclass(frozen=True)
class AssessedRow:
    """The three answers and what stands beside them. `target` is empty for an indicator that decides none.

    `value` is unrounded, in the indicator's unit; `interval` is the exact interval of the year's own value;
    `pooled` the several-years figure of rare events (rates; multiply with `factor`).
    """

    indicator: str
    area: str
    year: int
    target: str
    kind: str
    value: float | None
    attainment: Attainment | None
    pace: Pace | None
    likelihood: Likelihood
    statcan: ProgressClass
    unsd: ProgressClass
    decimals: int
    unit: str
    factor: float
    interval: tuple[float, float] | None = None
    pooled: Pooled | None = None
    bound: Bound | None = None
    """What is published where no exact value is; then there is no `value`."""

    @property
    def reason(self) -> str:
        """All reasons in one text."""
        parts: list[str] = []
        if self.attainment is not None:
            parts.append(f"达标：{self.attainment.reason}")
            if self.attainment.boundary:
                parts.append(f"临界：{self.attainment.boundary_reason}")
        if self.pace is not None:
            parts.append(f"进度：{self.pace.reason}")
        if self.target:
            parts.append(f"可能性：{self.likelihood.reason}")
        if self.pooled is not None:
            p = self.pooled
            factor = 1.0 if p.of_counts else self.factor
            digits = max(1, self.decimals) if p.of_counts else self.decimals
            low, mid, high = (half_up(x * factor, digits) for x in (p.low, p.rate, p.high))
            total = f"合计 {plain(p.events)}{self.unit}，年均" if p.of_counts else "合并计算为"
            parts.append(f"{p.years[0]}—{p.years[-1]} 年{total} {mid}{self.unit}（{low}—{high}）")
        return "。".join(parts)

    def cells(self) -> dict[str, str | float | int | None]:
        """The row by column name; numbers stay unrounded."""
        a, p, c = self.attainment, self.pace, self.likelihood
        return {
            "target": self.target,
            "indicator": self.indicator,
            "area": self.area,
            "year": self.year,
            "kind": self.kind,
            "target_text": a.bar_text if a else "",
            "value": self.value,
            "bound": str(self.bound) if self.bound is not None else "",
            "attainment": a.label if a else "",
            "boundary": a.boundary_reason if a and a.boundary else "",
            "pace": p.ratio if p else None,
            "pace_class": p.label if p else "",
            "probability": c.probability,
            "likelihood": c.label if self.target else "",
            "grade": c.grade,
            "interval_low": self.interval[0] if self.interval else None,
            "interval_high": self.interval[1] if self.interval else None,
            "forecast": c.forecast,
            "forecast_low": c.low,
            "forecast_high": c.high,
            "statcan_class": self.statcan.name,
            "unsd_class": self.unsd.name,
            "reason": self.reason,
        }


def assessment_table(rows: Sequence[AssessedRow]) -> pa.Table:
    """All rows as an Arrow table with the columns of assessment.csv."""
    schema = pa.schema(
        [(c, pa.float64() if c in _NUMBERS else pa.int64() if c == "year" else pa.string()) for c in COLUMNS]
    )
    cells = [r.cells() for r in rows]
    return pa.table({c: [row[c] for row in cells] for c in COLUMNS}, schema=schema)


def warnings_table(warnings: Sequence[FoundWarning]) -> pa.Table:
    """All warnings as an Arrow table with the columns of warnings.csv."""
    names = (
        "kind",
        "severity",
        "target",
        "indicator",
        "area",
        "year",
        "told",
        "reason",
        "data_used",
        "what_would_change",
        "lead",
        "subject",
        "areas",
    )
    schema = pa.schema([(n, pa.int64() if n == "year" else pa.string()) for n in names])
    columns = {n: [getattr(w, n) for w in warnings] for n in names}
    columns["kind"] = [w.kind.value for w in warnings]
    columns["areas"] = [" ".join(w.areas) for w in warnings]
    return pa.table(columns, schema=schema)
