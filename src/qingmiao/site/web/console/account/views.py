"""Login in two steps, the first second factor, the own password, the own sessions."""

from __future__ import annotations

import secrets
from datetime import timedelta

import segno
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe

from qingmiao.site.apps.directory import api, lockout, second_factor, sessions
from qingmiao.site.web.ui.access import open_page, page
from qingmiao.site.web.ui.requests import address
from qingmiao.site.web.ui.sessions import DEVICE_AGE, DEVICE_COOKIE, forget, keep, person, visitor

WRONG = "用户名或口令不对"


@open_page("GET", "POST")
def login(request: HttpRequest) -> HttpResponse:
    """First step: name and password."""
    if visitor(request).whole:
        return redirect("home")
    following = request.POST.get("next") or request.GET.get("next", "")
    if request.method != "POST":
        return render(request, "console/account/login.html", {"next": following})
    username = request.POST.get("username", "").strip()[:40]
    result = api.check_login(
        username=username, password=request.POST.get("password", "")[:200], address=address(request),
        agent=request.META.get("HTTP_USER_AGENT", ""), device=request.COOKIES.get(DEVICE_COOKIE, ""), now=timezone.now(),
    )  # fmt: skip
    if result.outcome in ("wrong", "wait"):
        text = WRONG if result.outcome == "wrong" else f"试得太多，请 {_minutes(result.wait)} 后再试"
        context = {"next": following, "username": username, "problem": text}
        return render(request, "console/account/login.html", context, status=429 if result.outcome == "wait" else 403)
    response = redirect("account.code" if result.outcome == "code" else "account.enrol")
    response.set_cookie("qm-next", signing.dumps(following), max_age=600, httponly=True, samesite="Lax")
    return keep(response, result.token)


@page(half=True)
def code(request: HttpRequest) -> HttpResponse:
    """Second step: the one-time code."""
    session = visitor(request).session
    assert session is not None
    if session.second_factor:
        return redirect("home")
    if not session.person.totp:
        return redirect("account.enrol")
    if request.method != "POST":
        return render(request, "console/account/code.html")
    result = api.check_code(
        session,
        request.POST.get("code", ""),
        device=request.COOKIES.get(DEVICE_COOKIE, ""),
        now=timezone.now(),
    )
    if isinstance(result, str):
        return _enter(request, result)
    text = "动态口令不对或已经用过，等下一个再试" if result is None else f"试得太多，请 {_minutes(result)} 后再试"
    return render(request, "console/account/code.html", {"problem": text}, status=403 if result is None else 429)


@page(half=True)
def enrol(request: HttpRequest) -> HttpResponse:
    """Set up the second factor: scan, then prove it with a code."""
    session = visitor(request).session
    assert session is not None
    if session.second_factor or session.person.totp:
        return redirect("home" if session.second_factor else "account.code")
    sealed = request.POST.get("sealed", "")
    problem = ""
    try:
        who, secret = signing.loads(sealed, salt="qingmiao.enrol", max_age=900) if sealed else ("", "")
    except signing.BadSignature:
        who, secret, problem = "", "", "页面打开得太久，请重新扫码"
    if request.method == "POST" and secret and who == session.person.username:
        token = api.enrol(session, secret, request.POST.get("code", ""), now=timezone.now())
        if token:
            return _enter(request, token)
        problem = "动态口令不对，看一下手机的时间是否准确"
    else:
        secret = second_factor.new_secret()
        sealed = signing.dumps([session.person.username, secret], salt="qingmiao.enrol")
    drawing = segno.make(second_factor.address(secret, session.person.username)).svg_inline(scale=4, border=2)
    context = {"qr": mark_safe(drawing), "secret": secret, "sealed": sealed, "problem": problem}
    return render(request, "console/account/enrol.html", context, status=403 if problem else 200)


@page(half=True, methods=("POST",))
def logout(request: HttpRequest) -> HttpResponse:
    """End this session."""
    session = visitor(request).session
    assert session is not None
    sessions.end(session.person, [session], now=timezone.now())
    return forget(redirect("account.login"))


@page()
def password(request: HttpRequest) -> HttpResponse:
    """Change the own password."""
    who = person(request)
    faults: list[str] = []
    if request.method == "POST":
        if not check_password(request.POST.get("present", ""), who.password):
            faults = ["现在的口令不对"]
        elif request.POST.get("new", "") != request.POST.get("again", ""):
            faults = ["两次输入的新口令不一样"]
        else:
            faults = api.change_password(who, who, request.POST.get("new", ""))
        if not faults:
            session = visitor(request).session
            assert session is not None
            others = [s for s in sessions.living(who, now=timezone.now()) if s.pk != session.pk]
            if others:
                sessions.end(who, others, now=timezone.now())
            return redirect("home")
    context = {"faults": faults, "profile": api.profile(), "must": api.must_change(who, now=timezone.now())}
    return render(request, "console/account/password.html", context, status=400 if faults else 200)


@page()
def own_sessions(request: HttpRequest) -> HttpResponse:
    """The own living sessions, each of which can be ended."""
    who, present = person(request), visitor(request).session
    now = timezone.now()
    found = sessions.living(who, now=now)
    if request.method == "POST":
        wanted = request.POST.get("session", "")
        chosen = [s for s in found if str(s.pk) == wanted or (wanted == "others" and present and s.pk != present.pk)]
        if chosen:
            sessions.end(who, chosen, now=now)
        if present and any(s.pk == present.pk for s in chosen):
            return forget(redirect("account.login"))
        return redirect("account.sessions")
    return render(request, "console/account/sessions.html", {"sessions": found, "present": present})


def _enter(request: HttpRequest, token: str) -> HttpResponse:
    try:
        following = signing.loads(request.COOKIES.get("qm-next", ""), max_age=600)
    except signing.BadSignature:
        following = ""
    safe = url_has_allowed_host_and_scheme(following, {request.get_host()}, require_https=settings.ENVIRONMENT.https)
    response = redirect(following if following and safe else "home")
    response.delete_cookie("qm-next")
    username = person(request).username
    known = lockout.known_device(request.COOKIES.get(DEVICE_COOKIE, ""), username) or secrets.token_urlsafe(12)
    response.set_cookie(
        DEVICE_COOKIE,
        lockout.device_cookie(username, known),
        max_age=DEVICE_AGE,
        secure=settings.ENVIRONMENT.https,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return keep(response, token)


def _minutes(wait: timedelta) -> str:
    seconds = int(wait.total_seconds()) + 1
    return f"{seconds} 秒" if seconds < 60 else f"{-(-seconds // 60)} 分钟"
