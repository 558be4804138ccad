"""The visit calendar and the eye exams: windows to the day, late and missing attendances."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from qingmiao.standards.screening import dates, visits
from qingmiao.standards.vision import child_exams

BIRTH = datetime.date(2024, 1, 31)


def day(text: str) -> np.ndarray:
    return np.array([text], dtype="datetime64[D]")


@pytest.mark.parametrize(
    ("birth", "months", "later"),
    [
        ("2024-01-31", 1, "2024-02-29"), ("2023-01-31", 1, "2023-02-28"), ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"), ("2024-08-31", 1, "2024-09-30"), ("2024-12-15", 2, "2025-02-15"),
        ("2024-03-31", -1, "2024-02-29"),
    ],
)  # fmt: skip
def test_months_end_on_the_last_day_of_the_target_month(birth: str, months: int, later: str) -> None:
    assert dates.add_months(day(birth), months)[0] == np.datetime64(later)


@pytest.mark.parametrize("months", [0, 1, 13, 84, 600, -7])
def test_many_days_move_as_one_does(months: int) -> None:
    ends = (dates.TABLE_FROM, dates.TABLE_FROM + dates.TABLE_DAYS - 1)
    whole = np.arange(ends[0], ends[1] + 1)
    assert whole.size >= dates.MANY
    assert np.array_equal(
        dates.add_months(whole, months), np.concatenate([dates.add_months(d, months) for d in np.array_split(whole, 3)])
    )
    outside = np.concatenate([whole, [ends[0] - 1, ends[1] + 1, np.datetime64("NaT")]])
    one_by_one = np.concatenate([dates.add_months(d, months) for d in np.array_split(outside, 3)])
    assert np.array_equal(dates.add_months(outside, months), one_by_one, equal_nan=True)


@pytest.mark.parametrize(
    ("birth", "on", "months"),
    [
        ("2024-01-31", "2024-02-28", 0), ("2024-01-31", "2024-02-29", 1), ("2024-01-15", "2024-01-14", -1),
        ("2024-01-15", "2025-01-14", 11), ("2024-01-15", "2025-01-15", 12),
    ],
)  # fmt: skip
def test_completed_months(birth: str, on: str, months: int) -> None:
    assert dates.completed_months(day(birth), day(on))[0] == months


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2024-02-29", datetime.date(2024, 2, 29)), ("2023-02-29", None), ("2024/3/1", datetime.date(2024, 3, 1)),
        ("20240301", datetime.date(2024, 3, 1)), ("2024-03-01 08:30:00", datetime.date(2024, 3, 1)), ("昨天", None),
    ],
)  # fmt: skip
def test_dates_as_people_write_them(text: str, found: datetime.date | None) -> None:
    assert dates.parse_date(text) == found


def state(number: int, on: str, attended: list[str]) -> str:
    exams = child_exams(
        BIRTH,
        exam_dates=[datetime.date.fromisoformat(text) for text in attended],
        on=datetime.date.fromisoformat(on),
    )
    return exams[number - 1].state


@pytest.mark.parametrize(
    ("number", "on", "attended", "expected"),
    [
        (1, "2024-01-31", [], "due"), (1, "2024-02-07", [], "due"), (1, "2024-02-08", [], "overdue"),
        (2, "2024-02-27", [], "not_yet_due"), (2, "2024-02-28", [], "due"), (2, "2024-03-01", [], "due"),
        (2, "2024-03-02", [], "overdue"), (2, "2024-03-20", ["2024-03-13"], "done_late"),
        (3, "2024-04-29", [], "not_yet_due"), (3, "2024-04-30", [], "due"), (3, "2024-05-30", [], "due"),
        (3, "2024-05-31", [], "overdue"), (3, "2024-05-31", ["2024-05-30"], "done"),
        (3, "2024-06-20", ["2024-06-01"], "done_late"),
        (3, "2024-05-01", ["2024-05-02"], "due"), (4, "2024-12-31", ["2024-12-01"], "overdue"),
        (5, "2024-12-31", ["2024-12-01"], "done_late"), (13, "2031-01-30", [], "due"),
        (13, "2031-01-31", [], "overdue"),
    ],
)  # fmt: skip
def test_exam_states_to_the_day(number: int, on: str, attended: list[str], expected: str) -> None:
    assert state(number, on, attended) == expected


def test_the_home_visit_counts_from_discharge() -> None:
    exams = child_exams(BIRTH, exam_dates=[], on=datetime.date(2024, 2, 10), discharge_date=datetime.date(2024, 2, 5))
    assert (exams[0].state, exams[0].last_day) == ("due", datetime.date(2024, 2, 12))


def test_an_unknown_birth_date_and_a_birth_after_the_day_are_missing() -> None:
    for birth in (None, datetime.date(2025, 1, 1)):
        assert {exam.state for exam in child_exams(birth, exam_dates=[BIRTH], on=datetime.date(2024, 6, 1))} == {
            "missing"
        }


def test_many_children_at_once_equal_one_by_one() -> None:
    rng = np.random.default_rng(4)
    births = np.datetime64("2018-01-01") + rng.integers(0, 2500, 40)
    child = rng.integers(0, 40, 300)
    attended = np.datetime64("2018-01-01") + rng.integers(0, 3000, 300)
    on = np.datetime64("2025-06-30")
    bulk, done = visits.visit_states(births, visit_child=child, visit_date=attended, on=on)
    for row in range(40):
        single = child_exams(
            births[row].astype(datetime.date),
            exam_dates=attended[child == row].astype(datetime.date).tolist(),
            on=on.astype(datetime.date),
        )
        assert [exam.state for exam in single] == [visits.STATES[code] for code in bulk[row]]
        assert [exam.done_date for exam in single] == [
            None if np.isnat(d) else d.astype(datetime.date) for d in done[row]
        ]


def test_the_calendar_has_thirteen_visits() -> None:
    assert len(visits.calendar()) == 13
    assert [visit.code for visit in visits.calendar() if "haemoglobin" in visit.contents] == [
        "m6", "m8", "m18", "m30", "m48", "m60", "m72",
    ]  # fmt: skip
