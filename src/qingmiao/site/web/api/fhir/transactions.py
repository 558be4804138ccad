"""Transactions (all or nothing, whatever order they are written in) and batches (each entry for itself)."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.http import HttpRequest, QueryDict

from qingmiao.fhir.bundles import TransactionEntry, answered, asked, pointed
from qingmiao.fhir.issues import Issue, NotTakenError
from qingmiao.fhir.searching import read as read_search
from qingmiao.site.web.api.bearer import bearer
from qingmiao.site.web.api.fhir.acts import existing, operation, pairs_of, server_of, update
from qingmiao.site.web.api.fhir.answers import outcome_of
from qingmiao.site.web.api.fhir.served import Json, ResourceServer

MOST = 500
"""Entries of one bundle at most."""
RANK = ("Patient", "RelatedPerson", "Encounter", "QuestionnaireResponse")
"""Of what is made in one transaction, what others refer to comes first."""


def work_off(request: HttpRequest, bundle: Json) -> Json:
    """The answer to a bundle. Raises NotTakenError, and whatever an entry of a transaction is refused with."""
    kind = bundle["type"]
    if kind not in ("transaction", "batch"):
        raise NotTakenError(Issue("not-supported", "这里只接受 transaction 和 batch", "Bundle.type"))
    entries = asked(bundle)
    if len(entries) > MOST:
        raise NotTakenError(Issue("too-costly", f"一次最多 {MOST} 条，这里有 {len(entries)} 条，请分几次"))
    if any(e.method not in ("GET",) for e in entries) and "fhir.write" not in bearer(request).scopes:
        raise NotTakenError(Issue("forbidden", "令牌的范围不含 fhir.write"))
    answers: dict[int, Json] = {}
    if kind == "batch":
        for entry in entries:
            answers[entry.number] = _alone(request, entry)
        return answered(kind, [answers[n] for n in sorted(answers)])
    names: dict[str, str] = {}
    with transaction.atomic():
        for entry in sorted(entries, key=lambda e: (entries.index(e) if e.method != "POST" else 0, _rank(e))):
            try:
                answers[entry.number] = _done(request, entry, names)
            except NotTakenError as error:
                place = f"Bundle.entry[{entry.number}]"
                told = [
                    Issue(i.code, i.words, f"{place}.resource（{i.where}）" if i.where else place) for i in error.issues
                ]
                raise NotTakenError(*told) from error
    return answered(kind, [answers[n] for n in sorted(answers)])


def _rank(entry: TransactionEntry) -> int:
    return RANK.index(entry.kind) if entry.kind in RANK else len(RANK)


def _alone(request: HttpRequest, entry: TransactionEntry) -> Json:
    try:
        with transaction.atomic():
            return _done(request, entry, {})
    except Exception as error:
        status, words = outcome_of(error)
        return {"response": {"status": str(status), "outcome": words}}


def _done(request: HttpRequest, entry: TransactionEntry, names: dict[str, str]) -> Json:
    server = server_of(entry.kind)
    reach = bearer(request).reach
    own = operation(request)
    key = hashlib.sha256(f"{own}-{entry.number}".encode()).hexdigest() if own else ""
    resource: Json = pointed(entry.resource, names) if entry.resource is not None else {}
    match entry.method:
        case "POST":
            there = existing(request, server, entry.if_none_exist) if entry.if_none_exist else None
            made = there if there is not None else server.create(reach, resource, key)
            status = "200" if there is not None else "201"
            if entry.name:
                names[entry.name] = f"{entry.kind}/{made['id']}"
        case "PUT":
            made, status = update(request, server, entry.id, resource, entry.if_match), "200"
        case "GET":
            made, status = _read(request, server, entry), "200"
        case _:
            raise NotTakenError(Issue("not-supported", f"不支持 {entry.method}"))
    answer: Json = {"status": status}
    if "versionId" in made.get("meta", {}):
        number = made["meta"]["versionId"]
        answer["etag"] = f'W/"{number}"'
        if entry.method != "GET":
            answer["location"] = f"{entry.kind}/{made['id']}/_history/{number}"
    return {"resource": made, "response": answer}


def _read(request: HttpRequest, server: ResourceServer, entry: TransactionEntry) -> Json:
    reach = bearer(request).reach
    if entry.id:
        return server.read(reach, entry.id)
    sheet = server.search(reach, read_search(server.kind, pairs_of(QueryDict(entry.query))))
    found = [
        {"fullUrl": f"{server.kind}/{r['id']}", "resource": r, "search": {"mode": "match"}} for r in sheet.resources
    ]
    page: Json = {"resourceType": "Bundle", "type": "searchset"}
    return page | ({"total": sheet.total} if sheet.total is not None else {}) | ({"entry": found} if found else {})
