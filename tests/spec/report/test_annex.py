"""The list of numbers is an annex of its own, named in front of the signature; no table stands over a page number."""

from __future__ import annotations

import html
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from report_plans import FONTS
from test_three_formats_say_the_same import READ, squeezed

from qingmiao.report.annex import annex_of, parted
from qingmiao.report.model import Document, Heading, NumberIndex, Paragraph, Table, TableColumn, Text, plain
from qingmiao.report.write import write_report

BOTTOM = 297 - 35
"""Where the type area ends, in mm from the top (report.typ)."""
POINT = 25.4 / 72
PAGE = re.compile(r'<page width="[\d.]+" height="[\d.]+">(.*?)</page>', re.S)
WORD = re.compile(r'yMax="([\d.]+)">(.*?)</word>')


def below(path: Path) -> list[list[str]]:
    """The words of each page whose box reaches below the type area."""
    command = ["pdftotext", "-bbox", path, "-"]
    text = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    return [
        [html.unescape(word) for y, word in WORD.findall(page) if float(y) * POINT > BOTTOM + 1]
        for page in PAGE.findall(text)
    ]


def test_the_annex_holds_the_list_and_the_report_names_it(told: Document) -> None:
    report, annex = parted(told)
    assert annex is not None
    assert [type(b) for b in report.blocks].count(NumberIndex) == 0
    assert isinstance(annex.blocks[-1], NumberIndex)
    assert not any(isinstance(b, Heading) and plain(b.parts) == "数字索引" for b in report.blocks)
    signed = next(i for i, b in enumerate(report.blocks) if isinstance(b, Paragraph) and b.role == "signature")
    named = report.blocks[signed - 1]
    assert isinstance(named, Paragraph)
    assert plain(named.parts) == "附件：数字索引"
    assert annex.title == told.title + "数字索引"
    assert annex.entries == told.entries


def test_a_document_without_a_list_has_no_annex(told: Document) -> None:
    bare = replace(told, blocks=told.blocks[:2])
    assert parted(bare) == (bare, None)


@pytest.mark.parametrize("kind", [".docx", ".pdf", ".html"])
def test_each_format_has_its_annex_beside_it(told: Document, files: dict[str, Path], kind: str) -> None:
    path = files[kind]
    report, annex = READ[kind](path), READ[kind](annex_of(path))
    assert squeezed("附件：数字索引") in report
    assert squeezed("追溯") not in report.replace(squeezed("数字的取舍与追溯"), "").replace("“追溯”", "")
    assert [e.what for e in told.entries if squeezed(e.what) not in annex] == []
    assert "目录" not in annex


def test_only_the_page_number_stands_below_the_type_area(files: dict[str, Path]) -> None:
    for path in (files[".pdf"], annex_of(files[".pdf"])):
        pages = below(path)
        assert len(pages) > 1
        assert pages == [["—", str(i), "—"] for i in range(1, len(pages) + 1)]


@pytest.mark.parametrize(
    ("rows", "letters"),
    [(6, 700), (14, 260), (3, 3000), (1, 9000), (40, 300), (14, 20)],
    ids=["few-long", "as-many-as-are-short", "each-over-a-page", "one-over-pages", "many", "short"],
)
def test_a_table_of_any_height_stays_off_the_page_number(
    told: Document, tmp_path: Path, rows: int, letters: int
) -> None:
    columns = (TableColumn("事项", width=1), TableColumn("说明", width=3))
    cells = tuple(((Text("甲"),), (Text("某事项的说明" * (letters // 6) + "完。"),)) for _ in range(rows))
    text = tuple(Paragraph((Text("前面的文字" * 40),)) for _ in range(3))
    made = replace(told, blocks=(*text, Table((Text("说明"),), columns, cells, cite=False)), contents=False, entries=())
    (path,) = write_report(made, tmp_path, fonts=FONTS, formats=("pdf",))
    pages = below(path)
    assert pages == [["—", str(i), "—"] for i in range(1, len(pages) + 1)]
    read = READ[".pdf"](path)
    assert read.count("完。") == rows
