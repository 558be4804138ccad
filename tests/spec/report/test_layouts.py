"""A report is one file of a pack: blocks in an order, under conditions, with words that hold no number of their own."""

from __future__ import annotations

import re
import subprocess
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from report_plans import FONTS, YEAR, plan, report, target, values

from qingmiao.content import Pack, load_pack
from qingmiao.content.reports import COLUMNS, COUNTS, PLACES, Layout
from qingmiao.figures.book import SETTINGS
from qingmiao.figures.findings import Findings
from qingmiao.report.build import draft_report
from qingmiao.report.layouts import LayoutError, file_name, layouts
from qingmiao.report.model import Document, Heading, NumberIndex, Paragraph, Table, plain
from qingmiao.report.wording import load_wording
from qingmiao.report.write import write_report

NUMBERS = {"element": "numbers"}


def laid(*blocks: dict[str, Any], **more: Any) -> Layout:
    return Layout.model_validate(
        {"id": "own", "label": {"zh": "通报"}, "title": "{plan}{year}年通报", "blocks": [*blocks, NUMBERS]} | more
    )


@pytest.fixture
def pack() -> Pack:
    return plan(
        {
            "健康": [target("H1", "高", "at_least", value=90), target("H2", "低", "at_least", value=90)],
            "教育": [target("E1", "学", "at_least", value=90)],
        }
    )


def told(pack: Pack, layout: Layout, **more: Any) -> Document:
    with_it = replace(pack, others={"reports": {layout.id: layout}})
    rows = {t: [("990101", YEAR, n, 100)] for t, n in (("H1", 95), ("H2", 50), ("E1", 96))}
    return report(with_it, values(with_it, rows), layout=layout.id, **more)


def prose(document: Document) -> list[str]:
    return [plain(b.parts) for b in document.blocks if isinstance(b, Paragraph)]


def test_a_report_says_its_blocks_in_their_order_with_the_runs_numbers(pack: Pack) -> None:
    made = told(
        pack,
        laid(
            {"section": "甲", "blocks": [{"paragraph": ["共{count.all}项，", {"say": "达标{count.met}项。"}]}]},
            {"table": "results", "columns": ["target", "now"], "where": {"attainment": ["not_met"]}},
        ),
    )
    heading, _, table, index = made.blocks
    assert isinstance(heading, Heading)
    assert prose(made) == ["共3项，达标2项。"]
    assert isinstance(table, Table)
    assert [plain(row[0]) for row in table.rows] == ["低"]
    assert len(table.columns) == 2
    assert isinstance(index, NumberIndex)
    assert [e.text for e in made.entries[:2]] == ["3", "2"]


def test_a_block_or_sentence_stands_only_where_its_conditions_hold(pack: Pack) -> None:
    sentences = [
        {"say": "有未达标。", "when": ["some.not_met"]},
        {"say": "没有未达标。", "when": ["not some.not_met"]},
        {"say": "都有。", "when": ["some.met", "not some.pending"]},
    ]
    assert prose(told(pack, laid({"paragraph": sentences}))) == ["有未达标。都有。"]
    assert prose(told(pack, laid({"paragraph": "有。", "when": ["some.pending"]}))) == []


def test_a_table_without_rows_says_what_the_layout_says_instead(pack: Pack) -> None:
    none = {"table": "results", "where": {"attainment": ["pending"]}}
    assert prose(told(pack, laid({**none, "empty": "没有待下达的。"}))) == ["没有待下达的。"]
    assert len(told(pack, laid(none)).blocks) == 1


def test_within_each_field_names_counts_and_rows_are_the_fields(pack: Pack) -> None:
    each = {
        "each": "field",
        "blocks": [{"paragraph": "{field}{count.all}项，达标{count.met}项。"}, {"table": "results"}],
    }
    made = told(pack, laid(each))
    assert prose(made) == ["健康2项，达标1项。", "教育1项，达标1项。"]
    tables = [b for b in made.blocks if isinstance(b, Table)]
    assert [len(t.rows) for t in tables] == [2, 1]


def test_a_report_on_one_field_counts_only_that_field(pack: Pack) -> None:
    layout = laid({"paragraph": "{field}达标{count.met}项，达标率{rate}%。"}, about="field", title="{field}{year}年")
    field = pack.fields[1]
    made = told(pack, layout, field=field.id)
    assert prose(made) == ["教育达标1项，达标率100.0%。"]
    assert made.title == f"教育{YEAR}年"
    assert file_name(replace(pack, others={"reports": {"own": layout}}), "own", field.id) == "通报（教育）"


