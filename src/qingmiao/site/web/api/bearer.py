"""Who calls an interface: the token of the header `Authorization`, its person's reach, and its scopes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from qingmiao.site.apps.directory import api as directory
from qingmiao.site.web.ui.access import Access

View = Callable[..., HttpResponse]
Refuse = Callable[[int, str, str], HttpResponse]
"""(status, code, words) → the refusal as the interface writes it."""
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def called(refuse: Refuse, *, reads: str, writes: str, methods: tuple[str, ...],
           only_reads: bool = False, roles: frozenset[str] = frozenset()) -> Callable[[View], View]:  # fmt: skip
    """A view for other programs: a token with the scope `reads`, for methods that change something `writes`.

    No cookie counts here, so no page of another site can make a browser act. `only_reads`: a POST that only asks.
    `roles`: for people who hold none of them it is as if it were not there, as pages are (`ui/access.py`); none: for
    all.
    """

    def wrap(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
            kind, _, key = request.headers.get("Authorization", "").partition(" ")
            found = directory.tokens.find(key.strip()) if kind.lower() == "bearer" and key.strip() else None
            if found is None:
                answer = refuse(401, "login", "没有令牌，或令牌不对、已作废、已到期")
                answer["WWW-Authenticate"] = "Bearer"
                return answer
            if request.method not in methods:
                answer = refuse(405, "not-supported", f"这个地址不支持 {request.method}")
                answer["Allow"] = ", ".join(methods)
                return answer
            wanted = writes if request.method in CHANGING and not only_reads else reads
            if wanted not in found.scopes:
                return refuse(403, "forbidden", f"令牌的范围不含 {wanted}，请系统管理员另发")
            if roles and not found.reach.has(roles):
                return refuse(404, "not-found", "地址不对，或者内容不在这个账号的范围内。")
            request.bearer = found  # type: ignore[attr-defined]
            answer = view(request, *args, **named)
            answer.setdefault("Cache-Control", "no-store, private")
            return answer

        checked.access = Access(token=True, methods=methods, roles=roles)  # type: ignore[attr-defined]
        return checked

    return wrap


def bearer(request: HttpRequest) -> directory.tokens.Bearer:
    """The bearer that `called` found."""
    return cast(directory.tokens.Bearer, request.bearer)  # type: ignore[attr-defined]
