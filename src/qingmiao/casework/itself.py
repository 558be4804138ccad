"""Steps that the system takes by itself once their time has come (`itself`): which, with which answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from qingmiao.casework.case import CaseFile, row
from qingmiao.casework.deciding import Doer, StepOutcome, take
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import parse
from qingmiao.content.programme_forms import case_text
from qingmiao.content.programme_parts import ProgrammeStep
from qingmiao.forms.kinds import KINDS

DAILY = time(0, 10)
"""When the day's steps are taken (our own setting)."""
MOST = 20
"""Steps that one case takes by itself in a row at most: a programme that goes round is stopped."""


def waiting(ready: ReadyProgramme) -> frozenset[str]:
    """The states from which the system may take a step by itself."""
    one = ready.programme
    return frozenset(state for s in one.steps if s.itself is not None for state in one.starts_from(s))


def due(ready: ReadyProgramme, case: CaseFile, at: datetime) -> tuple[ProgrammeStep, dict[str, Any]] | None:
    """The first step whose time has come, with its answers as its form takes them; None where none has."""
    if not case.history or case.state not in ready.programme.states:
        return None
    known = row(ready, case, at)
    for step in ready.programme.steps:
        if step.itself is None or case.state not in ready.programme.starts_from(step):
            continue
        if ready.true(step.itself.when, known):
            shown, said = ready.shown, dict[str, Any]()
            for name, text in step.itself.answers.items():
                value = evaluate(parse(case_text(text)), known)
                if value is not None and name in shown:
                    said[name] = KINDS[shown[name].type].stored(value)
            return step, said
    return None


def taken_by_itself(
    ready: ReadyProgramme, case: CaseFile, since: datetime, until: datetime
) -> Iterator[tuple[str, datetime, StepOutcome]]:
    """What the system takes from one moment (not included) to another: (step, when, what came of it), a day after the
    other. A step that is refused is tried again the next day."""
    if not waiting(ready):
        return
    day: date = since.date()
    while day <= until.date():
        at = datetime.combine(day, DAILY)
        for _ in range(MOST if since < at <= until else 0):
            found = due(ready, case, at)
            if found is None:
                break
            outcome = take(ready, case, found[0].do, Doer(job=True, unit=case.owner), at, found[1])
            if not outcome.allowed:
                break
            case = outcome.case
            yield found[0].do, at, outcome
        day += timedelta(days=1)
