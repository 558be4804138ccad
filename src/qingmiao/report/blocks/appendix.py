"""The appendix of definitions: what each indicator counts and where that is written."""

from __future__ import annotations

from qingmiao.content.indicators import Indicator
from qingmiao.content.reports import LayoutBlock
from qingmiao.figures.numbers import WordsRef
from qingmiao.report.blocks.context import Context, joined
from qingmiao.report.model import (
    Block,
    Parts,
    Table,
    TableColumn,
    Text,
)


def definitions(c: Context, b: LayoutBlock) -> list[Block]:
    """Definition and source of each indicator that the report may speak of."""
    w = c.wording
    columns = (
        TableColumn(w.text("column.indicator"), width=1.8),
        TableColumn(w.text("column.definition"), width=3.6),
        TableColumn(w.text("column.source"), width=2.8),
        TableColumn(w.text("column.targets"), width=1.8),
    )
    rows = tuple(_row(c, i) for i in c.pack.indicators.values() if _told(c, i))
    return [Table(w.compose("caption.definitions"), columns, rows, cite=False, size="small")]


def _told(c: Context, indicator: Indicator) -> bool:
    """Whether the report speaks of the indicator at all."""
    return bool(set(indicator.implements) & set(c.pack.targets)) or any(
        f.indicator == indicator.id for f in c.findings.targets
    )


def _row(c: Context, i: Indicator) -> tuple[Parts, ...]:
    name: Parts = (WordsRef("indicator", i.id), Text("（"), WordsRef("indicator", i.id, "unit"), Text("）"))
    stop = () if i.formula.endswith("。") else (Text("。"),)
    formula: Parts = (WordsRef("indicator", i.id, "formula"), *stop) if i.formula else ()
    period: Parts = (Text(i.period.label),)
    source: Parts = (WordsRef("indicator", i.id, "source"),)
    targets = joined([WordsRef("target", t) for t in i.implements if t in c.pack.targets], "；")
    return name, (*formula, *period), source, targets or (Text("—"),)
