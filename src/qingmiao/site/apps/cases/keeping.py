"""How the steps of a case are kept: what is sensitive sealed, everything for good; the case again out of its steps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from django.utils import timezone

from qingmiao.casework.case import CaseFile, Taken, replay
from qingmiao.casework.packing import packed, unpacked
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.forms import LEVELS, Sensitivity
from qingmiao.site.apps.cases import programmes
from qingmiao.site.apps.cases.models import CaseNote, CaseProposal, CaseStep, KeptCase
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.records.api import rekeying, sealing

STEP, PROPOSAL, NOTE = "cases_step", "cases_proposal", "cases_note"
"""The tables with sealed columns."""
VALUES, ANSWERS, TEXT = "values", "answers", "text"
rekeying.seal(
    rekeying.SealedColumn(CaseStep, "values_sealed", STEP, VALUES),
    rekeying.SealedColumn(CaseProposal, "answers_sealed", PROPOSAL, ANSWERS),
    rekeying.SealedColumn(CaseNote, "text_sealed", NOTE, TEXT),
)
PLAIN = LEVELS.index("内部")
"""Fields up to this level are kept as they are; one that says no level has the programme's."""


def write(case: KeptCase, ready: ReadyProgramme, taken: Taken, by: Person | None, second: Person | None) -> CaseStep:
    """Keep one step: its row, bound to its number before it is written."""
    made = row(sealing.next_row(STEP), case, case.version, ready, taken, by, second)
    made.save(force_insert=True)
    return made


def row(
    number: int, case: KeptCase, order: int, ready: ReadyProgramme, taken: Taken, by: Person | None,
    second: Person | None,
) -> CaseStep:  # fmt: skip
    """The row of the step that is the `order`th of its case, with this number, not saved."""
    plain, secret = parted(ready, taken.values, taken.secrecy or case.secrecy)
    text = json.dumps(packed(secret), ensure_ascii=False) if secret else ""
    return CaseStep(
        id=number, case=case, number=order, step=taken.step, source=taken.source, target=taken.target,
        at=timezone.make_aware(taken.at), by=by, role=taken.role, unit=taken.unit, confirmed_by=second,
        values=packed(plain), values_sealed=sealing.seal(STEP, VALUES, number, text),
        receivers={str(n): unit for n, unit in taken.receivers.items()}, referral=taken.referral,
        operation=taken.operation, secrecy=taken.secrecy or "", lead=taken.lead,
    )  # fmt: skip


def parted(
    ready: ReadyProgramme, values: Mapping[str, Any], secrecy: str = ""
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers that may be kept as they are, and those that are sealed: sensitive ones, those of a restricted group,
    and whatever the programme does not know. `secrecy`: of the case, where it is higher than its programme's."""
    of_case = LEVELS[max(LEVELS.index(level) for level in LEVELS if level in (secrecy, ready.programme.secrecy))]
    plain = {f: v for f, v in values.items() if f in ready.fields and _plain(ready, f, of_case)}
    return plain, {f: v for f, v in values.items() if f not in plain}


def _plain(ready: ReadyProgramme, name: str, secrecy: Sensitivity) -> bool:
    field = ready.fields[name]
    levels = [f.sensitivity or secrecy for f in (field, *field.fields)]
    return field.group is None and all(LEVELS.index(level) <= PLAIN for level in levels)


def taken_of(row: CaseStep) -> Taken:
    """A kept step as the engine reads it."""
    text = sealing.opened(STEP, VALUES, row.pk, row.values_sealed)
    values = unpacked(row.values) | (unpacked(json.loads(text)) if text else {})
    return Taken(
        row.step, row.source, row.target, timezone.make_naive(row.at), row.by.username if row.by is not None else "",
        row.role, row.unit, values, row.confirmed_by.username if row.confirmed_by is not None else "", row.operation,
        {int(n): unit for n, unit in row.receivers.items()}, row.referral,
        cast("Sensitivity | None", row.secrecy or None), row.lead,
    )  # fmt: skip


def rows_of(case: KeptCase) -> list[CaseStep]:
    """The steps of a case, in the order in which they were taken."""
    return list(CaseStep.objects.filter(case=case).select_related("by", "confirmed_by").order_by("number"))


def file_of(case: KeptCase, until: datetime | None = None, rows: Iterable[CaseStep] | None = None) -> CaseFile:
    """The case as of a moment (now where none is given), out of its steps."""
    ready = programmes.ready(case.programme)
    history = [taken_of(row) for row in (rows_of(case) if rows is None else rows)]
    return replay(ready, history, timezone.make_naive(until) if until is not None else None)


def propose(
    case: KeptCase, step: str, answers: Mapping[str, Any], by: Person, roles: Iterable[str], operation: str
) -> CaseProposal:
    """Keep a step that waits for a second person, in the place of one that waited before."""
    CaseProposal.objects.filter(case=case).delete()
    number = sealing.next_row(PROPOSAL)
    text = json.dumps(dict(answers), ensure_ascii=False, default=str)
    return CaseProposal.objects.create(
        id=number, case=case, step=step, seen=case.version, by=by, at=timezone.now(), roles=list(roles),
        operation=operation, answers_sealed=sealing.seal(PROPOSAL, ANSWERS, number, text),
    )  # fmt: skip


def proposed(proposal: CaseProposal) -> dict[str, Any]:
    """The answers of a step that waits, as they were typed."""
    found: dict[str, Any] = json.loads(sealing.opened(PROPOSAL, ANSWERS, proposal.pk, proposal.answers_sealed))
    return found


def note(case: KeptCase, by: Person, text: str) -> CaseNote:
    """Keep a note, encrypted."""
    number = sealing.next_row(NOTE)
    sealed = sealing.seal(NOTE, TEXT, number, text)
    return CaseNote.objects.create(id=number, case=case, by=by, at=timezone.now(), text_sealed=sealed)


def noted(row: CaseNote) -> str:
    """The text of a note."""
    return sealing.opened(NOTE, TEXT, row.pk, row.text_sealed)
