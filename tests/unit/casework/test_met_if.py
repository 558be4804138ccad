"""A clock with a condition on what meets it: a step of `met_by` ends it only once the condition is true."""

from __future__ import annotations

from dataclasses import replace

import pytest
from programme_scripts import china, ready, script
from pydantic import ValidationError

from qingmiao.casework.case import CaseFile
from qingmiao.casework.clocks import running
from qingmiao.casework.playing import line_taken
from qingmiao.content.programme_parts import ProgrammeDeadline


def ends(visits: tuple[str, ...]) -> list[set[str]]:
    """The clocks that run after the letter was told of, and after each visit by these units."""
    lines, _ = script("dv_warning")
    case, found, n = CaseFile("dv_warning"), list[set[str]](), 0
    for line in lines:
        if line.do == "visiting":
            if n == len(visits):
                break
            line, n = replace(line, answers={**line.answers, "visited_by": visits[n]}), n + 1
        outcome = line_taken(ready("dv_warning"), case, line, china())
        case = outcome.case
        if outcome.allowed and line.do in ("notified", "visiting"):
            found.append({s.deadline.id for s in running(ready("dv_warning"), case, line.at)})
    return found


@pytest.mark.parametrize(
    ("visits", "goes_on"),
    [
        (("police", "police"), [True, True, True]),
        (("police", "village"), [True, True, False]),
        (("village", "police"), [True, True, False]),
        (("both", "police"), [True, False, False]),
        (("village", "village"), [True, True, True]),
    ],
)
def test_a_visit_of_one_unit_does_not_end_the_clock_for_both(visits: tuple[str, ...], goes_on: list[bool]) -> None:
    found = ends(visits)
    assert ["visit_of_both" in now for now in found[-3:]] == goes_on
    assert ["first_visit" in now for now in found[-3:]] == [True, False, False]


def test_what_meets_it_under_a_condition_does_not_start_it_too() -> None:
    said = {"id": "both", "label": {"zh": "走访"}, "starts": ["a", "b"], "met_by": ["b"], "met_if": "x", "local": True}
    with pytest.raises(ValidationError, match="同一个环节不能又起算又办到：b"):
        ProgrammeDeadline.model_validate(said)
    assert ProgrammeDeadline.model_validate(said | {"starts": ["a"]}).met_if == "x"
