"""Many cases from one list: which of them are there already, which stand in the list twice; no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from qingmiao.casework.ready import ReadyProgramme
from qingmiao.casework.same import same_event
from qingmiao.content.programme_parts import ProgrammeStep
from qingmiao.forms.ready import ReadyForm

UNREAD = ("group", "computed", "note", "photo", "file", "signature")
"""Types of fields that no column of a list holds."""


def list_form(ready: ReadyProgramme, step: ProgrammeStep) -> ReadyForm | None:
    """What a list of cases may say: the fields of the step that opens one, but those that no cell holds and those of a
    restricted group; None where the step asks nothing."""
    form = ready.forms.get(ready.number(step))
    if form is None:
        return None
    kept = (f for f in form.fields if f.type not in UNREAD and ready.fields[f.id].group is None)
    return replace(form, fields=tuple(kept))


def shared_form(ready: ReadyProgramme, step: ProgrammeStep) -> ReadyForm | None:
    """What may be said once for every row, and need not: not who or which place a row is about."""
    form, rule = list_form(ready, step), ready.programme.each_of
    if form is None:
        return None
    own = {f.id for f in ready.fields.values() if f.given is not None} | set(rule.fields if rule is not None else ())
    kept = (f for f in form.fields if f.id not in own)
    free = tuple(
        replace(f, required_if=None, field=f.field.model_copy(update={"required": False, "required_if": None}))
        for f in kept
    )
    return replace(form, fields=free) if free else None


def same_as(ready: ReadyProgramme, values: Mapping[str, Any], others: Iterable[tuple[int, Mapping[str, Any]]]) -> int:
    """The number of the first of some others (number, values) that is about the same by the programme's rule; 0 for
    none."""
    rule = ready.programme.same
    return next((n for n, other in others if rule is not None and same_event(rule, values, other)), 0)


def lacking(ready: ReadyProgramme, values: Mapping[str, Any]) -> Sequence[str]:
    """The fields of the rule that are not known: without them nobody can say whether the case is there already."""
    rule = ready.programme.same
    return [f for f in rule.fields if values.get(f) is None] if rule is not None else []
