"""A register on paper: the card of one entry, and the sheet of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from qingmiao.report.model import Block, Document, FormBox, FormBoxes, SignatureLines
from qingmiao.report.paper import form_document, note, plain_table, verbatim

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
    boxes = tuple(FormBox(label, (verbatim(text or "—"),), len(text) > WIDE) for label, text in lines)
    blocks: list[Block] = [FormBoxes(boxes), SignatureLines(("登记单位（盖章）", "经办人", "日期"))]
    return _document(blocks, of)


def register_sheet(heads: Sequence[str], rows: Sequence[Sequence[str]], of: OfRegister) -> Document:
    """Many entries as one table."""
    return _document([plain_table(f"共 {len(rows)} 条", heads, rows)], of)


def _document(blocks: Sequence[Block], of: OfRegister) -> Document:
    return form_document(
        of.title, [*blocks, note(f"依据：{of.source}")], unit=of.unit, on=of.on, reference=of.reference,
        watermark=of.watermark, demo=of.demo,
    )  # fmt: skip
