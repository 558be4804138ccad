"""The kinds of blocks of a report: what a layout names, made into parts of the document."""

from __future__ import annotations

from collections.abc import Callable

from qingmiao.content.reports import LayoutBlock
from qingmiao.report.blocks import appendix, fields, notices, overview, townships
from qingmiao.report.blocks.context import Context
from qingmiao.report.model import Block

Maker = Callable[[Context, LayoutBlock], list[Block]]
TABLES: dict[str, Maker] = {
    "by_field": overview.by_field,
    "unmonitored": overview.unmonitored,
    "results": fields.results,
    "warnings": notices.warnings,
    "quality": notices.quality,
    "townships": townships.tables,
    "definitions": appendix.definitions,
}
"""Tables by the name that a layout gives; no row gives no block."""
CHARTS: dict[str, Maker] = {"by_field": overview.by_field_chart, "series": fields.charts, "dots": townships.charts}
