"""Whose turn it is while a case stands where it stands: of the roles that own the state, together one has to act, and
for each step that can be taken now one that may take it. Pure; the site finds units for them."""

from __future__ import annotations

from datetime import datetime

from qingmiao.casework.case import CaseFile, row
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.forms import FILLED_ON
from qingmiao.content.programme_parts import ProgrammeStep


def turns(ready: ReadyProgramme, case: CaseFile, at: datetime) -> tuple[tuple[str, ...], ...]:
    """Sets of roles, of each of which somebody must stand to the case: the owners of its state, and of each step that
    leads on from here those owners that may take it. None at the case's end.

    A step that is refused by what is known already and is not asked again with it (serious conduct for the police, bad
    conduct for the school) is nobody's turn: no unit learns of a case for the sake of it.
    """
    state = ready.programme.states.get(case.state)
    if state is None or state.final:
        return ()
    found = [state.owners]
    known = row(ready, case, at)
    for step in ready.programme.steps:
        roles = tuple(r for r in state.owners if r in step.roles)
        moves = step.to not in (None, case.state) and case.state in ready.programme.starts_from(step)
        if roles and moves and not _refused(ready, step, known):
            found.append(roles)
    return tuple(dict.fromkeys(found))


def _refused(ready: ReadyProgramme, step: ProgrammeStep, known: dict[str, object]) -> bool:
    """Whether a guard refuses the step by what is known, is not asked with it and no passing day changes."""
    form = ready.forms.get(ready.number(step))
    asked = {f.id for f in form.every()} - set(step.may) if form is not None else set[str]()
    for guard in step.guards:
        names = ready.reads(guard.check)
        settled = FILLED_ON not in names and not names & asked and all(known.get(n) is not None for n in names)
        if settled and not ready.true(guard.check, known):
            return True
    return False
