"""Lists of children from Excel or CSV: received, matched, judged, settled by a person, imported whole or not at all,
taken back."""

from __future__ import annotations

import base64
import hashlib
import os
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from qingmiao.collect.table_file import MAX_BYTES as MAX_BYTES
from qingmiao.content.sheets import ListLayout
from qingmiao.flow import Flow, Guard, State, Who
from qingmiao.flow import records as flows
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, NotAllowedError, Seen
from qingmiao.site.apps.directory.doors import Doing, Door, next_version, register
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import bulk, exposure, list_reading, list_work, list_writing, registering, sealing
from qingmiao.site.apps.records.list_models import ChildList, HeadingMap, ListedRow, ListProgress
from qingmiao.site.apps.records.list_reading import asked_of as asked_of
from qingmiao.site.apps.records.list_reading import kind_of, layouts, saved_headings

NEW = -1
"""Chosen for a row: none of the children shown, a new one."""
Answers = Mapping[str, Any]


def flow_of(listed: ChildList) -> Flow:
    """The flow of a list: its roles are those that record its kind."""
    kind = kind_of(listed.layout)
    return flows.child_list(frozenset(kind.recorded_by) if kind is not None else frozenset({"-"}))


def every_flow() -> tuple[Flow, ...]:
    """One flow, for the words of the steps."""
    every = [k for k in map(kind_of, layouts()) if k is not None]
    return (flows.child_list(frozenset(r for k in every for r in k.recorded_by) or frozenset({"-"})),)


def _whole(listed: ChildList, answers: Answers, who: Who, at: datetime) -> Decision:
    left = Counter(ListedRow.objects.filter(listed=listed).values_list("standing", flat=True))
    if listed.fault_count or answers.get("pieces") is None:
        return no("名单还有错误，改正后重新上传；什么都没有导入")
    if left["unsure"] or left["absent"]:
        return no(f"还有 {left['unsure'] + left['absent']} 行没有对上儿童，请先核对")
    asked = list_writing.unexplained(listed, listed.queries)
    return no(f"还有 {len(asked)} 项要核对说明（不少于 {access.LEAST_WORDS} 个字）") if asked else YES


GUARDS: Mapping[str, Guard] = {"whole": _whole}


def _received(listed: ChildList, doing: Doing) -> Mapping[str, Any]:
    ListProgress.objects.create(listed=listed)
    if doing.answers.get("headings"):
        HeadingMap.objects.update_or_create(
            unit=listed.unit, layout=listed.layout, defaults={"headings": doing.answers["headings"]}
        )
    return {"layout": listed.layout, "sha256": listed.file_digest}


def _checked(listed: ChildList, doing: Doing) -> Mapping[str, Any]:
    count = 0
    for piece in doing.answers["rows"]:
        count += bulk.copy(ListedRow, {"listed_id": listed.pk, **piece})
    noted: Mapping[str, Any] = doing.answers["noted"]
    ChildList.objects.filter(pk=listed.pk).update(**noted)
    return {"rows": count, "faults": noted.get("fault_count", 0)}


def _settled(listed: ChildList, doing: Doing) -> Mapping[str, Any]:
    chosen: Mapping[int, int] = doing.answers.get("chosen") or {}
    for place, child in chosen.items():
        standing = "chosen" if child > 0 else "new" if child == NEW else "left_out"
        ListedRow.objects.filter(listed=listed, place=place).update(
            standing=standing, child=child if child > 0 else None
        )
    if doing.answers.get("leave_absent"):
        ListedRow.objects.filter(listed=listed, standing="absent").update(standing="left_out")
    counted = Counter("chosen" if c > 0 else "new" if c == NEW else "left_out" for c in chosen.values())
    return {"chosen": counted["chosen"], "new": counted["new"], "left_out": counted["left_out"]}


def _imported(listed: ChildList, doing: Doing) -> Mapping[str, Any]:
    kind = kind_of(listed.layout)
    assert kind is not None
    return list_writing.write(listed, kind, doing.answers["pieces"], doing)


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
        effects={
            "received": _received,
            "checked": _checked,
            "settled": _settled,
            "imported": _imported,
            "taken_back": _taken_back,
        },
        changes=lambda listed, doing: {} if doing.step.jobs else next_version(listed, doing),
        several=every_flow,
    )
)


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


