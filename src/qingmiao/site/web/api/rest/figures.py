"""Indicators: what they are, their values by year, area and group, and the three answers for each target."""

from __future__ import annotations

from typing import Annotated, Any

import pyarrow.compute as pc
from django.http import Http404, HttpRequest
from ninja import Router
from pydantic import Field

from qingmiao.content.frameworks import matches_of
from qingmiao.content.indicators import Indicator
from qingmiao.figures.findings import TargetAnswers
from qingmiao.measure.result import FIXED_AFTER, FIXED_BEFORE
from qingmiao.site.apps.monitoring import api
from qingmiao.site.pack import pack
from qingmiao.site.web.api.rest.plan import found
from qingmiao.site.web.api.rest.problems import RestError
from qingmiao.site.web.api.rest.shapes import (
    After,
    Named,
    PageShape,
    ShapeGiven,
    Size,
    YearAsked,
    marks,
    page,
    whole_mark,
)

router = Router(tags=["指标 Indicators"])
MARK = "-"
"""Between the run and the row in the mark of a page."""


class MatchShape(ShapeGiven):
    """What an indicator is called in a framework of others."""

    framework: Annotated[str, Field(title="指标体系")]
    """Its id (sdg, outline_2021)."""
    code: Annotated[str, Field(title="代码")]
    """The code there."""
    zh: Annotated[str, Field(title="中文")]
    """Its words there."""
    en: Annotated[str, Field(title="英文")]
    """Its words in English; empty where nobody wrote them."""
    fit: Annotated[str, Field(title="相合程度")]
    """same, close or part (it measures a part of it)."""


class IndicatorShape(ShapeGiven):
    """An indicator."""

    id: Annotated[str, Field(title="标识")]
    """Its id."""
    zh: Annotated[str, Field(title="中文")]
    """Its name in Chinese."""
    en: Annotated[str, Field(title="英文")]
    """Its name in English; empty where nobody wrote it."""
    unit: Annotated[str, Field(title="单位")]
    """Of its values."""
    decimals: Annotated[int, Field(title="小数位数")]
    """Decimals with which a value is published."""
    better: Annotated[str, Field(title="方向")]
    """lower, higher or none: which side is better."""
    formula: Annotated[str, Field(title="官方定义")]
    """The official definition in words."""
    by: Annotated[list[list[str]], Field(title="分组")]
    """The breakdowns; several names are their cross."""
    levels: Annotated[list[str], Field(title="地区层级")]
    """The levels of areas that have values."""
    targets: Annotated[list[str], Field(title="目标值")]
    """The ids of the targets that it decides."""
    source: Annotated[str, Field(title="来源文件")]
    """The document that defines it; empty where none does."""
    matches: Annotated[list[MatchShape], Field(title="别的体系里的代码")]
    """In frameworks of others (the national outline, the SDGs)."""


class IndicatorsShape(PageShape):
    """A page of indicators."""

    rows: list[IndicatorShape]


class ValueShape(ShapeGiven):
    """A measured value."""

    year: Annotated[int, Field(title="年份")]
    """Its year."""
    area: Annotated[str, Field(title="地区代码")]
    """The code of its area."""
    groups: Annotated[dict[str, str], Field(title="分组")]
    """Breakdown → group; empty for the whole."""
    value: Annotated[float | None, Field(title="数值")]
    """Unrounded; null where there is none."""
    text: Annotated[str, Field(title="发布的写法")]
    """As published: rounded, or a bound such as >99; empty where there is none."""
    numerator: Annotated[float | None, Field(title="分子")]
    """Null where there is none."""
    denominator: Annotated[float | None, Field(title="分母")]
    """Null where there is none."""
    status: Annotated[str, Field(title="状态")]
    """Of the observation (SDMX: A normal, M missing …)."""
    version: Annotated[int, Field(title="定义版本")]
    """Of the definition by which it was measured."""


class ValuesShape(PageShape):
    """A page of values. `run` is the same on every page of a list."""

    run: Annotated[int, Field(title="测算编号")]
    """The run that measured them."""
    rows: list[ValueShape]


class VerdictShape(ShapeGiven):
    """The three answers for a target at the plan's area."""

    target: Annotated[str, Field(title="目标值")]
    """Its id."""
    indicator: Annotated[str, Field(title="指标")]
    """The id of the indicator that decides it; empty for none."""
    year: Annotated[int, Field(title="数据年份")]
    """The year of the value that was judged; 0 for none."""
    attainment: Annotated[str, Field(title="达标")]
    """met, unmet, undetermined …"""
    attainment_reason: Annotated[str, Field(title="达标的理由")]
    """In Chinese."""
    pace: Annotated[str, Field(title="进度")]
    """on_track, behind, undetermined …"""
    pace_reason: Annotated[str, Field(title="进度的理由")]
    """In Chinese."""
    likelihood: Annotated[str, Field(title="可能性")]
    """likely, unlikely, none …"""
    likelihood_reason: Annotated[str, Field(title="可能性的理由")]
    """In Chinese."""


class VerdictsShape(PageShape):
    """A page of verdicts of a year."""

    year: Annotated[int, Field(title="年份")]
    """The year as of which the targets were assessed."""
    rows: list[VerdictShape]


