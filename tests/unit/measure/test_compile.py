"""The compiled queries: one per table, equal numbers once, in two steps where numbers can be added up."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from sqlglot import exp

sys.path.append(str(Path(__file__).parents[2] / "spec" / "measure"))
from drawn import County

from qingmiao.content.expressions import parse
from qingmiao.measure.compile import pass_query, set_number
from qingmiao.measure.dialect import sql_text
from qingmiao.measure.engine import DuckDBRunner
from qingmiao.measure.plan import MeasureError, MeasurePlan, make_plan


def plan_of(*, distinct: bool = False) -> MeasurePlan:
    county = County(DuckDBRunner())
    county.fact("births", "child | town | date | weight | sex\na | A | 2024-01-05 | 2.4 | f")
    share = {"from": "births", "denominator": {"count": "weight"}, "by": ["sex"]}
    county.indicator("low", **share, numerator={"count": "*", "where": "weight < 2.5"})
    county.indicator("high", **share, numerator={"count": "*", "where": "weight >= 4"}, period="mch_year")
    if distinct:
        county.indicator("children", from_="births", numerator={"distinct": "child"})
    return make_plan(county.pack, {n: t.column_names for n, t in county.tables.items()})


def test_one_pass_for_all_indicators_of_a_table_and_equal_numbers_once() -> None:
    (table_pass,) = plan_of().passes
    assert len(table_pass.measurements) == 3  # two numerators, one shared denominator
    assert len(table_pass.sets) == 2 * 2 * 2  # kinds of year × levels × (total, sex)


def test_every_grouping_set_has_its_own_number() -> None:
    (table_pass,) = plan_of().passes
    assert len({set_number(table_pass, s) for s in table_pass.sets}) == len(table_pass.sets)


@pytest.mark.parametrize(("distinct", "group_bys"), [(False, 2), (True, 1)])
def test_two_steps_only_where_every_number_can_be_added_up(distinct: bool, group_bys: int) -> None:
    tree = pass_query(plan_of(distinct=distinct).passes[0])
    assert len(list(tree.find_all(exp.Group))) == group_bys
    assert len(list(tree.find_all(exp.GroupingSets))) == 1
    assert len(list(tree.find_all(exp.Table))) == 1  # the table is read once


def test_the_dialects_differ_in_words_only() -> None:
    tree = parse("age_days(birth, date '2024-01-31') / 7 > 1.5")
    assert sql_text(tree, "duckdb") == (
        "CAST((DATE_DIFF('DAY', \"birth\", CAST('2024-01-31' AS DATE))) AS DOUBLE) / NULLIF(7, 0) > CAST(1.5 AS DOUBLE)"
    )
    assert sql_text(tree, "spark") == (
        "CAST((DATEDIFF(DAY, `birth`, CAST('2024-01-31' AS DATE))) AS DOUBLE) / NULLIF(7, 0) > CAST(1.5 AS DOUBLE)"
    )


def test_a_column_that_the_table_lacks_is_a_fault_that_names_it() -> None:
    county = County(DuckDBRunner())
    county.fact("births", "child | town | date\na | A | 2024-01-05")
    county.indicator("low", from_="births", numerator={"count": "*", "where": "weight < 2.5"})
    with pytest.raises(MeasureError, match="weight"):
        county.measure()


def test_indicators_in_a_circle_are_a_fault() -> None:
    county = County(DuckDBRunner())
    for name, other in (("a", "b"), ("b", "a")):
        county.indicator(name, combine={"op": "minimum", "of": other, "by_level": "township"})
    with pytest.raises(MeasureError, match="a → b → a"):
        county.measure()
