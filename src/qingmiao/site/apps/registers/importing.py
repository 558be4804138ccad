"""A list that is uploaded: checked whole, looked at, then imported in one transaction, or nothing at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from qingmiao.collect.child_sheets import RowFault
from qingmiao.collect.register_sheets import (
    NUMBER,
    WITHIN,
    ListedEntry,
    RegisterSheet,
    columns_of,
    marked_workbook,
    read_register,
)
from qingmiao.collect.table_file import ListFile, read_list
from qingmiao.collect.workbook import WorkbookError
from qingmiao.content.registers import RegisterKind
from qingmiao.forms import FieldFault
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.registers import books, doors, entering, standing
from qingmiao.site.apps.registers.entering import EntryGiven, EntryRefused
from qingmiao.site.apps.registers.models import LIVE, RegisterEntry, RegisterHeadings, RegisterUpload

MOST = 2_000
"""Rows of one file: each goes through the door by itself."""
BYTES = 10 << 20
IMPORT, RECEIVE = "registers.import", "registers.list.receive"
HEADINGS, GIVE_UP = "registers.list.headings", "registers.list.give_up"
REGISTER, OVER = "register", "这份名单已经导入或者放弃"
GONE = b""


@dataclass(frozen=True)
class ReviewedRow:
    """A row that becomes an entry, or changes one (`entry`)."""

    row: ListedEntry
    given: EntryGiven
    entry: int | None


@dataclass(frozen=True)
class Review:
    """A list before it is imported: what it would do, what is wrong at which cell."""

    id: int
    register: RegisterKind
    name: str
    state: str
    rows: tuple[ReviewedRow, ...]
    faults: tuple[RowFault, ...]
    unknown: Mapping[int, str]
    headings: tuple[str, ...]
    """The headings of the register, to say for which an unknown one stands."""
    imported: int

    @property
    def new(self) -> int:
        """Rows that become entries."""
        return sum(r.entry is None for r in self.rows)

    @property
    def changes(self) -> int:
        """Rows that change an entry."""
        return sum(r.entry is not None for r in self.rows)


def upload(reach: Reach, register: str, name: str, data: bytes) -> int:
    """Keep a file for its review; its number. Raises UserError for one that cannot be read, AbsentError for who does
    not enter into this register."""
    kind = standing.kind_of(reach, register)
    if not entering.may_enter(reach, kind):
        raise AbsentError("没有这个页面")
    if len(data) > BYTES:
        raise UserError(f"文件超过 {BYTES >> 20} MB，请分成几个")
    _file(name, data)
    unit = reach.person.organisation
    told = {"file": name[:120], "sha256": hashlib.sha256(data).hexdigest()}
    with access.beside(reach, RECEIVE, object_type=REGISTER, object_id=register, detail=told):
        made = RegisterUpload.objects.create(
            register=register, unit=unit, by=reach.person, at=timezone.now(), name=name[:120], data=data
        )
    return int(made.pk)


def review(reach: Reach, number: int) -> Review:
    """What a list would do; nothing is kept of it. AbsentError for another person's."""
    return _tried(reach, number)[0]


def marked(reach: Reach, number: int) -> tuple[str, bytes]:
    """The file with what is wrong in each row: the copy to put right."""
    seen, file, sheet = _tried(reach, number)
    if file is None or sheet is None:
        raise AbsentError("没有这份名单")
    return f"需要改正-{seen.name.rpartition('.')[0] or seen.name}.xlsx", marked_workbook(file, sheet, seen.faults)


def say_headings(reach: Reach, number: int, said: Mapping[str, str]) -> None:
    """Remember for the unit for which heading one of its files' stands."""
    kept = _get(reach, number)
    new = {k[:60]: v for k, v in said.items() if v}
    with access.beside(reach, HEADINGS, object_type=REGISTER, object_id=kept.register, detail={"headings": new}):
        RegisterHeadings.objects.get_or_create(unit=kept.unit, register=kept.register)
        own = RegisterHeadings.objects.select_for_update().get(unit=kept.unit, register=kept.register)
        own.headings = {**own.headings, **new}
        own.save()


def carry_out(reach: Reach, number: int) -> int:
    """Import a list: all of it or nothing; how many rows. Raises UserError naming the first fault."""
    register = _get(reach, number).register
    with access.beside(reach, IMPORT, object_type=REGISTER, object_id=register) as told:
        kept = RegisterUpload.objects.select_for_update().get(pk=number)
        if kept.state != "checked":
            raise UserError(OVER)
        seen, _, _ = _reviewed(reach, kept)
        if seen.faults:
            first = seen.faults[0]
            raise UserError(f"名单还有错误，什么都没有导入；第一处：{first.cell} {first.message}")
        for one in seen.rows:
            _take(reach, seen.register, one)
        kept.state, kept.imported, kept.data = "imported", len(seen.rows), GONE
        kept.save()
        told |= {"new": seen.new, "changed": seen.changes}
    return len(seen.rows)


def give_up(reach: Reach, number: int) -> None:
    """Forget a list that was not imported. Raises UserError for one that was, or that is forgotten already."""
    register = _get(reach, number).register
    with access.beside(reach, GIVE_UP, object_type=REGISTER, object_id=register, detail={"list": number}):
        rows = RegisterUpload.objects.filter(pk=number, state="checked")
        if not rows.update(state="given_up", data=GONE):
            raise UserError(OVER)