def receive(
    reach: Reach, layout: str, *, name: str, data: bytes, asked: Mapping[str, str], headings: Mapping[str, str] | None
) -> int:
    """Keep and read a list; its number. The very file of the unit that waits or was imported already is not read
    twice. AbsentError for who may not record the kind, UserError for a file that is no list."""
    one = layouts().get(layout)
    exposure.sights(reach)
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
    made = ChildList(
        layout=layout, name=shown, file_digest=digest, size=len(data), unit=unit, made_by=reach.person,
        made_at=timezone.now(), asked=given,
    )  # fmt: skip
    made.pk = sealing.next_row(sealing.LIST)
    sealed = sealing.seal(sealing.LIST, sealing.LISTED, made.pk, base64.b64encode(data).decode())
    assert sealed is not None
    made.file_sealed = sealed
    with transaction.atomic():
        kept = access.create(reach, made, "receive", {"headings": mine})
        list_work.start(reach, kept, "check")
    return int(kept.pk)


def found(reach: Reach, number: int) -> ChildList:
    """A list of the person's own unit. Raises AbsentError."""
    exposure.sights(reach)
    one = ChildList.objects.select_related("unit", "made_by").filter(pk=number).defer("file_sealed").first()
    if one is None or one.unit_id != reach.person.organisation_id or one.layout not in layouts():
        raise AbsentError("没有这份名单")
    access.require(reach, one, "receive")
    return one


def settle(
    reach: Reach, number: int, *, version: int, chosen: Mapping[int, int], leave_absent: bool, said: Mapping[str, str]
) -> None:
    """Say of unsure rows which child they are about (0: leave the row out; `NEW`: a child to be registered, where the
    list registers), and answer what was asked back.

    Only a child that was shown for the row can be chosen.
    """
    listed = found(reach, number)
    registers = layouts()[listed.layout].registers and registering.may_register(reach)
    rows = {r.place: r for r in ListedRow.objects.filter(listed=listed, place__in=list(chosen))}
    for place, child in chosen.items():
        shown = {c[0] for c in rows[place].candidates} if place in rows else set()
        if place not in rows or (child > 0 and child not in shown) or (child < 0 and not (child == NEW and registers)):
            raise NotAllowedError(f"第 {place} 行不能对应所选的儿童，请刷新页面")
    explained = {**listed.explanations, **{k: v.strip()[:500] for k, v in said.items() if k in listed.queries}}
    answers = {"chosen": dict(chosen), "leave_absent": leave_absent}
    with access.work(reach, listed, "settle"):
        now = access.perform(reach, listed, "settle", Seen("open", version), answers)
        ChildList.objects.filter(pk=number).update(explanations=explained)
        list_work.start(reach, now, "recheck")


def map_headings(reach: Reach, number: int, *, version: int, headings: Mapping[str, str]) -> int:
    """Say what the file's own headings stand for, kept for the unit's next files; the list is read anew: its number."""
    listed = found(reach, number)
    layout = layouts()[listed.layout]
    ours = {c.heading for c in layout.columns}
    said = {k: v for k, v in headings.items() if k in listed.unknown and v in ours}
    if len(set(said.values())) < len(said):
        raise NotAllowedError("两个表头不能对应同一列")
    data = list_reading.opened(listed)
    with transaction.atomic():
        drop(reach, number, version=version)
        return receive(reach, listed.layout, name=listed.name, data=data, asked=listed.asked, headings=said)


def write(reach: Reach, number: int, *, version: int) -> None:
    """All rows become records, or none: the file is read and judged again at this moment. A long list is imported by
    the worker; the page shows how far it is."""
    listed = found(reach, number)
    if listed.version != version or listed.state != "open":
        access.perform(reach, listed, "import", Seen("open", version), {})  # says why not
    list_work.start(reach, listed, "import")


def drop(reach: Reach, number: int, *, version: int) -> None:
    """Give a list up that was not imported."""
    access.perform(reach, found(reach, number), "drop", Seen("", version))


def undo(reach: Reach, number: int, *, version: int, reason: str) -> None:
    """Take all records of a list back; they and their facts stay to be read."""
    listed = found(reach, number)
    if listed.version != version or listed.state != "written" or not reason.strip():
        access.perform(reach, listed, "undo", Seen("written", version), {"reason": reason})  # says why not
    list_work.start(reach, listed, "undo", reason)


def state_of(listed: ChildList) -> State:
    """Where a list stands, in words."""
    return flow_of(listed).state(listed.state)
