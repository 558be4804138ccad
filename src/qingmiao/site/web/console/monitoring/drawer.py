"""The lineage drawer: where a number comes from, its rows as far as the reader may see them, and once more from the
rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import UserError
from qingmiao.kernel.rounding import half_up
from qingmiao.measure.lineage import Lineage, SideRows
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.api import WORKING, Reach, exposure
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.monitoring import api
from qingmiao.site.apps.monitoring.api import LoadedRun
from qingmiao.site.apps.records import api as records
from qingmiao.site.apps.returns import api as returns
from qingmiao.site.web.console.monitoring.shown import called, code_label, state_or_404
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.fragments import part
from qingmiao.site.web.ui.given import day as day_of
from qingmiao.site.web.ui.given import whole
from qingmiao.site.web.ui.language import t
from qingmiao.site.web.ui.sessions import person, reach

LISTED, CELLS = 100, 12
"""Rows of each side on a page, and in the drawer."""


def asked_of(request: HttpRequest, state: LoadedRun) -> tuple[str, str, int, dict[str, str]]:
    """Of which number the request asks: indicator, area, year, groups. Http404 for what the run does not know."""
    given = request.POST if request.method == "POST" else request.GET
    indicator, area, year = given.get("indicator", ""), given.get("area", ""), given.get("year", "")
    if indicator not in state.pack.indicators or area not in state.pack.areas or whole(year, None) is None:
        raise Http404
    dims = dict(part.split("=", 1) for part in given.get("dims", "").split(",") if "=" in part)
    return indicator, area, whole(year, 0), dims


FIRST_DAY = date(1990, 1, 1)
"""No earlier day is looked at: nothing can have been known then."""


def _day(request: HttpRequest) -> tuple[date | None, str]:
    """The earlier day that is asked for (None for what is known now), and what is wrong with what was typed."""
    said = request.GET.get("day", "").strip()
    if not said:
        return None, ""
    try:
        day = day_of(said, t("按哪一天已知的数据", "As known on"))
    except UserError as error:
        return None, str(error)
    return (max(day, FIRST_DAY), "") if day < timezone.localdate() else (None, "")


def _brought(request: HttpRequest) -> bool:
    """Whether the side of departments and returns is asked for, where records count."""
    return request.GET.get("side") == "brought"


def explained(
    state: LoadedRun,
    asked: tuple[str, str, int, dict[str, str]],
    *,
    limit: int,
    offset: int = 0,
    day: date | None = None,
    brought: bool = False,
) -> Lineage:
    """Where a number comes from (`brought`: by the departments' side), as known now or on a day. Http404 for what the
    run does not know."""
    indicator, area, year, dims = asked
    try:
        if brought:
            return api.lineage_brought(state, indicator, area, year, dims=dims, limit=limit, offset=offset)
        if day is not None:
            return api.lineage_as_of(state, day, indicator, area, year, dims=dims, limit=limit, offset=offset)
        return api.lineage(state, indicator, area, year, dims=dims, limit=limit, offset=offset)
    except UserError:
        raise Http404 from None


def _unknown(state: LoadedRun, asked: tuple[str, str, int, dict[str, str]], day: date) -> Lineage:
    """A number of which nothing was known on a day."""
    indicator, area, year, dims = asked
    found, today = state.pack.indicators[indicator], explained(state, asked, limit=0)
    reason = f"到 {day.isoformat()} 为止，本系统还没有登记或收到这个数字的数据"
    return replace(
        today, value=None, numerator=None, denominator=None, reason=reason, sides=(), parts=(), parts_total=0, bound="",
        dims=tuple(sorted(dims.items())), label=found.label.zh, area=area, year=year,
    )  # fmt: skip


@page(*WORKING, methods=("GET",))
def lineage(request: HttpRequest) -> HttpResponse:
    """The drawer of one number."""
    state = state_or_404()
    asked, (day, wrong), brought = asked_of(request, state), _day(request), _brought(request)
    start = whole(request.GET.get("from", ""), 0)
    try:
        told = explained(state, asked, limit=CELLS, offset=start, day=day, brought=brought)
    except Http404:
        if day is None:
            raise
        told = _unknown(state, asked, day)
    found = state.pack.indicators[asked[0]]
    definition = next((d for d in found.definitions if d.version == told.definition_version), None)
    context = {
        "told": told, "indicator": found, "definition": definition, "state": state, "asked": _from(request, 0),
        "first": start + 1, "last": min(start + CELLS, _most(told)), "pages": _pages(request, start, _most(told)),
        "area": state.pack.areas[asked[1]],
        "text": _text(state, asked, told, again=day is not None or brought), "brought": brought,
        "day": day, "wrong": wrong,
        "given": {**_without(request).dict(), "day": day.isoformat() if day else ""},
        "lead": called(state.pack, state.pack.in_charge(found.id, told.year)),
        "groups": [(n, code_label(state.pack, n, c, found.id)) for n, c in asked[3].items()],
        "sides": [_side(s, state, reach(request)) for s in told.sides],
        "may_rows": may_see_rows(reach(request), state.pack, told),
        "may_people": day is None and not brought and may_see_people(reach(request), told),
    }  # fmt: skip
    return part(
        request, "console/monitoring/lineage.html", context, title=t("数字的来历", "Where this number comes from")
    )


def _text(state: LoadedRun, asked: tuple[str, str, int, dict[str, str]], told: Lineage, *, again: bool) -> str:
    """The number as it is published; what was measured anew is rounded in the same way."""
    if not again:
        return state.text(asked[0], asked[1], asked[2], tuple(sorted(asked[3].items())))
    if told.value is None:
        return told.bound
    return str(half_up(told.value, state.pack.indicators[asked[0]].decimals))


def _most(told: Lineage) -> int:
    """How many rows or parts the longest list behind a number has."""
    return max([told.parts_total, *(s.total for s in told.sides)])


def _pages(request: HttpRequest, start: int, most: int) -> list[tuple[str, str, str]]:
    """The pages of the drawer beside the one that is shown: query and words."""
    found = [(_from(request, start - CELLS), "上一页", "Back")] if start else []
    return found + ([(_from(request, start + CELLS), "下一页", "Next")] if most > start + CELLS else [])


def _from(request: HttpRequest, start: int) -> str:
    """The query of the same number, its rows from another place on."""
    given = _without(request)
    if start > 0:
        given["from"] = str(start)
    return given.urlencode()


def _without(request: HttpRequest) -> QueryDict:
    """What was asked, but for the page."""
    given = request.GET.copy()
    given.pop("from", None)
    return given


def _side(side: SideRows, state: LoadedRun, can: Reach) -> dict[str, Any]:
    """One side: for returns every cell with who filled and accepted it; for facts the files and how many rows."""
    cells = []
    if side.source.startswith("return:"):
        cells = [_cell(side.source.removeprefix("return:"), dict(r.content), state, can) for r in side.rows]
    table = state.pack.facts.get(side.source)
    return_ = state.pack.returns.get(side.source.removeprefix("return:"))
    label = f"{return_.form_no} {return_.label.zh}" if return_ else table.label.zh if table else side.source
    came = [] if cells else origins({r.file for r in side.rows}, can)
    return {
        "side": side,
        "cells": cells,
        "label": label,
        "is_fact": table is not None,
        "origins": [o for o in came if o.label != o.file],
        "files": [o.file for o in came if o.label == o.file],
    }


@dataclass(frozen=True)
class FileOrigin:
    """Where rows came from: the file or source, its words, the page of the record where the reader may see it, and who
    entered it."""

    file: str
    label: str
    address: str
    who: str


def origins(files: Iterable[str], can: Reach) -> list[FileOrigin]:
    """The records that rows came from, each once, in order; a link only for those whose record it is to see."""
    found = []
    for file in sorted(files):
        origin = facts.origin(file)
        open_to = facts.may_see(file, can)
        address = origin.address if (origin.unit in can.unit_ids if open_to is None else open_to) else ""
        found.append(FileOrigin(file, origin.label, address, origin.who if open_to is not False else ""))
    return found


def _cell(return_id: str, content: dict[str, str], state: LoadedRun, can: Reach) -> dict[str, Any]:
    """A cell by the words of its row and column; its return and history for those whose return it is to see."""
    cell = f"{content['row']}.{content['column']}"
    origin = returns.cell_origin(return_id, content["area"], int(content["period"]), cell)
    area = state.pack.areas.get(content["area"])
    return {
        "value": float(content["value"]) if content.get("value") else None,
        "code": cell,
        "called": _called(state.pack, return_id, content["row"], content["column"]),
        "filing": origin.filing if origin is not None and origin.unit in can.unit_ids else None,
        "origin": origin,
        "area": area.name if area else content["area"],
    }


def _called(pack: Pack, return_id: str, row: str, column: str) -> str:
    """出生人数 · 合计: the words of a cell's row and column; their codes where the return has changed since."""
    found = pack.returns.get(return_id)
    if found is None:
        return f"{row}.{column}"
    of_row = next((x.label.zh for x in found.rows if x.code == row), row)
    of_column = next((x.label.zh for x in found.columns if x.code == column), column)
    return f"{of_row} · {of_column}"


@page(*WORKING, methods=("POST",), back="home")
def recompute(request: HttpRequest) -> HttpResponse:
    """Measure the indicator again on the same snapshot and compare to the last bit."""
    state = state_or_404()
    indicator, *_ = asked_of(request, state)
    result = api.recompute(state, indicator)
    return render(request, "console/monitoring/recomputed.html", {"result": result, "state": state})


def may_see_rows(can: Reach, pack: Pack, told: Lineage) -> bool:
    """Rows of the area: for people of the unit that owns the fact table or leads the indicator, and as `exposure`
    says."""
    tables = [pack.facts[s.source] for s in told.sides if s.source in pack.facts]
    owners = {f.owner for f in tables if f.owner} | {pack.indicators[told.indicator].lead}
    return exposure.may_see_rows(can, told.area, owners)


def may_see_people(can: Reach, told: Lineage) -> bool:
    """Whose rows they are: for who sees files of children or mothers, of a number that counts their records; of which
    of them is decided file by file."""
    return records.may_ask(can) and any(records.counts_people(s.source) for s in told.sides)


@page(*WORKING, methods=("GET",))
def rows(request: HttpRequest) -> HttpResponse:
    """The rows behind a number, without what identifies a child; each sight is audited."""
    state = state_or_404()
    asked = asked_of(request, state)
    start = whole(request.GET.get("from", ""), 0)
    day, wrong = _day(request)
    if wrong:
        raise Http404
    brought = _brought(request)
    told = explained(state, asked, limit=LISTED, offset=start, day=day, brought=brought)
    can = reach(request)
    if not may_see_rows(can, state.pack, told):
        raise Http404
    sides = [_listed(s, state.pack, can, told.area) for s in told.sides]
    more = any(s.total > start + LISTED for s in told.sides)
    detail: dict[str, Any] = {
        "indicator": asked[0],
        "area": asked[1],
        "year": asked[2],
        "rows": sum(len(s["rows"]) for s in sides),
    }
    detail |= {"day": day.isoformat()} if day is not None else {}
    audit.seen(person(request), "monitoring.rows", object_type="indicator", object_id=asked[0], detail=detail)
    context = {
        "told": told,
        "state": state,
        "indicator": state.pack.indicators[asked[0]],
        "area": state.pack.areas[asked[1]],
        "sides": sides,
        "before": _from(request, start - LISTED) if start else "",
        "following": _from(request, start + LISTED) if more else "",
        "start": start,
        "day": day,
        "brought": brought,
    }
    return render(request, "console/monitoring/rows.html", context)


def _listed(side: SideRows, pack: Pack, can: Reach, area: str) -> dict[str, Any]:
    """A side's rows as `exposure` lets them be shown."""
    fact = pack.facts.get(side.source)
    columns = list(side.rows[0].content) if side.rows else []
    seen = exposure.shown(can, fact, columns, side.total, area=area)
    columns, few = list(seen.columns), seen.few
    labels = [_column_label(pack, side, c) for c in columns]
    found = {} if few else {o.file: o for o in origins({r.file for r in side.rows}, can)}
    listed = [] if few else [(found[r.file], r.row, [r.content.get(c, "") for c in columns]) for r in side.rows]
    return {
        "side": side,
        "labels": labels,
        "rows": listed,
        "few": few,
        "label": fact.label.zh if fact else side.source,
    }


def _column_label(pack: Pack, side: SideRows, column: str) -> str:
    fact = pack.facts.get(side.source)
    known = (fact.columns.get(column) or fact.derived.get(column)) if fact else None
    words = {
        "return": "报表",
        "period": "报告期",
        "area": "地区",
        "row": "行",
        "column": "列",
        "value": "数值",
        "reason": "缺数原因",
    }
    return known.label.zh if known else words.get(column, column)
