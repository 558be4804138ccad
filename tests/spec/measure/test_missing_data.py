"""Missing is not zero: what gives a value, what gives none, and why (docs/explanation/missing-data.md)."""

from __future__ import annotations

from drawn import County

LOW_WEIGHT = {
    "from": "births",
    "numerator": {"count": "*", "where": "weight < 2.5"},
    "denominator": {"count": "weight"},
}


def test_a_blank_is_not_a_zero(county: County) -> None:
    county.fact("births", """
        child | town | date       | weight
        a     | A    | 2024-01-05 | 2.4
        b     | A    | 2024-03-01 | 2.5
        c     | A    | 2024-06-30 |
    """)  # fmt: skip
    county.indicator("low_weight", **LOW_WEIGHT)
    values = county.measure()
    assert values.of("low_weight", "A", 2024) == 1 / 2 * 100
    assert values.of("low_weight", "county", 2024) == 1 / 2 * 100


def test_an_area_without_rows_has_no_value(county: County) -> None:
    county.fact("births", """
        child | town | date       | weight
        a     | A    | 2024-01-05 | 2.4
    """)  # fmt: skip
    county.indicator("low_weight", **LOW_WEIGHT)
    values = county.measure()
    assert values.of("low_weight", "B", 2024) is None
    assert values.why("low_weight", "B", 2024) == "M denominator_no_rows"


def test_rows_that_fail_the_condition_are_a_zero(county: County) -> None:
    county.fact("births", """
        child | town | date       | weight
        a     | A    | 2024-01-05 | 3.4
        b     | A    | 2024-01-06 | 3.0
    """)  # fmt: skip
    county.indicator("low_weight", **LOW_WEIGHT)
    assert county.measure().of("low_weight", "A", 2024) == 0 / 2 * 100


def test_a_zero_denominator_gives_no_value(county: County) -> None:
    county.fact("births", """
        child | town | date       | weight
        a     | A    | 2024-01-05 |
    """)  # fmt: skip
    county.indicator("low_weight", **LOW_WEIGHT)
    values = county.measure()
    assert values.of("low_weight", "A", 2024) is None
    assert values.why("low_weight", "A", 2024) == "O zero_denominator"
    assert values.row("low_weight", "A", 2024)["denominator"] == 0


def test_a_sum_of_nothing_is_missing_and_a_missing_addend_is_left_out(county: County) -> None:
    county.fact("visits", """
        visit | town | date       | amount
        1     | A    | 2024-01-05 |
        2     | B    | 2024-01-05 | 0.1
        3     | B    | 2024-01-06 | 0.2
        4     | B    | 2024-01-07 |
    """)  # fmt: skip
    county.indicator("spent", unit="元", from_="visits", numerator={"sum": "amount"})
    values = county.measure()
    assert values.why("spent", "A", 2024) == "M numerator_no_sum"
    # 0.1 + 0.2 is 0.3 here, in whatever order: sums are exact to the millionth.
    assert values.of("spent", "B", 2024) == 0.3


def test_an_unknown_condition_does_not_count(county: County) -> None:
    county.fact("checks", """
        check | town | date       | grade | vaccinated
        1     | A    | 2024-01-05 | 1     | yes
        2     | A    | 2024-01-05 | 2     |
        3     | A    | 2024-01-05 |       | no
    """)  # fmt: skip
    county.indicator("not_vaccinated", from_="checks", numerator={"count": "*", "where": "not vaccinated"},
                     denominator={"count": "*", "where": "vaccinated is not null"})  # fmt: skip
    county.indicator("first_grade", from_="checks", numerator={"count": "*", "where": "grade = 1"},
                     denominator={"count": "*", "where": "grade = 1 or grade <> 1"})  # fmt: skip
    values = county.measure()
    assert values.of("not_vaccinated", "A", 2024) == 1 / 2 * 100
    assert values.of("first_grade", "A", 2024) == 1 / 2 * 100


def test_a_condition_that_is_never_known_counts_nobody(county: County) -> None:
    county.fact("checks", """
        check | town | date       | grade
        1     | A    | 2024-01-05 |
        2     | A    | 2024-01-05 |
    """)  # fmt: skip
    county.indicator(
        "first_grade",
        from_="checks",
        numerator={"count": "*", "where": "grade = 1"},
        denominator={"count": "*"},
    )
    assert county.measure().of("first_grade", "A", 2024) == 0 / 2 * 100


def test_division_by_zero_inside_a_condition_is_unknown(county: County) -> None:
    county.fact("schools", """
        school | town | year | pupils | grade
        1      | A    | 2024 | 10     | 0
        2      | A    | 2024 | 10     | 5
    """)  # fmt: skip
    county.indicator("small", from_="schools", numerator={"count": "*", "where": "pupils / grade = 2"},
                     denominator={"count": "*", "where": "pupils / grade is null"})  # fmt: skip
    assert county.measure().of("small", "A", 2024) == 1 / 1 * 100


def test_a_row_without_a_group_counts_in_the_total_only(county: County) -> None:
    county.fact("births", """
        child | town | date       | weight | sex
        a     | A    | 2024-01-05 | 2.4    | f
        b     | A    | 2024-01-05 | 3.4    |
    """)  # fmt: skip
    county.indicator("low_weight", **LOW_WEIGHT, by=["sex"])
    values = county.measure()
    assert values.of("low_weight", "A", 2024) == 1 / 2 * 100
    assert values.of("low_weight", "A", 2024, sex="f") == 1 / 1 * 100


def test_a_year_asked_for_and_not_collected_is_told(county: County) -> None:
    county.fact("births", """
        child | town | date       | weight
        a     | A    | 2023-01-05 | 2.4
    """)  # fmt: skip
    county.indicator("low_weight", **LOW_WEIGHT)
    values = county.measure(years=[2023, 2024])
    assert values.of("low_weight", "county", 2023) == 1 / 1 * 100
    assert values.why("low_weight", "county", 2024) == "M denominator_not_collected"
