"""Whose turn it is: each step that leads on from where a case stands is somebody's who can learn of it."""

from __future__ import annotations

from datetime import datetime

import pytest
from programme_scripts import NAMES, lines_taken, ready

from qingmiao.casework.case import CaseFile
from qingmiao.casework.deciding import Doer, take
from qingmiao.casework.turns import turns

AT = datetime(2026, 3, 2, 9)
SCHOOL = Doer("t", frozenset({"school"}), "演示学校")
CHILD = {"child_name": "演示甲", "child_sex": "M", "child_birth_date": "2012-05-01"}
FIRST = CHILD | {"seen_on": "2026-03-02", "channel": "school", "times": 1}


def seen(**answers: object) -> CaseFile:
    """A case of graded intervention that a school has begun."""
    found = take(ready("graded_intervention"), CaseFile("graded_intervention"), "seen", SCHOOL, AT, FIRST | answers)
    assert found.allowed, found.reason
    return found.case


@pytest.mark.parametrize(
    ("answers", "police", "school"),
    [
        ({"grade_of_conduct": "bad", "bad_conduct": ["B1"]}, False, True),
        ({"grade_of_conduct": "serious", "serious_conduct": ["S3"]}, True, True),
        ({"grade_of_conduct": "serious", "serious_conduct": ["S4"], "slight_school_matter": True}, True, True),
        ({"grade_of_conduct": "serious", "serious_conduct": ["S3"], "slight_school_matter": False}, True, False),
    ],
)
def test_the_police_have_a_turn_at_serious_conduct_and_none_at_bad_conduct(
    answers: dict[str, object], police: bool, school: bool
) -> None:
    found = turns(ready("graded_intervention"), seen(**answers), AT)
    assert found[0] == ("school", "police_officer")
    assert (("police_officer",) in found) is police
    assert (("school",) in found) is school


def test_nobody_has_a_turn_at_the_end() -> None:
    programme = ready("mandatory_report")
    final = next(id_ for id_, s in programme.programme.states.items() if s.final)
    assert turns(programme, CaseFile("mandatory_report", final), AT) == ()


@pytest.mark.parametrize("name", NAMES)
def test_every_step_that_was_taken_was_somebodys_turn(name: str) -> None:
    """What is called refused by what is known never was: each step that led on had its turn before it was taken."""
    programme = ready(name)
    for case, line, outcome in lines_taken(name):
        step = programme.programme.step(line.do, case.state)
        if step is None or step.opens or outcome.case.state == case.state or outcome.again:
            continue
        owners = programme.programme.states[case.state].owners
        own = tuple(r for r in owners if r in step.roles)
        if own and not programme.programme.states[case.state].final:
            assert own in turns(programme, case, line.at), (case.state, line.do)
