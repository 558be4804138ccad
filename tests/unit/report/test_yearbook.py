"""A yearbook: what is printed has gone through disclosure, breaks are marked, the workbook says what the tables say."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from qingmiao.content.check import check_path
from qingmiao.content.load import load_pack
from qingmiao.content.pack import Pack
from qingmiao.content.yearbooks import Yearbook
from qingmiao.figures.book import Book
from qingmiao.figures.findings import Findings
from qingmiao.report.model import Table, plain
from qingmiao.report.yearbook import workbook, yearbook_document, yearly
from qingmiao.report.yearbook.tables import BROKEN, HIDDEN, NONE, Yearly

ROOT = Path(__file__).resolve().parents[3]
COUNTY, TOWN, OTHER = "141029", "141029100", "141029101"
ANAEMIA = "health.anaemia_u5"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(ROOT / "content" / "xiangning")


def row(area: str, year: int, numerator: float, denominator: float, *, sex: str | None = None) -> dict[str, Any]:
    return {
        "indicator": ANAEMIA, "area": area, "year": year, "sex": sex, "numerator": numerator,
        "denominator": denominator, "value": numerator / denominator * 100, "obs_status": "A", "origin": "facts",
        "definition_version": 1, "reason": None, "bound": None,
    }  # fmt: skip


def made(pack: Pack, rows: list[dict[str, Any]]) -> Yearly:
    values = pa.Table.from_pylist(rows)
    (book,) = pack.entries("yearbooks", Yearbook).values()
    return yearly(pack, Book(pack, values, Findings(()), 2025), book, 2025)


def line(found: Yearly, columns: int) -> tuple[str, ...]:
    """The values of the indicator in the table of years (0), townships (1)."""
    return found.tables[columns].rows[0].values


def test_counts_are_rounded_and_small_ones_leave_no_way_back(pack: Pack) -> None:
    """153 of 2,998 is printed as 155 of 3,000; a township with 3 cases is not, and another is hidden with it."""
    rows = [row(COUNTY, 2025, 153, 2998), row(TOWN, 2025, 3, 700), row(OTHER, 2025, 60, 900)]
    found = made(pack, [*rows, row(COUNTY, 2024, 6, 2990)])
    years = line(found, 0)
    assert years[-1] == f"{155 / 3000 * 100:.1f}"
    assert years[-2] == HIDDEN
    assert set(years[:-2]) == {NONE}
    heads = [h.zh for h in found.tables[1].heads]
    towns = dict(zip(heads, line(found, 1), strict=True))
    assert towns["全县"] == years[-1]
    assert towns[pack.areas[TOWN].name] == HIDDEN
    exact = {f"{3 / 700 * 100:.1f}", f"{153 / 2998 * 100:.1f}"}
    assert not exact & {v for t in found.tables for r in t.rows for v in r.values} - {years[-1]}


def test_tables_in_which_nothing_may_be_printed_are_left_out(pack: Pack) -> None:
    """Only small counts: no table at all, not a table of signs."""
    assert made(pack, [row(COUNTY, 2025, 6, 2990)]).tables == ()


def test_a_break_of_definition_is_marked_in_its_year_and_explained(pack: Pack) -> None:
    """A second definition from 2024 on that is not comparable."""
    indicator = pack.indicators[ANAEMIA]
    first = indicator.definitions[-1]
    later = first.model_copy(
        update={"version": 9, "first_year": 2024, "comparable": False, "reason": "诊断标准改变"}
    )  # fmt: skip
    ended = first.model_copy(update={"last_year": 2023})
    broken = indicator.model_copy(update={"definitions": (ended, later)})
    before = pack.indicators[ANAEMIA]
    pack.indicators[ANAEMIA] = broken
    try:
        found = made(pack, [row(COUNTY, y, 150, 3000) for y in (2022, 2023, 2024, 2025)])
    finally:
        pack.indicators[ANAEMIA] = before
    assert line(found, 0) == (NONE, NONE, "5.0", "5.0", f"5.0{BROKEN}", "5.0")
    assert "2024年起口径改变" in found.tables[0].notes[0].zh


def test_the_workbook_and_the_document_say_the_same(pack: Pack) -> None:
    """Every cell of every table, in both; the contents lead to every sheet; both bear the mark of demonstration."""
    found = made(pack, [row(COUNTY, 2025, 153, 2998), row(COUNTY, 2024, 200, 2990), row(TOWN, 2025, 90, 700)])
    raw = workbook(found, demo=True, snapshot="abc", on=datetime(2025, 3, 1))
    read = openpyxl.load_workbook(io.BytesIO(raw))
    document = yearbook_document(found, issuer="", on=date(2025, 3, 1), demo=True, snapshot="abc")
    printed = [b for b in document.blocks if isinstance(b, Table)]
    for one in found.tables:
        sheet = read[one.number]
        for n, r in enumerate(one.rows, start=4):
            cells = [sheet.cell(n, m).value for m in range(3, 3 + len(r.values))]
            assert [c if isinstance(c, str) else float(c) for c in cells] == [
                v if v in (HIDDEN, NONE) else float(v) for v in r.values
            ]
    texts = {plain(cell) for b in printed for r in b.rows for cell in r}
    assert {v for t in found.tables for r in t.rows for v in r.values} <= texts
    links = {c.hyperlink.location for r in read["目录 Contents"].iter_rows() for c in r if c.hyperlink}
    assert {f"'{t.number}'!A1" for t in found.tables} <= links
    assert "演示数据" in read[found.tables[0].number]["A1"].value
    assert document.demo


@pytest.mark.parametrize(
    ("put", "told"),
    [("field: helth", "没有领域「helth」"), ("field: health\n    x: 1", "不认识的键")],
)
def test_a_yearbook_that_names_what_is_not_there_is_found(tmp_path: Path, put: str, told: str) -> None:
    """With its file and line."""
    import shutil

    for name in ("china", "xiangning"):
        shutil.copytree(ROOT / "content" / name, tmp_path / name)
    path = tmp_path / "xiangning" / "yearbooks" / "women_children.yaml"
    path.write_text(path.read_text("utf-8").replace("field: health", put, 1), "utf-8")
    _, faults = check_path(tmp_path / "xiangning")
    assert any(told in f.message and f.line for f in faults)
