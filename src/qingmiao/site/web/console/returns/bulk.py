"""One step for many returns: sign, accept, send back or dun what was chosen; each by itself, and told one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from qingmiao.flow import house
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.returns import api
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.given import whole
from qingmiao.site.web.ui.once import shown_at
from qingmiao.site.web.ui.sessions import reach

STEPS = {"sign": "签发", "accept": "验收", "send_back": "退回", "dun": "催报"}
MOST = 500
"""Returns in one go."""


@dataclass(frozen=True)
class BulkResult:
    """What became of one return; `why` it was not done, "" where it was. No filing: it is not there for this person."""

    filing: api.FilingView | None
    why: str = ""
    absent: bool = False


@page(house.LEADER, house.STATISTICS, house.COMMITTEE_OFFICE, methods=("POST",), back="returns.home")
def bulk(request: HttpRequest) -> HttpResponse:
    """Take the step with each return chosen (`pick`; with `all`, each that the page had `shown`), and list who went
    through and who did not, and why. 404 where none of them is the person's; 422 where none went through."""
    step, given = request.POST.get("do", ""), request.POST
    picks = list(dict.fromkeys(given.getlist("shown") if given.get("all") else given.getlist("pick")))
    if step not in STEPS:
        raise Http404
    context: dict[str, Any] = {"label": STEPS[step], "results": [], "problem": ""}
    if not picks or len(picks) > MOST:
        context["problem"] = "请先选择报表" if not picks else f"一次最多办理 {MOST} 张，请分几次办理"
        return render(request, "console/returns/bulk.html", context, status=422)
    results = [_one(request, step, pick) for pick in sorted(picks, key=lambda p: whole(p.partition(" ")[0], 0))]
    if all(r.absent for r in results):
        raise Http404
    done = sum(not r.why for r in results)
    context |= {"results": results, "done": done, "left": len(results) - done}
    response = render(request, "console/returns/bulk.html", context, status=200 if done else 422)
    return shown_at(response, reverse("returns.home"))


def _one(request: HttpRequest, step: str, pick: str) -> BulkResult:
    """`pick`: number, state, version and revision as they were seen, with blanks between. Dunning changes no figure, so
    that it does not matter what the unit saved meanwhile."""
    number, state, version, revision = (*pick.split(" "), "", "", "", "")[:4]
    can = reach(request)
    try:
        filing = api.found(can, whole(number, 0))
        seen = api.Seen(state, whole(version, 0), None if step == "dun" else whole(revision, -1))
        api.move(can, filing.pk, step, seen=seen, reason=request.POST.get("reason", ""))
    except api.AbsentError:
        return BulkResult(None, "没有这张表，或者不归您办理", absent=True)
    except UserError as e:
        return BulkResult(filing, e.message)
    return BulkResult(filing)
