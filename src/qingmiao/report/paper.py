"""What printed forms share: texts as they are, tables that say when they are empty, one sheet with its reference."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from qingmiao.report.model import Block, Document, Paragraph, Table, TableColumn, Text


def verbatim(text: str) -> Text:
    """A text as it was given: nothing in it is a reference."""
    return Text(text, verbatim=True)


def note(text: str) -> Paragraph:
    """The small line below a form."""
    return Paragraph((verbatim(text),), "note")


def plain_table(label: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Rows of texts below their headings; a table without rows says so."""
    given = rows or (("没有", *("" for _ in heads[1:])),)
    cells = tuple(tuple((verbatim(x),) for x in row) for row in given)
    return Table((verbatim(label),), tuple(TableColumn(h) for h in heads), cells, cite=False)


def form_document(
    title: str, blocks: Sequence[Block], *, unit: str, on: date, reference: str, watermark: str = "", demo: bool = False
) -> Document:
    """A printed form: the unit that issues it, the day, and `watermark`, for whom and when it was printed."""
    return Document(
        title=title, issuer=unit, generated_on=on, blocks=tuple(blocks), demo=demo, contents=False, linked=False,
        watermark=watermark, sheet="form", reference=reference,
    )  # fmt: skip