@pytest.mark.parametrize(
    ("layout", "field", "said"),
    [
        ("own", "", "要指定一个领域"),
        ("own", "nowhere", "没有领域「nowhere」"),
        ("annual", "x", "不能指定领域"),
        ("nothing", "", "没有报告「nothing」；可用：annual（年度监测报告）、own（通报）"),
    ],
)
def test_what_cannot_be_made_is_told_with_what_can(pack: Pack, layout: str, field: str, said: str) -> None:
    with_it = replace(pack, others={"reports": {"own": laid(about="field")}})
    with pytest.raises(LayoutError, match=said):
        report(with_it, values(with_it, {}), layout=layout, field=field)


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ({"paragraph": "达标 3 项。"}, "不能写数字"),
        ({"section": "第1部分", "blocks": [{"element": "legend"}]}, "不能写数字"),
        ({"paragraph": "{count.nothing}项"}, "没有「{count.nothing}」这个引用"),
        ({"paragraph": "{count.all项"}, "不成对"),
        ({"paragraph": "有", "when": ["some.nothing"]}, "没有「some.nothing」这个条件"),
        ({"table": "nothing"}, "by_field"),
        ({"table": "results", "columns": ["target", "nothing"]}, "没有可选的列「nothing」"),
        ({"table": "results", "paragraph": "有"}, "恰好写一个"),
        ({"section": "空"}, "下面要有 blocks"),
        ({"paragraph": "{field}"}, "each: field"),
        ({"nothing": "x"}, "nothing"),
    ],
)
def test_a_wrong_layout_is_refused_when_it_is_read(block: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        laid(block)
    assert said in str(refused.value)


def test_a_report_without_its_list_of_numbers_or_with_a_fifth_level_is_refused() -> None:
    with pytest.raises(ValidationError, match="没有数字索引"):
        laid(blocks=[{"paragraph": "有。"}])
    deep: dict[str, Any] = {"paragraph": "有。"}
    for _ in range(4):
        deep = {"section": "节", "blocks": [deep]}
    laid(deep)
    with pytest.raises(ValidationError, match="最多套四层"):
        laid({"section": "节", "blocks": [deep]})


def test_every_name_that_a_layout_may_use_is_one_that_the_engine_has(pack: Pack) -> None:
    _, book = draft_report(
        pack, values(pack, {}), Findings(()), year=YEAR, demo=False, snapshot_id="", run_id="",
        generated_on=date(2025, 3, 1),
    )  # fmt: skip
    fields = {f".{f.id}" for f in pack.fields}
    assert {n for n in book.counts if not any(n.endswith(f) for f in fields)} == COUNTS
    assert {p.partition(".")[2] for p in PLACES if p.startswith(("setting.", "percent."))} <= set(SETTINGS)
    for table, columns in COLUMNS.items():
        made = told(pack, laid(*({"table": table, "columns": [c]} for c in columns)))
        assert all(len(b.columns) == 1 for b in made.blocks if isinstance(b, Table))


def test_the_shipped_layouts_are_offered_beside_the_annual_report() -> None:
    china = load_pack(Path(__file__).parents[3] / "content/china")
    assert list(layouts(china)) == ["annual", "brief", "evaluation", "field"]
    assert file_name(china, "annual") == "监测报告"


def test_a_pack_may_say_only_words_of_the_annual_report_otherwise(pack: Pack) -> None:
    words = {"column": {"bar": "要求"}}
    own = Layout.model_validate({"id": "annual", "label": {"zh": "年报"}, "title": "{plan}{year}年报", "words": words})
    made = told(pack, own)
    tables = [b for b in made.blocks if isinstance(b, Table)]
    assert any(c.header == "要求" for t in tables for c in t.columns)
    assert not any(c.header == "目标值" for t in tables for c in t.columns)
    with pytest.raises(ValidationError, match="没有 blocks"):
        Layout.model_validate({"id": "other", "label": {"zh": "年报"}, "title": "{plan}", "words": words})


def test_a_short_report_has_no_front_page_and_tables_name_the_list_of_numbers_as_its_heading_does(
    pack: Pack, tmp_path: Path
) -> None:
    table = {"section": "结果", "blocks": [{"table": "by_field"}]}
    short = told(pack, laid(table, contents=False, index_name="附表"))
    whole = told(pack, laid(table))
    words = {}
    for name, document in (("short", short), ("whole", whole)):
        paths = write_report(document, tmp_path, fonts=FONTS, name=name)
        assert {p.name for p in paths} == {f"{name}.{form}" for form in ("docx", "pdf", "html")}
        pages = subprocess.run(["pdftotext", tmp_path / f"{name}.pdf", "-"], capture_output=True, text=True, check=True)
        body = zipfile.ZipFile(tmp_path / f"{name}.docx").read("word/document.xml").decode()
        words[name] = (pages.stdout, body, (tmp_path / f"{name}.html").read_text("utf-8"))
    for said in words["short"]:
        assert "附表" in said or "附 表" in said
        assert "目　录" not in said
        assert 'aria-label="目录"' not in said
        assert "附录" not in said
    assert "目　录" in words["whole"][1]
    assert 'aria-label="目录"' in words["whole"][2]
    assert words["short"][0].count("\f") < words["whole"][0].count("\f")


def test_the_shipped_layouts_send_nobody_to_a_part_that_they_do_not_have() -> None:
    china = load_pack(Path(__file__).parents[3] / "content/china")
    for layout in (layouts(china)[id_] for id_ in ("brief", "field")):
        for language, said in (("zh", "见“([^”]+)”"), ("en", "see “([^”]+)”")):
            sections = set(re.findall(rf"section=Bilingual\([^)]*{language}='([^']*)'", repr(layout.blocks)))
            named = re.findall(said, load_wording(layout, language=language).text("note.results"))
            assert sections
            assert set(named) <= sections
