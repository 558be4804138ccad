"""A case that opens by itself: the answers of its first step out of a record or of another programme's case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.programme_openings import GIVEN, OpeningRule
from qingmiao.content.programme_parts import ProgrammeStep
from qingmiao.forms.kinds import KINDS


def opening_step(ready: ReadyProgramme, rule: OpeningRule) -> ProgrammeStep:
    """The step that the system takes."""
    return next(s for s in ready.programme.steps if s.opens and s.do == rule.step)


def opening_answers(
    ready: ReadyProgramme, rule: OpeningRule, row: Mapping[str, Any], person: Mapping[str, Any]
) -> dict[str, Any]:
    """The answers of the opening step, as its form takes them. `row`: what was filled in there; `person`: word
    (`GIVEN`) → what is known of whom it is about, in the fields that the house fills in."""
    form = ready.forms.get(ready.number(opening_step(ready, rule)))
    said = rule.values(row)
    found: dict[str, Any] = {}
    for field in form.fields if form is not None else ():
        given = person.get(field.field.given) if field.field.given in GIVEN else None
        value = said.get(field.id, given)
        if value is not None:
            found[field.id] = KINDS[field.type].stored(value)
    return found
