"""Papers of inspections: what cannot be laid out is named; the shipped ones say what each is for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from qingmiao.content.load import load_pack
from qingmiao.content.visit_papers import VisitPaper

CHINA = Path(__file__).resolve().parents[3] / "content" / "china"


def a_paper(**more: Any) -> dict[str, Any]:
    """A small paper in which everything is right."""
    return {
        "id": "small", "label": {"zh": "小文书"}, "when": "ordered", "to": "responsible",
        "lead": {"zh": "{to}：{place}"}, "boxes": [{"shows": "unit", "label": {"zh": "检查单位"}}, {"shows": "asked"}],
        "tables": [
            {"rows": "left", "label": {"zh": "问题"}, "columns": [{"shows": "finding", "label": {"zh": "问题"}}]}
        ],
    } | more  # fmt: skip


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"lead": {"zh": "{who}：您好"}}, "只能写 to 或 place"),
    ({"lead": {"zh": "{"}}, "只能写 to 或 place"),
    ({"boxes": [{"shows": "unit"}]}, "每一栏写 label"),
    ({"boxes": [{"shows": "asked", "label": {"zh": "其他"}}]}, "每一栏写 label"),
    ({"boxes": []}, "boxes"),
    (
        {"tables": [{"rows": "items", "label": {"zh": "项"}, "columns": [{"shows": "due", "label": {"zh": "期限"}}]}]},
        "这张表的列可以是：item、grade",
    ),
    (
        {"tables": [{"rows": "left", "label": {"zh": "项"}, "columns": [{"shows": "limit", "label": {"zh": "限"}}]}]},
        "这张表的列可以是：finding、severity",
    ),
    ({"when": "always"}, "when"),
)


def test_a_paper_that_holds_together_is_read() -> None:
    assert VisitPaper.model_validate(a_paper()).signs[0].zh == "经办人（签名）"


@pytest.mark.parametrize(("more", "said"), WRONG)
def test_a_paper_that_does_not_hold_together_is_named(more: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as found:
        VisitPaper.model_validate(a_paper(**more))
    assert said in str(found.value)


def test_there_is_a_paper_for_every_moment_of_a_visit() -> None:
    every = load_pack(CHINA).entries("visit_papers", VisitPaper)
    assert {p.when for p in every.values()} == {"recorded", "ordered", "rechecked", "transferred"}
