"""Lists of children from Excel or CSV: received, matched, judged, settled by a person, imported whole or not at all,
taken back."""

from __future__ import annotations

import base64
import hashlib
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from qingmiao.collect.child_sheets import FoundHeadings, ReadRows, RowFault, find_headings, read_rows
from qingmiao.collect.table_file import MAX_BYTES as MAX_BYTES
from qingmiao.collect.table_file import ListFile, read_list
from qingmiao.collect.workbook import WorkbookError
from qingmiao.content.base import Label
from qingmiao.content.records import RecordKind
from qingmiao.content.sheets import ListLayout
from qingmiao.flow import Flow, Guard, State, Who
from qingmiao.flow import records as flows
from qingmiao.forms import ReadyForm
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.kernel.errors import UserError
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, NotAllowedError, Seen
from qingmiao.site.apps.directory.doors import Doing, Door, register
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import exposure, kinds, list_judging, list_matching, list_writing, sealing, versions
from qingmiao.site.apps.records.list_judging import JudgedList, ListAtHand
from qingmiao.site.apps.records.list_models import ChildList, HeadingMap, ListedRow

KEPT_FAULTS = 500
"""So many faults are kept for the page; all of them stand in the repaired copy."""
Answers = Mapping[str, Any]
_NOBODY = pa.table({"name": pa.array([], pa.string())})


def layouts() -> dict[str, ListLayout]:
    """Every layout, low `order` first."""
    found = site_pack.pack().entries("sheets", ListLayout)
    return {s.id: s for s in sorted(found.values(), key=lambda s: (s.order, s.id))}


def kind_of(layout: str) -> RecordKind | None:
    """The kind of record of a layout; None of one that the pack no longer has."""
    found = layouts().get(layout)
    return kinds.kinds().get(found.record) if found is not None else None


def flow_of(listed: ChildList) -> Flow:
    """The flow of a list: its roles are those that record its kind."""
    kind = kind_of(listed.layout)
    return flows.child_list(frozenset(kind.recorded_by) if kind is not None else frozenset({"-"}))


def every_flow() -> tuple[Flow, ...]:
    """One flow, for the words of the steps."""
    every = [k for k in map(kind_of, layouts()) if k is not None]
    return (flows.child_list(frozenset(r for k in every for r in k.recorded_by) or frozenset({"-"})),)


def _whole(listed: ChildList, answers: Answers, who: Who, at: datetime) -> Decision:
    judged: JudgedList | None = answers.get("judged")
    left = Counter(ListedRow.objects.filter(listed=listed).values_list("standing", flat=True))
    if listed.fault_count or judged is None or judged.faults:
        return no("名单还有错误，改正后重新上传；什么都没有导入")
    if left["unsure"] or left["absent"]:
        return no(f"还有 {left['unsure'] + left['absent']} 行没有对上儿童，请先核对")
    asked = [k for k in judged.queries if len(listed.explanations.get(k, "").strip()) < access.LEAST_WORDS]
    return no(f"还有 {len(asked)} 项要核对说明（不少于 {access.LEAST_WORDS} 个字）") if asked else YES


GUARDS: Mapping[str, Guard] = {"whole": _whole}


def _received(listed: ChildList, doing: Doing) -> Mapping[str, Any]:
    ListedRow.objects.bulk_create((ListedRow(listed=listed, **row) for row in doing.answers["rows"]), batch_size=5000)
    if doing.answers.get("headings"):
        HeadingMap.objects.update_or_create(
            unit=listed.unit, layout=listed.layout, defaults={"headings": doing.answers["headings"]}
        )
    return {"layout": listed.layout, "sha256": listed.file_digest, "rows": len(doing.answers["rows"])}


def _settled(listed: ChildList, doing: Doing) -> Mapping[str, Any]:
    chosen: Mapping[int, int] = doing.answers.get("chosen") or {}
    for place, child in chosen.items():
        standing = "chosen" if child else "left_out"
        ListedRow.objects.filter(listed=listed, place=place).update(standing=standing, child=child or None)
    if doing.answers.get("leave_absent"):
        ListedRow.objects.filter(listed=listed, standing="absent").update(standing="left_out")
    return {"chosen": sum(1 for c in chosen.values() if c), "left_out": sum(1 for c in chosen.values() if not c)}


