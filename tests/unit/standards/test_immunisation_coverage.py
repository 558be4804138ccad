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
    lines = [
        (child, vaccine, date) for child, doses in given.items() for vaccine, date in [*doses, (None, None)]
    ]
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
