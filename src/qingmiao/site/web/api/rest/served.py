"""The interface: its parts with the roles that open them, its addresses, and its document (OpenAPI 3.1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, re_path
from ninja import NinjaAPI, Router
from ninja.operation import Operation
from ninja.parser import Parser

from qingmiao.site.apps.directory.api import WORKING
from qingmiao.site.web.api.bearer import View, called
from qingmiao.site.web.api.rest import (
    documents,
    figures,
    filings,
    own,
    pairs,
    plan,
    problems,
    registering,
    warned,
    work,
)
from qingmiao.site.web.ui.access import open_page
from qingmiao.site.web.ui.given import json_body

BASE = "/api/v1"
PARTS: tuple[tuple[Router, frozenset[str]], ...] = (
    (own.router, frozenset()), (plan.router, frozenset()), (figures.router, WORKING), (warned.router, WORKING),
    (work.router, WORKING), (filings.router, WORKING), (documents.router, WORKING),
    (registering.router, WORKING), (pairs.router, WORKING),
)  # fmt: skip
"""Each part with the roles that open it (none: everybody with a token), as its pages are opened."""
SCOPED = {"/requests/{number}/copy": "rest.copy"}
"""Addresses whose reading asks for a scope of its own: a guardian's copy holds all numbers in full."""
ASKS = frozenset({"/children/search"})
"""Addresses whose POST only asks: what is looked for must stand in no address."""
SAID = {
    400: "请求读不懂。The request cannot be read.",
    401: "没有令牌，或令牌不对、已作废、已到期。No token, or one that is wrong, revoked or expired.",
    403: "令牌的范围不够。The token's scopes do not suffice.",
    404: "没有，或者不在这个账号的范围内。Not there, or out of the account's reach.",
    409: "已有人先办理，注明姓名和时间。Somebody was first: who and when.",
    422: "内容不合规定，或者现在不能这样办。Not as it must be, or not possible now.",
}
ABOUT = """儿童发展信息系统供其他程序使用的接口。令牌由系统管理员用 `qingmiao token` 发放，代表一个账号，权限与该账号相同。
写入要带 `X-Operation-Id`（调用方生成的编号，重复到达不再写入）和看到的版本。健康档案另见 `/fhir`。

The interface of a children's-development information system for other programs. A token stands for one account and
opens what that account opens. A write carries `X-Operation-Id` (made by the caller; a second arrival changes nothing)
and the version that was seen. Health records: see `/fhir`."""


class BodyReader(Parser):
    """Reads a body as pages do: an object of JSON without NUL, not too deep."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        """The body. Raises UnreadableError; RestError for another kind of content."""
        if request.content_type != "application/json":
            raise problems.RestError(415, "请用 Content-Type: application/json 发送 JSON")
        return json_body(request)


class RestInterface(NinjaAPI):
    """The interface; an operation is called as its function."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The function's name."""
        return operation.view_func.__name__


def _made() -> RestInterface:
    api = RestInterface(
        title="青苗 REST", version="1", description=ABOUT, openapi_url=None, docs_url=None, parser=BodyReader()
    )
    for router, _ in PARTS:
        api.add_router("", router)
    problems.register(api)
    return api


API = _made()


def document() -> dict[str, Any]:
    """The interface as OpenAPI 3.1, with the token and every refusal."""
    found: dict[str, Any] = json.loads(json.dumps(API.get_openapi_schema(path_prefix=BASE)))
    parts = found["components"]
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    problem = problems.ProblemShape.model_json_schema(ref_template="#/components/schemas/{model}")
    parts["schemas"] |= {**problem.pop("$defs"), "ProblemShape": problem}
    content = {problems.KIND: {"schema": {"$ref": "#/components/schemas/ProblemShape"}}}
    refusals = {str(status): {"description": words, "content": content} for status, words in SAID.items()}
    refusals["default"] = {"description": "其他拒绝。Any other refusal.", "content": content}
    for methods in found["paths"].values():
        for said in methods.values():
            said["security"] = [{"token": []}]
            said["responses"] |= refusals
    found["servers"] = [{"url": "/"}]
    return found


def text() -> str:
    """The document as it is served and committed."""
    return json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


@open_page("GET")
def openapi(request: HttpRequest) -> HttpResponse:
    """The document: nothing in it is anybody's."""
    return HttpResponse(text(), content_type="application/json; charset=utf-8")


@called(problems.refused, reads="rest.read", writes="rest.write",
        methods=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"))  # fmt: skip
def nothing(request: HttpRequest) -> HttpResponse:
    """An address that is none."""
    return problems.said(problems.problem_of(Http404()))


def _asked_well(view: View, queries: Mapping[str, frozenset[str]]) -> View:
    """A view that refuses a query that it does not know: a mistyped one would be passed over in silence.

    `queries`: method → the names that it knows.
    """

    def checked(request: HttpRequest, *args: Any, **named: Any) -> HttpResponse:
        known = queries.get(request.method or "", frozenset())
        unknown = [
            problems.FaultShape(where=f"查询 {name[:60]}", message="没有这个查询条件")
            for name in request.GET
            if name not in known
        ]
        if unknown:
            told = f"可以用的查询条件：{'、'.join(sorted(known))}。" if known else "这个地址没有查询条件。"
            return problems.said(problems.RestError(422, told, unknown).problem)
        return view(request, *args, **named)

    return checked


def _routes() -> Mapping[str, frozenset[str]]:
    """Route of a part → the roles that open it."""
    return {route: roles for router, roles in PARTS for route in router.path_operations}


def _addresses() -> list[URLPattern]:
    """One address a route, each called with a token."""
    listed = [p for p in API.urls[0] if isinstance(p, URLPattern)]
    views = {str(p.pattern): p for p in reversed(listed)}  # of two methods at one address, the first names it
    made, described = [], API.get_openapi_schema(path_prefix="")["paths"]
    for route, roles in _routes().items():
        said = described[f"/{route.lstrip('/')}"]
        queries = {
            method.upper(): frozenset(p["name"] for p in of.get("parameters", ()) if p["in"] == "query")
            for method, of in said.items()
        }
        pattern = views[route.lstrip("/").replace("{", "<").replace("}", ">")]
        view = called(
            problems.refused, reads=SCOPED.get(route, "rest.read"), writes="rest.write", methods=tuple(queries),
            roles=roles, only_reads=route in ASKS,
        )  # fmt: skip
        made.append(
            path(
                str(pattern.pattern),
                view(_asked_well(cast(View, pattern.callback), queries)),
                name=f"rest.{pattern.name}",
            )
        )
    return made


urlpatterns = [
    path("openapi.json", openapi, name="rest.openapi"),
    *_addresses(),
    re_path(r"^.*$", nothing, name="rest.nothing"),
]
