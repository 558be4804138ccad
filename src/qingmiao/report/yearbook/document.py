"""A yearbook as a document: contents, notes, a chapter a heading, the indicators explained."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from qingmiao.report.model import Align, Block, Document, Heading, PageBreak, Paragraph, Table, TableColumn, Text
from qingmiao.report.yearbook import words
from qingmiao.report.yearbook.tables import BookTable, Yearly

MOST_COLUMNS = 6
"""So many columns of values a page takes; a wider table is set in parts, one below the other."""


def yearbook_document(made: Yearly, *, issuer: str, on: date, demo: bool, snapshot: str) -> Document:
    """The printed book; its numbers are those of the workbook."""
    said = words.title(made)
    return Document(
        title=said.zh, issuer=issuer, generated_on=on, blocks=tuple(_blocks(made, demo=demo, snapshot=snapshot)),
        demo=demo, snapshot_id=snapshot, subject=made.book.label.zh, linked=False,
    )  # fmt: skip


def _blocks(made: Yearly, *, demo: bool, snapshot: str) -> Iterator[Block]:
    yield Heading(1, (_said(words.both(words.NOTES)),), numbered=False)
    yield Paragraph((_said(words.title(made).en),), role="note")
    for note in words.notes(made, demo=demo, snapshot=snapshot):
        yield Paragraph((_said(note.zh),))
        yield Paragraph((_said(note.en),), role="note")
    for n, chapter in enumerate(made.chapters):
        yield PageBreak()
        yield Heading(1, (_said(words.both(chapter)),))
        for one in made.tables:
            if one.chapter == n:
                yield Heading(2, (_said(words.both(one.label)),))
                yield from _tables(one)
                for note in one.notes:
                    yield Paragraph((_said(words.both(note)),), role="note")
    yield PageBreak()
    yield Heading(1, (_said(words.both(words.EXPLAINED)),), numbered=False)
    for i in made.indicators:
        yield Paragraph((Text(f"{words.both(i.label)}（{i.unit}）", strong=True, verbatim=True),), role="note")
        yield Paragraph((_said(words.explained(i).zh),), role="note")


def _tables(one: BookTable) -> Iterator[Table]:
    for start in range(0, len(one.heads), MOST_COLUMNS):
        end = start + MOST_COLUMNS
        heads = (words.INDICATOR, words.UNIT, *one.heads[start:end])
        values = (TableColumn("", Align.RIGHT, 0.9) for _ in heads[2:])
        columns = (TableColumn("", width=3.0), TableColumn("", width=0.9), *values)
        rows = tuple(
            tuple(_cell(text) for text in (words.both(r.label), r.unit, *r.values[start:end])) for r in one.rows
        )
        yield Table((), columns, rows, cite=False, size="small", head=tuple((_said(words.both(h)),) for h in heads))


def _cell(text: str) -> tuple[Text, ...]:
    return (_said(text),)


def _said(text: str) -> Text:
    return Text(text, verbatim=True)
