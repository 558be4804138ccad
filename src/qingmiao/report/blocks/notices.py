"""Tables of warnings and of what the checks on the data found, in plain words: how each was found is in the annex."""

from __future__ import annotations

from qingmiao.content.reports import LayoutBlock
from qingmiao.figures.findings import Notice
from qingmiao.figures.numbers import WordsRef
from qingmiao.report.blocks.context import NONE, Context, is_late
from qingmiao.report.model import Block, Parts, Table, TableColumn

_PARTS = {
    "kind": "kind",
    "about": "about",
    "reason": "told",
    "finding": "told",
    "basis": "data_used",
    "change": "would_change",
}
"""Column → part of a notice."""
_WARNINGS = {"kind": 1.15, "about": 1.6, "reason": 2.9, "basis": 2.5, "change": 2.1}
_QUALITY = {"kind": 1.2, "about": 2.4, "finding": 5.8}


def warnings(c: Context, b: LayoutBlock) -> list[Block]:
    """Each warning with reason, data used and what would change it."""
    return _table(c, b, [n for n in c.findings.notices if not n.quality], "warnings", _WARNINGS, noted=True)


def quality(c: Context, b: LayoutBlock) -> list[Block]:
    """What the checks on the data found, or only the returns that are late or missing."""
    late = b.notices == "late"
    found = [n for n in c.findings.notices if n.quality and (not late or is_late(n))]
    return _table(c, b, found, "quality", _QUALITY, noted=False)


def _table(
    c: Context, b: LayoutBlock, notices: list[Notice], name: str, widths: dict[str, float], *, noted: bool
) -> list[Block]:
    if not notices:
        return []
    w = c.wording
    chosen = [k for k in widths if not b.columns or k in b.columns]
    columns = tuple(TableColumn(w.text(f"column.{k}"), width=widths[k]) for k in chosen)
    rows = tuple(tuple(_words(n, _PARTS[k]) for k in chosen) for n in notices)
    note = w.compose(f"note.{name}") if noted else ()
    return [Table(w.compose(f"caption.{name}"), columns, rows, note, cite=False, size="small")]


def _words(notice: Notice, part: str) -> Parts:
    return (WordsRef("warning", notice.id, part),) if getattr(notice, part) else NONE
