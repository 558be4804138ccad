"""A child is registered; a file is corrected, its addresses, classes and relatives changed, handed over, merged."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.apps.records import api
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.outcome import status_of
from qingmiao.site.web.ui.sessions import reach


@page(*WORKING)
def new(request: HttpRequest) -> HttpResponse:
    """Register a child: who it is, where it lives, who is its guardian; files that may be the same are shown first.
    `begin`: the number that was searched for and is in no file."""
    can, problem = reach(request), None
    alike: tuple[tuple[api.ChildRow | None, api.LikelyFile], ...] = ()
    if not api.may_register(can):
        raise Http404
    given: Mapping[str, str] = request.POST
    if "begin" in request.POST:
        given = api.typed.begun(request.POST["begin"][:60])
    elif request.method == "POST":
        try:
            identity, home = api.typed.identity(given), api.typed.stay(given)
            relatives = (api.typed.relative(given),) if given.get("relative_name", "").strip() else ()
            attendance = api.typed.attendance(given) if given.get("school_unit") else None
            alike = api.alike(
                can, identity, area=home.area, guardian=next((r.name for r in relatives if r.guardian), ""),
                phone=next((r.phone for r in relatives if r.guardian), ""),
            )  # fmt: skip
            number = api.register(
                can, identity, stays=[home], relatives=relatives, attendance=attendance, reason=given.get("reason", "")
            )
        except UserError as e:
            problem = e
        else:
            return redirect("records.one", number)
    context = {"posted": given, "problem": problem, "alike": alike, "options": api.choices(can)}
    return render(request, "console/records/new.html", context, status=status_of(problem))


def _typed(identity: api.IdentityGiven | None) -> Mapping[str, str]:
    """Who a child is, as the inputs of its form hold it."""
    if identity is None:
        return {}
    return {
        "name": identity.name, "sex": identity.sex, "birth_date": identity.birth_date.isoformat(),
        "certainty": identity.certainty, "number": identity.number, "certificate": identity.certificate,
    }  # fmt: skip


@page(*WORKING)
def change(request: HttpRequest, number: int) -> HttpResponse:
    """Everything that may be changed in a file now, a form each."""
    can, problem, given = reach(request), None, request.POST
    if request.method == "POST":
        step = given.get("do", "")
        if step not in api.typed.SAID:
            raise Http404
        try:
            said = api.typed.SAID[step](given)
            api.move(can, number, step, version=asked.whole(given.get("version", ""), 0), said=said)
        except UserError as e:
            problem = e
        else:
            return redirect("records.one", number)
    steps = api.steps(can, number)
    if not steps:
        raise Http404
    identity, again = api.typed_identity(can, number), given.get("do") == "amend"
    former = given.get("former", "") if again else "、".join(identity.former_names if identity is not None else ())
    context = {
        "f": api.page_of(can, number), "problem": problem, "posted": given, "did": given.get("do", ""),
        "names": {s.name for s in steps}, "options": api.choices(can), "identity": identity,
        "typed": given if again else _typed(identity), "former": former,
        "units": api.receivers(can) if any(s.name == "hand_over" for s in steps) else (),
    }  # fmt: skip
    return render(request, "console/records/change.html", context, status=status_of(problem))
