"""A child is registered, its file changed step by step, and what is due of whom: as on the pages."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.http import Http404, HttpRequest
from pydantic import Field

from qingmiao.site.apps.records import api
from qingmiao.site.web.api.bearer import bearer
from qingmiao.site.web.api.rest.children import ChildShape, FileNumber, Narrowing, child_row, router
from qingmiao.site.web.api.rest.shapes import (
    After,
    Named,
    OperationId,
    PageShape,
    ShapeGiven,
    ShapeTaken,
    Size,
    StepShape,
    VersionSeen,
    WrittenShape,
    steps_of,
)
from qingmiao.site.web.api.rest.writing import once

__all__ = ["router"]
"""The addresses of `children` and those below: of one address with two methods, both stand in one router."""
Short = Annotated[str, Field(max_length=200)]
Said = Annotated[dict[str, Short], Field(max_length=40, title="填写的内容")]
"""Field → text, by the names of the page's form; of a yes-or-no field that it is there says yes."""


class RegisteredTaken(ShapeTaken):
    """A child to be registered, by the names of the page's fields: name, sex, birth_date, certainty, number,
    certificate, former; area, village, address, from_date; relative_name, relative_kind, relative_number, phone,
    guardian; school_unit, school_class, grade."""

    said: Said
    """What is known of the child."""
    reason: Annotated[str, Field(max_length=500, title="仍要建档的理由")] = ""
    """Why a new file is right where files are alike."""


class FileStepTaken(ShapeTaken):
    """A step of a child's file."""

    version: VersionSeen
    """The version that was seen."""
    said: Said = {}
    """What comes with the step, by the names of the page's fields."""


class FileStepsShape(ShapeGiven):
    """What this account may do with a file now."""

    steps: Annotated[list[StepShape], Field(title="可办的步骤")]
    """What can be done now."""


class WorkRowShape(ShapeGiven):
    """A line of a work list."""

    number: Annotated[int, Field(title="编号")]
    """Its number."""
    child: Annotated[ChildShape, Field(title="儿童")]
    """The child."""
    zh: Annotated[str, Field(title="内容")]
    """What is to be done, in Chinese."""
    last: Annotated[date | None, Field(title="最迟日期")]
    """The last day; null where nothing sets one."""
    days: Annotated[int, Field(title="天数")]
    """Days left, or days since the last day."""
    kind: Annotated[str, Field(title="种类")]
    """The kind of record by which this account does it; empty for none."""
    record: Annotated[int, Field(title="查出的记录")]
    """The record in which it was found; 0 for none."""


class WorkListShape(PageShape):
    """A page of a work list."""

    counts: Annotated[dict[str, int], Field(title="各名单的条数；多于 1000 的写 1001")]
    """List → how many lines it has."""
    counted_on: Annotated[date | None, Field(title="算到哪天")]
    """The day for which it was counted; null before the first time."""
    rows: list[WorkRowShape]


@router.post("/children", response=WrittenShape, summary="登记一名儿童")
def register_child(request: HttpRequest, operation: OperationId, sent: RegisteredTaken) -> WrittenShape:
    """Register a child in the account's unit; refused where the number is taken, or where files are alike and no reason
    is given."""
    reach, said = bearer(request).reach, sent.said

    def act() -> str:
        if not api.may_register(reach):
            raise Http404
        relatives = (api.typed.relative(said),) if said.get("relative_name", "").strip() else ()
        number = api.register(
            reach, api.typed.identity(said), stays=[api.typed.stay(said)], relatives=relatives,
            attendance=api.typed.attendance(said) if said.get("school_unit") else None, reason=sent.reason,
        )  # fmt: skip
        return f"/api/v1/children/{number}"

    return once(request, operation, act)


@router.get("/children/{number}/steps", response=FileStepsShape, summary="一份档案可办的步骤")
def file_steps(request: HttpRequest, number: FileNumber) -> FileStepsShape:
    """What this account may do with a child's file now."""
    steps = api.steps(bearer(request).reach, number)
    return FileStepsShape(steps=steps_of([s for s in steps if s.name in api.typed.SAID]))


@router.post("/children/{number}/steps/{name}", response=WrittenShape, summary="办理一份档案")
def take_file_step(
    request: HttpRequest, number: FileNumber, name: Named, operation: OperationId, sent: FileStepTaken
) -> WrittenShape:
    """Take a step of a child's file: its identity corrected, its address, class, relatives changed, handed over …"""

    def act() -> str:
        if name not in api.typed.SAID:
            raise Http404
        api.move(bearer(request).reach, number, name, version=sent.version, said=api.typed.SAID[name](sent.said))
        return f"/api/v1/children/{number}"

    return once(request, operation, act)


@router.get("/worklists/{name}", response=WorkListShape, summary="工作清单")
def worklist(
    request: HttpRequest, name: Named, area: Narrowing = "", village: Narrowing = "",
    school_class: Narrowing = "", after: After = "", size: Size = 50,
) -> WorkListShape:  # fmt: skip
    """What is overdue, due, or found and not followed up, of the children whom this account sees."""
    if name not in api.LISTS:
        raise Http404
    found = api.work_page(
        bearer(request).reach, name, area=area, village=village, school_class=school_class, after=after, size=size
    )
    rows = [
        WorkRowShape(
            number=r.id, child=ChildShape(**child_row(r.child)), zh=r.what.zh, last=r.last, days=r.days, kind=r.kind,
            record=r.record,
        )
        for r in found.rows
    ]  # fmt: skip
    return WorkListShape(rows=rows, following=found.following, counts=found.counts, counted_on=found.counted_on)
