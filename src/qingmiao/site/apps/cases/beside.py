"""What stands beside the steps of a case: notes, documents, and what is to be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Q
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.cases import following, keeping, programmes, showing, standing
from qingmiao.site.apps.cases.models import CaseDocument, CaseNote, CaseToDo, KeptCase
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.files import api as files

LONGEST, LEAST = 2000, 2
"""Characters of a note."""
LISTED = 100


@dataclass(frozen=True)
class NoteShown:
    """A note as the page shows it."""

    by: str
    at: datetime
    text: str


@dataclass(frozen=True)
class CaseFileRow:
    """A file of a case. `step`: the number of the step that brought it, 0 for one that was added by itself."""

    key: str
    label: str
    by: str
    at: datetime
    step: int
    looked_at: bool
    """Whether a browser can show it."""


@dataclass(frozen=True)
class ToDoShown:
    """Something to be done. `late`: its day is over; `mine`: this person may mark it as done."""

    number: int
    case: int
    title: str
    label: Label
    role: Label
    unit: str
    due: date | None
    late: bool
    opened_at: datetime
    done_at: datetime | None
    done_by: str
    mine: bool


def _whole(reach: Reach, number: int) -> tuple[KeptCase, standing.CaseSight]:
    """A case that the person sees whole. Raises AbsentError for every other."""
    found, sight = standing.get(reach, number)
    if sight.sight != "full":
        raise AbsentError("没有这个个案")
    return found, sight


def notes(reach: Reach, number: int) -> tuple[NoteShown, ...]:
    """The notes of a case, the newest first."""
    found, _ = _whole(reach, number)
    rows = CaseNote.objects.filter(case=found).select_related("by").order_by("-pk")
    return tuple(NoteShown(n.by.name, n.at, keeping.noted(n)) for n in rows)


def add_note(reach: Reach, number: int, text: str) -> None:
    """Note something beside the steps. UserError in words for a text that says too little or too much."""
    found, sight = _whole(reach, number)
    said = text.strip()
    if not sight.doers:
        raise AbsentError("没有这一步")
    if not LEAST <= len(said) <= LONGEST:
        raise UserError(f"备注要写 {LEAST}—{LONGEST} 个字")
    with access.beside(reach, "cases.note", object_type="case", object_id=number):
        keeping.note(found, reach.person, said)


def documents(reach: Reach, number: int) -> tuple[CaseFileRow, ...]:
    """The files of a case, the newest first; those of restricted fields only for who reads the group."""
    found, sight = _whole(reach, number)
    rows = CaseDocument.objects.filter(case=found).select_related("by").order_by("-pk")
    return tuple(
        CaseFileRow(
            d.key, d.label, d.by.name if d.by is not None else "系统", d.at, d.step,
            d.key.rpartition(".")[2] in files.LOOKED_AT,
        )
        for d in rows
        if _may_see(found, sight, d)
    )  # fmt: skip


def _may_see(case: KeptCase, sight: standing.CaseSight, document: CaseDocument) -> bool:
    ready = programmes.ready(case.programme)
    field = ready.fields.get(document.field)
    return field is None or field.group is None or showing.ShownCase(ready, sight).may_read(field.group)


def add_document(reach: Reach, number: int, upload: UploadedFile[bytes], *, label: str) -> str:
    """Keep a file beside the steps: its kind is read from its bytes, photographs lose what the camera wrote. Its
    key."""
    found, sight = _whole(reach, number)
    if not sight.doers:
        raise AbsentError("没有这一步")
    if len(label.strip()) < LEAST:
        raise UserError("请写明这是什么文件")
    kept = files.keep(files.ANSWERS, upload)
    detail = {"sha256": kept.sha256}
    with access.beside(reach, "cases.document", object_type="case", object_id=number, detail=detail):
        CaseDocument.objects.create(
            case=found, key=kept.key, label=label.strip()[:120], by=reach.person, at=timezone.now()
        )  # fmt: skip
    return kept.key


def document(reach: Reach, number: int, key: str) -> files.Handed | None:
    """A file of a case; the sight is written down. None for any other file."""
    found, sight = _whole(reach, number)
    row = next((d for d in CaseDocument.objects.filter(case=found, key=key) if _may_see(found, sight, d)), None)
    handed = files.hand_key(files.ANSWERS, key, row.label) if row is not None else None
    if handed is not None:
        audit.seen(
            reach.person, "cases.document.see", object_type="case", object_id=number, detail={"sha256": key[:64]}
        )  # fmt: skip
    return handed


def to_dos(reach: Reach, number: int) -> tuple[ToDoShown, ...]:
    """What is to be done of a case, what is open first."""
    found, _ = _whole(reach, number)
    sights = standing.sights(reach)
    rows = CaseToDo.objects.filter(case=found).select_related("unit", "done_by", "case").order_by("-pk")
    return tuple(sorted((_shown(sights, t) for t in rows), key=lambda t: t.done_at is not None))


def to_dos_of(reach: Reach) -> tuple[ToDoShown, ...]:
    """What waits for this person's roles at the own units, what is due first; at most `LISTED`."""
    sights, where = standing.sights(reach), Q(pk__in=[])
    for seat in sights.seats:
        where |= Q(unit=seat.unit, role__in=sorted(seat.roles))
    rows = CaseToDo.objects.filter(where, done_at=None, case__in=KeptCase.objects.filter(sights.where))
    listed = rows.select_related("unit", "done_by", "case").order_by("due_date", "pk")[:LISTED]
    return tuple(_shown(sights, t) for t in listed)


def to_do_done(reach: Reach, number: int, to_do: int) -> None:
    """Mark something as done, by whoever holds its role; once."""
    found, _ = _whole(reach, number)
    row = CaseToDo.objects.filter(case=found, pk=to_do, done_at=None).first()
    if row is None or not _mine(standing.sights(reach), row):
        raise AbsentError("没有这一项")
    with access.beside(reach, "cases.todo", object_type="case", object_id=number, detail={"task": row.name}):
        done = CaseToDo.objects.filter(pk=row.pk, done_at=None).update(done_at=timezone.now(), done_by=reach.person)
        if not done:  # somebody else was first
            raise AbsentError("没有这一项")


def _mine(sights: standing.CaseSights, row: CaseToDo) -> bool:
    return any(row.role in s.roles and row.unit_id in (None, s.unit) for s in sights.seats)


def _shown(sights: standing.CaseSights, row: CaseToDo) -> ToDoShown:
    one = programmes.every().get(row.case.programme)
    named: dict[str, Any] = {t.id: t.label for s in one.steps for t in s.tasks} if one is not None else {}
    named[following.VERIFY] = following.VERIFY_LABEL
    late = row.done_at is None and row.due_date is not None and row.due_date < timezone.localdate()
    return ToDoShown(
        row.pk, row.case_id, showing.title(row.case), named.get(row.name, Label(zh=row.name)),
        showing.role_label(row.role), row.unit.label if row.unit is not None else "", row.due_date, late,
        row.opened_at, row.done_at, row.done_by.name if row.done_by is not None else "",
        row.done_at is None and _mine(sights, row),
    )  # fmt: skip
