"""Returns: which are due, the figures of one, saving them, and the steps that the account may take."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from django.db import transaction
from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import Field

from qingmiao.site.apps.returns import api
from qingmiao.site.narrowing import Narrowed
from qingmiao.site.web.api.bearer import bearer
from qingmiao.site.web.api.rest.problems import FaultShape, RestError
from qingmiao.site.web.api.rest.shapes import (
    After,
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
    marks,
    moment,
    steps_of,
)
from qingmiao.site.web.api.rest.writing import once

router = Router(tags=["报表 Returns"])
FILL = "fill"
"""The step that is saving cells."""
MOST_CELLS = 5000
"""Cells, notes or explanations in one save."""
CellCode = Annotated[str, Field(max_length=400)]
FigureText = Annotated[str, Field(max_length=60)]


class FilingLineShape(ShapeGiven):
    """A line of a list of returns."""

    number: Annotated[int, Field(title="编号")]
    """Its number."""
    form: Annotated[str, Field(title="报表")]
    """The id of the form."""
    title: Annotated[str, Field(title="报表名称")]
    """The form's name in Chinese; empty where the pack no longer has it."""
    year: Annotated[int, Field(title="年份")]
    """Its year."""
    area: Annotated[str, Field(title="地区代码")]
    """The code of its area."""
    unit: Annotated[str, Field(title="填报单位标识")]
    """The id of the unit that files it."""
    unit_label: Annotated[str, Field(title="填报单位")]
    """The unit's name."""
    due: Annotated[date, Field(title="期限")]
    """The last day."""
    state: Annotated[StateShape, Field(title="状态")]
    """Where it stands."""
    version: Annotated[int, Field(title="版本")]
    """Its present version."""
    revision: Annotated[int, Field(title="修订")]
    """Counts every save and step."""


class FilingsShape(PageShape):
    """A page of returns."""

    rows: list[FilingLineShape]


class FilingShape(FilingLineShape):
    """A return."""

    editable: Annotated[bool, Field(title="可以填写")]
    """This account may change its figures now."""
    moved_by: Annotated[str, Field(title="最近办理人")]
    """Who took the last step; empty for the system."""
    moved_at: Annotated[str, Field(title="最近办理时间")]
    """When (ISO 8601)."""
    steps: Annotated[list[StepShape], Field(title="可办的步骤")]
    """What this account may do with it now."""


class CellShape(ShapeGiven):
    """A cell."""

    code: Annotated[str, Field(title="单元格")]
    """Row and column: 06.1."""
    value: Annotated[str, Field(title="数字")]
    """In plain digits; empty for none."""
    note: Annotated[str, Field(title="批注")]
    """Why it is empty, or what else is noted."""
    computed: Annotated[bool, Field(title="自动计算")]
    """The return computes it; nobody fills it in."""
    last: Annotated[str, Field(title="上年数字")]
    """Last year's accepted figure; empty for none."""


class MarkShape(ShapeGiven):
    """Something that a rule of the return finds."""

    key: Annotated[str, Field(title="标识")]
    """The key of its explanation."""
    level: Annotated[str, Field(title="级别")]
    """error, or query: one that may be explained."""
    cells: Annotated[list[str], Field(title="单元格")]
    """The cells that it is about."""
    message: Annotated[str, Field(title="内容")]
    """In Chinese."""
    explanation: Annotated[str, Field(title="说明")]
    """What was explained; empty for nothing."""


class SheetShape(ShapeGiven):
    """The figures of a return."""

    version: Annotated[int, Field(title="版本")]
    """The version that they are of."""
    revision: Annotated[int, Field(title="修订")]
    """Sent with a save as the one that was seen."""
    cells: Annotated[list[CellShape], Field(title="单元格")]
    """Row by row."""
    marks: Annotated[list[MarkShape], Field(title="审核结果")]
    """Everything that the rules find, errors first."""


class CellsSent(ShapeTaken):
    """Figures that are saved: all of them or none."""

    revision: Annotated[int, Field(ge=0, le=999_999_999, title="看到的修订")]
    """The one at which the figures were read."""
    cells: Annotated[dict[CellCode, FigureText], Field(max_length=MOST_CELLS, title="数字")] = {}
    """Cell → the figure as typed; an empty text empties it."""
    notes: Annotated[dict[CellCode, Words], Field(max_length=MOST_CELLS, title="批注")] = {}
    """Cell → note."""
    explanations: Annotated[dict[CellCode, Words], Field(max_length=MOST_CELLS, title="说明")] = {}
    """Key of a mark → explanation."""


class FilingStepSent(ShapeTaken):
    """A step with a return."""

    step: Annotated[str, Field(max_length=40, title="步骤")]
    """Its id, one of `steps`."""
    version: VersionSeen
    """The version that was seen."""
    revision: Annotated[int, Field(ge=0, le=999_999_999, title="看到的修订")]
    """The revision that was seen."""
    reason: Annotated[Words, Field(title="原因")] = ""
    """Why, where the step asks for it."""


