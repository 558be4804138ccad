"""What is due is the same for one person and for many over columns, whatever they are and did."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingmiao.content import load_pack
from qingmiao.content.intervals import LifeInterval
from qingmiao.content.policy import Policy
from qingmiao.content.schedules import Schedule
from qingmiao.schedules import STATES, Events, People, due, states

PACK = load_pack(Path(__file__).parents[2] / "content" / "china")
SCHEDULES = tuple(s for s in PACK.entries("schedules", Schedule).values() if s.norm is None)
KINDS = tuple(sorted({k for s in SCHEDULES for i in s.items for k in (*i.kinds, *i.after, *i.until)}))
LOCAL = Policy(intervals={"weak_child.nutrition": LifeInterval(value=1, unit="months")})
START = date(2019, 1, 31)
DAYS = st.integers(0, 3000).map(lambda n: START + timedelta(days=n))
PERSON = st.fixed_dictionaries(
    {
        "birth_date": st.none() | DAYS, "discharged_on": st.none() | DAYS, "last_period_on": st.none() | DAYS,
        "delivered_on": st.none() | DAYS, "grade": st.sampled_from([None, "K1", "P1", "J3", "H1"]),
        "high_risk": st.sampled_from([None, True, False]),
    }
)  # fmt: skip
EVENTS = st.lists(st.tuples(st.sampled_from(KINDS), DAYS), max_size=12)
DATED = ("birth_date", "discharged_on", "last_period_on", "delivered_on")


def columns(people: list[dict[str, Any]], done: list[list[tuple[str, date]]]) -> tuple[People, Events]:
    words = {w: np.array([p[w] for p in people], dtype="datetime64[D]" if w in DATED else object) for w in people[0]}
    rows = [(n, KINDS.index(kind), day) for n, events in enumerate(done) for kind, day in events]
    who, kind, day = zip(*rows, strict=True) if rows else ((), (), ())
    events = Events(np.array(who, np.intp), np.array(kind, np.intp), np.array(day, "datetime64[D]"), KINDS)
    return People(words, len(people)), events


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(PERSON, EVENTS), min_size=1, max_size=6), DAYS, st.sampled_from([Policy(), LOCAL]))
def test_one_person_and_many_have_the_same_due(
    people: list[tuple[dict[str, Any], list[tuple[str, date]]]], on: date, policy: Policy
) -> None:
    agree(people, on, policy)


def test_an_event_on_the_edge_of_a_window_counts_for_the_same_item() -> None:
    person = {"birth_date": START, "discharged_on": None, "last_period_on": START, "delivered_on": None,
              "grade": "P1", "high_risk": None}  # fmt: skip
    on = date(2027, 11, 27)
    for schedule in SCHEDULES:
        windows = [(i.kinds[0], x) for i, x in zip(schedule.items, due(schedule, person, (), on), strict=True)]
        days = [
            (kind, day + timedelta(days=by))
            for kind, x in windows
            for day in (x.first, x.last)
            if day is not None
            for by in (-1, 0, 1)
        ]
        agree([(person, [event]) for event in days] or [(person, [])], on, Policy())


def agree(people: list[tuple[dict[str, Any], list[tuple[str, date]]]], on: date, policy: Policy) -> None:
    """Every item of every schedule is the same for each person alone and among many."""
    many, events = columns([p for p, _ in people], [e for _, e in people])
    for schedule in SCHEDULES:
        found = states(schedule, many, events, on, policy)
        for n, (person, done) in enumerate(people):
            for m, item in enumerate(due(schedule, person, done, on, policy)):
                assert STATES[found.state[n, m]] == item.state, (schedule.id, item)
                for name in ("first", "last", "done_on"):
                    cell = getattr(found, name)[n, m]
                    assert (None if np.isnat(cell) else cell.astype(date)) == getattr(item, name), (
                        schedule.id,
                        name,
                        item,
                    )
                if item.days is not None:
                    assert found.days[n, m] == item.days, (schedule.id, item)
