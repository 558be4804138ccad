"""Which year a row counts in, corrections that come late, and definitions that change."""

from __future__ import annotations

import pytest
from drawn import County

BOUNDARY = """
    child | town | date       | weight
    a     | A    | 2023-09-30 | 1
    b     | A    | 2023-10-01 | 1
    c     | A    | 2023-12-31 | 1
    d     | A    | 2024-01-01 | 1
    e     | A    | 2024-08-31 | 1
    f     | A    | 2024-09-01 | 1
    g     | A    | 2024-09-30 | 1
    h     | A    | 2024-10-01 | 1
"""


@pytest.mark.parametrize(
    ("period", "year", "children"),
    [
        ("calendar_year", 2023, "abc"), ("calendar_year", 2024, "defgh"),
        ("year_end", 2024, "defgh"),
        ("school_year", 2023, "abcde"), ("school_year", 2024, "fgh"),
        ("mch_year", 2023, "a"), ("mch_year", 2024, "bcdefg"), ("mch_year", 2025, "h"),
    ],
)  # fmt: skip
def test_where_each_kind_of_year_begins(county: County, period: str, year: int, children: str) -> None:
    county.fact("births", BOUNDARY)
    county.indicator("born", unit="人", from_="births", numerator={"count": "*"}, period=period)
    assert county.measure().of("born", "A", year) == len(children)


def test_several_kinds_of_year_in_one_reading_of_the_table(county: County) -> None:
    county.fact("births", BOUNDARY)
    for period in ("calendar_year", "school_year", "mch_year"):
        county.indicator(period, unit="人", from_="births", numerator={"count": "*"}, period=period)
    values = county.measure()
    assert [values.of(p, "A", 2024) for p in ("calendar_year", "school_year", "mch_year")] == [5, 3, 6]
    assert list(values.measured.queries) == ["births"]


CORRECTED = """
    child | town | date       | weight | version | retracted
    a     | A    | 2024-01-05 | 2.4    | 1       |
    a     | A    | 2024-01-05 | 3.4    | 3       |
    b     | A    | 2024-02-05 | 2.0    | 1       |
    c     | A    | 2024-03-05 | 3.0    | 1       |
    c     | A    | 2024-03-05 | 3.0    | 2       | yes
"""
LOW_WEIGHT = {
    "from": "births",
    "numerator": {"count": "*", "where": "weight < 2.5"},
    "denominator": {"count": "weight"},
}


def test_a_late_correction_replaces_and_a_retraction_takes_back(county: County) -> None:
    county.fact("births", CORRECTED)
    county.indicator("low_weight", **LOW_WEIGHT)
    # b of a (corrected to 3.4) and b; c was taken back
    assert county.measure().of("low_weight", "A", 2024) == 1 / 2 * 100


@pytest.mark.parametrize(("as_of", "expected"), [(1, 2 / 3 * 100), (2, 2 / 2 * 100), (3, 1 / 2 * 100)])
def test_what_was_known_at_an_earlier_version(county: County, as_of: int, expected: float) -> None:
    county.fact("births", CORRECTED, as_of=as_of)
    county.indicator("low_weight", **LOW_WEIGHT)
    assert county.measure().of("low_weight", "A", 2024) == pytest.approx(expected)


def test_a_definition_that_changes_counts_each_year_by_its_own_version(county: County) -> None:
    county.fact("births", """
        child | town | date       | weight
        a     | A    | 2022-01-05 | 2.6
        b     | A    | 2022-01-05 | 3.0
        c     | A    | 2023-01-05 | 2.6
        d     | A    | 2023-01-05 | 3.0
    """)  # fmt: skip
    old = {**LOW_WEIGHT, "version": 1, "last_year": 2022}
    new = {
        **LOW_WEIGHT,
        "version": 2,
        "first_year": 2023,
        "numerator": {"count": "*", "where": "weight < 2.8"},
    }
    county.indicator("low_weight", definitions=[old, new])
    values = county.measure()
    assert values.of("low_weight", "A", 2022) == 0 / 2 * 100
    assert values.of("low_weight", "A", 2023) == 1 / 2 * 100
    assert [values.row("low_weight", "A", y)["definition_version"] for y in (2022, 2023)] == [1, 2]


CHECKS = """
    check | child | town | date       | grade
    1     | x     | A    | 2024-03-01 | 1
    2     | x     | B    | 2024-09-01 | 2
    3     | y     | A    | 2024-05-01 | 2
    4     | y     | A    | 2024-05-01 | 1
    5     | y     | A    | 2025-01-01 | 2
    6     |       | A    | 2024-06-01 | 2
"""


def test_only_the_newest_row_of_a_child_and_year_counts(county: County) -> None:
    county.fact("checks", CHECKS)
    county.indicator("second_grade", from_="checks", latest={"per": "child", "order": "date"},
                     numerator={"count": "*", "where": "grade = 2"}, denominator={"count": "*"})  # fmt: skip
    values = county.measure()
    # 2024: x counts in B (check 2); y has two checks on one day, the greater key (4) counts; check 6 is nobody's.
    assert values.of("second_grade", "B", 2024) == 1 / 1 * 100
    assert values.of("second_grade", "A", 2024) == 0 / 1 * 100
    assert values.of("second_grade", "county", 2024) == 1 / 2 * 100
    assert values.of("second_grade", "A", 2025) == 1 / 1 * 100


def test_rows_that_fail_the_condition_of_latest_are_not_considered(county: County) -> None:
    county.fact("checks", CHECKS)
    county.indicator("first_grade", from_="checks", latest={"per": "child", "order": "date", "where": "grade = 1"},
                     numerator={"count": "*"}, denominator={"count": "*"})  # fmt: skip
    assert county.measure().row("first_grade", "county", 2024)["numerator"] == 2  # checks 1 and 4


@pytest.mark.parametrize(
    ("birth", "day", "years", "months"),
    [
        ("2020-02-29", "2021-02-27", 0, 11), ("2020-02-29", "2021-02-28", 1, 12), ("2020-02-29", "2024-02-29", 4, 48),
        ("2020-02-29", "2024-02-28", 3, 47), ("2020-02-29", "2026-02-28", 6, 72), ("2024-03-31", "2024-11-30", 0, 8),
        ("2020-01-31", "2020-02-28", 0, 0), ("2020-01-31", "2020-02-29", 0, 1), ("2020-05-01", "2021-04-30", 0, 11),
        ("2020-05-01", "2021-05-01", 1, 12), ("2020-12-31", "2021-01-01", 0, 0),
    ],
)  # fmt: skip
def test_completed_years_and_months(county: County, birth: str, day: str, years: int, months: int) -> None:
    county.fact("checks", f"""
        check | town | date   | birth
        1     | A    | {day}  | {birth}
    """)  # fmt: skip
    for name in ("age_years", "age_months"):
        county.indicator(name, unit="岁", from_="checks", numerator={"sum": f"{name}(birth, date)"})
    values = county.measure()
    assert (values.of("age_years", "A", int(day[:4])), values.of("age_months", "A", int(day[:4]))) == (
        years,
        months,
    )
