"""The duties of the plan's organising parts, each with its place here; and who answers for which goal and measure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from qingmiao.content.plan import Duty
from qingmiao.content.roles import all_roles
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import api
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.publishing import api as publishing
from qingmiao.site.apps.returns import api as returns
from qingmiao.site.web.console.acting.posted import year_of
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.given import whole
from qingmiao.site.web.ui.language import t
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach
from qingmiao.site.web.ui.years import around

PLACES: dict[str, tuple[str, str, str]] = {
    "returns": ("统计报表", "Returns", "returns.home"),
    "wall": ("规划监测", "Plan wall", "monitoring.wall"),
    "warning": ("预警", "Warnings", "monitoring.warnings"),
    "task": ("任务", "Tasks", "acting.tasks"),
    "responsibility": ("目标责任", "Responsibility", "acting.responsibility"),
    "fund": ("经费", "Funds", "acting.funds"),
    "project": ("民生实事", "Projects", "acting.projects"),
    "report": ("监测报告", "Reports", "publishing.reports"),
}
"""Parts of the site beside the kinds of activities: words and address."""


@dataclass(frozen=True)
class DutyPlace:
    """Where a duty is done, and how much of it this year (None: not counted)."""

    zh: str
    en: str
    url: str
    count: int | None


def places_of(duty: Duty, found: dict[str, int]) -> list[DutyPlace]:
    """The places that the pack names for a duty; an unknown one is passed over (a pack may be newer than the site)."""
    out, known = [], api.kinds()
    for name in duty.kept_in:
        if name in known:
            out.append(
                DutyPlace(
                    known[name].label.zh,
                    known[name].label.en or known[name].label.zh,
                    reverse("acting.activities", args=[name]),
                    found.get(name),
                )
            )
        elif name in PLACES:
            zh, en, address = PLACES[name]
            out.append(DutyPlace(zh, en, reverse(address), found.get(name)))
    return out


@page(*WORKING, methods=("GET",))
def duties(request: HttpRequest) -> HttpResponse:
    """Every duty verbatim, who has it, where it is done here, and what was done in the year."""
    pack, year = monitoring.pack(), year_of(request)
    found = api.counts(year) | {
        "warning": monitoring.counted().every,
        "report": publishing.released_in(year),
        "returns": returns.submitted_in(year),
    }
    rows = [(d, places_of(d, found)) for d in pack.duties.values()]
    context = {
        "sections": [
            {"section": section, "rows": list(these)} for section, these in groupby(rows, key=lambda r: r[0].section)
        ],
        "total": len(rows),
        "whole": sum(bool(p) and not d.not_yet for d, p in rows),
        "year": year,
        "years": around(year),
        "kinds": [(k, found[k.id]) for k in api.kinds().values()],
        "placed": sum(bool(p) for _, p in rows),
    }
    return render(request, "console/acting/duties.html", context)


@page(*WORKING)
def responsibility(request: HttpRequest) -> HttpResponse:
    """Goals and measures by lead unit and year; the office confirms or changes."""
    pack, can = monitoring.pack(), reach(request)
    year = year_of(request)
    problem, status = "", 200
    if request.method == "POST":
        try:
            _assign(request, year)
        except UserError as e:
            problem, status = str(e), status_of(e)
        else:
            asked, of = request.POST.get("asked", ""), request.POST.get("of", "")
            return redirect(f"{request.path}?{urlencode({'year': year, 'unit': asked})}#{of}")
    asked = request.GET.get("unit", "") or request.POST.get("asked", "")
    held = api.responsibilities(year)
    fields = []
    for f in pack.fields:
        rows = [(t("目标", "Goal"), g.id, g.number, g.text, held.get(g.id, ())) for g in f.goals]
        rows += [(t("措施", "Measure"), m.id, m.number, m.title, held.get(m.id, ())) for m in f.measures]
        rows = [r for r in rows if not asked or any(x.unit_id == asked for x in r[4])]
        if rows:
            fields.append((f, rows))
    leads = [r for rs in held.values() for r in rs if r.leads]
    context = {
        "fields": fields,
        "year": year,
        "years": around(year),
        "units": api.units_of_plan(),
        "asked": asked,
        "kept": {"unit": asked},
        "may_assign": api.may_assign(can),
        "problem": problem,
        "editing": request.GET.get("edit", "") or request.POST.get("of", ""),
        "waiting": sum(not r.confirmed for r in leads if r.unit_id == asked),
        "confirmed": sum(r.confirmed for r in leads),
        "leads": len(leads),
    }
    return render(request, "console/acting/responsibility.html", context, status=status)


def _assign(request: HttpRequest, year: int) -> None:
    can, given = reach(request), request.POST
    unit, document = given.get("unit", ""), given.get("document", "")
    if given.get("do") == "confirm":
        if not api.confirm(can, year=year, unit=unit, document=document):
            raise UserError("这个单位这一年没有待确认的牵头事项")
    elif given.get("do") == "propose":
        if not api.propose(can, monitoring.pack(), year=year):
            raise UserError("这一年的建议分工都已经在表里")
    else:
        seen = whole(given.get("lead", ""), 0), whole(given.get("version", ""), 0)
        api.assign(can, of=given.get("of", ""), year=year, unit=unit, document=document, seen=seen)


def reference() -> str:
    """docs/reference/duties.md: the names that a plan's duty may give in `kept_in`."""
    lines = [
        "# 职责在系统里的位置",
        "",
        "本页由 内容包的 `documents/` 和 `src/qingmiao/site/web/console/acting/duties.py` 生成（`python tools/workflow_docs.py`），"
        "不要手改。",
        "",
        "规划的职责（`plan/duties.yaml`）用 `kept_in` 写明在系统的哪些地方办理，用 `not_yet` 写明还不支持的部分；两样都照原样显示在“目标责任”页。",
        "",
        "| `kept_in` | 位置 | 谁记录 |",
        "|---|---|---|",
    ]
    roles = all_roles(monitoring.pack())
    lines += [
        f"| `{k.id}` | {k.label.zh} | {'、'.join(roles[r].label.zh for r in k.recorded_by)}"
        f"{'；分管领导签报，妇儿工委办审阅' if k.signed else ''} |"
        for k in api.kinds().values()
    ]
    lines += [f"| `{name}` | {zh} | — |" for name, (zh, _, _) in PLACES.items()]
    return "\n".join(lines) + "\n"