def _imported(listed: ChildList, doing: Doing) -> Mapping[str, Any]:
    kind = kind_of(listed.layout)
    assert kind is not None
    return list_writing.write(listed, kind, doing.answers["judged"].rows, doing)


def _taken_back(listed: ChildList, doing: Doing) -> Mapping[str, Any]:
    kind = kind_of(listed.layout)
    assert kind is not None
    return list_writing.undo(listed, kind, doing)


register(
    Door(
        ChildList,
        flow_of,
        noun="这份名单",
        kind="child_list",
        action="records.lists",
        unit=lambda listed: listed.unit,
        guards=GUARDS,
        effects={"received": _received, "settled": _settled, "imported": _imported, "taken_back": _taken_back},
        several=every_flow,
    )
)


@dataclass(frozen=True)
class ListRead:
    """A list as it was read: its layout, form, headings, rows."""

    layout: ListLayout
    kind: RecordKind
    ready: ReadyForm
    file: ListFile
    found: FoundHeadings
    rows: ReadRows

    def at_hand(self, asked: Mapping[str, str]) -> ListAtHand:
        """The list with what was answered once for all rows."""
        return ListAtHand(self.kind, self.ready, self.found, self.rows, asked)


def open_layouts(reach: Reach) -> tuple[ListLayout, ...]:
    """The layouts that this person uploads for the own unit. AbsentError for who records none."""
    exposure.sights(reach)
    found = tuple(one for one in layouts().values() if "receive" in _steps(reach, one.id))
    if not found:
        raise AbsentError("没有这个页面")
    return found


def may_upload(reach: Reach) -> bool:
    """Whether this person uploads any list."""
    return exposure.maybe(reach).any and any("receive" in _steps(reach, one) for one in layouts())


def _steps(reach: Reach, layout: str) -> set[str]:
    blank = ChildList(layout=layout, unit=reach.person.organisation, made_by=reach.person, made_at=timezone.now())
    return {s.name for s in access.steps(reach, blank)}


def asked_of(layout: ListLayout) -> tuple[tuple[str, Label, str], ...]:
    """(field, words, type) of what is answered once for the whole file."""
    kind = kinds.kinds()[layout.record]
    fields = {f.id: f for f in versions.ready(versions.form_kept(kind.form)).every()}
    return tuple((f, Label(zh=fields[f].field.words), fields[f].type) for f in layout.asked)


def read_file(layout: ListLayout, data: bytes, shown: str, headings: Mapping[str, str]) -> ListRead:
    """Read a file in a layout. Raises UserError for one that cannot be read at all."""
    kind = kinds.kinds()[layout.record]
    ready = versions.ready(versions.form_kept(kind.form))
    try:
        file = read_list(data, shown)
    except WorkbookError as e:
        raise UserError(f"{shown}：{e.fault.message}", [e.fault]) from None
    found = find_headings(layout, file, headings)
    codes: dict[str, dict[str, str]] = {
        name: {i.code: i.label.zh for i in site_pack.pack().codes[name].items}
        for name in ("sex", "grade") if name in site_pack.pack().codes
    }  # fmt: skip
    rows = read_rows(layout, file, found, ready, codes) if not found.faults else ReadRows([], _NOBODY, [])
    return ListRead(layout, kind, ready, file, found, rows)


