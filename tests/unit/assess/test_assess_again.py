"""Assessing again with what is remembered gives what assessing from nothing gives, and makes only what changed anew."""

from __future__ import annotations

from typing import Any

import pytest
from assess_build import COUNTY, TOWNSHIPS, indicator, pack, values

from qingmiao.assess import assess_pack
from qingmiao.assess.remembered import RowMemory
from qingmiao.content.pack import Pack

TREND = {"id": "T2", "kind": "falling"}


def a_pack(value: int = 90) -> Pack:
    level = {"id": "T1", "kind": "at_least", "value": value}
    return pack([level, TREND], [indicator("a", ["T1"]), indicator("b", ["T2"]), indicator("c", [])])


def measured(**changed: float) -> Any:
    """Three indicators in the county and its townships, four years; `b_2024=1.5` changes the county's value."""
    rows = [
        {"indicator": i, "year": year, "area": area, "value": 90.0 + n + year % 7}
        for i in "abc"
        for year in range(2021, 2025)
        for n, area in enumerate((COUNTY, *TOWNSHIPS))
    ]
    for name, value in changed.items():
        id_, _, year = name.partition("_")
        wanted = (id_, int(year), COUNTY)
        rows = [r | ({"value": value} if (r["indicator"], r["year"], r["area"]) == wanted else {}) for r in rows]
    return values(rows)


def made_anew(before: Any, after: Any) -> set[tuple[str, str]]:
    """The rows that were made anew: their indicator and area."""
    return {(b.indicator, b.area) for a, b in zip(before.rows, after.rows, strict=True) if a is not b}


@pytest.mark.parametrize(
    ("changed", "anew"),
    [
        ({}, set()),
        ({"b_2024": 1.5}, {("b", COUNTY)}),
        ({"b_2021": 400.0}, {("b", COUNTY)}),  # what came before decides a trend
        ({"a_2024": 3.0, "c_2022": 3.0}, {("a", COUNTY), ("c", COUNTY)}),
    ],
)
def test_only_rows_of_other_grounds_are_made_anew(changed: dict[str, float], anew: set[tuple[str, str]]) -> None:
    p, memory = a_pack(), RowMemory()
    first = assess_pack(p, measured(), year=2024, memory=memory)
    again = assess_pack(p, measured(**changed), year=2024, memory=memory)
    assert again == assess_pack(p, measured(**changed), year=2024)
    assert made_anew(first, again) == anew


def test_years_and_packs_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = RowMemory()
    for p in (a_pack(), a_pack(99), a_pack()):
        for year in (2024, 2023, 2024):
            assert assess_pack(p, measured(), year=year, memory=memory) == assess_pack(p, measured(), year=year)
    monkeypatch.setattr("qingmiao.assess.remembered.MOST", 2)  # what is forgotten is made again
    assert assess_pack(p, measured(), year=2024, memory=memory) == assess_pack(p, measured(), year=2024)
    assert len(memory._rows) <= 3
