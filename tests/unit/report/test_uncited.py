"""Printed without marks: numbers bare, nothing else changed, citations without a text gone, no column of references."""

from __future__ import annotations

from datetime import date

from qingmiao.report.model import Document, Figure, Heading, Paragraph, Strong, Table, TableColumn, Text, plain
from qingmiao.report.uncited import uncited


def test_numbers_stay_and_their_marks_go() -> None:
    """In sentences, headings, bold parts and tables."""
    said = (Text("死亡率"), Figure("5.4", 3), Text("‰"), Figure("", 9), Strong((Figure("12", 4),)), Text("。"))
    table = Table((Figure("2", 1),), (TableColumn("年"),), (((Figure("7", 2),),),), (Figure("8", 5),))
    whole = Document(
        "题", "办", date(2026, 1, 1), (Heading(1, (Figure("1", 7),)), Paragraph(said), table)
    )  # fmt: skip
    heading, sentence, made = uncited(whole).blocks
    assert isinstance(heading, Heading)
    assert isinstance(sentence, Paragraph)
    assert isinstance(made, Table)
    assert plain(sentence.parts) == plain(said) == "死亡率5.4‰12。"
    left = (*heading.parts, *sentence.parts, *made.caption, *made.note, *made.rows[0][0])
    inner = [p for part in left for p in (part.parts if isinstance(part, Strong) else (part,))]
    assert not [p for p in inner if isinstance(p, Figure)]
    assert made.cite is False
    assert all(p.verbatim for p in inner if isinstance(p, Text) and p.text in {"5.4", "12", "1", "2", "7", "8"})
