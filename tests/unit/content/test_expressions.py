from datetime import date
from decimal import Decimal

import pytest

from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import (
    ExpressionError,
    check_types,
    columns_of,
    expand_rule,
    parse,
    rule_cells,
    rule_text,
)


@pytest.mark.parametrize(
    "text",
    [
        "select 1",
        "(select 1)",
        "a in (select b from c)",
        "1; drop table x",
        "read_csv('x')",
        "pg_sleep(3)",
        "count(a)",
        "a::int",
        "cast(a as int)",
        "x.y = 1",
        "a > $1",
        "a -- remark",
        "*",
        "a[1]",
        "a like 'b%'",
        "x -> x",
        "date '2020-13-01' < d",
        "a in ()",
        "(",
        "a" * 5000,
    ],
)
def test_what_is_not_a_plain_scalar_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


def test_an_unknown_function_names_the_one_that_was_meant() -> None:
    with pytest.raises(ExpressionError) as error:
        parse("age_year(a, b)")
    assert "age_years" in error.value.hint


def test_columns_are_listed_once_in_order() -> None:
    assert columns_of(parse("b > 1 and (a = b or c is null)")) == ("b", "a", "c")


COLUMNS = {"n": "number", "t": "text", "b": "boolean", "d": "date"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [("n + 1", "number"), ("t in ('x', 'y')", "boolean"), ("case when b then t else 'z' end", "text"),
     ("age_years(d, date '2024-01-01') >= 3", "boolean"), ("coalesce(n, 0)", "number"), ("null", "null")],
)  # fmt: skip
def test_types(text: str, kind: str) -> None:
    assert check_types(parse(text), COLUMNS) == kind  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["n + t", "t > 1", "not n", "b and n", "age_years(n, d)", "case when n then 1 end", "x = 1"]
)
def test_types_that_do_not_fit(text: str) -> None:
    with pytest.raises(ExpressionError):
        check_types(parse(text), COLUMNS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("n = 1 or t = 'x'", True),  # missing or true
        ("n = 1 and t = 'x'", None),  # missing and true
        ("n = 1 and t = 'y'", False),  # missing and false
        ("not (n = 1)", None),
        ("n is null", True),
        ("n in (1, 2)", None),
        ("1 / 0", None),
        ("7 / 2", Decimal("3.5")),
        ("coalesce(n, 5)", 5),
        ("least(n, 3, 4)", 3),
        ("case when n = 1 then 'a' else 'b' end", "b"),
        ("age_months(d, date '2024-02-28')", 0),
        ("age_months(d, date '2024-02-29')", 1),
        ("age_years(d, date '2034-01-30')", 9),
        ("age_years(d, date '2034-01-31')", 10),
    ],
)
def test_three_valued_logic_and_ages(text: str, value: object) -> None:
    row = {"n": None, "t": "x", "d": date(2024, 1, 31)}
    assert evaluate(parse(text), row) == value


def test_rules_of_returns() -> None:
    assert rule_cells("[*.1] >= last[01.2]") == ("*.1", "01.2")
    assert expand_rule("[*.1] >= [*.2]", ["01", "02"], ["1", "2"]) == ("[01.1] >= [01.2]", "[02.1] >= [02.2]")
    check = parse(rule_text("sum([01.1], [02.1]) = [03.1] and last[01.1] > 0"))
    row = {"01.1": 0.1, "02.1": 0.2, "03.1": 0.3, "last.01.1": 1}
    assert evaluate(check, row) is True
