"""A register on paper: the card of one entry, and the sheet of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from qingmiao.report.model import (
    Block,
    Document,
    FormBox,
    FormBoxes,
    Paragraph,
    SignatureLines,
    Table,
    TableColumn,
    Text,
)

WIDE = 24
"""Characters from which an answer takes a whole line."""


@dataclass(frozen=True)
class OfRegister:
    """What stands on every page: the register, the department that keeps it, the day, for whom it was printed."""

    title: str
    unit: str
    on: date
    watermark: str
    reference: str
    source: str
    demo: bool = False


def register_card(lines: Sequence[tuple[str, str]], of: OfRegister) -> Document:
    """One entry: what is known of it in boxes, and lines to sign."""
    boxes = tuple(FormBox(label, (_said(text or "—"),), len(text) > WIDE) for label, text in lines)
    blocks: list[Block] = [FormBoxes(boxes), SignatureLines(("登记单位（盖章）", "经办人", "日期"))]
    return _document([*blocks, Paragraph((_said(f"依据：{of.source}"),), "note")], of)


def register_sheet(heads: Sequence[str], rows: Sequence[Sequence[str]], of: OfRegister) -> Document:
    """Many entries as one table."""
    cells = tuple(tuple((_said(x),) for x in row) for row in rows)
    empty = ((_said("没有"),), *(((_said(""),),) * (len(heads) - 1)))
    table = Table((_said(f"共 {len(rows)} 条"),), tuple(TableColumn(h) for h in heads), cells or (empty,), cite=False)
    return _document([table, Paragraph((_said(f"依据：{of.source}"),), "note")], of)


def _document(blocks: Sequence[Block], of: OfRegister) -> Document:
    return Document(
        title=of.title, issuer=of.unit, generated_on=of.on, blocks=tuple(blocks), demo=of.demo, contents=False,
        linked=False, watermark=of.watermark, sheet="form", reference=of.reference,
    )  # fmt: skip


def _said(text: str) -> Text:
    return Text(text, verbatim=True)
