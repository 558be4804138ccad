"""The report on invented data: every number resolved, hostile text harmless, three formats from one document."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import invented
import pytest

from qingmiao.figures.book import Book
from qingmiao.figures.numbers import ValueOf
from qingmiao.report.build import build_report
from qingmiao.report.html import html_bytes
from qingmiao.report.model import Charts, Document, Figure, Paragraph, Text, plain
from qingmiao.report.references import UnresolvedNumberError, resolve
from qingmiao.report.write import write_report

FONTS = Path(__file__).parents[3] / "var/fonts"


def document(**more: object) -> Document:
    pack = invented.invented_pack(**more)  # type: ignore[arg-type]
    return build_report(
        pack,
        invented.invented_values(),
        invented.invented_findings(invented.invented_values()),
        year=invented.YEAR,
        demo=True,
        snapshot_id="0123456789abcdef",
        run_id="demo-run",
        generated_on=date(2025, 3, 1),
    )


@pytest.fixture(scope="module")
def told() -> Document:
    return document()


@pytest.fixture(scope="module")
def files(told: Document, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("report")
    return {p.suffix: p for p in write_report(told, folder, fonts=FONTS)}


def words(document: Document) -> str:
    return "\n".join(plain(b.parts) for b in document.blocks if isinstance(b, Paragraph))


def test_every_verdict_is_told_in_words(told: Document) -> None:
    text = words(told)
    for word in ("达标", "未达标", "无法判定", "待下达"):
        assert word in text


def test_every_number_has_an_entry_and_entries_are_numbered_through(told: Document) -> None:
    numbers = [e.number for e in told.entries]
    assert numbers == list(range(1, len(numbers) + 1))
    figures = [f for b in told.blocks if isinstance(b, Paragraph) for f in b.parts if isinstance(f, Figure)]
    assert figures
    assert {f.entry for f in figures} <= set(numbers)


def test_the_html_is_self_contained_and_marked(files: dict[str, Path]) -> None:
    text = files[".html"].read_text("utf-8")
    assert '<html lang="zh-CN"' in text
    assert "演示数据" in text
    assert not re.search(r"""(?:src|href)=["']https?://""", text)
    assert "<script" not in text
    targets = set(re.findall(r'id="([^"]+)"', text))
    links = re.findall(r'href="#([^"]+)"', text)
    assert links
    assert [x for x in links if x not in targets] == []
    assert not [x for x in links if re.fullmatch(r"b\d+", x)]


def test_where_the_list_stands_on_the_page_each_number_leads_to_its_entry_and_back(told: Document) -> None:
    text = html_bytes(replace(told, blocks=tuple(b for b in told.blocks if not isinstance(b, Charts))), {}).decode()
    targets = set(re.findall(r'id="([^"]+)"', text))
    links = re.findall(r'href="#([^"]+)"', text)
    assert {f"b{e.number}" for e in told.entries} <= targets
    assert any(re.fullmatch(r"b\d+", x) for x in links)
    assert any(re.fullmatch(r"n\d+-1", x) for x in links)
    assert [x for x in links if x not in targets] == []


def test_pdf_and_docx_are_whole(files: dict[str, Path]) -> None:
    assert files[".pdf"].read_bytes().startswith(b"%PDF-")
    with zipfile.ZipFile(files[".docx"]) as archive:
        body = archive.read("word/document.xml").decode()
        styles = archive.read("word/styles.xml").decode()
    assert "仿宋_GB2312" in styles
    assert "w:tblHeader" in body
    assert "Heading1" in body or "1" in re.findall(r'w:pStyle w:val="(?:Heading)?(\d)"', body)


def test_equal_inputs_give_equal_bytes(told: Document, files: dict[str, Path], tmp_path: Path) -> None:
    again = write_report(document(), tmp_path, fonts=FONTS, formats=("html",))
    assert again[0].read_bytes() == files[".html"].read_bytes()


def test_hostile_labels_stay_text(tmp_path: Path) -> None:
    written = write_report(document(label=invented.HOSTILE), tmp_path, fonts=FONTS)
    html = next(p for p in written if p.suffix == ".html").read_text("utf-8")
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html
    assert all(p.stat().st_size > 10_000 for p in written)


def test_a_number_that_cannot_be_followed_stops_the_report(told: Document) -> None:
    values = invented.invented_values()
    book = Book(invented.invented_pack(), values, invented.invented_findings(values), invented.YEAR)
    known = ValueOf("i.T01", invented.COUNTY, invented.YEAR)
    resolve(replace(told, blocks=(Paragraph((known,)),)), book)
    for unknown in (replace(known, indicator="i.none"), replace(known, year=1999), replace(known, area="1")):
        with pytest.raises(UnresolvedNumberError):
            resolve(replace(told, blocks=(Paragraph((known, unknown)),)), book)


def test_without_fonts_it_says_what_to_do_and_writes_nothing(told: Document, tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    with pytest.raises(Exception, match="make setup"):
        write_report(told, tmp_path / "out", fonts=tmp_path / "fonts")
    assert not (tmp_path / "out").exists()


def test_numerals_in_prose_are_caught(told: Document) -> None:
    free = replace(told, blocks=(Paragraph((Text("共有 17 项"),)),))
    with pytest.raises(UnresolvedNumberError):
        resolve(free, None)  # type: ignore[arg-type]
