"""Sheets that obey the rules of their return."""

from __future__ import annotations

from decimal import Decimal

import pytest

from qingmiao.content.returns import Return
from qingmiao.demo.rules import Rulebook


def a_return(rules: list[tuple[str, str]], computed: list[dict[str, str]] | None = None) -> Return:
    return Return.model_validate(
        {
            "id": "X1",
            "form_no": "演示 1 表",
            "label": {"zh": "演示表"},
            "issued_by": "演示单位",
            "period": "calendar_year",
            "level": "county",
            "reporter": "someone",
            "due": {"days": 10},
            "rows": [{"code": f"0{n}", "label": {"zh": f"第{n}行"}} for n in (1, 2, 3)],
            "columns": [{"code": "1", "label": {"zh": "数"}}],
            "computed": computed or [],
            "rules": [
                {"id": f"R{n}", "level": level, "check": check, "message": "不符"}
                for n, (level, check) in enumerate(rules)
            ],
            "source": {"document": "演示"},
        }
    )


def sheet(*values: int) -> dict[str, Decimal | None]:
    return {f"0{n}.1": Decimal(v) for n, v in enumerate(values, start=1)}


@pytest.mark.parametrize(
    "check",
    [
        "[01.1] >= [02.1] + [03.1]",
        "[01.1] = [02.1] + [03.1]",
        "[02.1] <= [03.1]",
        "2 * [01.1] > [02.1]",
        "[01.1] <> 10",
    ],
)
def test_a_broken_rule_is_mended_by_one_cell(check: str) -> None:
    book = Rulebook(a_return([("error", check)]))
    before = sheet(10, 20, 7)
    assert book.judged(before, {})
    after = book.mended(before, {})
    assert not book.judged(after, {})
    assert sum(before[c] != after[c] for c in before) == 1


def test_rules_over_a_computed_cell_are_mended_through_its_parts() -> None:
    book = Rulebook(
        a_return(
            [("error", "[03.1] <= [01.1]"), ("error", "[03.1] >= 8")],
            [{"cell": "03.1", "formula": "[02.1] + 1"}],
        )
    )
    after = book.mended({"01.1": Decimal(10), "02.1": Decimal(20)}, {})
    assert not book.judged(after, {})


def test_last_periods_figure_counts() -> None:
    book = Rulebook(a_return([("query", "abs([01.1] - last[01.1]) <= 0.5 * last[01.1]")]))
    last = sheet(100, 0, 0)
    assert book.judged(sheet(151, 0, 0), last)
    assert not book.judged(sheet(150, 0, 0), last)
    assert not book.judged(book.mended(sheet(400, 0, 0), last), last)


def test_an_impossible_error_rule_is_a_bug_of_ours() -> None:
    book = Rulebook(a_return([("error", "[01.1] < 0")]))
    with pytest.raises(RuntimeError, match="X1"):
        book.mended(sheet(1, 1, 1), {})


def test_a_part_knows_its_whole() -> None:
    assert Rulebook(a_return([("error", "[02.1] <= [01.1]"), ("error", "[01.1] >= [03.1]")])).whole_of == {
        "02.1": "01.1",
        "03.1": "01.1",
    }
