"""What a programme says of its cases by name becomes rows of facts: of every programme, played from its scripts."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import pytest
from programme_scripts import NAMES, china, ready, script

from qingmiao.casework.case import CaseFile
from qingmiao.casework.counted import CaseCounted, case_rows
from qingmiao.casework.outcomes import outcome_rows
from qingmiao.casework.playing import line_taken
from qingmiao.content.outcomes import TABLE
from qingmiao.content.programmes import Programme

PROGRAMMES = sorted(china().entries("programmes", Programme))
EVERY = [(p, o.id) for p in PROGRAMMES for o in ready(p).programme.outcomes]
WHERE = CaseCounted("K1", "141029100", "141029", "school", {"sex": "F"})


def played(name: str) -> tuple[CaseFile, datetime]:
    """The case at the end of a script, and when that is."""
    case = CaseFile(ready(name).programme.id)
    lines = script(name)[0]
    for line in lines:
        case = line_taken(ready(name), case, line, china()).case
    return case, lines[-1].at


@cache
def said(programme: str) -> dict[str, list[Any]]:
    """Every value of each outcome after every line of all scripts of a programme."""
    found: dict[str, list[Any]] = {}
    for name in (n for n in NAMES if n.partition(".")[0] == programme):
        case = CaseFile(programme)
        for line in script(name)[0]:
            case = line_taken(ready(name), case, line, china()).case
            for row in outcome_rows(ready(name), case, line.at) if case.history else ():
                found.setdefault(row["outcome"], []).append(row.get("holds", row.get("amount")))
    return found


def test_every_programme_says_something_of_its_cases() -> None:
    assert [p for p in PROGRAMMES if not ready(p).programme.outcomes] == []


@pytest.mark.parametrize(("programme", "outcome"), EVERY)
def test_each_outcome_is_said_by_a_script_of_its_programme(programme: str, outcome: str) -> None:
    """After some line of some script it is true of the case, or a number above nothing."""
    values = said(programme).get(f"{programme}.{outcome}", [])
    assert any(values), values


def test_of_a_core_case_only_what_may_be_said_is_said_by_county_and_month() -> None:
    case, now = played("protection_order")
    assert case.secrecy == "核心"
    rows = case_rows(ready("protection_order"), case, WHERE, now)[TABLE]
    assert {r["outcome"] for r in rows} == {"protection_order.granted", "protection_order.breached"}
    assert {(r["area_code"], r["counted_on"].day, "sex" in r) for r in rows} == {("141029", 1, False)}
    assert list(outcome_rows(ready("legal_aid"), *played("legal_aid"), coarse=True)) == []


def test_a_case_that_is_sealed_says_no_more_than_a_core_one() -> None:
    case, now = played("legal_aid")
    sealed = CaseCounted(WHERE.key, WHERE.area, WHERE.county, WHERE.unit_kind, WHERE.known, sealed=True)
    assert case_rows(ready("legal_aid"), case, sealed, now)[TABLE] == []
    assert case_rows(ready("legal_aid"), case, WHERE, now)[TABLE]


def test_what_is_said_each_time_has_a_row_for_each_time_on_its_day() -> None:
    case, now = played("left_behind")
    days = [t.at.date() for t in case.history if t.step == "visit"]
    rows = [r for r in outcome_rows(ready("left_behind"), case, now) if r["outcome"] == "left_behind.visits"]
    assert [(r["number"], r["counted_on"], r["amount"]) for r in rows] == [(n + 1, d, 1) for n, d in enumerate(days)]
    assert days


def test_a_case_that_does_not_count_for_an_outcome_has_no_row() -> None:
    """Nothing was decided yet: neither granted nor refused, so no share is made of it."""
    case = CaseFile("legal_aid")
    lines = script("legal_aid")[0]
    case = line_taken(ready("legal_aid"), case, lines[0], china()).case
    assert case.history
    rows = list(outcome_rows(ready("legal_aid"), case, lines[0].at))
    assert [r["outcome"] for r in rows] == []
