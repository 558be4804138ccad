"""Documents (plans, meetings, checks …): kinds, lists of a year, one document, the steps that the account may take."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Router
from pydantic import Field

from qingmiao.content.documents import PROVE, REWRITE, DocumentKind
from qingmiao.kernel.errors import UserError
from qingmiao.kernel.figure_texts import FigureError, plain_figure
from qingmiao.site.apps.acting import api
from qingmiao.site.web.api.bearer import bearer
from qingmiao.site.web.api.rest.plan import found
from qingmiao.site.web.api.rest.shapes import (
    After,
    Day,
    Named,
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

router = Router(tags=["材料 Documents"])


class KindShape(ShapeGiven):
    """A kind of document."""

    id: Annotated[str, Field(title="标识")]
    """Its id."""
    zh: Annotated[str, Field(title="中文")]
    """Its name in Chinese."""
    en: Annotated[str, Field(title="英文")]
    """Its name in English; empty where nobody wrote it."""
    form: Annotated[str, Field(title="表单")]
    """The id of the form by which one is recorded; empty for none."""


class KindsShape(PageShape):
    """The kinds of documents."""

    rows: list[KindShape]


class DocumentLineShape(ShapeGiven):
    """A line of a list of documents."""

    number: Annotated[int, Field(title="编号")]
    """Its number."""
    on: Annotated[date, Field(title="日期")]
    """Its day."""
    title: Annotated[str, Field(title="标题")]
    """Its title."""
    unit_label: Annotated[str, Field(title="单位")]
    """The unit whose it is."""
    state: Annotated[StateShape, Field(title="状态")]
    """Where it stands."""
    score: Annotated[str, Field(title="得分")]
    """In plain digits; empty for none."""


class DocumentsShape(PageShape):
    """A page of documents of a kind in a year."""

    rows: list[DocumentLineShape]


class DocumentShape(DocumentLineShape):
    """A document."""

    kind: Annotated[str, Field(title="种类")]
    """The id of its kind."""
    year: Annotated[int, Field(title="年份")]
    """The year that it counts in."""
    version: Annotated[int, Field(title="版本")]
    """Sent with every step as the one that was seen."""
    text: Annotated[str, Field(title="内容")]
    """Its text."""
    opinion: Annotated[str, Field(title="意见")]
    """What was said of it; empty for nothing."""
    decided: Annotated[list[str], Field(title="议定事项")]
    """What it decided."""
    lines: Annotated[list[tuple[str, str]], Field(title="表单内容")]
    """The answers of its form in words: label and answer."""
    made_by: Annotated[str, Field(title="记录人")]
    """Who recorded it."""
    made_at: Annotated[str, Field(title="记录时间")]
    """When (ISO 8601)."""
    steps: Annotated[list[StepShape], Field(title="可办的步骤")]
    """What this account may do with it now."""


class DocumentSent(ShapeTaken):
    """A new document of a kind without a form, or with answers for it."""

    unit: Annotated[str, Field(max_length=80, title="单位标识")]
    """The id of the unit whose it is."""
    on: Annotated[Day, Field(title="日期")]
    """Its day."""
    year: Annotated[int, Field(ge=1900, le=2200, title="年份")]
    """The year that it counts in."""
    title: Annotated[str, Field(max_length=120, title="标题")]
    """Its title."""
    text: Annotated[Words, Field(title="内容")]
    """Its text."""
    decisions: Annotated[Words, Field(title="议定事项")] = ""
    """What it decided, one a line."""
    answers: Annotated[dict[str, Words], Field(max_length=400, title="表单内容")] = {}
    """Field of the form → answer as typed."""
    explanations: Annotated[dict[str, Words], Field(max_length=400, title="说明")] = {}
    """Query of the form → explanation."""


class DocumentStepSent(ShapeTaken):
    """A step with a document."""

    step: Annotated[str, Field(max_length=40, title="步骤")]
    """Its id, one of `steps`."""
    version: VersionSeen
    """The version that was seen."""
    score: Annotated[str, Field(max_length=20, title="得分")] = ""
    """Where the step scores: in plain digits."""
    said: Annotated[dict[str, Words], Field(max_length=10, title="写的内容")] = {}
    """What the step asks for, by name."""


@router.get("/document-kinds", response=KindsShape, summary="材料的种类")
def document_kinds(request: HttpRequest) -> KindsShape:
    """The kinds of documents of this county."""
    rows = [KindShape(id=k.id, zh=k.label.zh, en=k.label.en, form=k.form or "") for k in api.kinds().values()]
    return KindsShape(rows=rows, following="")


@router.get("/documents/{kind}", response=DocumentsShape, summary="材料清单")
def documents(
    request: HttpRequest, kind: Named, year: YearAsked = None, after: After = "", size: Size = 100
) -> DocumentsShape:
    """The documents of a kind in a year (this one unless another is named), newest first."""
    asked = year or timezone.localdate().year
    with marks():
        listed = api.listed(bearer(request).reach, _kind(kind), asked, after=after, size=size)
    rows = [
        DocumentLineShape(
            number=r.number, on=r.on_date, title=r.title, unit_label=r.unit, state=state_of(r.state),
            score=_plain(r.score),
        )
        for r in listed.rows
    ]  # fmt: skip
    return DocumentsShape(rows=rows, following=listed.following)


@router.get("/documents/{kind}/{number}", response=DocumentShape, summary="一份材料")
def document_one(request: HttpRequest, kind: Named, number: Number) -> DocumentShape:
    """One document with the steps that the account may take."""
    d = api.shown(bearer(request).reach, kind, number)
    if d is None:
        raise Http404
    return DocumentShape(
        number=d.number, on=d.on_date, title=d.title, unit_label=d.unit, state=state_of(d.state),
        score=_plain(d.score), kind=d.kind.id, year=d.year, version=d.version, text=d.text, opinion=d.opinion,
        decided=list(d.decided), lines=list(d.lines), made_by=d.made_by, made_at=moment(d.made_at),
        steps=steps_of(d.steps),
    )  # fmt: skip


@router.post("/documents/{kind}", response=WrittenShape, summary="记录一份材料")
def record_document(request: HttpRequest, kind: Named, operation: OperationId, sent: DocumentSent) -> WrittenShape:
    """Record a document of a unit for which the account may."""

    def act() -> str:
        number = api.record_for(
            bearer(request).reach, _kind(kind), sent.unit, year=sent.year, on_date=sent.on, title=sent.title,
            text=sent.text, decisions=sent.decisions, answers=sent.answers or None,
            explanations=sent.explanations or None,
        )  # fmt: skip
        return f"/api/v1/documents/{kind}/{number}"

    return once(request, operation, act)


@router.post("/documents/{kind}/{number}/steps", response=WrittenShape, summary="办理材料")
def document_step(
    request: HttpRequest, kind: Named, number: Number, operation: OperationId, sent: DocumentStepSent
) -> WrittenShape:
    """Take a step with a document, as the account may."""
    reach = bearer(request).reach

    def act() -> str:
        if api.shown(reach, kind, number) is None or sent.step in (PROVE, REWRITE):
            raise Http404
        api.move_document(reach, number, sent.step, version=sent.version, score=_score(sent.score), said=sent.said)
        return f"/api/v1/documents/{kind}/{number}"

    return once(request, operation, act)


def _kind(id: str) -> DocumentKind:
    return found(api.kinds(), id)


def _plain(score: Decimal | None) -> str:
    return f"{score:f}" if score is not None else ""


def _score(text: str) -> Decimal | None:
    try:
        return plain_figure(text)
    except FigureError as e:
        raise UserError(f"得分：{e.message}") from None
