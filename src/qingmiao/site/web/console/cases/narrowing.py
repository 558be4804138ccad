"""What the list of cases may be narrowed to, and the addresses by which numbers of the overview lead to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from qingmiao.content.base import Label
from qingmiao.content.chains import Chain
from qingmiao.kernel.areas import lies_in
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.cases import api
from qingmiao.site.apps.directory.api import Reach
from qingmiao.site.web.console.cases.presenting import programme_options, stage_options
from qingmiao.site.web.ui import years
from qingmiao.site.web.ui.filters import Filters, Option, Select
from qingmiao.site.web.ui.language import said, t
from qingmiao.site.web.ui.ways import Ways, ways

Situation = Literal["open", "late", "danger", "ended", "all"]
SITUATIONS: tuple[Situation, ...] = ("late", "danger", "ended", "all")
"""What a queue may be narrowed to; else all that is open."""
YEARS = ("opened", "closed")
"""The parameters that name a year in which a case began or ended."""


def narrowed(request: HttpRequest, can: Reach, queue: api.Queue) -> tuple[Filters, api.QueueFilters]:
    """The form above the list, and what it asks for. What only links ask for (a unit, a year, a link of a chain) stands
    in the form while it is asked for."""
    states = (
        ("late", t("已逾期", "Overdue")), ("danger", t("有危险", "In danger")), ("ended", t("已结束", "Ended")),
        ("all", t("全部（含已结束）", "All")),
    )  # fmt: skip
    given, programme = request.GET, request.GET.get("programme", "")
    more = [
        Select("programme", t("服务项目", "Programme"), programme_options()),
        *([Select("stage", t("环节", "Stage"), stage_options(programme))] if programme else []),
        Select("state", t("情况", "State"), states),
    ]
    places = _places(can, given.get("township", ""))
    if len(places) > 1 or given.get("township"):
        more.append(Select("township", t("乡镇", "Township"), places))
    if given.get("unit"):
        more.append(Select("unit", t("主办单位", "Unit"), api.unit_names([given["unit"][:120]])))
    words = {"opened": t("受理年份", "Opened in"), "closed": t("结束年份", "Ended in")}
    offered = tuple((str(y), str(y)) for y in years.around(0))
    more += [Select(name, words[name], offered) for name in YEARS if given.get(name)]
    chains = site_pack.pack().entries("chains", Chain)
    for id_, chain in chains.items():
        if given.get(id_):
            links = tuple((k.id, said(k.label)) for k in chain.links)
            more.append(Select(id_, said(chain.label), links))
    filters = Filters(request, more=more, keep=("queue",), words=False)
    own = filters.narrowed.more
    situation: Situation = next((s for s in SITUATIONS if s == own.get("state")), "open")
    stands = tuple(
        (p, s) for id_, chain in chains.items() for k in chain.links if own.get(id_) == k.id
        for p, states in k.states.items() for s in states
    )  # fmt: skip
    return filters, api.QueueFilters(
        queue, own.get("programme", ""), own.get("stage", ""), situation, own.get("township", ""),
        unit=own.get("unit", ""), opened=int(own.get("opened") or 0), closed=int(own.get("closed") or 0),
        stands=stands,
    )  # fmt: skip


def programme_ways(can: Reach, chosen: str = "") -> Ways | None:
    """The ways to the cases of each programme that somebody works with."""
    rows = ((w.programme, w.label, w.open) for w in api.by_programme(can))
    query = f"{reverse('cases.list')}?queue=all&programme="
    return ways(Label(zh="按服务项目", en="By programme"), rows, query=query, chosen=chosen)


def address(asked: Mapping[str, str]) -> str:
    """The list of everything that somebody sees, narrowed."""
    return f"{reverse('cases.list')}?{urlencode({'queue': 'all'} | {k: v for k, v in asked.items() if v})}"


def _places(can: Reach, asked: str) -> tuple[Option, ...]:
    """The townships of the person's areas; also the place that is asked for."""
    areas = site_pack.pack().areas
    own = {h.area for h in can.held}
    found = [a for a in areas.values() if a.level == "township" and any(lies_in(a.code, area) for area in own)]
    chosen = areas.get(asked)
    if chosen is not None and chosen not in found:
        found.append(chosen)
    return tuple((a.code, a.name) for a in sorted(found, key=lambda a: a.code))
