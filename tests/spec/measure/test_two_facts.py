"""Ratios of two facts: when nobody in the numerator's table means none, and when it means unknown."""

from __future__ import annotations

from drawn import County

DEATHS_PER_BIRTH = {
    "unit": "‰", "numerator": {"count": "*", "from": "deaths"}, "denominator": {"count": "*", "from": "births"},
}  # fmt: skip


def births_in_two_towns(county: County) -> None:
    county.fact("births", """
        child | town | date
        a     | A    | 2024-01-05
        b     | A    | 2024-02-05
        c     | B    | 2024-03-05
        d     | A    | 2023-03-05
    """)  # fmt: skip


def test_no_death_among_the_births_of_a_town_is_zero(county: County) -> None:
    births_in_two_towns(county)
    county.fact("deaths", """
        death | town | date
        1     | A    | 2024-05-01
    """)  # fmt: skip
    county.indicator("mortality", **DEATHS_PER_BIRTH)
    values = county.measure()
    assert values.of("mortality", "A", 2024) == 1 / 2 * 1000
    assert values.of("mortality", "B", 2024) == 0 / 1 * 1000
    assert values.of("mortality", "county", 2024) == 1 * 1000 / 3


def test_a_year_without_any_row_was_not_collected(county: County) -> None:
    births_in_two_towns(county)
    county.fact("deaths", """
        death | town | date
        1     | A    | 2024-05-01
    """)  # fmt: skip
    county.indicator("mortality", **DEATHS_PER_BIRTH)
    assert county.measure().why("mortality", "county", 2023) == "M numerator_not_collected"


def test_a_zero_report_says_that_there_were_none(county: County) -> None:
    births_in_two_towns(county)
    county.fact("deaths", """
        death | town | date       | cause
        1     | A    | 2024-05-01 | drowning
        none  | A    | 2023-12-31 |
    """)  # fmt: skip
    numerator = {"count": "*", "from": "deaths", "where": "cause is not null"}
    county.indicator("mortality", **{**DEATHS_PER_BIRTH, "numerator": numerator})
    assert county.measure().of("mortality", "county", 2023) == 0 / 1 * 1000


def test_deaths_without_births_have_no_rate(county: County) -> None:
    births_in_two_towns(county)
    county.fact("deaths", """
        death | town | date
        1     | C    | 2024-05-01
    """)  # fmt: skip
    county.indicator("mortality", **DEATHS_PER_BIRTH)
    values = county.measure()
    assert values.why("mortality", "C", 2024) == "M denominator_no_rows"
    assert values.row("mortality", "C", 2024)["numerator"] == 1


def test_a_table_nobody_handed_in_is_missing(county: County) -> None:
    births_in_two_towns(county)
    county.no_table("deaths", ["death", "town", "date"])
    county.indicator("mortality", **DEATHS_PER_BIRTH)
    assert county.measure().why("mortality", "A", 2024) == "M numerator_not_collected"


def test_groups_are_joined_by_their_codes(county: County) -> None:
    county.fact("births", """
        child | town | date       | sex
        a     | A    | 2024-01-05 | f
        b     | A    | 2024-02-05 | m
        c     | A    | 2024-03-05 | m
    """)  # fmt: skip
    county.fact("deaths", """
        death | town | date       | sex
        1     | A    | 2024-05-01 | m
    """)  # fmt: skip
    county.indicator("mortality", **DEATHS_PER_BIRTH, by=["sex"])
    values = county.measure()
    assert values.of("mortality", "A", 2024, sex="m") == 1 / 2 * 1000
    assert values.of("mortality", "A", 2024, sex="f") == 0 / 1 * 1000


def test_a_breakdown_that_one_table_lacks_is_left_out_and_told(county: County) -> None:
    county.fact("births", """
        child | town | date       | sex
        a     | A    | 2024-01-05 | f
    """)  # fmt: skip
    county.fact("deaths", """
        death | town | date
        1     | A    | 2024-05-01
    """)  # fmt: skip
    county.indicator("mortality", **DEATHS_PER_BIRTH, by=["sex"])
    values = county.measure()
    assert "sex" not in values.dims
    assert values.of("mortality", "A", 2024) == 1 / 1 * 1000
    assert [f.code for f in values.measured.findings] == ["breakdown_skipped"]
