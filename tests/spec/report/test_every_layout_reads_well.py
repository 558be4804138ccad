"""No layout that is shipped says anything to stumble over: no doubled stop, no chance given and refused at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from report_plans import report

from qingmiao.content import load_pack
from qingmiao.content.pack import Pack
from qingmiao.content.reports import Layout
from qingmiao.report.layouts import layouts
from qingmiao.report.model import Document, Text
from reader import faults, visible

CHINA = layouts(load_pack(Path(__file__).parents[3] / "content/china"))


@pytest.mark.parametrize("id_", sorted(CHINA))
def test_a_report_of_each_layout(id_: str, county: Pack, county_values: object) -> None:
    layout: Layout = CHINA[id_]
    pack = replace(county, others={"reports": CHINA})
    field = county.fields[0].id if layout.about == "field" else ""
    made: Document = report(pack, county_values, layout=id_, field=field)
    said = list(visible(made))
    assert len(said) > 30
    assert faults(iter(said), pack) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("目标已达到。。", "doubled punctuation"),
        ("不给出达标概率：已有数据；达到目标的概率约 0.62。", "a chance given and refused"),
    ],
)
def test_what_would_be_stumbled_over_is_found(county: Pack, text: str, what: str) -> None:
    assert any(what in fault for fault in faults(iter([("here", Text(text).text)]), county))
