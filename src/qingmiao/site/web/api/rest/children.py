"""Children's files: lists, search by a posted text, one file, its records; each sight and write as on the pages."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Router
from pydantic import Field

from qingmiao.forms import Filled
from qingmiao.site.apps.records import api
from qingmiao.site.web.api.bearer import bearer
from qingmiao.site.web.api.rest.problems import FaultShape, RestError
from qingmiao.site.web.api.rest.shapes import (
    After,
    Named,
    OperationId,
    PageShape,
    ShapeGiven,
    ShapeTaken,
    Size,
    StateShape,
    VersionSeen,
    Words,
    WrittenShape,
    marks,
    moment,
    state_of,
    whole_mark,
)
from qingmiao.site.web.api.rest.writing import once

router = Router(tags=["儿童档案 Children"])
FileNumber = Annotated[int, Path(..., ge=1, le=2**62, description="编号。The number of one thing.")]
Narrowing = Annotated[str, Field(max_length=60, description="只要这一种；不写是全部。Only this one; all without.")]
Answers = Annotated[dict[str, Any], Field(max_length=400, title="填写的内容")]
Explained = Annotated[dict[str, Words], Field(max_length=400, title="说明")]


class ChildShape(ShapeGiven):
    """A child as a list shows it."""

    number: Annotated[int, Field(title="档案编号")]
    """The number of the file."""
    name: Annotated[str, Field(title="姓名")]
    """The child's name."""
    sex: Annotated[str, Field(title="性别")]
    """In Chinese."""
    birth_date: Annotated[date, Field(title="出生日期")]
    """The day of birth."""
    certainty: Annotated[str, Field(title="出生日期的把握")]
    """How sure the day of birth is: day, month, year, estimated, lunar."""
    area: Annotated[str, Field(title="现住乡镇")]
    """Where the child lives, in Chinese."""
    village: Annotated[str, Field(title="村（社区）")]
    """The village; empty for none."""
    school: Annotated[str, Field(title="学校")]
    """The school; empty for none."""
    school_class: Annotated[str, Field(title="班级")]
    """The class; empty for none."""
    unit: Annotated[str, Field(title="管理单位")]
    """The unit that keeps the file."""
    state: Annotated[StateShape, Field(title="状态")]
    """Where the file stands."""


class ChildrenShape(PageShape):
    """A page of children."""

    rows: list[ChildShape]


class RecordLineShape(ShapeGiven):
    """A record of a file."""

    number: Annotated[int, Field(title="记录编号")]
    """Its number."""
    kind: Annotated[str, Field(title="种类")]
    """The id of its kind."""
    zh: Annotated[str, Field(title="种类名称")]
    """The kind's name in Chinese."""
    on: Annotated[date, Field(title="日期")]
    """The day of what was recorded."""
    unit: Annotated[str, Field(title="记录单位")]
    """The unit that recorded it."""
    by: Annotated[str, Field(title="记录人")]
    """Who recorded it."""
    state: Annotated[StateShape, Field(title="状态")]
    """Where it stands."""


class DueShape(ShapeGiven):
    """Something that is due or overdue."""

    zh: Annotated[str, Field(title="内容")]
    """What, in Chinese."""
    kind: Annotated[str, Field(title="种类")]
    """The id of the kind of record by which this account does it; empty for none."""
    overdue: Annotated[bool, Field(title="已逾期")]
    """Its last day is over."""
    days: Annotated[int, Field(title="天数")]
    """Days left, or days since the last day."""
    last: Annotated[date | None, Field(title="最迟日期")]
    """The last day; null where there is none."""


class FileShape(ChildShape):
    """A child's file, as far as this account sees it."""

    version: Annotated[int, Field(title="版本")]
    """The version of the file."""
    records: Annotated[list[RecordLineShape], Field(title="健康记录")]
    """The records that this account reads, newest first."""
    hidden: Annotated[bool, Field(title="可能另有记录")]
    """There may be records of kinds that this account does not read."""
    due: Annotated[list[DueShape], Field(title="应做和逾期")]
    """What is due or overdue, the longest overdue first."""
    may_record: Annotated[list[str], Field(title="可记录的种类")]
    """The kinds of records that this account may add."""


class RecordShape(RecordLineShape):
    """A record with what it says now."""

    child: Annotated[int, Field(title="档案编号")]
    """The number of the child's file; 0 for a record of a woman's file."""
    version: Annotated[int, Field(title="版本")]
    """Sent with a correction as the one that was seen."""
    lines: Annotated[list[tuple[str, str]], Field(title="内容")]
    """What the newest version says, in words: label and answer."""
    reason: Annotated[str, Field(title="更正原因")]
    """Why the newest version was written; empty for the first."""
    at: Annotated[str, Field(title="记录时间")]
    """When it was written (ISO 8601)."""
    steps: Annotated[list[str], Field(title="可办的步骤")]
    """What this account may do with it: correct, withdraw."""


class SearchTaken(ShapeTaken):
    """What is looked for: it stands in no address."""

    text: Annotated[str, Field(min_length=1, max_length=60, title="姓名、拼音或证件号码")]
    """The beginning of a name or of its pinyin, or a whole number."""


class RecordTaken(ShapeTaken):
    """A new record."""

    answers: Answers
    """Field of the kind's form → answer."""
    explanations: Explained = {}
    """Key of a query → why it is right all the same."""


class CorrectionTaken(RecordTaken):
    """A record said anew."""

    version: VersionSeen
    """The version that was seen."""
    reason: Annotated[str, Field(max_length=500, title="更正原因")]
    """Why."""


class WithdrawalTaken(ShapeTaken):
    """A record taken back."""

    version: VersionSeen
    """The version that was seen."""
    reason: Annotated[str, Field(max_length=500, title="撤销原因")]
    """Why."""