@router.get("/indicators", response=IndicatorsShape, summary="指标")
def indicators(request: HttpRequest, after: After = "", size: Size = 100) -> IndicatorsShape:
    """The indicators, in the pack's order."""
    rows, following = page(list(pack().indicators.values()), lambda i: i.id, after=after, size=size)
    return IndicatorsShape(rows=[_indicator(i) for i in rows], following=following)


@router.get("/indicators/{id}", response=IndicatorShape, summary="一个指标")
def indicator(request: HttpRequest, id: Named) -> IndicatorShape:
    """One indicator."""
    return _indicator(found(pack().indicators, id))


@router.get("/indicators/{id}/values", response=ValuesShape, summary="指标的数值")
def values(
    request: HttpRequest, id: Named, year: YearAsked = None,
    area: Annotated[str, Field(max_length=20, description="地区代码；不写是全部地区。An area's code; all without.")] = "",
    by: Annotated[
        str, Field(max_length=60, description="分组的名称；不写是全部，total 只要合计。A breakdown; total: no groups.")
    ] = "",
    after: After = "", size: Size = 100,
) -> ValuesShape:  # fmt: skip
    """The values of an indicator in the newest run, by year, area and group."""
    found(pack().indicators, id)
    state = run()
    table = state.values
    groups = [c for c in table.column_names if c not in {*FIXED_BEFORE, *FIXED_AFTER}]
    wanted = pc.equal(table["indicator"], id)
    for column, asked in (("year", year), ("area", area)):
        wanted = pc.and_(wanted, pc.equal(table[column], asked)) if asked else wanted
    if by == "total":
        for column in groups:
            wanted = pc.and_(wanted, pc.fill_null(pc.equal(table[column], ""), True))
    elif by:
        if by not in groups:
            raise RestError(422, f"没有分组「{by}」")
        wanted = pc.and_(wanted, pc.fill_null(pc.not_equal(table[by], ""), False))
    table = table.filter(pc.fill_null(wanted, False))
    table = table.sort_by([(c, "ascending") for c in ("year", "area", *groups)])
    start = _start(after, state)
    rows = [_value(state, id, row, groups) for row in table.slice(start, size).to_pylist()]
    more = table.num_rows > start + size
    return ValuesShape(
        run=state.run.number, rows=rows, following=f"{state.run.number}{MARK}{start + size}" if more else ""
    )


@router.get("/verdicts", response=VerdictsShape, summary="目标值的评判")
def verdicts(request: HttpRequest, year: YearAsked = None, after: After = "", size: Size = 100) -> VerdictsShape:
    """Whether each target is met, at which pace, how likely, as of a year (the newest one unless another is named)."""
    state = run()
    asked = year or state.run.year
    if asked not in state.years:
        raise Http404
    rows, following = page(state.findings(asked).targets, lambda t: t.target, after=after, size=size)
    return VerdictsShape(year=asked, rows=[_verdict(t) for t in rows], following=following)


def run() -> api.LoadedRun:
    """The newest run. Raises Http404 before the first."""
    state = api.current()
    if state is None:
        raise Http404
    return state


def _start(after: str, state: api.LoadedRun) -> int:
    """The row at which a page begins. RestError where the values were measured anew since the page before."""
    if not after:
        return 0
    number, _, row = after.partition(MARK)
    with marks():
        of, start = whole_mark(number), whole_mark(row)
    if of != state.run.number:
        raise RestError(409, "数值已重新测算，请从第一页重新读取", who="系统", when=state.run.made_at.isoformat())
    return start


def _value(state: api.LoadedRun, indicator: str, row: dict[str, Any], groups: list[str]) -> ValueShape:
    dims = {g: str(row[g]) for g in groups if row[g]}
    return ValueShape(
        year=row["year"], area=row["area"], groups=dims, value=row["value"],
        text=state.text(indicator, row["area"], row["year"], tuple(dims.items())), numerator=row["numerator"],
        denominator=row["denominator"], status=row["obs_status"], version=row["definition_version"],
    )  # fmt: skip


def _indicator(i: Indicator) -> IndicatorShape:
    return IndicatorShape(
        id=i.id, zh=i.label.zh, en=i.label.en, unit=i.unit, decimals=i.decimals, better=i.better, formula=i.formula,
        by=[list(d) for d in i.dimensions], levels=[str(level) for level in i.levels], targets=list(i.implements),
        source=i.source.document,
        matches=[
            MatchShape(
                framework=m.framework.id, code=m.entry.code, zh=m.entry.label.zh, en=m.entry.label.en or "",
                fit=m.fit.value,
            )
            for m in matches_of(pack(), i.id)
        ],
    )  # fmt: skip


def _verdict(t: TargetAnswers) -> VerdictShape:
    return VerdictShape(
        target=t.target, indicator=t.indicator, year=t.year, attainment=t.attainment,
        attainment_reason=t.attainment_reason, pace=t.pace, pace_reason=t.pace_reason, likelihood=t.likelihood,
        likelihood_reason=t.likelihood_reason,
    )  # fmt: skip
