"""How the interface writes its answers: resources with their version as ETag, refusals as OperationOutcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from qingmiao.fhir import texts
from qingmiao.fhir.issues import Issue, NotTakenError, outcome
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import ConflictError, NotAllowedError

KIND = "application/fhir+json; charset=utf-8"
TAKEN = frozenset({"application/fhir+json", "application/json", "text/json", ""})
STATUS: Mapping[str, int] = {
    "not-supported": 400, "not-found": 404, "conflict": 409, "multiple-matches": 412, "security": 400, "forbidden": 403,
    "too-long": 413, "business-rule": 422,
}  # fmt: skip
"""The code of the first issue → the status; any other is 400 for a request, 422 for a resource that does not fit."""


def said(resource: Mapping[str, Any], *, status: int = 200, created: str = "") -> HttpResponse:
    """A resource. `created`: the address of what was made."""
    answer = HttpResponse(texts.write(resource), status=status, content_type=KIND)
    meta = resource.get("meta", {})
    if "versionId" in meta:
        answer["ETag"] = f'W/"{meta["versionId"]}"'
    if created:
        answer["Location"] = created
    return answer


def refused(status: int, code: str, words: str) -> HttpResponse:
    """A refusal with one issue."""
    return said(outcome([Issue(code, words)]), status=status)


def outcome_of(error: Exception) -> tuple[int, dict[str, Any]]:
    """The status and the outcome of what went wrong; what is no refusal is raised again."""
    match error:
        case NotTakenError():
            code = error.issues[0].code
            return STATUS.get(code, 400 if code in ("structure", "too-costly") else 422), outcome(error.issues)
        case ConflictError():
            return 412, outcome([Issue("conflict", str(error))])
        case NotAllowedError():
            return 422, outcome([Issue("business-rule", str(error))])
        case Http404():
            return 404, outcome([Issue("not-found", "没有这个资源")])
        case UserError():
            return 422, outcome([Issue("business-rule", str(error))])
    raise error


def wants_json(request: HttpRequest) -> HttpResponse | None:
    """A refusal where the caller wants something else than JSON; None where JSON will do."""
    wanted = request.GET.get("_format") or request.headers.get("Accept", "*/*")
    plain = [part.partition(";")[0].strip().lower() for part in wanted.split(",")]
    known: Iterable[str] = (*TAKEN, "json", "*/*", "application/*")
    return None if set(plain) & set(known) else refused(406, "not-supported", "只有 JSON：application/fhir+json")


def body(request: HttpRequest) -> dict[str, Any]:
    """The resource that was sent. Raises NotTakenError."""
    if (request.content_type or "").lower() not in TAKEN:
        raise NotTakenError(Issue("not-supported", "请用 Content-Type: application/fhir+json 发送 JSON"))
    return texts.read(request.body)
