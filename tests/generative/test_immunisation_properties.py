"""Properties of the immunisation states: many children at once equal one by one, and a naive judge of one series."""

from __future__ import annotations

import datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingmiao.standards import immunisation
from qingmiao.standards.immunisation import child_schedule, schedule
from qingmiao.standards.screening.dates import add_months

BIRTH = st.dates(datetime.date(2019, 10, 1), datetime.date(2026, 12, 31))
RECORD = st.tuples(
    st.sampled_from(list(schedule.products())), st.integers(-5, 2600), st.sampled_from([0, 0, 0, 1, 2, 3])
)
CHILD = st.tuples(BIRTH, st.lists(RECORD, max_size=12), st.sampled_from(["M", "F", ""]))
ON = st.dates(datetime.date(2024, 1, 1), datetime.date(2033, 12, 31))
Child = tuple[datetime.date, list[tuple[str, int, int]], str]


@settings(max_examples=60, deadline=None)
@given(st.lists(CHILD, min_size=1, max_size=5), ON)
def test_a_table_equals_each_child(children: list[Child], on: datetime.date) -> None:
    lines = [
        (str(number), birth, sex, vaccine, birth + datetime.timedelta(days), dose)
        for number, (birth, records, sex) in enumerate(children)
        for vaccine, days, dose in [*records]
    ] + [(str(number), birth, sex, None, None, 0) for number, (birth, _, sex) in enumerate(children)]
    order = np.random.default_rng(len(lines)).permutation(len(lines))
    lines = [lines[place] for place in order]
    table = {
        "id": np.array([line[0] for line in lines], dtype=object),
        "birth_date": np.array([line[1].isoformat() for line in lines], dtype=object),
        "sex": np.array([line[2] for line in lines], dtype=object),
        "vaccine": np.array([line[3] for line in lines], dtype=object),
        "date": np.array([None if line[4] is None else line[4].isoformat() for line in lines], dtype=object),
        "dose": np.array([line[5] or np.nan for line in lines], dtype=float),
    }
    found = immunisation.score_columns(table, on=on)
    for number, (birth, _, sex) in enumerate(children):
        mine = [line for line in lines if line[0] == str(number) and line[3] is not None]
        one = child_schedule(
            birth,
            given=[(v, d, n) if n else (v, d) for _, _, _, v, d, n in mine],
            on=on,
            sex=sex,  # type: ignore[misc]
        )
        at = np.flatnonzero(found["id"] == str(number))
        assert [row.state for row in one] == found["state"][at].tolist()
        assert [row.reason for row in one] == found["reason"][at].tolist()
        assert [row.due_date and row.due_date.isoformat() for row in one] == found["due_date"][at].tolist()


def _later(start: datetime.date, months: int) -> datetime.date:
    found: datetime.date = add_months(np.array([start], dtype="datetime64[D]"), months)[0].astype(datetime.date)
    return found


@settings(max_examples=200, deadline=None)
@given(BIRTH, st.lists(st.integers(-5, 700), max_size=8, unique=True))
def test_hepatitis_b_by_hand(birth: datetime.date, days: list[int]) -> None:
    given_days = sorted(birth + datetime.timedelta(number) for number in days)
    ages, intervals = (0, 1, 6), (0, 28, 60)
    counted: list[datetime.date] = []
    for when in given_days:
        place = len(counted)
        if place == 3:
            break
        reached = _later(birth, ages[place])
        if place == 2 and when < _later(counted[0], 4):  # the third dose four months after the first
            continue
        if when >= reached and (not counted or (when - counted[-1]).days >= intervals[place]):
            counted.append(when)
    found = child_schedule(birth, given=[("HepB", when) for when in given_days], on=datetime.date(2040, 1, 1))
    assert [row.given_date for row in found if row.vaccine == "HepB" and row.given_date] == counted


@settings(max_examples=60, deadline=None)
@given(CHILD, ON, st.integers(1, 400))
def test_time_only_moves_a_dose_forward(child: Child, on: datetime.date, days: int) -> None:
    """Without new records, a dose not given goes from not yet due to due to overdue (or is no longer given)."""
    birth, records, sex = child
    rank = {"missing": 0, "not_yet_due": 0, "due": 1, "overdue": 2, "not_applicable": 3}
    history = [(v, birth + datetime.timedelta(d)) for v, d, _ in records if birth + datetime.timedelta(d) <= on]
    first, second = (
        child_schedule(birth, given=history, on=when, sex=sex) for when in (on, on + datetime.timedelta(days))
    )
    for before, after in zip(first, second, strict=True):
        if before.state in rank and after.state in rank and before.state != "missing":
            assert rank[after.state] >= rank[before.state], (before, after)


@settings(max_examples=100, deadline=None)
@given(CHILD, ON)
def test_a_dose_that_counts_without_a_note_was_due(child: Child, on: datetime.date) -> None:
    birth, records, sex = child
    history = [
        (v, birth + datetime.timedelta(d), n) if n else (v, birth + datetime.timedelta(d)) for v, d, n in records
    ]
    for row in child_schedule(birth, given=history, on=on, sex=sex):  # type: ignore[arg-type]
        if row.given_date is not None and row.note in {None, "earlier_dose_not_recorded"}:
            assert row.due_date is not None
            assert row.due_date <= row.given_date, row


@settings(max_examples=60, deadline=None)
@given(CHILD, ON, st.lists(st.integers(0, 5), min_size=12, max_size=12))
def test_numbers_change_nothing(child: Child, on: datetime.date, numbers: list[int]) -> None:
    birth, records, sex = child
    plain = [(v, birth + datetime.timedelta(d)) for v, d, _ in records]
    numbered = [(v, day, n) if n else (v, day) for (v, day), n in zip(plain, numbers, strict=False)]
    sides = (plain, numbered)
    one, two = (child_schedule(birth, given=rows, on=on, sex=sex) for rows in sides)  # type: ignore[arg-type]
    for before, after in zip(one, two, strict=True):
        assert (before.state, before.due_date, before.given_date) == (
            after.state,
            after.due_date,
            after.given_date,
        )
