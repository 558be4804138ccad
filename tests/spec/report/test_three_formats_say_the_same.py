"""One document, three files: docx, PDF and HTML hold the same sentences, tables and numbers."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import docx
import pytest

from qingmiao.report.annex import annex_of
from qingmiao.report.model import Document, Figure, Paragraph, Table, plain, sentences

TAG = re.compile(r"<[^>]+>")
CITATION = re.compile(r"\[[0-9–，,]+\]")
LOOKS = str.maketrans({"⸺": "—", "\u2060": None, "\u200b": None, "−": "-", "⼆": "二"})


def squeezed(text: str) -> str:
    """Letters and numbers without white space, citations and the signs that fonts swap."""
    return CITATION.sub("", re.sub(r"\s+", "", text)).translate(LOOKS)


def of_html(path: Path) -> str:
    page = re.sub(r"<(style|svg|sup)\b.*?</\1>", "", path.read_text("utf-8"), flags=re.S)
    return squeezed(html.unescape(TAG.sub("", page)))


def of_docx(path: Path) -> str:
    body = docx.Document(str(path)).element.body
    return squeezed("".join(t.text or "" for t in body.iter() if t.tag.endswith("}t")))


def of_pdf(path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    return squeezed(subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True).stdout.decode())


READ = {".html": of_html, ".docx": of_docx, ".pdf": of_pdf}


@pytest.fixture(scope="session", params=sorted(READ))
def text(request: pytest.FixtureRequest, files: dict[str, Path]) -> str:
    """The report and its annex, read by format."""
    path = files[request.param]
    return READ[request.param](path) + READ[request.param](annex_of(path))


def test_each_number_of_the_appendix_is_in_the_file(told: Document, text: str) -> None:
    assert [e.text for e in told.entries if squeezed(e.text) not in text] == []
    assert [e.what for e in told.entries if squeezed(e.what) not in text] == []


def test_each_cell_with_a_number_is_in_the_file(told: Document, text: str) -> None:
    tables = [b for b in told.blocks if isinstance(b, Table)]
    cells = [plain(cell) for t in tables for row in t.rows for cell in row]
    assert any("91.8" in c for c in cells)
    cells = [c for c in cells if len(c) < 7]  # longer ones break over lines of a column
    assert [c for c in cells if squeezed(c) not in text] == []


def test_a_number_that_is_nowhere_is_missed(text: str) -> None:
    assert "91.8" in text
    assert "91.7777" not in text


@pytest.mark.parametrize("kind", [".html", ".docx"])
def test_each_sentence_is_in_the_file(told: Document, files: dict[str, Path], kind: str) -> None:
    text = READ[kind](files[kind]) + READ[kind](annex_of(files[kind]))
    said = [
        plain(tuple(p for p in parts if not isinstance(p, Figure) or p.text))
        for b in told.blocks
        if isinstance(b, Paragraph) and b.role != "signature"
        for parts, _, _ in sentences(b.parts)
    ]
    assert len(said) > 20
    assert [s for s in said if squeezed(s) not in text] == []


def test_each_file_says_that_the_data_are_invented(text: str) -> None:
    assert "演示数据" in text


def test_the_html_needs_nothing_from_elsewhere(files: dict[str, Path]) -> None:
    page = files[".html"].read_text("utf-8")
    assert not re.search(r"""(?:src|href)=["']?(?:https?:)?//|@import|<script|url\((?!["']?(?:data:|#))""", page)


def test_the_title_stands_before_the_first_chapter(told: Document, text: str) -> None:
    assert text.index(squeezed(told.title)) < text.index("监测范围与结果")
