"""Sections that officials write: sourced facts from outside with who entered them; unsourced digits are refused."""

from __future__ import annotations

from datetime import date

import pytest
from report_plans import YEAR, plan, target, values

from qingmiao.figures.findings import Findings
from qingmiao.report.build import draft_report
from qingmiao.report.model import Document, Heading, Paragraph, plain
from qingmiao.report.prose import editable, with_edits
from qingmiao.report.references import UnresolvedNumberError, resolve
from qingmiao.report.written import entered, spread, without_unwritten

FACT = "全县新建托育机构3家，新增托位210个。（来源：县卫健体局《2024年工作总结》（第2页））"
NAMES = ("主要做法", "存在问题", "下一步建议")


@pytest.fixture(scope="module")
def drafted() -> tuple[Document, object]:
    pack = plan({"健康": [target("H1", "高", "at_least", value=90)]})
    return draft_report(
        pack, values(pack, {"H1": [("990101", YEAR, 95, 100)]}), Findings(()), year=YEAR, demo=True, snapshot_id="s",
        run_id="r", generated_on=date(2025, 3, 1),
    )  # fmt: skip


def places(draft: Document) -> list[int]:
    return [i for i, b in enumerate(draft.blocks) if isinstance(b, Paragraph) and b.role == "written"]


def headings(document: Document) -> list[str]:
    return [plain(b.parts) for b in document.blocks if isinstance(b, Heading)]


def test_the_annual_report_has_room_for_each(drafted) -> None:
    draft, book = drafted
    assert len(places(draft)) == 3
    assert [h for h in headings(resolve(draft, book)) if h in NAMES] == list(NAMES)
    begun = {p.index: p.text for p in editable(draft, book)}
    assert [begun[i] for i in places(draft)] == ["", "", ""]


def test_a_sourced_fact_keeps_its_digits_and_each_line_is_a_paragraph(drafted) -> None:
    draft, book = drafted
    text = "加强领导，落实责任。\n" + FACT
    made = spread(resolve(with_edits(draft, {places(draft)[0]: text}), book))
    said = [plain(b.parts) for b in made.blocks if isinstance(b, Paragraph) and b.role == "body"]
    assert "加强领导，落实责任。" in said
    assert FACT in said


@pytest.mark.parametrize(
    "text",
    [
        "新建托育机构3家。",
        "新建托育机构３家。",
        FACT + "\n新增托位210个。",
        "（来源：县卫健体局）新建3家。",
        "新建3家（来源：）",
    ],
)
def test_a_number_without_a_source_at_the_end_of_its_line_is_refused(drafted, text: str) -> None:
    draft, book = drafted
    with pytest.raises(UnresolvedNumberError):
        resolve(with_edits(draft, {places(draft)[0]: text}), book)


def test_elsewhere_a_source_does_not_let_digits_in(drafted) -> None:
    draft, book = drafted
    body = next(p.index for p in editable(draft, book) if p.index not in places(draft))
    with pytest.raises(UnresolvedNumberError):
        resolve(with_edits(draft, {body: FACT}), book)


def test_who_entered_a_fact_stands_behind_its_source_and_nobody_else_can_be_named() -> None:
    first = entered(FACT, "", "张三")
    assert first.endswith("（来源：县卫健体局《2024年工作总结》（第2页）；录入：张三）")
    assert entered(first + "\n" + FACT.replace("3家", "4家"), first, "李四").splitlines() == [
        first,
        FACT.replace("3家", "4家")[:-1] + "；录入：李四）",
    ]
    assert entered(first.replace("210", "211"), first, "李四").endswith("；录入：李四）")


def test_what_nobody_wrote_is_not_filed(drafted) -> None:
    draft, book = drafted
    index = places(draft)[1]
    filed = resolve(without_unwritten(with_edits(draft, {index: "进度偏慢。"}), frozenset({index})), book)
    assert [h for h in headings(filed) if h in NAMES] == ["存在问题"]
    assert not any(isinstance(b, Paragraph) and "由编写单位填写" in plain(b.parts) for b in filed.blocks)
