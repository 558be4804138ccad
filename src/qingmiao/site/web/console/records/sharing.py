"""Files that may be of one person, side by side; which villages and classes are in whose charge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qingmiao.content.base import Label
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.records import api
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach

PAGE = 50


@dataclass(frozen=True)
class Whose:
    """Whose files a page puts side by side: its words and addresses."""

    title: Label
    files: Label
    same: Label
    two: Label
    back: str
    one: str
    here: str
    rows: Callable[..., Sequence[Any]]
    decide: Callable[..., None]


CHILDREN = Whose(
    Label(zh="疑似重复档案", en="Possible duplicates"), Label(zh="儿童档案", en="Children's files"),
    Label(zh="同一儿童，合并", en="The same: merge"), Label(zh="不同儿童", en="Two children"),
    "records.list", "records.one", "records.pairs", api.pairs, api.decide_pair,
)  # fmt: skip
MOTHERS = Whose(
    Label(zh="疑似重复的孕产妇档案", en="Possible duplicates among mothers"),
    Label(zh="孕产妇档案", en="Mothers' files"), Label(zh="同一孕产妇，合并", en="The same: merge"),
    Label(zh="不同孕产妇", en="Two women"),
    "mothers.list", "mothers.one", "mothers.pairs", api.mothers.pairs, api.mothers.decide_pair,
)  # fmt: skip


@page(*WORKING)
def pairs(request: HttpRequest) -> HttpResponse:
    """The pairs to be settled: the same child, or two."""
    return _settled(request, CHILDREN)


@page(*WORKING)
def mothers(request: HttpRequest) -> HttpResponse:
    """The pairs to be settled: the same woman, or two."""
    return _settled(request, MOTHERS)


def _settled(request: HttpRequest, whose: Whose) -> HttpResponse:
    can, problem, given = reach(request), None, request.POST
    if request.method == "POST":
        try:
            whose.decide(
                can, asked.whole(given.get("pair", ""), 0), same=given.get("do") == "same",
                version=asked.whole(given.get("version", ""), 0), reason=given.get("reason", ""),
            )  # fmt: skip
        except UserError as e:
            problem = e
        else:
            return redirect(whose.here)
    rows = whose.rows(can, before=asked.whole(request.GET.get("before", ""), 0), size=PAGE + 1)
    context = {
        "pairs": rows[:PAGE], "problem": problem, "whose": whose,
        "following": f"before={rows[PAGE - 1].id}" if len(rows) > PAGE else "",
    }  # fmt: skip
    return render(request, "console/records/pairs.html", context, status=status_of(problem))


@page(*WORKING)
def charges(request: HttpRequest) -> HttpResponse:
    """The villages and classes in the charge of the own unit's people."""
    can, problem, given = reach(request), None, request.POST
    if request.method == "POST":
        try:
            if given.get("do") == "end":
                api.end_charge(
                    can, asked.whole(given.get("charge", ""), 0), version=asked.whole(given.get("version", ""), 0)
                )
            else:
                api.give_charge(
                    can, given.get("person", "")[:40], area=given.get("area", "")[:12],
                    village=given.get("village", ""),
                    school_class=given.get("school_class", ""),
                )  # fmt: skip
        except UserError as e:
            problem = e
        else:
            return redirect("records.charges")
    context = {
        "rows": api.charges(can), "people": api.charge_people(can), "areas": api.areas(can), "posted": given,
        "problem": problem,
    }  # fmt: skip
    return render(request, "console/records/charges.html", context, status=status_of(problem))
