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


def plain_table(
    label: str, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float] = ()
) -> Table:  # fmt: skip
    """Rows of texts below their headings; a table without rows says so. `label` "": no caption; `widths`: the columns'
    shares."""
    given = rows or (("没有", *("" for _ in heads[1:])),)
    cells = tuple(tuple((verbatim(x),) for x in row) for row in given)
    columns = tuple(TableColumn(h, width=w) for h, w in zip(heads, widths or [1.0] * len(heads), strict=True))
    return Table((verbatim(label),) if label else (), columns, cells, cite=False)


def form_document(
    title: str, blocks: Sequence[Block], *, unit: str, on: date, reference: str, watermark: str = "", demo: bool = False
) -> Document:
    """A printed form: the unit that issues it, the day, and `watermark`, for whom and when it was printed."""
    return Document(
        title=title, issuer=unit, generated_on=on, blocks=tuple(blocks), demo=demo, contents=False, linked=False,
        watermark=watermark, sheet="form", reference=reference,
    )  # fmt: skip
