from datetime import date

import pytest

from qingmiao.kernel.periods import Period, PeriodKind


@pytest.mark.parametrize(
    ("kind", "day", "year"),
    [
        ("calendar_year", date(2024, 12, 31), 2024),
        ("school_year", date(2024, 8, 31), 2023),
        ("school_year", date(2024, 9, 1), 2024),
        ("school_year", date(2025, 1, 15), 2024),
        ("mch_year", date(2024, 9, 30), 2024),
        ("mch_year", date(2024, 10, 1), 2025),
        ("year_end", date(2024, 1, 1), 2024),
    ],
)
def test_the_year_of_a_day(kind: str, day: date, year: int) -> None:
    assert PeriodKind(kind).year_of(day) == year


@pytest.mark.parametrize("kind", list(PeriodKind))
def test_first_and_last_day_lie_in_the_period_and_their_neighbours_do_not(kind: PeriodKind) -> None:
    period = Period(kind, 2024)
    assert kind.year_of(period.start) == kind.year_of(period.end) == 2024
    assert kind.year_of(date.fromordinal(period.start.toordinal() - 1)) == 2023
    assert kind.year_of(date.fromordinal(period.end.toordinal() + 1)) == 2025


def test_a_year_must_be_plausible() -> None:
    with pytest.raises(ValueError, match="outside"):
        Period(PeriodKind.CALENDAR_YEAR, 24)
