"""Returns, published series, combined indicators, breakdowns."""

from __future__ import annotations

from drawn import County

SHARE = {"from": "return:F1", "numerator": {"cells": ["1.1", "2.1"]}, "denominator": {"cells": ["3.1"]}}


def test_a_county_figure_needs_every_town(county: County) -> None:
    county.table("F1", "township", """
        place | year | 1.1 | 2.1 | 3.1
        A     | 2023 | 1   | 2   | 10
        B     | 2023 | 0   | 1   | 10
        C     | 2023 | 2   | 2   | 20
        A     | 2024 | 1   | 2   | 10
        B     | 2024 | 0   | 1   | 10
    """)  # fmt: skip
    county.indicator("share", **SHARE)
    values = county.measure()
    assert values.of("share", "A", 2023) == (1 + 2) / 10 * 100
    assert values.of("share", "county", 2023) == (1 + 2 + 0 + 1 + 2 + 2) / (10 + 10 + 20) * 100
    assert values.why("share", "county", 2024) == "M denominator_part_missing"
    assert values.why("share", "C", 2024) == "M denominator_no_rows"


def test_one_empty_cell_is_no_sum(county: County) -> None:
    county.table("F1", "county", """
        place  | year | 1.1 | 2.1 | 3.1
        county | 2023 | 1   |     | 10
        county | 2024 | 1   | 0   | 10
    """)  # fmt: skip
    county.indicator("share", **SHARE)
    values = county.measure()
    assert values.why("share", "county", 2023) == "M numerator_cell_missing"
    assert values.of("share", "county", 2024) == (1 + 0) / 10 * 100
    assert values.row("share", "A", 2024) is None  # a county's form says nothing of its towns


def test_a_cell_with_a_minus_is_taken_off(county: County) -> None:
    county.table("F1", "county", """
        place  | year | 1.1 | 2.1 | 3.1
        county | 2024 | 9   | 2   | 10
    """)  # fmt: skip
    county.indicator("rest", from_="return:F1", numerator={"cells": ["1.1", "-2.1"]}, denominator={"cells": ["3.1"]})
    assert county.measure().of("rest", "county", 2024) == (9 - 2) / 10 * 100


def test_a_fact_over_a_return(county: County) -> None:
    county.fact("deaths", """
        death | town | date
        1     | A    | 2024-05-01
    """)  # fmt: skip
    county.table("F1", "township", """
        place | year | 1.1
        A     | 2024 | 100
        B     | 2024 | 200
        C     | 2024 | 100
    """)  # fmt: skip
    county.indicator("mortality", unit="‰", numerator={"count": "*", "from": "deaths"},
                     denominator={"cells": ["1.1"], "from": "return:F1"})  # fmt: skip
    values = county.measure()
    assert values.of("mortality", "county", 2024) == 1 / 400 * 1000
    assert values.of("mortality", "B", 2024) == 0 / 200 * 1000


def test_a_published_series_stands_in_where_facts_give_nothing(county: County) -> None:
    county.fact("births", """
        child | town | date       | weight
        a     | A    | 2024-01-05 | 2.4
        b     | A    | 2024-01-05 | 3.4
    """)  # fmt: skip
    county.series("""
        indicator  | place  | year | value | numerator | denominator
        low_weight | county | 2020 | 4.5   |           |
        low_weight | county | 2021 |       | 3         | 60
        low_weight | county | 2024 | 50.04 |           |
        low_weight | A      | 2024 | 51    |           |
    """)  # fmt: skip
    county.indicator("low_weight", from_="births", numerator={"count": "*", "where": "weight < 2.5"},
                     denominator={"count": "weight"}, decimals=1)  # fmt: skip
    values = county.measure()
    assert values.of("low_weight", "county", 2020) == 4.5
    assert values.of("low_weight", "county", 2021) == 3 / 60 * 100
    assert values.of("low_weight", "county", 2024) == 1 / 2 * 100
    assert [values.row("low_weight", "county", y)["origin"] for y in (2020, 2024)] == ["series", "facts"]
    # 50.0 and 50.04 print alike; 50.0 and 51.0 do not, and that is told.
    assert [(f.code, f.area, f.year) for f in values.measured.findings] == [("series_differs", "990101001", 2024)]


BIRTHS_BY_SEX = """
    child | town | date       | weight | sex
    a     | A    | 2024-01-05 | 2.4    | f
    b     | A    | 2024-01-05 | 3.4    | f
    c     | A    | 2024-01-05 | 2.4    | m
    d     | B    | 2024-01-05 | 2.4    | m
    e     | B    | 2024-01-05 | 3.4    | m
    f     | C    | 2024-01-05 | 3.4    | f
"""


def combined(county: County, **combine: str) -> None:
    county.fact("births", BIRTHS_BY_SEX)
    county.indicator(
        "low_weight",
        from_="births",
        numerator={"count": "*", "where": "weight < 2.5"},
        denominator={"count": "*"},
    )
    county.indicator("combined", unit="百分点", combine={"of": "low_weight", **combine})


def test_the_difference_of_two_groups(county: County) -> None:
    combined(county, op="difference", by="sex", first="m", second="f")
    values = county.measure()
    assert values.of("combined", "county", 2024) == 2 * 100 / 3 - 1 * 100 / 3
    assert values.of("combined", "A", 2024) == 1 / 1 * 100 - 1 / 2 * 100
    assert values.why("combined", "B", 2024) == "M group_missing"


def test_the_spread_over_towns_and_the_lowest_of_them(county: County) -> None:
    combined(county, op="spread", by_level="township")
    assert county.measure().of("combined", "county", 2024) == 2 * 100 / 3 - 0 / 1 * 100


def test_a_missing_town_gives_no_minimum(county: County) -> None:
    combined(county, op="minimum", by_level="township")
    assert county.measure().of("combined", "county", 2024) == 0 / 1 * 100
    county.fact("births", BIRTHS_BY_SEX.replace("f     | C    | 2024-01-05 | 3.4    | f\n", ""))
    assert county.measure().why("combined", "county", 2024) == "M group_missing"


def test_a_cross_of_two_breakdowns(county: County) -> None:
    county.fact("births", """
        child | town | date       | sex | grade
        a     | A    | 2024-01-05 | f   | 1
        b     | A    | 2024-01-05 | f   | 2
        c     | A    | 2024-01-05 | f   | 2
        d     | A    | 2024-01-05 | m   | 2
    """)  # fmt: skip
    county.indicator("born", unit="人", from_="births", numerator={"count": "*"}, by=["sex", ["sex", "grade"]])
    values = county.measure()
    assert values.of("born", "A", 2024, sex="f") == 3
    assert values.of("born", "A", 2024, sex="f", grade="2") == 2
    assert values.of("born", "county", 2024) == 4


def test_different_values_are_counted_once_in_each_group(county: County) -> None:
    county.fact("checks", """
        check | child | town | date
        1     | x     | A    | 2024-01-05
        2     | x     | B    | 2024-02-05
        3     | y     | B    | 2024-02-05
        4     |       | B    | 2024-02-05
    """)  # fmt: skip
    county.indicator("children", unit="人", from_="checks", numerator={"distinct": "child"})
    values = county.measure()
    assert [values.of("children", place, 2024) for place in ("A", "B", "county")] == [1, 2, 2]
