"""A case as facts: one row of it, and one of each of its clocks, without a name and without anything that was written.

A case that is 核心 or sealed gives rows by which it can be counted in its county and month, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from qingmiao.casework.case import CaseFile, row
from qingmiao.casework.clocks import GOES_ON, at_once, clocks, duties, late_from, running
from qingmiao.casework.outcomes import outcome_rows
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.clocks import ClockStanding
from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import parse
from qingmiao.content.outcomes import TABLE as OUTCOMES_TABLE
from qingmiao.content.programme_codes import CASES_TABLE, CLOCKS_TABLE, clock_code
from qingmiao.content.programme_forms import case_text
from qingmiao.content.programme_openings import GIVEN
from qingmiao.content.records import PublishedRow
from qingmiao.kernel.days import completed_years
from qingmiao.kernel.deadlines import ClockState

CORE = "核心"
CLOSING = "case_close"
"""The code list of reasons of closing: a field of a programme that has it says the reason."""
RISK = "case_risk"
KEPT = {ClockState.MET: True, ClockState.MET_LATE: False, ClockState.OVERDUE: False}
"""What a clock that has ended says; one that still runs says nothing."""


@dataclass(frozen=True)
class CaseCounted:
    """Where a case is counted. `known`: sex and birth_date of the child's file, where it has one."""

    key: str
    area: str
    county: str
    unit_kind: str
    known: Mapping[str, Any]
    sealed: bool = False


def case_rows(ready: ReadyProgramme, case: CaseFile, of: CaseCounted, now: datetime) -> dict[str, list[dict[str, Any]]]:
    """Fact table → its rows of a case at a moment; no rows while the case stands in a state that is not counted."""
    state = ready.programme.states.get(case.state)
    if not case.history or state is None or state.uncounted:
        return {table: [] for table in tables(ready)}
    coarse = of.sealed or case.secrecy == CORE
    stand = list(_ended_and_running(ready, case, now))
    kept = [said for _, said in stand]
    opened = case.history[0].at.date()
    ended = max((t.at for t in case.history if t.source != t.target), default=case.history[-1].at).date()
    shared = {"case_id": of.key, "programme": case.programme, "area_code": of.county if coarse else of.area}
    whole: dict[str, Any] = shared | {
        "opened_on": opened.replace(day=1) if coarse else opened, "ended": state.final, "unit_kind": of.unit_kind,
        "clocks_kept": kept.count(True), "clocks_late": kept.count(False),
    }  # fmt: skip
    if not coarse:
        whole |= _plain(ready, case, of, opened) | {"stage": case.state, "closed_on": ended if state.final else None}
    dated: list[dict[str, Any]] = [
        shared | {"clock": clock_code(case.programme, s.deadline.id), "due_on": _day(s, coarse=coarse), "kept": said}
        for s, said in stand
    ]
    found = {CASES_TABLE: [whole], CLOCKS_TABLE: dated}
    for given in () if coarse else ready.programme.publishes:
        found.setdefault(given.fact, []).extend(_further(ready, case, given, now))
    if ready.programme.outcomes:
        said_of = {} if coarse else {"sex": whole["sex"]}
        found[OUTCOMES_TABLE] = [shared | said_of | one for one in outcome_rows(ready, case, now, coarse=coarse)]
    return found


def tables(ready: ReadyProgramme) -> tuple[str, ...]:
    """The fact tables to which the cases of a programme are published."""
    own = [OUTCOMES_TABLE] if ready.programme.outcomes else []
    return tuple(dict.fromkeys((CASES_TABLE, CLOCKS_TABLE, *own, *(p.fact for p in ready.programme.publishes))))


def _further(
    ready: ReadyProgramme, case: CaseFile, given: PublishedRow, now: datetime
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """The row of a further table that the programme names, without the columns of the house."""
    known = row(ready, case, now)
    if given.when is None or evaluate(parse(case_text(given.when)), known) is True:
        yield {column: evaluate(parse(case_text(text)), known) for column, text in given.row.items()}


def _ended_and_running(
    ready: ReadyProgramme, case: CaseFile, now: datetime
) -> Iterator[tuple[ClockStanding, bool | None]]:
    """Each clock with an end, and whether it was met in time; None while it runs. One that ended with the case or a
    state before its end counts for nothing; one that was over by then was not met."""
    goes_on = {s.deadline.id for s in running(ready, case, now)}
    moved = max((t.at for t in case.history if t.source != t.target), default=case.history[-1].at)
    for standing in duties(clocks(ready, case, now)):
        if standing.due is None:
            continue
        if at_once(standing.deadline):
            yield standing, _at_once(case, standing, now)
        elif standing.state not in GOES_ON or standing.deadline.id in goes_on:
            yield standing, KEPT.get(standing.state)
        elif standing.due.at < moved:
            yield standing, False


def _at_once(case: CaseFile, standing: ClockStanding, now: datetime) -> bool | None:
    """Whether what was to be done at once was done before it was called late (`clocks.late_from`)."""
    late = late_from(standing)
    assert standing.due is not None
    assert late is not None
    began = standing.due.at
    done = next((t.at for t in case.history if t.at > began and t.step in standing.deadline.met_by), None)
    return done <= late if done is not None else False if now > late else None


def _plain(ready: ReadyProgramme, case: CaseFile, of: CaseCounted, opened: date) -> dict[str, Any]:
    """What is said of a case that is not 核心: whom it is about by sex and age, its risk, why it ended."""
    fields, shown = ready.fields, ready.shown
    given = {f.given: case.values[id_] for id_, f in fields.items() if f.given in GIVEN and id_ in case.values}
    person = dict(of.known) | given
    born, risk = person.get("birth_date"), ready.programme.risk
    reason = next((case.values[i] for i, f in fields.items() if f.codes == CLOSING and i in case.values), None)
    graded = risk is not None and risk in shown and fields[risk].codes == RISK
    return {
        "sex": person.get("sex"), "close_reason": reason, "risk": (case.risk or None) if graded else None,
        "age": completed_years(born, opened) if isinstance(born, date) and born <= opened else None,
    }  # fmt: skip


def _day(standing: ClockStanding, *, coarse: bool) -> date:
    assert standing.due is not None
    day = standing.due.at.date()
    return day.replace(day=1) if coarse else day
