"""Coverage: who is in the denominator, and the lowest dose of the lowest township."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from qingmiao.standards import immunisation
from qingmiao.standards.immunisation import DoseCoverage

ON = datetime.date(2025, 12, 31)
BIRTH = "2025-01-01"


def rows(
    given: dict[str, list[tuple[str, str]]],
    area: dict[str, str | None],
    on: datetime.date = ON,
    **setting: object,
) -> dict[tuple[str, str, int], DoseCoverage]:
    lines = [(child, vaccine, date) for child, doses in given.items() for vaccine, date in [*doses, (None, None)]]
    table = {
        "id": np.array([line[0] for line in lines], dtype=object),
        "birth_date": np.array([BIRTH] * len(lines), dtype=object),
        "vaccine": np.array([line[1] for line in lines], dtype=object),
        "date": np.array([line[2] for line in lines], dtype=object),
    }
    read, states = immunisation.judged(table, on=on)
    areas = np.array([area[child] for child in read.ids.tolist()], dtype=object)
    found = immunisation.coverage(states, areas, **setting)  # type: ignore[arg-type]
    return {(row.area, row.vaccine, row.dose): row for row in found}


THREE = {
    "a": [("HepB", "2025-01-01"), ("HepB", "2025-02-01"), ("HepB", "2025-07-01")],
    "b": [("HepB", "2025-01-03"), ("HepB", "2025-02-10")],
    "c": [],
}
ONE_TOWN = dict.fromkeys(THREE, "城关")


def test_a_child_missing_the_dose_before_is_not_due_for_the_next() -> None:
    found = rows(THREE, ONE_TOWN)
    assert [(found["城关", "HepB", n].given, found["城关", "HepB", n].due) for n in (1, 2, 3)] == [
        (2, 3),
        (2, 2),
        (1, 2),
    ]
    assert found["城关", "HepB", 1].percent == pytest.approx(100 * 2 / 3)
    assert found["城关", "HepB", 1].timely == 1


def test_that_stays_so_when_the_next_dose_is_overdue_too() -> None:
    found = rows(THREE, ONE_TOWN, on=datetime.date(2026, 6, 1))
    assert [found["城关", "HepB", n].due for n in (1, 2, 3)] == [3, 2, 2]


def test_the_other_denominator_counts_every_child_of_the_age() -> None:
    found = rows(THREE, ONE_TOWN, denominator="age_reached")
    assert [found["城关", "HepB", n].due for n in (1, 2, 3)] == [3, 3, 3]
    assert found["城关", "MMR", 2].due == 0, "18 months are not reached by anyone"


def test_a_period_takes_the_doses_that_fell_due_in_it() -> None:
    period = (datetime.date(2025, 7, 1), ON)
    found = rows(THREE, ONE_TOWN, period=period)
    assert [found["城关", "HepB", n].due for n in (1, 2, 3)] == [0, 0, 2]
    assert found["城关", "HepB", 1].percent is None


def test_a_dose_that_does_not_count_is_due_and_not_covered() -> None:
    found = rows({"a": [("IPV", "2025-02-01")]}, {"a": "城关"})
    assert (found["城关", "IPV", 1].given, found["城关", "IPV", 1].due) == (0, 1)


def test_the_township_figure_is_the_lowest_dose_and_the_county_the_lowest_township() -> None:
    full = {name: [*doses] for name, doses in THREE.items()}
    area: dict[str, str | None] = {"a": "昌宁", "b": "光华", "c": None}
    found = tuple(rows(full, area).values())
    assert {row.area for row in found} == {"昌宁", "光华"}, "a child without a township is left out"
    by_area = {row.area: row for row in immunisation.lowest(found)}
    assert by_area["昌宁"].percent == 0
    only_hepb = tuple(row for row in found if row.vaccine == "HepB")
    lowest = {row.area: row for row in immunisation.lowest(only_hepb)}
    assert (lowest["昌宁"].percent, lowest["光华"].percent) == (100, 0)
    assert lowest["光华"].lowest is not None
    assert (lowest["光华"].lowest.vaccine, lowest["光华"].lowest.dose) == ("HepB", 3)
    county = immunisation.lowest_of_all(only_hepb)
    assert (county.area, county.percent) == ("光华", 0)


def test_no_child_due_gives_no_figure() -> None:
    nothing = immunisation.lowest((DoseCoverage("城关", "HepB", 1, 0, 0, 0),))[0]
    assert (nothing.percent, nothing.lowest, nothing.doses_counted) == (None, None, 0)


def one(
    vaccine: str,
    dose: int,
    lines: list[tuple[str, str, str | None, str | None]],
    on: datetime.date,
    **setting: object,
) -> DoseCoverage:
    """Coverage of a dose over (child, birth date, vaccine, day)."""
    columns = zip(*lines, strict=True)
    names = ("id", "birth_date", "vaccine", "date")
    table = {name: np.array(cells, dtype=object) for name, cells in zip(names, columns, strict=True)}
    read, states = immunisation.judged(table, on=on)
    area = np.array(["甲镇"] * read.ids.size, dtype=object)
    found = immunisation.coverage(states, area, **setting)  # type: ignore[arg-type]
    return next(row for row in found if (row.vaccine, row.dose) == (vaccine, dose))


EARLY: list[tuple[str, str, str | None, str | None]] = [
    ("a", "2024-01-15", "MMR", "2024-09-01"),
    ("c", "2023-12-01", "MMR", "2024-08-02"),
]


@pytest.mark.parametrize(
    ("on", "due"), [((2024, 9, 10), 1), ((2024, 9, 14), 1), ((2024, 9, 15), 2), ((2024, 9, 16), 2)]
)
def test_a_dose_given_too_early_makes_nobody_due_before_the_day(on: tuple[int, int, int], due: int) -> None:
    """Trial case 06: child a reaches eight months on 15 September."""
    found = one("MMR", 1, EARLY, datetime.date(*on))
    assert (found.due, found.given) == (due, 1)


def test_a_dose_too_close_makes_nobody_due_before_its_interval_is_over() -> None:
    lines = [("a", "2024-01-01", "MMR", "2025-06-20"), ("a", "2024-01-01", "MMR", "2025-07-10")]
    before, after = (one("MMR", 2, lines, datetime.date(2025, 7, day)) for day in (17, 18))
    assert [(row.due, row.given) for row in (before, after)] == [(0, 0), (1, 0)]


def test_who_passed_the_age_of_a_vaccine_without_it_stays_in_its_denominator() -> None:
    lines = [("a", "2022-05-10", "MPSV-A", "2022-11-10"), ("b", "2022-05-10", None, None)]
    found = one("MPSV-A", 1, lines, datetime.date(2024, 8, 1))
    assert (found.due, found.given) == (2, 1)


def test_nobody_past_the_age_of_the_schedule_is_counted() -> None:
    lines = [("a", "2008-06-01", "BCG", "2008-06-01"), ("b", "2008-06-02", None, None)]
    found = one("BCG", 1, lines, datetime.date(2026, 6, 1))
    assert (found.due, found.given) == (1, 0)


def test_what_could_not_be_read_is_counted_apart_and_bounds_the_figure() -> None:
    born = "2025-01-10"
    lines = [
        ("a", born, "MMR", "2025-09-10"),
        ("b", born, "MMR", "2025-09-31"),
        ("c", born, None, None),
        ("d", "2025-02-30", "MMR", "2025-10-10"),
    ]
    found = one("MMR", 1, lines, datetime.date(2026, 1, 31))
    assert (found.due, found.given, found.unknown, found.percent) == (2, 1, 2, 50)
    assert found.bounds == (25, 75)
    assert one("MMR", 2, lines, datetime.date(2026, 1, 31)).unknown == 1, "only d, who may be of any age"
    period = (datetime.date(2026, 1, 1), datetime.date(2026, 1, 31))
    assert one("MMR", 1, lines, datetime.date(2026, 1, 31), period=period).unknown == 1


@pytest.mark.parametrize("numbers", [("1", "2", "3"), (None, None, None), ("3", "2", "1")])
def test_numbers_change_no_coverage(numbers: tuple[str | None, ...]) -> None:
    """Trial case 05: ten children whose second dose came on day 19."""
    days = ("2023-01-01", "2023-01-20", "2023-07-01")
    rows_ = [(str(child), day, number) for child in range(10) for day, number in zip(days, numbers, strict=True)]
    table = {
        "id": np.array([row[0] for row in rows_], dtype=object),
        "birth_date": np.array(["2023-01-01"] * 30, dtype=object),
        "vaccine": np.array(["HepB"] * 30, dtype=object),
        "date": np.array([row[1] for row in rows_], dtype=object),
        "dose": np.array([row[2] for row in rows_], dtype=object),
    }
    read, states = immunisation.judged(table, on=datetime.date(2025, 12, 31))
    found = immunisation.coverage(states, np.array(["甲"] * read.ids.size, dtype=object))
    hepb = {row.dose: (row.given, row.due) for row in found if row.vaccine == "HepB"}
    assert hepb == {1: (10, 10), 2: (10, 10), 3: (0, 10)}