def receive(
    reach: Reach, layout: str, *, name: str, data: bytes, asked: Mapping[str, str], headings: Mapping[str, str] | None
) -> int:
    """Keep and read a list; its number. The very file of the unit that waits or was imported already is not read
    twice. AbsentError for who may not record the kind, UserError for a file that is no list."""
    one = layouts().get(layout)
    of = exposure.sights(reach)
    if one is None or "receive" not in _steps(reach, layout):
        raise AbsentError("没有这种名单")
    if len(data) > MAX_BYTES:
        raise NotAllowedError(f"文件超过 {MAX_BYTES >> 20} MB")
    unit, digest = reach.person.organisation, hashlib.sha256(data).hexdigest()
    mine = saved_headings(unit.pk, layout) | dict(headings or {})
    given = {f: asked.get(f, "").strip() for f in one.asked if asked.get(f, "").strip()}
    same = (
        ChildList.objects.filter(unit=unit, layout=layout, file_digest=digest, state="written").order_by("-pk").first()
    )
    if same is not None:
        return same.pk
    shown = "".join(c for c in os.path.basename(name.replace("\\", "/")) if c.isprintable())[-200:] or "名单"
    read = read_file(one, data, shown, mine)
    made = ChildList(
        layout=layout, name=shown, file_digest=digest, size=len(data), unit=unit, made_by=reach.person,
        made_at=timezone.now(), asked=given,
    )  # fmt: skip
    made.pk = sealing.next_row(sealing.LIST)
    sealed = sealing.seal(sealing.LIST, sealing.LISTED, made.pk, base64.b64encode(data).decode())
    assert sealed is not None
    made.file_sealed = sealed
    matched = list_matching.match(read.rows.people, list_matching.in_reach(of, read.kind)) if read.rows.rows else []
    about = {n: m.child for n, m in enumerate(matched) if m.child is not None}
    judged = list_judging.judge(read.at_hand(given), about, today=timezone.localdate(), but=made.pk)
    _note(made, read, judged)
    people = read.rows.people.select(
        [c for c in ("name", "sex", "birth", "school_class") if c in read.rows.people.column_names]
    )
    rows = [
        {
            "place": read.rows.rows[n] + 1, "standing": m.standing, "child_id": m.child,
            "said": {k: str(v) for k, v in said.items() if v is not None},
            "candidates": [list(c) for c in m.candidates],
        }
        for n, (m, said) in enumerate(zip(matched, people.to_pylist(), strict=True))
    ]  # fmt: skip
    return int(access.create(reach, made, "receive", {"rows": rows, "headings": mine}).pk)


def _note(made: ChildList, read: ListRead, judged: JudgedList) -> None:
    faults = sorted({*read.found.faults, *read.rows.faults, *judged.faults}, key=lambda f: (f.row, f.column))
    if not faults and not read.rows.rows:
        faults = [RowFault(read.found.row, -1, "表头下面没有数据")]
    made.fault_count = len(faults)
    made.faults = [[f.cell or (f"第 {f.row + 1} 行" if f.row >= 0 else ""), f.message] for f in faults[:KEPT_FAULTS]]
    made.unknown = list(dict.fromkeys(h[:60] for h in read.found.unknown.values()))[:100]
    there = {c.heading for c in read.found.columns.values()}
    made.missing = [c.heading for c in read.layout.columns if c.heading not in there and (c.says or c.field)]
    made.queries = {k: [words, judged.asking[k]] for k, words in judged.queries.items()}


def found(reach: Reach, number: int) -> ChildList:
    """A list of the person's own unit. Raises AbsentError."""
    exposure.sights(reach)
    one = ChildList.objects.select_related("unit", "made_by").filter(pk=number).defer("file_sealed").first()
    if one is None or one.unit_id != reach.person.organisation_id or one.layout not in layouts():
        raise AbsentError("没有这份名单")
    access.require(reach, one, "receive")
    return one


def reread(listed: ChildList) -> ListRead:
    """The sealed file, read again with the unit's headings as they are now."""
    data = base64.b64decode(sealing.opened(sealing.LIST, sealing.LISTED, listed.pk, listed.file_sealed))
    return read_file(layouts()[listed.layout], data, listed.name, saved_headings(listed.unit_id, listed.layout))


def saved_headings(unit: str, layout: str) -> dict[str, str]:
    """A unit's own headings of a layout: heading of the file → heading of the layout."""
    saved = HeadingMap.objects.filter(unit=unit, layout=layout).first()
    return dict(saved.headings) if saved is not None else {}


