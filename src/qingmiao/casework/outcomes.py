"""The outcomes of a case as facts: what its programme says of it by name, without anything that was written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from qingmiao.casework.case import CaseFile, row
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import parse
from qingmiao.content.forms import FILLED_ON
from qingmiao.content.outcomes import CaseOutcome, outcome_code
from qingmiao.content.programme_forms import case_text


def outcome_rows(
    ready: ReadyProgramme, case: CaseFile, now: datetime, *, coarse: bool = False
) -> Iterator[dict[str, Any]]:
    """The rows of a case that is counted: one for each outcome that has a value, or one for each time its step was
    taken. `coarse`: of a 核心 or sealed case; only what may be said of such, on the first of its month."""
    for outcome in ready.programme.outcomes:
        if coarse and not outcome.of_core:
            continue
        for number, opened, known in _known(ready, case, outcome, now):
            if outcome.only_if is not None and _value(outcome.only_if, known) is not True:
                continue
            value = _value(outcome.holds or outcome.amount or "", known)
            on = _value(outcome.on, known) if outcome.on is not None else opened
            if value is None or on is None:
                continue
            yield {
                "outcome": outcome_code(case.programme, outcome.id), "number": number,
                "counted_on": on.replace(day=1) if coarse else on,
                "holds" if outcome.holds is not None else "amount": value,
            }  # fmt: skip


def _known(
    ready: ReadyProgramme, case: CaseFile, outcome: CaseOutcome, now: datetime
) -> Iterator[tuple[int, date, dict[str, Any]]]:
    """What an outcome reads, with its number and day: the case as it stands, or what was answered each time its step
    was taken (and of fields that were not asked then, what was known)."""
    if not outcome.steps:
        yield 0, case.history[0].at.date(), row(ready, case, now)
        return
    known: dict[str, Any] = {}
    number = 0
    for taken in case.history:
        known |= taken.values
        if taken.step in outcome.steps and not taken.referral:
            number += 1
            day = taken.at.date()
            yield number, day, ready.empty(day) | known | {FILLED_ON: day}


def _value(text: str, known: dict[str, Any]) -> Any:  # Any: a date, number or truth, as the expression says
    return evaluate(parse(case_text(text)), known)
