"""Schedules: the first and last day of each kind of item, what counts for which, and what the county has not set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from qingmiao.content import load_pack
from qingmiao.content.intervals import LifeInterval
from qingmiao.content.policy import Policy
from qingmiao.content.schedules import Schedule
from qingmiao.schedules import STATES, Barred, DueItem, Events, People, due, vaccination_states
from qingmiao.standards.immunisation import child_schedule
from qingmiao.standards.screening import calendar, windows

PACK = load_pack(Path(__file__).parents[3] / "content" / "china")
ALL = PACK.entries("schedules", Schedule)
BORN = date(2024, 1, 31)


def of(
    id_: str, item: str, person: Mapping[str, object], on: date, *events: tuple[str, date], policy: Policy | None = None
) -> DueItem:
    return next(x for x in due(ALL[id_], person, events, on, policy) if x.item == item)


@pytest.mark.parametrize("born", [date(2024, 1, 31), date(2024, 2, 29), date(2023, 8, 15)])
def test_the_windows_of_health_management_are_those_of_the_norm(born: date) -> None:
    first, last = windows(np.array([born], dtype="datetime64[D]"))
    found = due(ALL["child_health_0_6"], {"birth_date": born}, (), date(2031, 1, 1))
    own = [x for x in found if x.item != "home_visit_high_risk"]
    assert [v.code for v in calendar()] == [x.item for x in own]
    assert [(x.first, x.last) for x in own] == [
        (f.astype(date), t.astype(date)) for f, t in zip(first[0], last[0], strict=True)
    ]


def test_an_age_begins_on_its_day_and_is_over_the_day_before_the_next() -> None:
    told = {on: of("child_health_0_6", "m3", {"birth_date": BORN}, on) for on in (
        date(2024, 4, 29), date(2024, 4, 30), date(2024, 5, 30), date(2024, 5, 31), date(2024, 7, 30),
        date(2024, 7, 31),
    )}  # fmt: skip
    assert {on.isoformat(): (x.state, x.days) for on, x in told.items()} == {
        "2024-04-29": ("upcoming", 1), "2024-04-30": ("due", 30), "2024-05-30": ("due", 0),
        "2024-05-31": ("overdue", 1),
        "2024-07-30": ("overdue", 61), "2024-07-31": ("missed", 62),
    }  # fmt: skip


def test_an_event_counts_for_the_item_that_began_last_before_it() -> None:
    on, person = date(2025, 1, 1), {"birth_date": BORN}
    late = ("child_check_1_8", date(2024, 6, 20))
    assert of("child_health_0_6", "m3", person, on, late) == DueItem(
        "m3", "done", date(2024, 4, 30), date(2024, 5, 30), date(2024, 6, 20), 21
    )
    assert of("child_health_0_6", "m6", person, on, late).state == "missed"
    assert of("child_health_0_6", "m3", person, on, ("vision_record", date(2024, 5, 1))).state == "missed"
    assert of("child_health_0_6", "m3", person, date(2024, 5, 1), ("child_check_1_8", date(2024, 5, 2))).state == "due"


def test_what_cannot_be_made_up_any_more_is_missed() -> None:
    person = {"birth_date": BORN}
    visit = {on: of("child_health_0_6", "home_visit", person, on).state for on in (
        date(2024, 2, 9), date(2024, 2, 27), date(2024, 2, 28),
    )}  # fmt: skip
    assert list(visit.values()) == ["overdue", "overdue", "missed"], "over when the check of the first month begins"
    assert of("child_health_0_6", "m8", person, date(2025, 1, 30)).state == "overdue"
    assert of("child_health_0_6", "m8", person, date(2025, 1, 31)).state == "missed", "another form from 12 months on"
    assert of("child_health_0_6", "m72", person, date(2031, 1, 30)).state == "due"
    assert of("child_health_0_6", "m72", person, date(2031, 1, 31)).state == "missed", "from 7 years on"


def test_the_home_visit_counts_from_discharge_and_a_high_risk_newborn_is_seen_sooner() -> None:
    person = {"birth_date": BORN, "discharged_on": date(2024, 2, 10)}
    assert (of("child_health_0_6", "home_visit", person, date(2024, 2, 12)).last) == date(2024, 2, 17)
    assert of("child_health_0_6", "home_visit", {"birth_date": BORN}, date(2024, 2, 5)).last == date(2024, 2, 7)
    risky = person | {"high_risk": True}
    assert of("child_health_0_6", "home_visit", risky, date(2024, 2, 12)).state == "not_applicable"
    assert of("child_health_0_6", "home_visit_high_risk", risky, date(2024, 2, 12)).last == date(2024, 2, 13)


def test_a_calendar_item_is_that_of_the_period_of_the_day() -> None:
    person = {"birth_date": date(2016, 1, 1), "grade": "P4"}
    autumn, spring = ("vision_record", date(2025, 10, 8)), ("vision_record", date(2026, 3, 8))
    assert of("sight_school", "term", person, date(2026, 1, 31), autumn).state == "done"
    assert of("sight_school", "term", person, date(2026, 2, 1), autumn).state == "due"
    assert of("sight_school", "term", person, date(2026, 8, 31), autumn, spring).done_on == date(2026, 3, 8)
    assert of("fitness", "yearly", person, date(2026, 8, 31)).last == date(2026, 8, 31)
    assert of("fitness", "yearly", person | {"grade": "K1"}, date(2026, 8, 31)).state == "not_applicable"
    assert of("fitness", "yearly", {"birth_date": date(2016, 1, 1)}, date(2026, 8, 31)).state == "not_applicable"


def test_an_interval_of_the_county_waits_for_it_and_ends_with_the_closing() -> None:
    person, opened = {"birth_date": BORN}, ("nutrition_open", date(2025, 1, 31))
    on = date(2025, 3, 10)
    policy = Policy(intervals={"weak_child.nutrition": LifeInterval(value=1, unit="months")})
    assert of("weak_child", "nutrition", person, on).state == "not_applicable"
    assert of("weak_child", "nutrition", person, on, opened).state == "unset"
    first = of("weak_child", "nutrition", person, on, opened, policy=policy)
    assert (first.state, first.last, first.days) == ("overdue", date(2025, 2, 28), 10)
    seen = ("nutrition_visit", date(2025, 3, 1))
    assert of("weak_child", "nutrition", person, on, opened, seen, policy=policy).last == date(2025, 4, 1)
    closed = ("nutrition_close", date(2025, 3, 5))
    assert of("weak_child", "nutrition", person, on, opened, seen, closed, policy=policy).state == "not_applicable"


def test_without_the_day_it_counts_from_nothing_can_be_told() -> None:
    assert of("child_health_0_6", "m3", {}, date(2025, 1, 1)).state == "unknown"
    assert of("child_health_0_6", "m3", {"birth_date": date(2025, 2, 1)}, date(2025, 1, 1)).state == "unknown"
    assert of("pregnancy", "first", {"last_period_on": date(2025, 1, 1)}, date(2025, 3, 1)).state == "due"
    assert of("pregnancy", "home", {"last_period_on": date(2025, 1, 1)}, date(2025, 3, 1)).state == "not_applicable"


def test_doses_are_due_and_done_as_the_norm_says() -> None:
    born, on = date(2024, 6, 1), date(2025, 8, 1)
    given = (
        ("HepB", date(2024, 6, 1)),
        ("BCG", date(2024, 6, 1)),
        ("HepB", date(2024, 7, 2)),
        ("MMR", date(2024, 10, 1)),
    )
    kinds = ("HepB", "BCG", "MMR", "another")
    events = Events(
        np.zeros(5, np.intp), np.array([0, 1, 0, 2, 3]),
        np.array([*(d for _, d in given), date(2024, 9, 1)], dtype="datetime64[D]"), kinds,
    )  # fmt: skip
    people = People({"birth_date": np.array([born], dtype="datetime64[D]"), "sex": np.array(["F"], dtype=object)}, 1)
    found = vaccination_states(people, events, on)
    told = dict(zip(found.items, (STATES[s] for s in found.state[0]), strict=True))
    norm = {f"{d.vaccine}-{d.dose}": d for d in child_schedule(born, given=given, on=on, sex="F")}
    assert set(told) == set(norm)
    same = {"given_valid": "done", "overdue": "overdue", "due": "due", "not_applicable": "not_applicable"}
    assert {k: told[k] for k, d in norm.items() if d.state in same} == {
        k: same[d.state] for k, d in norm.items() if d.state in same
    }
    assert told["HepB-1"] == "done"
    assert told["MMR-1"] == "due", "a dose before 8 months does not count: due again"
    assert norm["MMR-1"].state == "given_invalid"
    early = vaccination_states(people, events, date(2024, 11, 15))
    assert STATES[early.state[0, early.items.index("MMR-1")]] == "upcoming", "it is due again from 8 months"
    hepb = found.items.index("HepB-1")
    assert found.done_on[0, hepb].astype(date) == date(2024, 6, 1)
    overdue = [n for n, s in enumerate(found.state[0]) if STATES[s] == "overdue"]
    assert overdue
    assert all(found.days[0, n] == (on - found.last[0, n].astype(date)) // timedelta(days=1) for n in overdue)


def test_what_is_not_given_is_neither_due_nor_overdue_by_columns_as_for_one_child() -> None:
    born, on = date(2024, 6, 1), date(2025, 8, 1)
    day, none = np.datetime64("2025-06-01", "D"), np.datetime64("NaT", "D")
    people = People(
        {
            "birth_date": np.array([born] * 4, dtype="datetime64[D]"), "sex": np.array(["F"] * 4, dtype=object),
            "birth_weight_g": np.array([1800.0, 1800.0, 3000.0, None], dtype=object),
        }, 4,
    )  # fmt: skip
    given = [(0, "HepB", born), (0, "HepB", date(2024, 7, 2)), (0, "HepB", date(2024, 12, 2)), (1, "MMR", on)]
    kinds = ("HepB", "MMR")
    events = Events(
        np.array([g[0] for g in given]), np.array([kinds.index(g[1]) for g in given]),
        np.array([g[2] for g in given], dtype="datetime64[D]"), kinds,
    )  # fmt: skip
    barred = Barred(
        np.array([1, 1, 2, 2, 3]), ("MMR", "JE-L", "MMR", "DTaP", "nothing"),
        np.array([True, True, False, False, True]),
        np.array([day] * 5), np.array([none, none, np.datetime64("2025-08-02", "D"), np.datetime64(on, "D"), none]),
        np.array([True, False, True, True]),
    )  # fmt: skip
    found = vaccination_states(people, events, on, barred=barred)
    one = [
        {"mother_hbsag": "positive", "birth_weight_g": 1800.0},
        {"birth_weight_g": 1800.0, "barred": {"JE-L": "contraindicated"}},
        {"mother_hbsag": "positive", "birth_weight_g": 3000.0, "barred": {"MMR": "deferred"}},
        {"mother_hbsag": "positive"},
    ]  # fmt: skip
    same = {"given_valid": "done", "overdue": "overdue", "due": "due", "contraindicated": "not_applicable"}
    for n, more in enumerate(one):
        mine = [(v, d) for who, v, d in given if who == n]
        norm = child_schedule(born, given=mine, on=on, sex="F", **more)  # type: ignore[arg-type]
        told = dict(zip(found.items, (STATES[s] for s in found.state[n]), strict=True))
        wanted = {f"{d.vaccine}-{d.dose}": same[d.state] for d in norm if d.state in same}
        assert wanted == {k: told[k] for k in wanted}, n
        if n == 0:
            assert wanted["HepB-3"] == "overdue", "the dose at birth of a light child does not count"
        if n == 1:
            assert (wanted["JE-L-1"], wanted["MMR-1"]) == ("not_applicable", "done"), "a later dose lifts the bar"
        if n == 2:
            assert (told["MMR-1"], wanted["DTaP-1"]) == ("upcoming", "overdue"), "until the day, and not on it"
