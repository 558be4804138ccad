"""Warning signs, newborn windows and the disability screening flow."""

from __future__ import annotations

import datetime
import itertools

import numpy as np
import pytest

from qingmiao.standards.screening import disability, newborn, warning_signs
from qingmiao.standards.screening.disability import Result, Stage
from qingmiao.standards.screening.newborn import BLOOD_STATES, HEARING_RESULTS, HEARING_STEPS, blood_state

CLEAR = [False] * 4
MORNING = datetime.datetime(2025, 1, 31, 8, 0)


@pytest.mark.parametrize(
    ("months", "first"),
    [
        (2, None), (3, "对很大声音没有反应"), (5, "对很大声音没有反应"), (6, "发音少，不会笑出声"), (35, "不会说2—3个字的短语"),
        (36, "不会说自己的名字"), (83, "不会表达自己的感受或想法"), (84, None),
    ],
)  # fmt: skip
def test_each_age_has_its_four_signs(months: int, first: str | None) -> None:
    found = warning_signs.signs(months)
    assert (found[0] if found else None, len(found)) == (first, 4 if first else 0)


def test_the_eleven_tables_follow_each_other_without_a_gap() -> None:
    ages = warning_signs.ages()
    assert len(ages) == 11
    assert all(stop == start for (_, stop), (start, _) in itertools.pairwise(ages))


@pytest.mark.parametrize(
    ("months", "present", "answer", "state"),
    [
        (3, CLEAR, False, "screened"), (3, [False, False, False, True], True, "screened"),
        (3, [None, None, None, True], True, "screened"), (3, [None, False, False, False], None, "incomplete"),
        (2, [True] * 4, None, "age_not_covered"), (None, CLEAR, None, "missing_age"),
    ],
)  # fmt: skip
def test_any_one_sign_is_positive(
    months: int | None, present: list[bool | None], answer: bool | None, state: str
) -> None:
    assert warning_signs.screen_child(months, present) == (answer, state)


def test_a_screen_needs_four_answers() -> None:
    with pytest.raises(ValueError, match="4 项"):
        warning_signs.screen_child(3, [True])


@pytest.mark.parametrize(
    ("sample", "delayed", "on", "state"),
    [
        (None, False, datetime.datetime(2025, 2, 2, 7, 59), "not_yet_due"),
        (None, False, datetime.datetime(2025, 2, 2, 8, 0), "due"),
        (None, False, datetime.datetime(2025, 2, 7, 23, 59), "due"),
        (None, False, datetime.datetime(2025, 2, 8, 0, 0), "overdue"),
        (None, True, datetime.datetime(2025, 2, 8, 0, 0), "due"),
        (None, True, datetime.datetime(2025, 2, 20, 0, 0), "due"),
        (None, True, datetime.datetime(2025, 2, 21, 0, 0), "too_late"),
        (datetime.datetime(2025, 2, 2, 7, 59), False, datetime.datetime(2025, 3, 1), "done_early"),
        (datetime.datetime(2025, 2, 2, 8, 0), False, datetime.datetime(2025, 3, 1), "done"),
        (datetime.datetime(2025, 2, 8, 8, 0), False, datetime.datetime(2025, 3, 1), "done_late"),
        (datetime.datetime(2025, 2, 8, 8, 0), True, datetime.datetime(2025, 3, 1), "done"),
        (datetime.datetime(2025, 2, 8, 8, 0), False, datetime.datetime(2025, 2, 5), "due"),
    ],
)
def test_blood_sample_from_48_hours_to_7_or_20_days(
    sample: datetime.datetime | None, delayed: bool, on: datetime.datetime, state: str
) -> None:
    assert blood_state(MORNING, sample, delayed=delayed, on=on) == state


def test_blood_sample_with_days_only_and_without_a_birth_date() -> None:
    born = datetime.date(2025, 1, 31)
    assert blood_state(born, datetime.date(2025, 2, 1), on=datetime.date(2025, 3, 1)) == "done_early"
    assert blood_state(born, datetime.date(2025, 2, 2), on=datetime.date(2025, 3, 1)) == "done"
    assert blood_state(None, datetime.date(2025, 2, 2), on=datetime.date(2025, 3, 1)) == "missing"
    assert blood_state(born, None, on=datetime.date(2025, 1, 1)) == "missing"
    assert "done_early" in BLOOD_STATES


@pytest.mark.parametrize(
    ("first", "second", "step"),
    [
        ("", "", "first_screen"), ("pass", "", "done"), ("refer", "", "rescreen"), ("not_done", "", "rescreen"),
        ("refer", "pass", "done"), ("refer", "refer", "diagnosis"), ("not_done", "refer", "diagnosis"),
        ("refer", "not_done", "rescreen"),
    ],
)  # fmt: skip
def test_hearing_steps(first: str, second: str, step: str) -> None:
    codes = [np.array([HEARING_RESULTS.index(word)], dtype=np.int8) for word in (first, second)]
    assert HEARING_STEPS[newborn.hearing_step(*codes)[0]] == step


def test_hearing_limits() -> None:
    rescreen, diagnosis = newborn.hearing_limits(np.array(["2025-11-30"], dtype="datetime64[D]"))
    assert (rescreen[0], diagnosis[0]) == (np.datetime64("2026-01-11"), np.datetime64("2026-02-28"))


@pytest.mark.parametrize(
    ("results", "stage"),
    [
        ((Result.NONE_YET,), Stage.FIRST_SCREEN),
        ((Result.PASSED,), Stage.CLEAR),
        ((Result.SUSPECTED,), Stage.SECOND_SCREEN),
        ((Result.SUSPECTED, Result.PASSED), Stage.CLEAR),
        ((Result.SUSPECTED, Result.SUSPECTED), Stage.DIAGNOSIS),
        ((Result.SUSPECTED, Result.SUSPECTED, Result.PASSED), Stage.CLEAR),
        ((Result.SUSPECTED, Result.SUSPECTED, Result.SUSPECTED), Stage.REHABILITATION),
        ((Result.NONE_YET, Result.NONE_YET, Result.SUSPECTED), Stage.REHABILITATION),
    ],
)
def test_disability_screening_flow(results: tuple[Result, ...], stage: Stage) -> None:
    assert disability.child_stage(*results) is stage


def test_stages_are_those_of_the_source() -> None:
    named = {stage for stage, _, _, _ in disability.flow()}
    assert {stage.value for stage in Stage} - {"clear"} <= named
