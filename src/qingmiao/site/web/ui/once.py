"""A form that is sent twice is done once: its hidden id, and the answer to a second arrival.

`{% csrf_token %}` of our templates writes the id into every form; `page` asks here before it calls the view.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from qingmiao.site.apps.directory.api import operations
from qingmiao.site.web.ui.sessions import person

FIELD = "operation"
AGAIN = "again"
"""The parameter that lets the page say that the form had been done before."""
_ID = re.compile(r"[A-Za-z0-9_-]{16,40}")
_NOT_SAID = frozenset({FIELD, "csrfmiddlewaretoken"})


def new_id() -> str:
    """A random id for one showing of a form."""
    return secrets.token_urlsafe(16)


def shown_at(response: HttpResponse, address: str) -> HttpResponse:
    """For an answer that makes something without leading on (a password shown once): where a second arrival is led."""
    response.shown_at = address  # type: ignore[attr-defined]
    return response


def once(request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
    """Call the view, unless the very same form was done before: then lead to what came of it.

    The same is: person, address, id and everything in it, files too. What was sent by the button of a page taken back
    and changed is another operation. All that the view writes and the note of its result are one transaction, so of two
    at once the second waits; a refused form leaves nothing and may be sent again.
    """
    number = request.POST.get(FIELD, "") if request.method == "POST" and not _is_json(request) else ""
    if not _ID.fullmatch(number):
        return view()
    key = _key(request, number)
    with transaction.atomic():
        earlier = operations.begin(person(request), key, now=timezone.now())
        if earlier:
            return redirect(_again(earlier))
        response = view()
        done = response.status_code < 400
        where = (
            str(response.get("Location") or "") or response.get("HX-Redirect") or str(getattr(response, "shown_at", ""))
        )
        operations.end(key, where if done else "")
    return response


def _is_json(request: HttpRequest) -> bool:
    return request.content_type == "application/json"


def _key(request: HttpRequest, number: str) -> str:
    said = [(k, request.POST.getlist(k)) for k in sorted(request.POST) if k not in _NOT_SAID]
    made = hashlib.sha256(json.dumps([person(request).pk, request.get_full_path(), number, said]).encode())
    for name in sorted(request.FILES):
        for file in request.FILES.getlist(name):
            made.update(f"{name}\0{file.name}\0{file.size}\0".encode(errors="replace"))
            for chunk in file.chunks():
                made.update(chunk)
            file.seek(0)
    return made.hexdigest()


def _again(address: str) -> str:
    parts = urlsplit(address)
    query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k != AGAIN]
    return urlunsplit(parts._replace(query=urlencode([*query, (AGAIN, "1")])))
