"""The yearly round of checks: who is due by when, how far each unit is, and nothing of what a check found."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

import numpy as np
import pytest
from programme_scripts import lines_taken, ready

from qingmiao.casework.rounds import (
    RoundPeople,
    UnitRound,
    due_days,
    people_of,
    round_by_unit,
    round_clock,
    round_total,
)

UNITS = {"first": "school", "second": "kindergarten", "third": "clinic", "office": "police", "empty": "nursery"}


def people() -> RoundPeople:
    """Of the school four (valid, due soon, overdue, a new check under way), of the kindergarten two (one never)."""
    days = ["2026-01-10", "2025-04-10", "2025-03-01", "2026-01-05", "2026-02-01", None]
    return RoundPeople(
        np.array(["first"] * 4 + ["second"] * 2),
        np.array(days, dtype="datetime64[D]"),
        np.array([False, False, False, True, False, False]),
    )


def test_a_check_holds_for_a_year_and_its_end_moves_off_a_holiday() -> None:
    days = np.array(["2025-04-05", "2025-03-10", None], dtype="datetime64[D]")
    found = due_days(round_clock(ready("P12")), days)
    # 满一年为4月5日，清明放假到6日，顺延到7日；3月10日是星期二
    assert found.tolist() == [date(2026, 4, 7), date(2026, 3, 10), None]


def test_each_unit_that_must_is_counted_and_one_that_need_not_is_left_out() -> None:
    found = round_by_unit(ready("P12"), people(), UNITS, {"first": 4, "second": 2, "empty": 3}, date(2026, 3, 16))
    assert found == (
        UnitRound("first", 4, 4, 2, 1, 1, 1, 0, date(2026, 4, 10)),
        UnitRound("second", 2, 2, 1, 0, 0, 0, 1, date(2027, 2, 1)),
        UnitRound("third", None, 0, 0, 0, 0, 0, 0, None),
        UnitRound("empty", 3, 0, 0, 0, 0, 0, 0, None),
    )
    assert [u.unlisted for u in found] == [0, 0, None, 3]
    assert [u.done for u in found] == [False] * 4
    total = round_total(found)
    assert (total.units, total.done, total.covered, total.people, total.share) == (4, 0, 3, 9, 0.0)


@pytest.mark.parametrize(("on", "done"), [("2026-07-31", True), ("2027-02-01", True), ("2027-02-02", False)])
def test_a_unit_is_done_while_everybody_is_in_time_and_on_the_last_day_still(on: str, done: bool) -> None:
    one = RoundPeople(np.array(["first"]), np.array(["2026-02-01"], dtype="datetime64[D]"), np.array([False]))
    (found,) = round_by_unit(ready("P12"), one, {"first": "school"}, {"first": 1}, date.fromisoformat(on))
    assert found.done is done
    (unknown,) = round_by_unit(ready("P12"), one, {"first": "school"}, {}, date.fromisoformat(on))
    assert not unknown.done, "nobody knows how many work there"


def test_the_round_of_a_script_follows_its_clock_and_ends_with_the_case() -> None:
    cases = {o.case.state: o.case for _, _, o in lines_taken("employment_check")}
    hired = people_of(ready("P12"), [cases["hired"]])
    assert hired.checked_on.tolist() == [cases["hired"].history[-1].at.date()]
    assert hired.under_way.tolist() == [False]
    asked = people_of(ready("P12"), [cases["asked"]])
    assert asked.under_way.tolist() == [True]
    assert len(people_of(ready("P12"), [cases["dismissed"]]).units) == 0


def test_somebody_of_whom_a_record_was_found_is_told_as_any_check_that_is_not_settled() -> None:
    hit = next(o.case for _, _, o in lines_taken("employment_check") if o.case.state == "answered_hit")
    cleared = next(o.case for _, _, o in lines_taken("employment_check") if o.case.state == "asked")
    on, staff = hit.history[-1].at.date(), {hit.owner: 1}
    rows = [
        round_by_unit(ready("P12"), people_of(ready("P12"), [c]), {hit.owner: "school"}, staff, on)
        for c in (hit, cleared)
    ]
    assert rows[0] == rows[1]
    assert not rows[0][0].done


def test_nothing_of_what_a_check_found_can_be_told() -> None:
    names = {f.name for one in (RoundPeople, UnitRound) for f in fields(one)}
    assert not {n for n in names if "hit" in n or "answer" in n or "result" in n}


def test_no_unit_no_share_and_no_round_where_the_programme_has_none() -> None:
    assert round_total(()).share is None
    with pytest.raises(KeyError):
        round_clock(ready("orphan"))
