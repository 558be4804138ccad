"""Every programme by its script in the pack: what the script says, each refusal that the file implies, each clock that
runs out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from programme_scripts import MAIN, NAMES, china, lines_taken, ready, script

from qingmiao.casework.case import CaseFile, replay
from qingmiao.casework.clocks import running
from qingmiao.casework.deciding import Doer, take
from qingmiao.casework.playing import play
from qingmiao.content.programme_changes import programmes_of
from qingmiao.flow import Refusal
from qingmiao.kernel.deadlines import ClockState


def test_every_programme_has_its_script() -> None:
    assert sorted(programmes_of(china())) == sorted({n.partition(".")[0] for n in NAMES})


@pytest.mark.parametrize("programme", NAMES)
def test_the_script_goes_as_it_says(programme: str) -> None:
    lines, expected = script(programme)
    for told, wanted in zip(play(ready(programme), lines, china()), expected, strict=True):
        assert told["allowed"] is ("refused" not in wanted), told
        if "refused" in wanted:
            assert wanted["refused"] in told["refused"], told
        for key in ("state", "due", "marks"):
            if key in wanted:
                assert told[key] == wanted[key], told


@pytest.mark.parametrize("programme", NAMES)
def test_nobody_else_takes_a_step_and_no_step_is_taken_from_elsewhere(programme: str) -> None:
    every = {r for s in ready(programme).programme.steps for r in s.roles} | {"nobody"}
    seen: list[CaseFile] = [CaseFile(ready(programme).programme.id)]
    for case, line, outcome in lines_taken(programme):
        step = ready(programme).programme.step(line.do, case.state)
        assert step is not None
        for role in every - set(step.roles):
            other = Doer(roles=frozenset({role}), any_relation=True)
            refused = take(ready(programme), case, step.do, other, line.at, line.answers, confirmed_by=line.second)
            same = {s.do for s in ready(programme).programme.steps if role in s.roles and s.do == step.do}
            assert refused.refusal is (Refusal.ELSEWHERE if same else Refusal.ABSENT), (role, refused)
            assert refused.case == case
        for earlier in seen:
            if ready(programme).programme.step(line.do, earlier.state) is None:
                assert not take(ready(programme), earlier, line.do, line.by, line.at, line.answers).allowed
        seen.append(outcome.case)


@pytest.mark.parametrize("programme", NAMES)
def test_a_required_answer_left_out_is_refused_and_named(programme: str) -> None:
    tried = 0
    for case, line, outcome in lines_taken(programme):
        step = ready(programme).programme.step(line.do, case.state)
        assert step is not None
        for field in step.asks:
            if field in line.answers and ready(programme).fields[field].required_if is None:
                left = {k: v for k, v in line.answers.items() if k != field}
                refused = take(ready(programme), case, line.do, line.by, line.at, left, confirmed_by=line.second)
                assert not refused.allowed
                assert field in {f.field for f in refused.faults}
                tried += 1
        unknown = take(ready(programme), case, line.do, line.by, line.at, {**line.answers, "no_such": "1"})
        assert not unknown.allowed
        assert "no_such" in unknown.reason
        assert outcome.case.revision == case.revision + 1
    assert tried >= 5 or programme not in MAIN


@pytest.mark.parametrize("programme", NAMES)
def test_every_clock_that_starts_runs_out(programme: str) -> None:
    for _, _, outcome in lines_taken(programme):
        last = outcome.case.history[-1].at
        for clock in running(ready(programme), outcome.case, last):
            if clock.state is ClockState.PAUSED:
                assert clock.due is None
                continue
            assert clock.due is not None
            for moment, late in ((clock.due.at, False), (clock.due.at + timedelta(minutes=1), True)):
                now = {c.deadline.id: c for c in running(ready(programme), outcome.case, moment)}
                assert (now[clock.deadline.id].state is ClockState.OVERDUE) is late


@pytest.mark.parametrize("programme", NAMES)
def test_a_second_arrival_changes_nothing_and_an_overtaken_one_is_told_by_whom(programme: str) -> None:
    case, line, _ = next(lines_taken(programme))
    named = Doer("wang", line.by.roles, any_relation=True)
    once = take(ready(programme), case, line.do, named, line.at, line.answers, operation="op1")
    again = take(ready(programme), once.case, line.do, named, line.at, line.answers, operation="op1")
    assert again.again
    assert again.case == once.case
    late = take(ready(programme), once.case, line.do, named, line.at, {}, seen=0)
    assert not late.allowed
    assert "wang" in late.reason
    assert f"{line.at:%Y-%m-%d %H:%M}" in late.reason


@pytest.mark.parametrize("programme", NAMES)
def test_a_case_as_of_any_moment_is_what_it_was_then(programme: str) -> None:
    history = list(lines_taken(programme))[-1][2].case.history
    for _, line, outcome in lines_taken(programme):
        until = [t for t in history if t.at <= line.at]
        if len(until) == outcome.case.revision:  # the last of its minute
            assert replay(ready(programme), history, line.at) == outcome.case
    assert replay(ready(programme), history).history == history
