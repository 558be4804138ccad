"""What a write and a look-up go through, alone or in a bundle: the server of a type, conditions, versions."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, QueryDict

from qingmiao.fhir.checking import check
from qingmiao.fhir.issues import Issue, NotTakenError
from qingmiao.fhir.searching import read as read_search
from qingmiao.site.web.api.bearer import bearer
from qingmiao.site.web.api.fhir.served import SERVERS, Json, ResourceServer


def server_of(kind: str) -> ResourceServer:
    """Who answers for a type. Raises NotTakenError for one that is not spoken."""
    if kind not in SERVERS:
        raise NotTakenError(Issue("not-supported", f"不提供资源类型“{kind[:40]}”；见 /fhir/metadata"))
    return SERVERS[kind]


def operation(request: HttpRequest) -> str:
    """The caller's own id of this write, by which a second arrival changes nothing; "" where none was given."""
    key = request.headers.get("X-Operation-Id", "").strip()
    if key and not (8 <= len(key) <= 64 and key.isascii() and key.isprintable()):
        raise NotTakenError(Issue("value", "X-Operation-Id 要是 8 到 64 个可见的 ASCII 字符"))
    return hashlib.sha256(f"fhir-{bearer(request).number}-{key}".encode()).hexdigest() if key else ""


def pairs_of(given: QueryDict) -> list[tuple[str, str]]:
    """Every parameter with each of its values."""
    return [(name, str(value)) for name, values in given.lists() for value in values]


def existing(request: HttpRequest, server: ResourceServer, condition: str) -> Json | None:
    """The one resource that a condition finds. Raises NotTakenError where it finds several."""
    pairs = pairs_of(QueryDict(condition.lstrip("?")))
    if not pairs:
        raise NotTakenError(Issue("value", "If-None-Exist 没有写查询条件"))
    found = server.search(bearer(request).reach, read_search(server.kind, pairs, posted=True)).resources
    if len(found) > 1:
        raise NotTakenError(Issue("multiple-matches", f"条件查到了 {len(found)} 个，不能确定是哪一个"))
    return found[0] if found else None


def update(request: HttpRequest, server: ResourceServer, id: str, resource: Json, match: str) -> Json:
    """Change a resource that stands as the caller saw it."""
    fitting(resource, frozenset({server.kind}))
    if resource.get("id") != id:
        raise NotTakenError(Issue("value", "资源里的 id 要和地址里的一样", f"{server.kind}.id"))
    seen = match.strip().removeprefix("W/").strip('"')
    if not seen:
        raise NotTakenError(Issue("structure", '修改要带 If-Match: W/"版本"，写您看到的版本'))
    return server.update(bearer(request).reach, id, seen, resource, operation(request))


def fitting(resource: Json, kinds: frozenset[str]) -> Json:
    """The resource. Raises NotTakenError with everything that is wrong with it."""
    wrong = [i for i in check(resource, kinds=kinds) if i.severity == "error"]
    if wrong:
        raise NotTakenError(*wrong)
    return resource