def judged_now(reach: Reach, listed: ChildList, read: ListRead) -> JudgedList:
    """The list judged anew, as the rows stand and as far as the person may record now."""
    reached = list_matching.in_reach(exposure.sights(reach), read.kind).ids
    standing = dict(
        ListedRow.objects.filter(listed=listed, standing__in=("sure", "chosen")).values_list("place", "child_id")
    )
    about = {n: pk for n, p in enumerate(read.rows.rows) if (pk := standing.get(p + 1)) is not None}
    gone = [n for n, pk in about.items() if pk not in reached]
    judged = list_judging.judge(
        read.at_hand(listed.asked), {n: pk for n, pk in about.items() if pk in reached}, today=timezone.localdate(),
        but=listed.pk,
    )  # fmt: skip
    place = read.found.place(says="name")
    judged.faults += [RowFault(read.rows.rows[n], place, "现在找不到这名儿童") for n in gone]
    return judged


def settle(
    reach: Reach, number: int, *, version: int, chosen: Mapping[int, int], leave_absent: bool, said: Mapping[str, str]
) -> None:
    """Say of unsure rows which child they are about (0: leave the row out), and answer what was asked back.

    Only a child that was shown for the row can be chosen.
    """
    listed = found(reach, number)
    rows = {r.place: r for r in ListedRow.objects.filter(listed=listed, place__in=list(chosen))}
    for place, child in chosen.items():
        shown = {c[0] for c in rows[place].candidates} if place in rows else set()
        if place not in rows or (child and child not in shown):
            raise NotAllowedError(f"第 {place} 行不能对应所选的儿童，请刷新页面")
    explained = {**listed.explanations, **{k: v.strip()[:500] for k, v in said.items() if k in listed.queries}}
    answers = {"chosen": dict(chosen), "leave_absent": leave_absent}
    with access.work(reach, listed, "settle"):
        access.perform(reach, listed, "settle", Seen("open", version), answers)
        listed.explanations = explained
        ChildList.objects.filter(pk=number).update(explanations=explained)
        read = reread(listed)
        _note(listed, read, judged_now(reach, listed, read))
        ChildList.objects.filter(pk=number).update(
            faults=listed.faults, fault_count=listed.fault_count, queries=listed.queries
        )


def map_headings(reach: Reach, number: int, *, version: int, headings: Mapping[str, str]) -> int:
    """Say what the file's own headings stand for, kept for the unit's next files; the list is read anew: its number."""
    listed = found(reach, number)
    layout = layouts()[listed.layout]
    ours = {c.heading for c in layout.columns}
    said = {k: v for k, v in headings.items() if k in listed.unknown and v in ours}
    if len(set(said.values())) < len(said):
        raise NotAllowedError("两个表头不能对应同一列")
    data = base64.b64decode(sealing.opened(sealing.LIST, sealing.LISTED, listed.pk, listed.file_sealed))
    with transaction.atomic():
        drop(reach, number, version=version)
        return receive(reach, listed.layout, name=listed.name, data=data, asked=listed.asked, headings=said)


def write(reach: Reach, number: int, *, version: int) -> None:
    """All rows become records, or none: the file is read and judged again at this moment."""
    listed = found(reach, number)
    judged = judged_now(reach, listed, reread(listed))
    access.perform(reach, listed, "import", Seen("open", version), {"judged": judged})


def drop(reach: Reach, number: int, *, version: int) -> None:
    """Give a list up that was not imported."""
    access.perform(reach, found(reach, number), "drop", Seen("open", version))


def undo(reach: Reach, number: int, *, version: int, reason: str) -> None:
    """Take all records of a list back; they and their facts stay to be read."""
    access.perform(reach, found(reach, number), "undo", Seen("written", version), {"reason": reason})


def state_of(listed: ChildList) -> State:
    """Where a list stands, in words."""
    return flow_of(listed).state(listed.state)
