"""A report does not publish with a number that cannot be followed.

Every number of a report is a reference. It resolves to a value of the run, or the report stops and nothing is written.
"""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from report_plans import FONTS, YEAR, plan, report, target, values

from qingmiao.cli import main
from qingmiao.content.pack import Pack
from qingmiao.content.reports import Layout
from qingmiao.figures.book import Book
from qingmiao.figures.findings import Findings
from qingmiao.figures.numbers import (
    ChangeOf,
    CountOf,
    FindingOf,
    LimitOf,
    NumberRef,
    PlanNumberOf,
    PublishedOf,
    RateOf,
    SettingOf,
    ValueOf,
    WordsRef,
)
from qingmiao.report.model import Block, Charts, Document, Figure, Paragraph, SeriesChart, Strong, Table, Text
from qingmiao.report.references import UnresolvedNumberError, resolve
from qingmiao.report.wording import WordingError
from qingmiao.report.write import write_report

NOWHERE = ValueOf("i.T1", "990101", 1999)


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("婴儿死亡率指标", "2.8‰"),  # 4 / 1450 × 1000 = 2.7586…
        ("学前毛入园率指标", "91.8%"),  # (1780 + 8 × 7) / 2000 = 91.8
        ("接种率指标", "88.0%"),  # 880 / 1000, 乙镇
        ("学前毛入园率：规划写明的目标值", "92%"),
        ("婴儿死亡率：规划写明的目标值", "3.2‰"),
        ("目标数", "5"),
        ("可以判定的目标数", "3"),  # T1, T2, T3; T4 待下达, T5 没有指标
        ("达标的目标数占可以判定的目标数的比例", "33.3%"),  # T2 of T1 T2 T3: 1 / 3
        ("学前毛入园率指标：公布值之差（绝对值）", "0.4"),  # 91.8 − 91.4
    ],
)
def test_the_appendix_holds_the_published_number(told: Document, what: str, text: str) -> None:
    assert text in {e.text for e in told.entries if e.what == what}


def test_each_entry_says_where_its_number_comes_from(told: Document) -> None:
    assert [e.what for e in told.entries if not e.origin and not e.command] == []
    rate = next(e for e in told.entries if e.what == "婴儿死亡率指标" and e.year == str(YEAR))
    assert (rate.numerator, rate.denominator, rate.version) == ("4", "1450", "1")
    assert rate.command == "qingmiao explain i.T2 --area 990101 --year 2024"


def test_the_command_of_a_group_is_one_that_the_command_line_knows(county: Pack) -> None:
    table = values(county, {"T1": [("990101", YEAR, 50, 100)]})
    girls = table.set_column(3, "sex", [["F"]])
    found = Book(county, girls, Findings(()), YEAR).number(ValueOf("i.T1", "990101", YEAR, (("sex", "F"),)))
    assert found is not None
    asked = shlex.split(found.entry.command)[1:]
    said = CliRunner().invoke(main, asked, standalone_mode=True).output
    assert "没有选项" not in said


@pytest.mark.parametrize(
    "lost",
    [
        NOWHERE,
        ValueOf("i.none", "990101", YEAR),
        ValueOf("i.T1", "1", YEAR),
        ValueOf("i.T1", "990101", YEAR, (("sex", "F"),)),
        ChangeOf(ValueOf("i.T1", "990101", YEAR), NOWHERE),
        FindingOf("T1", "probability"),
        FindingOf("T9", "bar"),
        PlanNumberOf("T9", "value", YEAR),
        PlanNumberOf("T1", "low", YEAR),
        CountOf("nothing"),
        RateOf(CountOf("nothing"), CountOf("all")),
        PublishedOf("S", "CN", YEAR),
        LimitOf("i.T1", "990101", YEAR, "low"),
        SettingOf("no_such_threshold"),
    ],
)
def test_a_reference_to_nothing_stops_the_report(county: Pack, told: Document, lost: NumberRef) -> None:
    book = Book(county, values(county, {"T1": [("990101", YEAR, 90, 100)]}), Findings(()), YEAR)
    with pytest.raises(UnresolvedNumberError):
        resolve(replace(told, blocks=(Paragraph((lost,)),)), book)


def test_all_faults_are_told_at_once_and_no_file_appears(county: Pack, told: Document, tmp_path: Path) -> None:
    book = Book(county, values(county, {"T1": [("990101", YEAR, 90, 100)]}), Findings(()), YEAR)
    draft = replace(
        told,
        blocks=(
            Paragraph((Text("共 17 项"),)),
            Paragraph((NOWHERE, FindingOf("T1", "bar"))),
            Paragraph((WordsRef("indicator", "i.none"),)),
            Paragraph((Figure("3.2", 1),)),
        ),
    )
    with pytest.raises(UnresolvedNumberError) as stopped:
        write_report(resolve(draft, book), tmp_path / "out", fonts=FONTS)
    assert Counter(f.code for f in stopped.value.faults) == {
        "free_number": 2,
        "unresolved_number": 2,
        "unresolved_words": 1,
    }
    assert not (tmp_path / "out").exists()


def test_a_writer_refuses_a_draft(told: Document, tmp_path: Path) -> None:
    for name in ("docx", "pdf", "html"):
        with pytest.raises(TypeError, match="unresolved"):
            write_report(replace(told, blocks=(Paragraph((NOWHERE,)),)), tmp_path / name, fonts=FONTS, formats=(name,))
        assert not (tmp_path / name).exists()


def test_every_number_of_text_tables_and_charts_has_its_entry(told: Document) -> None:
    figures = [f for b in told.blocks for f in _figures(b)]
    assert len(figures) > 50
    assert {f.entry for f in figures} == {e.number for e in told.entries}
    assert [e.number for e in told.entries] == list(range(1, len(told.entries) + 1))


def test_a_county_cannot_write_a_number_into_the_sentences() -> None:
    words = {"change": {"same": "与 2020 年持平。"}}
    own = Layout.model_validate({"id": "annual", "label": {"zh": "年报"}, "title": "{plan}{year}", "words": words})
    pack = replace(plan({"健康": [target("T1", "目标", "at_least", value=90)]}), others={"reports": {"annual": own}})
    with pytest.raises(WordingError) as stopped:
        report(pack, values(pack, {"T1": [("990101", YEAR, 95, 100)]}))
    assert [f.code for f in stopped.value.faults] == ["free_number"]


def _figures(block: Block) -> list[Figure]:
    def within(parts: object) -> list[Figure]:
        if isinstance(parts, Figure):
            return [parts]
        if isinstance(parts, Strong):
            return within(parts.parts)
        return [f for p in parts for f in within(p)] if isinstance(parts, tuple) else []

    if isinstance(block, Paragraph):
        return within(block.parts)
    if isinstance(block, Table):
        return within(block.rows) + within(block.head) + within(block.note) + within(block.caption)
    if isinstance(block, Charts):
        found = [f for c in block.charts for f in within(c.caption) + within(c.description)]
        for chart in block.charts:
            if isinstance(chart, SeriesChart):
                marks = (*chart.points, *chart.target, *chart.reference, *chart.forecast)
            elif hasattr(chart, "county"):
                marks = (*chart.points, *chart.target, *([chart.county] if chart.county else []))
            else:
                found += [f for _, cells in chart.points for _, f, _ in cells if isinstance(f, Figure)]
                continue
            found += [m.value for m in marks if isinstance(m.value, Figure)]
        return found
    return within(getattr(block, "parts", ()))
