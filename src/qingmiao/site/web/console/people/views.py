"""Accounts and roles: the system administrator makes accounts, the security administrator gives roles."""

from __future__ import annotations

import secrets

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory import api, sessions
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.permissions import may_grant_roles, may_manage_people
from qingmiao.site.apps.directory.roles import Role
from qingmiao.site.web.ui.access import page
from qingmiao.site.web.ui.sessions import person, reach

PAGE = 50


def _county(request: HttpRequest) -> list[str]:
    """The units of the administrator's county."""
    return list(reach(request).units(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN).values_list("pk", flat=True))


@page(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, methods=("GET",))
def people(request: HttpRequest) -> HttpResponse:
    """All accounts of the county, by unit and name, with keyset pages."""
    asked = request.GET.get("q", "").strip()
    rows = (
        Person.objects.filter(organisation__in=_county(request))
        .select_related("organisation")
        .prefetch_related("assignments")
        .order_by("username")
    )
    if asked:
        rows = rows.filter(username__icontains=asked) | rows.filter(name__icontains=asked)
    after = request.GET.get("after", "")
    if after:
        rows = rows.filter(username__gt=after)
    found = list(rows[: PAGE + 1])
    labels = api.role_labels()
    for p in found:
        p.role_labels = "、".join(labels[a.role] for a in p.assignments.all() if a.to_date is None)  # type: ignore[attr-defined]
    context = {
        "people": found[:PAGE],
        "following": found[PAGE - 1].username if len(found) > PAGE else "",
        "asked": asked,
        "may_make": may_manage_people(reach(request)),
    }
    return render(request, "console/people/list.html", context)


@page(Role.SYSTEM_ADMIN)
def new(request: HttpRequest) -> HttpResponse:
    """A new account with a password to be changed at the first login, shown once."""
    units = Organisation.objects.filter(pk__in=_county(request), is_active=True).order_by("path")
    context: dict[str, object] = {"units": units, "given": request.POST}
    if request.method == "POST":
        first = secrets.token_urlsafe(12)
        try:
            unit = units.get(pk=request.POST.get("unit", ""))
            made = api.make_person(
                person(request), username=request.POST.get("username", "").strip(), name=request.POST.get("name", "").strip(),
                unit=unit, password=first, post=request.POST.get("post", "").strip(),
            )  # fmt: skip
        except Organisation.DoesNotExist:
            context["problem"] = "没有这个单位"
        except UserError as e:
            context["problem"] = str(e)
        else:
            return render(request, "console/people/made.html", {"made": made, "first": first})
    return render(request, "console/people/new.html", context, status=400 if "problem" in context else 200)


@page(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
def one(request: HttpRequest, username: str) -> HttpResponse:
    """One account: disable, reset password or codes (system administrator); roles (security administrator)."""
    found = (
        Person.objects.select_related("organisation")
        .filter(username=username, organisation__in=_county(request))
        .first()
    )
    if found is None:
        raise Http404
    can = reach(request)
    context: dict[str, object] = {
        "one": found, "all_roles": api.roles(), "units": Organisation.objects.filter(pk__in=_county(request)).order_by("path"),
        "may_manage": may_manage_people(can), "may_grant": may_grant_roles(can),
        "sessions": sessions.living(found, now=timezone.now()),
    }  # fmt: skip
    if request.method == "POST":
        try:
            first = _act(request, found)
        except UserError as e:
            return render(
                request,
                "console/people/one.html",
                context | {"problem": str(e), "held": _held(found)},
                status=400,
            )
        if first:
            return render(request, "console/people/made.html", {"made": found, "first": first})
        return redirect("people.one", username=username)
    return render(request, "console/people/one.html", context | {"held": _held(found)})


def _held(found: Person) -> list[object]:
    rows = list(found.assignments.filter(to_date=None).select_related("organisation"))
    labels = api.role_labels()
    for a in rows:
        a.label = labels[a.role]  # type: ignore[attr-defined]
    return list(rows)


def _act(request: HttpRequest, found: Person) -> str:
    """Do what the form asks; the new first password when one was made."""
    what, who, can, today = request.POST.get("do", ""), person(request), reach(request), timezone.localdate()
    manages = {"disable", "enable", "password"}
    grants = {"grant", "revoke", "codes"}
    if (
        (what in manages and not may_manage_people(can))
        or (what in grants and not may_grant_roles(can))
        or what not in manages | grants
    ):
        raise Http404
    if found.pk == who.pk:
        raise UserError("不能改自己的账号和角色")
    if what in ("disable", "enable"):
        api.set_active(who, found, what == "enable")
    elif what == "codes":
        api.set_totp(who, found, None)
    elif what == "password":
        first = secrets.token_urlsafe(12)
        wrong = api.change_password(who, found, first, temporary=True)
        if wrong:
            raise UserError("；".join(wrong))
        return first
    elif what == "grant":
        unit = Organisation.objects.filter(pk=request.POST.get("unit", ""), pk__in=_county(request)).first()
        if unit is None:
            raise UserError("请选择角色和单位")
        api.grant(who, found, request.POST.get("role", ""), on=today, unit=unit)
    else:
        held = found.assignments.filter(pk=request.POST.get("assignment") or 0, to_date=None).first()
        if held is None:
            raise UserError("这个角色已经收回")
        api.revoke(who, held, on=today)
    return ""
