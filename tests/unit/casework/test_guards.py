"""Each guard of each programme refuses: made from the files. A step that a script takes is tried again with the answers
that its guard reads changed, one or two at a time, until the guard says no; a step that no script takes is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations, product
from typing import Any

import pytest
from programme_scripts import MAIN, NAMES, china, lines_taken, ready, script

from qingmiao.casework.case import CaseFile
from qingmiao.casework.deciding import Doer, take
from qingmiao.casework.playing import ScriptLine
from qingmiao.content.expressions import columns_of, parse
from qingmiao.content.form_fields import resolved
from qingmiao.content.programme_forms import case_text
from qingmiao.content.programme_parts import ProgrammeStep

DAYS = (-4000, -400, -40, -1, 0, 1, 40, 400, 4000)
NUMBERS = (0, 1, 3, 1_000_000)
"""Days from the day of the step, and numbers, that are tried."""


def others(programme: str, name: str, on: date) -> tuple[Any, ...]:
    """Answers to try for a field: each of its codes, both truths, days around, some numbers, none."""
    field = ready(programme).fields.get(name)
    if field is None:
        return ()
    whole = resolved(field, china().facts, china().codes)
    if whole.type == "code":
        listed = [o.code for o in whole.options] or [i.code for i in china().codes[str(whole.codes)].items]
        codes = [c for c in listed if not whole.only or c in whole.only]
        return (*([c] for c in codes), codes[:2]) if whole.multiple else (*codes, None)
    kinds: Mapping[str, tuple[Any, ...]] = {
        "boolean": (True, False), "date": tuple((on + timedelta(days=d)).isoformat() for d in DAYS),
        "integer": NUMBERS, "number": NUMBERS,
    }  # fmt: skip
    return (*kinds.get(str(whole.type), ()), None)


def tries(
    programme: str, step: ProgrammeStep, check: str, case: CaseFile, line: ScriptLine
) -> Iterator[tuple[CaseFile, dict[str, Any]]]:
    """The case and the answers with what a guard reads changed."""
    read = [f for f in sorted(columns_of(parse(case_text(check)))) if f in ready(programme).fields]
    for name in list(read):  # what is worked out follows from what it reads
        if (text := ready(programme).fields[name].compute) is not None:
            read += [f for f in sorted(columns_of(parse(case_text(text)))) if f in ready(programme).fields]
    form = ready(programme).forms.get(ready(programme).number(step))
    asked = {f.id for f in form.every()} if form is not None else set()
    yield case, dict(line.answers)
    for many in (1, 2):
        for names in combinations(dict.fromkeys(read), many):
            for values in product(*(others(programme, n, line.at.date()) for n in names)):
                changed = dict(zip(names, values, strict=True))
                answers = {k: v for k, v in {**line.answers, **changed}.items() if k in asked and v is not None}
                typed = {k: date.fromisoformat(v) if ready(programme).fields[k].type == "date" and v else v
                         for k, v in changed.items() if k not in asked}  # fmt: skip
                known = {k: v for k, v in {**case.values, **typed}.items() if v is not None}
                yield replace(case, values=known), answers


def marked(case: CaseFile) -> Iterator[CaseFile]:
    """A case as it is, without its marks and referrals, and as if each of its steps had been taken once more."""
    yield case
    yield replace(case, marks=frozenset(), referrals=())
    for taken in case.history:
        yield replace(case, history=(*case.history, replace(taken, at=case.history[-1].at)))
    yield replace(case, history=tuple(t for t in case.history if t.source != t.target))


@pytest.mark.parametrize("programme", MAIN)
def test_every_guard_of_every_step_refuses(programme: str) -> None:
    steps = ready(programme).programme.steps
    wanted = {(n, g.message.zh) for n, step in enumerate(steps) for g in step.guards}
    for name in [n for n in NAMES if n.partition(".")[0] == programme]:
        wanted -= set(played(name))
        for case, line, _ in lines_taken(name):
            step = ready(programme).programme.step(line.do, case.state)
            assert step is not None
            for guard in step.guards:
                key = ready(programme).number(step), guard.message.zh
                if key in wanted and refuses(programme, step, guard.check, guard.message.zh, case, line):
                    wanted.remove(key)
    left = [f"{steps[n].do}: {message}" for n, message in sorted(wanted)]
    assert left == [], left


def played(name: str) -> Iterator[tuple[int, str]]:
    """What a script itself is refused: the number of the step and what was said."""
    case = CaseFile(ready(name).programme.id)
    for line in script(name)[0]:
        said = take(ready(name), case, line.do, line.by, line.at, line.answers, confirmed_by=line.second)
        step = ready(name).programme.step(line.do, case.state)
        if not said.allowed and step is not None:
            yield ready(name).number(step), said.reason
        case = said.case


def refuses(programme: str, step: ProgrammeStep, check: str, message: str, case: CaseFile, line: ScriptLine) -> bool:
    """Whether a guard says no to some change of what it reads."""
    for one in marked(case):
        for changed, answers in tries(programme, step, check, one, line):
            said = take(ready(programme), changed, step.do, line.by, line.at, answers, confirmed_by=line.second)
            if said.reason == message:
                return True
        if set(columns_of(parse(case_text(check)))) <= set(ready(programme).fields) | {"filled_on"}:
            break
    return False


def test_an_end_that_lies_too_far_ahead_is_a_slip_of_the_year() -> None:
    """2099 for 2029: refused in words at the field, and nothing has changed."""
    one = ready("hotline_child")
    seat = Doer(roles=frozenset({"hotline_seat"}), any_relation=True)
    call = {
        "ticket_number": "D1", "call_at": "2026-03-02 09:00", "topic": "school", "child_flag": True,
        "elsewhere": False, "ticket_text": "演示",
    }  # fmt: skip
    case = take(one, CaseFile("hotline_child"), "received", seat, datetime(2026, 3, 2, 9), call).case
    sorted_ = {"ticket_class": "help", "child_flag": True, "danger_now": False}
    case = take(one, case, "triaged", seat, datetime(2026, 3, 2, 9), sorted_).case
    said = {"lead_unit": "civil_affairs", "due_on": "2099-03-09"}
    refused = take(one, case, "dispatched", seat, datetime(2026, 3, 2, 9), said)
    assert (refused.allowed, refused.case) == (False, case)
    assert "due_on" in [f.field for f in refused.faults]
    assert "晚于 2046 年" in refused.reason
    for far, allowed in (("2046-12-28", True), ("2047-01-04", False)):
        assert take(one, case, "dispatched", seat, datetime(2026, 3, 2, 9), said | {"due_on": far}).allowed is allowed
