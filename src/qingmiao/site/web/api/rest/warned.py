"""Warnings: what holds now and what is gone, in plain words with their evidence."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import Field

from qingmiao.site.apps.monitoring import api
from qingmiao.site.web.api.rest.shapes import After, Number, PageShape, ShapeGiven, Size, moment, page

router = Router(tags=["预警 Warnings"])


class WarningShape(ShapeGiven):
    """A warning."""

    number: Annotated[int, Field(title="编号")]
    """Its number; it stays as long as its cause lasts."""
    kind: Annotated[str, Field(title="类型")]
    """In Chinese."""
    severity: Annotated[str, Field(title="级别")]
    """A Chinese word."""
    target: Annotated[str, Field(title="目标值")]
    """The id of its target; empty for none."""
    indicator: Annotated[str, Field(title="指标")]
    """The id of its indicator; empty for none."""
    areas: Annotated[list[str], Field(title="地区代码")]
    """The codes of its areas."""
    year: Annotated[int, Field(title="年份")]
    """The year that it is about; 0 for none."""
    lead: Annotated[str, Field(title="责任单位标识")]
    """The id of the unit in charge; empty for none."""
    told: Annotated[str, Field(title="内容")]
    """Where, when and what, in plain Chinese."""
    reason: Annotated[str, Field(title="依据")]
    """Why, in Chinese."""
    what_would_change: Annotated[str, Field(title="怎样会解除")]
    """What would end it, in Chinese."""
    first_at: Annotated[str, Field(title="首次出现")]
    """When it was first seen (ISO 8601)."""
    gone_at: Annotated[str, Field(title="解除时间")]
    """When it was gone; empty as long as it holds."""


class WarningsShape(PageShape):
    """A page of warnings."""

    rows: list[WarningShape]


Held = Annotated[Literal["held", "gone"], Field(description="现有的或已解除的。Those that hold, or that are gone.")]
Asked = Annotated[str, Field(max_length=80, description="只要这一种；不写是全部。Only this one; all without.")]


@router.get("/warnings", response=WarningsShape, summary="预警清单")
def warnings(
    request: HttpRequest, state: Held = "held", kind: Asked = "", severity: Asked = "", lead: Asked = "",
    after: After = "", size: Size = 100,
) -> WarningsShape:  # fmt: skip
    """Warnings in the order of their numbers."""
    every = api.warnings(gone=state == "gone", kind=kind, severity=severity, lead=lead)
    rows, following = page(sorted(every, key=lambda w: w.number), lambda w: str(w.number), after=after, size=size)
    return WarningsShape(rows=[_warning(w) for w in rows], following=following)


@router.get("/warnings/{number}", response=WarningShape, summary="一条预警")
def warning(request: HttpRequest, number: Number) -> WarningShape:
    """One warning, also a gone one."""
    found = api.warning(number)
    if found is None:
        raise Http404
    return _warning(found)


def _warning(w: api.KeptWarning) -> WarningShape:
    return WarningShape(
        number=w.number, kind=w.kind, severity=w.severity, target=w.target, indicator=w.indicator,
        areas=list(w.areas or ((w.area,) if w.area else ())), year=w.year or 0, lead=w.lead, told=w.told,
        reason=w.reason, what_would_change=w.what_would_change, first_at=moment(w.first_at), gone_at=moment(w.gone_at),
    )  # fmt: skip
