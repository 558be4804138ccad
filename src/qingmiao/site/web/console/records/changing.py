"""A child is registered; a file is corrected, its addresses, classes and relatives changed, handed over, merged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.roles import WORKING
from qingmiao.site.apps.records import api
from qingmiao.site.web.console.records.files import status
from qingmiao.site.web.ui import given as asked
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import reach

Said = Callable[[QueryDict], Mapping[str, Any]]


def _identity(given: QueryDict) -> api.IdentityGiven:
    return api.given.identity(
        name=given.get("name", ""), sex=given.get("sex", ""), birth_date=given.get("birth_date", ""),
        certainty=given.get("certainty", "day"), number=given.get("number", ""),
        certificate=given.get("certificate", ""), former=given.get("former", ""),
    )  # fmt: skip


def _stay(given: QueryDict, kind: str = "residence") -> api.StayGiven:
    return api.given.stay(
        kind=kind, area=given.get("area", ""), village=given.get("village", ""), address=given.get("address", ""),
        from_date=given.get("from_date", "") or timezone.localdate().isoformat(),
    )  # fmt: skip


def _relative(given: QueryDict) -> api.RelativeGiven:
    return api.given.relative(
        name=given.get("relative_name", ""), kind=given.get("relative_kind", ""),
        number=given.get("relative_number", ""), phone=given.get("phone", ""), guardian="guardian" in given,
        carer="carer" in given, sealed="sealed" in given,
        from_date=given.get("related_from", "") or timezone.localdate().isoformat(),
    )  # fmt: skip


def _class(given: QueryDict) -> api.ClassGiven:
    return api.given.attendance(
        school_unit=given.get("school_unit", "")[:120], school_class=given.get("school_class", ""),
        grade=given.get("grade", ""),
        from_date=given.get("attends_from", "") or timezone.localdate().isoformat(),
    )  # fmt: skip


SAID: Mapping[str, Said] = {
    "amend": lambda g: {"identity": _identity(g), "reason": g.get("reason", "")},
    "reside": lambda g: {"stays": (_stay(g, "registration" if g.get("stay") == "registration" else "residence"),)},
    "return": lambda g: {"stays": (_stay(g),)},
    "relate": lambda g: {"relative": _relative(g)},
    "part": lambda g: {"relation": asked.whole(g.get("relation", ""), 0), "reason": g.get("reason", "")},
    "attend": lambda g: {"attendance": _class(g)},
    "hand_over": lambda g: {"unit": g.get("unit", "")[:120], "reason": g.get("reason", "")},
    "move_out": lambda g: {"on": asked.day(g.get("on", ""), "迁出日期"), "to": g.get("to", "")},
    "die": lambda g: {"on": asked.day(g.get("on", ""), "死亡日期"), "reason": g.get("reason", "")},
    "reopen": lambda g: {"reason": g.get("reason", "")},
    "merge": lambda g: {"into": asked.whole(g.get("into", ""), 0), "reason": g.get("reason", "")},
    "unmerge": lambda g: {"reason": g.get("reason", "")},
}
"""Step → what its form says, as the app reads it."""


@page(*WORKING)
def new(request: HttpRequest) -> HttpResponse:
    """Register a child: who it is, where it lives, who is its guardian; files that may be the same are shown first."""
    can, problem = reach(request), None
    alike: tuple[tuple[api.ChildRow | None, api.LikelyFile], ...] = ()
    if not api.may_register(can):
        raise Http404
    given = request.POST
    if request.method == "POST":
        try:
            identity, home = _identity(given), _stay(given)
            relatives = (_relative(given),) if given.get("relative_name", "").strip() else ()
            attendance = _class(given) if given.get("school_unit") else None
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
    return render(request, "console/records/new.html", context, status=status(problem))


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
        if step not in SAID:
            raise Http404
        try:
            api.move(can, number, step, version=asked.whole(given.get("version", ""), 0), said=SAID[step](given))
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
    return render(request, "console/records/change.html", context, status=status(problem))
