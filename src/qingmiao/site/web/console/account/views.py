"""Login in two steps, the first second factor, the own password, the own sessions."""

from __future__ import annotations

import secrets
import time

import segno
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory import api
from qingmiao.site.apps.notices import api as notices
from qingmiao.site.web.ui.access import open_page, page
from qingmiao.site.web.ui.cookies import put
from qingmiao.site.web.ui.requests import address
from qingmiao.site.web.ui.sessions import DEVICE_AGE, DEVICE_COOKIE, forget, keep, person, present, visitor

NEXT = "qm-next"
"""The cookie that keeps, during a login, where the person wanted to go."""
WRONG = "用户名或口令不对"
SAME = 0.2
"""Seconds that a request for a new password takes, so that its time does not tell whether the account is there."""


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
        agent=request.META.get("HTTP_USER_AGENT", ""), device=request.COOKIES.get(DEVICE_COOKIE, ""),
        now=timezone.now(),
    )  # fmt: skip
    if result.outcome in ("wrong", "wait"):
        text = WRONG if result.outcome == "wrong" else str(api.WaitError(result.wait))
        context = {"next": following, "username": username, "problem": text}
        return render(request, "console/account/login.html", context, status=429 if result.outcome == "wait" else 403)
    if result.outcome == "whole":
        return _enter(request, result.token, username, following)
    response = redirect("account.code" if result.outcome == "code" else "account.enrol")
    return keep(put(response, NEXT, signing.dumps(following), max_age=600), result.token)


@open_page("GET", "POST")
def forgotten(request: HttpRequest) -> HttpResponse:
    """Who resets a password and how; a request tells the administrators. The answer is the same whoever is named."""
    if request.method != "POST":
        return render(request, "console/account/forgotten.html")
    began = time.monotonic()
    username = request.POST.get("username", "").strip()[:40]
    try:
        notices.ask_reset(username, address=address(request), now=timezone.now())
    except api.WaitError as e:
        return render(request, "console/account/forgotten.html", {"problem": str(e)}, status=429)
    time.sleep(max(0.0, SAME - (time.monotonic() - began)))
    return render(request, "console/account/forgotten.html", {"asked": True})


@page(half=True)
def code(request: HttpRequest) -> HttpResponse:
    """Second step: the one-time code."""
    session = present(request)
    stage = api.stage(session)
    if stage != "code":
        return redirect("home" if stage == "whole" else "account.enrol")
    if request.method != "POST":
        return render(request, "console/account/code.html")
    try:
        result = api.check_code(
            session, request.POST.get("code", ""), device=request.COOKIES.get(DEVICE_COOKIE, ""), now=timezone.now()
        )
    except UserError as e:
        return render(request, "console/account/code.html", {"problem": str(e)}, status=403)
    if isinstance(result, str):
        return _enter(request, result, person(request).username, _following(request))
    text = "动态口令不对或已经用过，等下一个再试" if result is None else str(api.WaitError(result))
    return render(request, "console/account/code.html", {"problem": text}, status=403 if result is None else 429)


@page(half=True)
def enrol(request: HttpRequest) -> HttpResponse:
    """Set up the second factor: scan, then prove it with a code."""
    session, username = present(request), person(request).username
    stage = api.stage(session)
    if stage != "enrol":
        return redirect("home" if stage == "whole" else "account.code")
    sealed = request.POST.get("sealed", "")
    problem = ""
    try:
        who, secret = signing.loads(sealed, salt="qingmiao.enrol", max_age=900) if sealed else ("", "")
    except signing.BadSignature:
        who, secret, problem = "", "", "页面打开得太久，请重新扫码"
    if request.method == "POST" and secret and who == username:
        token = api.enrol(session, secret, request.POST.get("code", ""), now=timezone.now())
        if token:
            return _enter(request, token, username, _following(request))
        problem = "动态口令不对，看一下手机的时间是否准确"
    else:
        secret = api.new_secret()
        sealed = signing.dumps([username, secret], salt="qingmiao.enrol")
    drawing = segno.make(api.code_address(secret, username)).svg_inline(scale=4, border=2)
    context = {"qr": mark_safe(drawing), "secret": secret, "sealed": sealed, "problem": problem}
    return render(request, "console/account/enrol.html", context, status=403 if problem else 200)


@page(half=True, methods=("POST",), back="home")
def logout(request: HttpRequest) -> HttpResponse:
    """End this session."""
    session = present(request)
    api.end_sessions(session, {s.id for s in api.own_sessions(session) if s.present})
    return _left()


def _left() -> HttpResponse:
    """The login page of whoever has logged out: the browser keeps nothing of what was typed."""
    return forget(redirect(reverse("account.login") + "?left=1"))


@page()
def password(request: HttpRequest) -> HttpResponse:
    """Change the own password; the person's other sessions end."""
    problem, status = "", 200
    if request.method == "POST":
        new = request.POST.get("new", "")
        try:
            if new != request.POST.get("again", ""):
                raise UserError("两次输入的新口令不一样")
            api.change_own_password(present(request), request.POST.get("present", ""), new)
        except UserError as e:
            problem, status = str(e), 429 if isinstance(e, api.WaitError) else 400
        else:
            return redirect("home")
    must = api.must_change(person(request), now=timezone.now())
    context = {"problem": problem, "profile": api.profile(), "must": must}
    return render(request, "console/account/password.html", context, status=status)


@page()
def own_sessions(request: HttpRequest) -> HttpResponse:
    """The own living sessions, each of which can be ended."""
    session = present(request)
    found = api.own_sessions(session)
    if request.method == "POST":
        wanted = request.POST.get("session", "")
        chosen = {s.id for s in found if str(s.id) == wanted or (wanted == "others" and not s.present)}
        if api.end_sessions(session, chosen):
            return _left()
        return redirect("account.sessions")
    return render(request, "console/account/sessions.html", {"sessions": found})


def _following(request: HttpRequest) -> str:
    """Where the person wanted to go before the login."""
    try:
        return str(signing.loads(request.COOKIES.get(NEXT, ""), max_age=600))
    except signing.BadSignature:
        return ""


def _enter(request: HttpRequest, token: str, username: str, following: str) -> HttpResponse:
    """The login is complete: on to the page that was wanted; the browser is known for this user name from now on."""
    safe = url_has_allowed_host_and_scheme(following, {request.get_host()}, require_https=settings.ENVIRONMENT.https)
    response = redirect(following if following and safe else "home")
    response.delete_cookie(NEXT)
    known = api.known_device(request.COOKIES.get(DEVICE_COOKIE, ""), username) or secrets.token_urlsafe(12)
    put(response, DEVICE_COOKIE, api.device_cookie(username, known), max_age=DEVICE_AGE)
    return keep(response, token)