@router.get("/children", response=ChildrenShape, summary="儿童名单")
def children(
    request: HttpRequest, area: Narrowing = "", village: Narrowing = "", school_class: Narrowing = "",
    state: Narrowing = "here", after: After = "", size: Size = 50,
) -> ChildrenShape:  # fmt: skip
    """The children whom this account sees, the newest file first."""
    with marks():
        before = whole_mark(after) if after else 0
    rows = api.listed(
        bearer(request).reach, area=area, village=village, school_class=school_class, state=state, before=before,
        size=size + 1,
    )  # fmt: skip
    following = str(rows[size - 1].id) if len(rows) > size else ""
    return ChildrenShape(rows=[ChildShape(**child_row(r)) for r in rows[:size]], following=following)


@router.post("/children/search", response=ChildrenShape, summary="查找儿童")
def find_children(request: HttpRequest, sent: SearchTaken) -> ChildrenShape:
    """The children whose name or pinyin begins so, or who have that very number; at most 50."""
    rows = api.search(bearer(request).reach, sent.text)
    return ChildrenShape(rows=[ChildShape(**child_row(r)) for r in rows], following="")


@router.get("/children/{number}", response=FileShape, summary="一名儿童的档案")
def child(request: HttpRequest, number: FileNumber) -> FileShape:
    """A child's file, as far as this account sees it; the sight is written down."""
    found = api.page_of(bearer(request).reach, number)
    return FileShape(
        **child_row(found.row), version=found.version, records=[RecordLineShape(**_record(r)) for r in found.records],
        due=[DueShape(zh=d.label.zh, kind=d.kind, overdue=d.overdue, days=d.days, last=d.last) for d in found.due],
        hidden=found.hidden, may_record=[kind for kind, _ in found.may_record],
    )  # fmt: skip


@router.post("/children/{number}/records/{kind}", response=WrittenShape, summary="写一条健康记录")
def write_record(
    request: HttpRequest, number: FileNumber, kind: Named, operation: OperationId, sent: RecordTaken
) -> WrittenShape:
    """Record something of a child by the form of its kind; nothing is stored where a field is wrong."""
    reach = bearer(request).reach
    own = hashlib.sha256(f"{reach.person.pk} {operation}".encode()).hexdigest()[:40]

    def act() -> str:
        made, filled = api.write(
            reach, number, kind, operation=own, answers=sent.answers, explanations=sent.explanations
        )
        _judged(bool(made), filled, sent)
        return f"/api/v1/records/{made}"

    return once(request, operation, act)


@router.get("/records/{number}", response=RecordShape, summary="一条健康记录")
def record(request: HttpRequest, number: FileNumber) -> RecordShape:
    """One record with what it says now; the sight is written down."""
    reach = bearer(request).reach
    found = api.record_page(reach, number)
    newest = found.versions[0]
    return RecordShape(
        **_record(found.row), child=found.row.child, version=found.version, lines=list(newest.answers),
        reason=newest.reason, at=moment(newest.at), steps=sorted(api.record_steps(reach, number)),
    )  # fmt: skip


@router.put("/records/{number}", response=WrittenShape, summary="更正健康记录")
def correct_record(
    request: HttpRequest, number: FileNumber, operation: OperationId, sent: CorrectionTaken
) -> WrittenShape:
    """Say a record anew; what it said before stays to be read."""
    reach = bearer(request).reach

    def act() -> str:
        stored, filled = api.correct(
            reach, number, version=sent.version, answers=sent.answers, reason=sent.reason,
            explanations=sent.explanations,
        )  # fmt: skip
        _judged(stored, filled, sent)
        return f"/api/v1/records/{number}"

    return once(request, operation, act)


@router.post("/records/{number}/withdrawal", response=WrittenShape, summary="撤销健康记录")
def withdraw_record(
    request: HttpRequest, number: FileNumber, operation: OperationId, sent: WithdrawalTaken
) -> WrittenShape:
    """Take a record back: it counts no more, and stays to be read."""

    def act() -> str:
        api.withdraw(bearer(request).reach, number, version=sent.version, reason=sent.reason)
        return f"/api/v1/records/{number}"

    return once(request, operation, act)


def _judged(stored: bool, filled: Filled, sent: RecordTaken) -> None:
    """Raises RestError with every fault of the answers, and every query that nobody explained, where nothing was
    stored."""
    if not stored:
        faults = [*filled.faults, *filled.unexplained(sent.explanations)]
        raise RestError(
            422, "有的内容没有填好，或者需要说明，什么都没有保存。",
            [FaultShape(where=f.key if f.check else f.field, message=f.message) for f in faults],
        )  # fmt: skip


def child_row(r: api.ChildRow) -> dict[str, Any]:
    """A child as a list shows it."""
    return {
        "number": r.id, "name": r.name, "sex": r.sex, "birth_date": r.birth_date, "certainty": r.certainty,
        "area": r.area, "village": r.village, "school": r.school_unit, "school_class": r.school_class, "unit": r.unit,
        "state": state_of(r.state),
    }  # fmt: skip


def _record(r: Any) -> dict[str, Any]:
    return {
        "number": r.id, "kind": r.kind, "zh": r.label.zh, "on": r.on_date, "unit": r.unit, "by": r.by,
        "state": state_of(r.state),
    }  # fmt: skip


@router.get("/requests/{number}/copy", response=dict[str, Any], summary="监护人申请的档案副本")
def guardian_copy(request: HttpRequest, number: FileNumber) -> dict[str, Any]:
    """The copy of a file that answers a granted request of a guardian, as docs/reference/child-copy.schema.json says;
    the token needs the scope rest.copy."""
    _, copy = api.privacy.made_for(bearer(request).reach, number)
    return copy.model_dump(mode="json")