def _tried(reach: Reach, number: int) -> tuple[Review, ListFile | None, RegisterSheet | None]:
    """The list as it would be taken: people whom it names are made to judge it, and taken back."""
    with transaction.atomic():
        found = _reviewed(reach, _get(reach, number))
        transaction.set_rollback(True)
    return found


def _take(reach: Reach, kind: RegisterKind, one: ReviewedRow) -> None:
    where = f"第 {one.row.place + 1} 行"
    try:
        if one.entry is None:
            made = entering.enter(reach, kind.id, one.given)
            if isinstance(made, EntryRefused):
                raise UserError(made.faults[0].message if made.faults else "可能与已有的登记是同一个")
            return
        entry = RegisterEntry.objects.select_related("unit", "within").get(pk=one.entry)
        answers = {**entry.answers, **one.given.answers}
        refused = entering.change(
            reach, entry.pk, EntryGiven(answers, within=one.given.within or entry.within_id), version=entry.version
        )
        if refused is not None:
            raise UserError(refused.faults[0].message)
    except UserError as wrong:
        raise UserError(f"{where}：{wrong}；什么都没有导入") from None


def _get(reach: Reach, number: int) -> RegisterUpload:
    kept = RegisterUpload.objects.select_related("unit").filter(pk=number, by=reach.person).first()
    if kept is None or kept.register not in books.every():
        raise AbsentError("没有这份名单")
    return kept


def _file(name: str, data: bytes) -> ListFile:
    try:
        return read_list(data, name)
    except WorkbookError as e:
        raise UserError(f"{name}：{e.fault.message}", [e.fault]) from None


def _reviewed(reach: Reach, kept: RegisterUpload) -> tuple[Review, ListFile | None, RegisterSheet | None]:
    ready = books.ready(kept.register)
    headings = tuple(c.heading for c in columns_of(ready))
    if kept.state != "checked":
        return Review(kept.pk, ready.kind, kept.name, kept.state, (), (), {}, headings, kept.imported), None, None
    file = _file(kept.name, bytes(kept.data))
    own = RegisterHeadings.objects.filter(unit=kept.unit, register=kept.register).first()
    sheet = read_register(ready, file, own.headings if own is not None else {})
    faults = list(sheet.faults)
    if len(sheet.rows) > MOST:
        faults.append(RowFault(-1, -1, f"有 {len(sheet.rows)} 行，一次最多 {MOST} 行；请分成几个文件"))
    rows: list[ReviewedRow] = []
    if not faults:
        rows, found = _judged(reach, kept.register, sheet)
        faults += found
    review = Review(kept.pk, ready.kind, kept.name, kept.state, tuple(rows), tuple(faults), sheet.unknown, headings, 0)
    return review, file, sheet


def _judged(reach: Reach, register: str, sheet: RegisterSheet) -> tuple[list[ReviewedRow], list[RowFault]]:
    """Every row judged as it would be entered; two rows of one key are a fault."""
    kind, today = books.ready(register).kind, timezone.localdate()
    above = _above(kind)
    rows, faults, keys = list[ReviewedRow](), list[RowFault](), dict[str, int]()
    for one in sheet.rows:
        within, wrong = _within(kind, above, one, sheet)
        faults += wrong
        given = EntryGiven(one.answers, within=within, number=one.number, alike=True)
        try:
            made = entering.row_of(reach, kind, given)
        except UserError as e:
            faults.append(RowFault(one.place, sheet.place(NUMBER), str(e)))
            continue
        judged = doors.judged(made, given.answers, on=today)
        there = RegisterEntry.objects.filter(register=register, key=judged.key, state__in=LIVE).first()
        if there is not None:
            judged = doors.judged(made, {**there.answers, **one.answers}, on=today)
        faults += _cells(sheet, one, judged.faults)
        if kind.of == "person" and not one.number:
            faults.append(RowFault(one.place, sheet.place(NUMBER), "请填写证件号码"))
        if judged.key and judged.key in keys:
            faults.append(RowFault(one.place, -1, f"与第 {keys[judged.key] + 1} 行是同一条"))
        keys.setdefault(judged.key, one.place)
        rows.append(ReviewedRow(one, given, there.pk if there is not None else None))
    return rows, faults


def _cells(sheet: RegisterSheet, one: ListedEntry, faults: Iterable[FieldFault]) -> list[RowFault]:
    return [RowFault(one.place, sheet.place(f.field), f.message) for f in faults]


def _above(kind: RegisterKind) -> dict[str, list[int]]:
    """Name → the entries in force that an entry may belong to."""
    found: dict[str, list[int]] = {}
    if kind.within is not None:
        rows = RegisterEntry.objects.filter(register=kind.within.register_, state__in=LIVE).order_by("pk")
        for pk, name in rows.values_list("pk", "name"):
            found.setdefault(name, []).append(pk)
    return found


def _within(
    kind: RegisterKind, above: Mapping[str, list[int]], one: ListedEntry, sheet: RegisterSheet
) -> tuple[int | None, list[RowFault]]:
    if kind.within is None:
        return None, []
    place, label = sheet.place(WITHIN), kind.within.label.zh
    if not one.within:
        told = [RowFault(one.place, place, f"请填写{label}")] if kind.within.required else []
        return None, told
    found = above.get(one.within, [])
    if len(found) == 1:
        return found[0], []
    if one.within.isdigit() and any(int(one.within) in n for n in above.values()):
        return int(one.within), []
    why = f"有 {len(found)} 个同名的，请改写登记编号" if found else "没有登记，请先登记或者改正名称"
    return None, [RowFault(one.place, place, f"{label}“{one.within}”{why}")]
