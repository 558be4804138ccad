"""A source line says title and place; marks of reading never, what no authority has set always."""

from __future__ import annotations

import pytest

from qingmiao.content.base import EvidenceMark, Source
from qingmiao.content.citing import cited


@pytest.mark.parametrize(
    ("document", "place", "evidence", "line"),
    [
        ("《未成年人保护法》", "第六十二条", "seen", "《未成年人保护法》第六十二条"),
        ("某县儿童发展规划", "健康·主要目标3", "official", "《某县儿童发展规划》健康·主要目标3"),
        ("国家统计监测报告", "", "partly_seen", "国家统计监测报告"),
        ("通行做法", "", "general_knowledge", "通行做法（计算方法没有统一规定，按通行做法）"),
        ("某县规划", "目标1", "proposal", "某县规划 目标1（计算方法为建议，待确认）"),
    ],
)
def test_a_source_is_cited(document: str, place: str, evidence: str, line: str) -> None:
    assert cited(Source(document=document, place=place, evidence=EvidenceMark(evidence))) == line


@pytest.mark.parametrize("evidence", list(EvidenceMark))
def test_marks_of_reading_are_for_the_documentation(evidence: EvidenceMark) -> None:
    line = cited(Source(document="某文件", evidence=evidence))
    for mark in ("seen", "转载", "部分见于", evidence.value):
        assert mark not in line
