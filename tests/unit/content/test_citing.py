"""A source line says authority, title, number and place; marks of reading never, what no authority has set always."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from qingmiao.content.base import EvidenceMark, Source
from qingmiao.content.citing import cited, method_cited, named


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"document": "《未成年人保护法》", "place": "第六十二条", "evidence": "seen"}, "《未成年人保护法》第六十二条"),
        ({"document": "某规划", "place": "健康·主要目标3", "evidence": "official"}, "《某规划》健康·主要目标3"),
        ({"document": "国家统计监测报告", "evidence": "partly_seen"}, "国家统计监测报告"),
        ({"document": "某规划", "place": "目标1", "evidence": "local"}, "某规划 目标1（由本县设定，待确认）"),
        ({"evidence": "proposal"}, "尚无文件依据（为建议，待确认）"),
        (
            {"authority": "国务院", "document": "关于加强工作的意见", "number": "国发〔2016〕13号", "place": "第一条"},
            "国务院《关于加强工作的意见》（国发〔2016〕13号）第一条",
        ),
        (
            {"document": "环境空气质量标准", "number": "GB 3095—2012", "place": "第4章"},
            "《环境空气质量标准》（GB 3095—2012）第4章",
        ),
    ],
)
def test_a_source_is_cited(given: dict[str, str], line: str) -> None:
    assert cited(Source.model_validate(given)) == line


def test_the_method_of_an_indicator_says_what_its_document_does_not_give() -> None:
    plan = Source(authority="国务院", document="纲要", evidence=EvidenceMark.GENERAL_KNOWLEDGE)
    assert method_cited(plan) == "国务院《纲要》（计算方法按通行做法）"
    assert cited(plan) == named(plan) == "国务院《纲要》"
    assert method_cited(Source(evidence=EvidenceMark.GENERAL_KNOWLEDGE)) == "尚无文件依据（计算方法按通行做法）"


@pytest.mark.parametrize("evidence", list(EvidenceMark))
def test_marks_of_reading_are_for_the_documentation(evidence: EvidenceMark) -> None:
    line = cited(Source(document="某文件", evidence=evidence))
    for mark in ("seen", "转载", "部分见于", "未核实", evidence.value):
        assert mark not in line


@pytest.mark.parametrize(
    "number",
    ["国发〔2021〕16号", "国卫办妇幼发〔2021〕11号", "卫生部令第64号", "教育部、市场监管总局令第45号", "GB 3095—2012",
     "WS/T 598.3—2018", "GB/T 9704—2012", "DB14/T 3250—2025"],
)  # fmt: skip
def test_a_number_of_a_document_an_order_or_a_standard_is_taken(number: str) -> None:
    assert Source(document="文件", number=number).number == number


@pytest.mark.parametrize(
    "number",
    ["国发[2021]16号", "国发（2021）16号", "国发〔21〕16号", "国发〔2021〕016号", "国发〔2021〕第16号", "国发〔2021〕16",
     "GB 3095-2012", "GB3095—2012", "令第45号", "2021年第5号", "详见文件"],
)  # fmt: skip
def test_a_number_of_another_form_is_refused_with_the_form(number: str) -> None:
    with pytest.raises(ValidationError, match="国发〔2021〕16号"):
        Source(document="文件", number=number)


def test_a_source_without_a_title_says_only_that_nothing_has_set_it() -> None:
    with pytest.raises(ValidationError, match="document"):
        Source(evidence=EvidenceMark.SEEN)
    with pytest.raises(ValidationError, match="没有写 document"):
        Source(authority="国务院", evidence=EvidenceMark.LOCAL)