@router.get("/returns", response=FilingsShape, summary="报表清单")
def filings(
    request: HttpRequest,
    text: Annotated[str, Field(max_length=100, description="查找的文字。Words to look for.")] = "",
    unit: Annotated[str, Field(max_length=80, description="填报单位标识。The id of a unit.")] = "",
    after: After = "", size: Size = 50,
) -> FilingsShape:  # fmt: skip
    """The returns in reach, the latest due first."""
    narrowed = Narrowed(text=text, unit=unit)
    with marks():
        rows, following = api.find(bearer(request).reach, narrowed=narrowed, after=after, size=size)
    return FilingsShape(rows=[_line(f) for f in rows], following=following)


@router.get("/returns/{number}", response=FilingShape, summary="一张报表")
def filing(request: HttpRequest, number: Number) -> FilingShape:
    """One return with the steps that the account may take."""
    reach = bearer(request).reach
    found = api.found(reach, number)
    return FilingShape(
        **_line(found).model_dump(), editable=bool(api.may_fill(reach, found)) and bool(found.can_edit),
        moved_by=found.moved_by, moved_at=moment(found.moved_at), steps=steps_of(api.steps(reach, found)),
    )  # fmt: skip


@router.get("/returns/{number}/cells", response=SheetShape, summary="报表的数字")
def cells(request: HttpRequest, number: Number) -> SheetShape:
    """The figures of a return, last year's beside them, and what its rules find."""
    found = api.found(bearer(request).reach, number)
    sheet = api.load(found)
    values = {api.code_of(k): v for k, v in sheet.values.items()} | sheet.computed
    return SheetShape(
        version=found.version, revision=found.revision,
        cells=[
            CellShape(
                code=code, value=api.shown(values.get(code)), note=note.text if (note := sheet.notes.get(code)) else "",
                computed=code in sheet.computed, last=api.shown(sheet.last.get(code)),
            )
            for code in sheet.rules.return_.cells
        ],
        marks=[
            MarkShape(key=m.key, level=m.level, cells=list(m.cells), message=m.message, explanation=m.explanation)
            for m in sheet.marks
        ],
    )  # fmt: skip


@router.put("/returns/{number}/cells", response=WrittenShape, summary="保存报表的数字")
def save_cells(request: HttpRequest, number: Number, operation: OperationId, sent: CellsSent) -> WrittenShape:
    """Save figures, notes and explanations: all of them, or none where one cannot be."""
    reach = bearer(request).reach

    def act() -> str:
        found = api.found(reach, number)
        edits = api.Edits(sent.revision, cells=sent.cells, notes=sent.notes, explanations=sent.explanations)
        with transaction.atomic():
            saved = api.save(reach, found.pk, edits)
            if saved.conflicts:
                raise _overtaken(saved)
            if saved.faults:
                faults = [FaultShape(where=code, message=why) for code, why in saved.faults.items()]
                raise RestError(422, "有的数字不能保存，什么都没有改。", faults)
        return f"/api/v1/returns/{number}/cells"

    return once(request, operation, act)


@router.post("/returns/{number}/steps", response=WrittenShape, summary="办理报表")
def filing_step(request: HttpRequest, number: Number, operation: OperationId, sent: FilingStepSent) -> WrittenShape:
    """Submit, sign, accept, send back, lock, correct … a return, as the account may."""
    reach = bearer(request).reach

    def act() -> str:
        found = api.found(reach, number)
        if sent.step == FILL:
            raise Http404
        seen = api.Seen("", sent.version, sent.revision)
        api.move(reach, found.pk, sent.step, seen=seen, reason=sent.reason)
        return f"/api/v1/returns/{number}"

    return once(request, operation, act)


def _overtaken(saved: api.Saved) -> RestError:
    """The refusal that names every cell that somebody else changed since, and who was last."""
    faults = [
        FaultShape(where=key, message=f"{e.changed_by or '系统'} 已改为“{api.shown(e.value) or e.text}”")
        for key, e in saved.conflicts.items()
    ]
    last = max(saved.conflicts.values(), key=lambda e: e.changed_at)
    return RestError(
        409, "有的内容别人已先改了，什么都没有保存。请重新读取后再改。", faults, who=last.changed_by or "系统",
        when=moment(last.changed_at),
    )  # fmt: skip


def _line(f: api.FilingView) -> FilingLineShape:
    return FilingLineShape(
        number=f.pk, form=f.return_id, title=f.sheet.label.zh if f.sheet is not None else "", year=f.year,
        area=f.area_id, unit=f.unit_id, unit_label=f.unit_label, due=f.due_date,
        state=StateShape(name=f.state.value, zh=f.state.label, en=f.state.label_en), version=f.version,
        revision=f.revision,
    )  # fmt: skip
