"""What functions of norms give, for a form that somebody is filling in: nothing is stored, nobody is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from qingmiao.content.norm_function import Argument
from qingmiao.content.norms import NORMS
from qingmiao.forms.values import decimal_text
from qingmiao.kernel.misread import MisreadError
from qingmiao.kernel.number_texts import read_decimal
from qingmiao.site.web.ui.access import open_page
from qingmiao.site.web.ui.given import UnreadableError, json_body

CALLS = 60
"""Calls of one request at most; a browser sends fewer and asks again."""
LONGEST = 60
"""Characters of one argument at most."""


@csrf_exempt
@open_page("POST")
def compute(request: HttpRequest) -> JsonResponse:
    """``{"calls": [[name, [argument, …]], …]}`` → ``{"values": […]}``: a number is ``{"number": "0.1"}``, missing null.

    The same code judges the form when it is sent. Open to everybody, for a survey is answered without login. 400 for
    what no page of ours sends: an unknown function, a wrong number of arguments, a text that is no such value.
    """
    calls = json_body(request).get("calls")
    if not isinstance(calls, list) or len(calls) > CALLS:
        raise UnreadableError(f"一次最多计算 {CALLS} 项")
    return JsonResponse({"values": [_called(one) for one in calls]}, headers={"Cache-Control": "no-store"})


def _called(call: Any) -> Any:
    match call:
        case [str(name), list(given)] if name in NORMS and len(given) == len(NORMS[name].arguments):
            norm = NORMS[name]
            value = norm(*(_read(a, text) for a, text in zip(norm.arguments, given, strict=True)))
            return {"number": decimal_text(value)} if isinstance(value, Decimal) else value
    raise UnreadableError("没有这个函数，或参数的个数不对")


def _read(argument: Argument, given: Any) -> Any:
    if given is None or (isinstance(given, bool) and argument.kind == "boolean"):
        return given
    if not isinstance(given, str) or len(given) > LONGEST:
        raise UnreadableError(f"参数 {argument.name} 不是{argument.words}")
    try:
        return _READ[argument.kind](given)
    except (ValueError, MisreadError):
        raise UnreadableError(f"参数 {argument.name} 不是{argument.words}") from None


_READ: dict[str, Callable[[str], Any]] = {"text": str, "date": date.fromisoformat, "number": read_decimal}
