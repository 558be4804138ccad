"""Tasks: lists of what is to be done, one task, and every step that the account may take with it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import Field

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.directory.api import access
from qingmiao.site.apps.tasks import api
from qingmiao.site.narrowing import Narrowed
from qingmiao.site.web.api.bearer import bearer
from qingmiao.site.web.api.rest.shapes import (
    After,
    Day,
    Number,
    OperationId,
    PageShape,
    ShapeGiven,
    ShapeTaken,
    Size,
    StateShape,
    StepShape,
    VersionSeen,
    Words,
    WrittenShape,
    YearAsked,
    marks,
    moment,
    state_of,
    steps_of,
)
from qingmiao.site.web.api.rest.writing import once

router = Router(tags=["任务 Tasks"])
PROVE = "prove"
"""The step with which a file comes: files are added on the page."""
Queue = Annotated[
    Literal["reach", "unit", "mine"],
    Field(description="范围内、本单位、交给我的。All in reach, the unit's, those addressed to the account."),
]
StateAsked = Annotated[
    Literal["open", "answered", "closed", "withdrawn", "late", "all"],
    Field(description="状态；late 是已逾期。A state; late: overdue."),
]


class TaskLineShape(ShapeGiven):
    """A line of a list of tasks."""

    number: Annotated[int, Field(title="编号")]
    """Its number."""
    title: Annotated[str, Field(title="标题")]
    """What is to be done."""
    unit: Annotated[str, Field(title="责任单位标识")]
    """The id of the unit that must do it."""
    unit_label: Annotated[str, Field(title="责任单位")]
    """The unit's name."""
    due: Annotated[date, Field(title="期限")]
    """The last day."""
    late: Annotated[int, Field(title="逾期天数")]
    """Days overdue; 0 until then and once it is done."""
    state: Annotated[StateShape, Field(title="状态")]
    """Where it stands."""
    level: Annotated[int, Field(title="轻重")]
    """1 ordinary, 2 important, 3 urgent."""


class TasksShape(PageShape):
    """A page of tasks."""

    rows: list[TaskLineShape]


class ProofShape(ShapeGiven):
    """A file that was added."""

    number: Annotated[int, Field(title="编号")]
    """Its number."""
    name: Annotated[str, Field(title="文件名")]
    """Its name."""
    bytes: Annotated[int, Field(title="字节")]
    """Its size."""


class TaskShape(TaskLineShape):
    """A task."""

    version: Annotated[int, Field(title="版本")]
    """Sent with every step as the one that was seen."""
    text: Annotated[str, Field(title="要求")]
    """What is asked for, in full."""
    note: Annotated[str, Field(title="说明")]
    """Why it was sent back, reopened or withdrawn."""
    cause: Annotated[str, Field(title="原因分析")]
    """Of the answer."""
    countermeasure: Annotated[str, Field(title="措施")]
    """Of the answer."""
    answered_by: Annotated[str, Field(title="反馈人")]
    """Who answered."""
    answered_at: Annotated[str, Field(title="反馈时间")]
    """When (ISO 8601); empty until then."""
    evidence: Annotated[list[ProofShape], Field(title="佐证材料")]
    """Its files."""
    steps: Annotated[list[StepShape], Field(title="可办的步骤")]
    """What this account may do with it now."""


class TaskStepSent(ShapeTaken):
    """A step with a task."""

    step: Annotated[str, Field(max_length=40, title="步骤")]
    """Its id, one of `steps`."""
    version: VersionSeen
    """The version that was seen."""
    said: Annotated[dict[str, Words], Field(max_length=10, title="写的内容")] = {}
    """What the step asks for, by name."""
    due: Annotated[Day | None, Field(title="新的期限")] = None
    """Of another deadline: the day."""


@router.get("/tasks", response=TasksShape, summary="任务清单")
def tasks(
    request: HttpRequest, state: StateAsked = "open", queue: Queue = "reach", year: YearAsked = None,
    text: Annotated[str, Field(max_length=100, description="查找的文字。Words to look for.")] = "",
    unit: Annotated[str, Field(max_length=80, description="责任单位标识。The id of a unit.")] = "",
    after: After = "", size: Size = 100,
) -> TasksShape:  # fmt: skip
    """Tasks by deadline."""
    narrowed = Narrowed(text=text, unit=unit)
    with marks():
        found = api.listed(
            bearer(request).reach, state=state, queue=queue, year=year or 0, after=after, size=size, narrowed=narrowed,
            within=acting.aimed_within(narrowed),
        )  # fmt: skip
    return TasksShape(rows=[TaskLineShape(**_line(r)) for r in found.rows], following=found.following)


@router.get("/tasks/{number}", response=TaskShape, summary="一项任务")
def task(request: HttpRequest, number: Number) -> TaskShape:
    """One task with the steps that the account may take."""
    reach = bearer(request).reach
    row, found = api.found(reach, number), api.shown(reach, number)
    if row is None or found is None:
        raise Http404
    hidden = {PROVE} if found.may_answer else {PROVE, "answer"}
    return TaskShape(
        **_line(found.row), version=found.version, text=found.text, note=found.note, cause=found.cause,
        countermeasure=found.countermeasure, answered_by=found.answered_by, answered_at=moment(found.answered_at),
        evidence=[ProofShape(number=e.id, name=e.name, bytes=e.bytes) for e in found.evidence],
        steps=steps_of([s for s in access.steps(reach, row) if s.name not in hidden]),
    )  # fmt: skip


@router.post("/tasks/{number}/steps", response=WrittenShape, summary="办理任务")
def task_step(request: HttpRequest, number: Number, operation: OperationId, sent: TaskStepSent) -> WrittenShape:
    """Answer, verify, send back, reopen, withdraw a task or set another deadline, as the account may."""
    reach = bearer(request).reach

    def act() -> str:
        found = api.found(reach, number)
        if found is None or sent.step == PROVE:
            raise Http404
        said: dict[str, Any] = dict(sent.said)
        if sent.step == "redate":
            if sent.due is None:
                raise UserError("请写新的期限 due")
            said["due_at"] = api.end_of(sent.due)
        access.perform(reach, found, sent.step, access.Seen("", sent.version), said)
        return f"/api/v1/tasks/{number}"

    return once(request, operation, act)


def _line(r: api.TaskRow) -> dict[str, Any]:
    return {
        "number": r.id, "title": r.title, "unit": r.unit_id, "unit_label": r.unit, "due": r.due_date,
        "late": r.late, "state": state_of(r.state), "level": int(r.level),
    }  # fmt: skip
