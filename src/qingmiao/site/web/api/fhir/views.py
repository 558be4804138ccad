"""The addresses under /fhir: each reads the request, makes one call, writes the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import wraps
from importlib.metadata import version
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict

from qingmiao.fhir.bundles import PageEntry, history, searchset
from qingmiao.fhir.capability import statement
from qingmiao.fhir.checking import check
from qingmiao.fhir.elements import RESOURCES
from qingmiao.fhir.issues import Issue, NotTakenError, outcome
from qingmiao.fhir.searching import PARAMETERS
from qingmiao.fhir.searching import read as read_search
from qingmiao.fhir.terminology import CodedList, expansion, looked_up, validated
from qingmiao.site.apps.directory.api import AbsentError
from qingmiao.site.web.api.bearer import bearer, called
from qingmiao.site.web.api.fhir import transactions
from qingmiao.site.web.api.fhir.acts import existing, fitting, operation, pairs_of, server_of, update
from qingmiao.site.web.api.fhir.answers import body, outcome_of, refused, said, wants_json
from qingmiao.site.web.api.fhir.definitions import lists
from qingmiao.site.web.api.fhir.served import SERVERS, Json, ResourceServer, writes
from qingmiao.site.web.ui.access import open_page

View = Callable[..., HttpResponse]
SINCE = "2026-11-27"
"""The day of this interface's present shape."""


def answering(*methods: str, only_reads: bool = False) -> Callable[[View], View]:
    """A view of the interface: a token, JSON, and every refusal as an outcome."""

    def wrap(view: View) -> View:
        @called(refused, reads="fhir.read", writes="fhir.write", methods=methods, only_reads=only_reads)
        @wraps(view)
        def answered(request: HttpRequest, *args: str, **named: str) -> HttpResponse:
            other = wants_json(request)
            if other is not None:
                return other
            try:
                return view(request, *args, **named)
            except Exception as error:
                status, words = outcome_of(error)
                return said(words, status=status)

        return answered

    return wrap


@open_page("GET")
def metadata(request: HttpRequest) -> HttpResponse:
    """What this server does; open, as the standard asks."""
    plain = [kind for kind, server in SERVERS.items() if not server.versioned]
    served = {kind: list(does) for kind, does in writes().items()}
    here = request.build_absolute_uri("/fhir")
    made = statement(address=here, version=version("qingmiao"), on=SINCE, writes=served, plain=plain)
    rest = made["rest"][0]
    rest["resource"] = [r for r in rest["resource"] if r["type"] in SERVERS]
    return said(made)


def address(request: HttpRequest, kind: str, id: str = "", number: str = "") -> str:
    """The full address of a type, a resource, a version."""
    path = f"/fhir/{kind}" + (f"/{id}" if id else "") + (f"/_history/{number}" if number else "")
    return request.build_absolute_uri(path)


@answering("POST")
def base(request: HttpRequest) -> HttpResponse:
    """A transaction (all or nothing) or a batch."""
    bundle = fitting(body(request), frozenset({"Bundle"}))
    return said(transactions.work_off(request, bundle))


@answering("GET", "POST")
def of_type(request: HttpRequest, kind: str) -> HttpResponse:
    """Search a type (GET), or make a resource (POST)."""
    server = server_of(kind)
    if request.method == "GET":
        return search(request, server, request.GET)
    return create(request, server, body(request))


@answering("POST", only_reads=True)
def posted_search(request: HttpRequest, kind: str) -> HttpResponse:
    """Search by POST: what is searched for stands in no address."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise NotTakenError(Issue("not-supported", "请用 Content-Type: application/x-www-form-urlencoded 发送"))
    given = QueryDict(mutable=True)
    for source in (request.GET, request.POST):
        for name, values in source.lists():
            given.setlistdefault(name).extend(values)
    return search(request, server_of(kind), given, posted=True)


def search(request: HttpRequest, server: ResourceServer, given: QueryDict, *, posted: bool = False) -> HttpResponse:
    """A page of a search."""
    lenient = "handling=lenient" in request.headers.get("Prefer", "").replace(" ", "")
    pairs = pairs_of(given)
    asked = read_search(server.kind, pairs, lenient=lenient, posted=posted)
    sheet = server.search(bearer(request).reach, asked)
    found = [PageEntry(address(request, server.kind, str(r["id"])), _cut(r, asked.elements)) for r in sheet.resources]
    found += _included(request, asked.include, sheet.resources)
    kept = [(n, v) for n, v in pairs if n != "_after"]
    query = "?" + urlencode(kept) if kept and not posted else ""
    links = {"self": address(request, server.kind) + query}
    if sheet.after:
        links["next"] = (
            address(request, server.kind) + "?" + urlencode([*([] if posted else kept), ("_after", sheet.after)])
        )
    if posted and sheet.after:
        del links["next"]  # what was asked must not stand in an address: the next page is asked for with `_after`
    left_out = outcome(asked.ignored) if asked.ignored else None
    if asked.summary == "count" or asked.count == 0:
        found, links = [], {"self": links["self"]}
    answer = searchset(found, links=links, total=sheet.total, outcome=left_out)
    if posted and sheet.after:
        answer["meta"] = {"tag": [{"system": "urn:qingmiao:after", "code": sheet.after}]}
    return said(answer)


def _included(request: HttpRequest, includes: Sequence[str], matches: Sequence[Json]) -> list[PageEntry]:
    """The resources that those found refer to, as far as the caller may see them."""
    reach, found = bearer(request).reach, {}
    for wanted in includes:
        element = wanted.partition(":")[2].partition(":")[0]
        for resource in matches:
            named = resource.get(element) or resource.get(_ELEMENTS.get(element, element)) or {}
            text = str(named.get("reference", ""))
            kind, _, id_ = text.partition("/")
            if kind in SERVERS and text not in found:
                try:
                    found[text] = SERVERS[kind].read(reach, id_)
                except AbsentError:
                    continue
    return [PageEntry(address(request, *t.split("/", 1)), r, True) for t, r in found.items()]


_ELEMENTS: Mapping[str, str] = {"patient": "subject", "organization": "managingOrganization"}


def _cut(resource: Json, elements: tuple[str, ...]) -> Json:
    """Only the elements that were asked for, and those that say what it is."""
    if not elements:
        return resource
    wanted = {"resourceType", "id", "meta", *elements}
    cut = {k: v for k, v in resource.items() if k in wanted}
    tag = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
    return cut | {"meta": {**cut.get("meta", {}), "tag": [tag]}}


def create(request: HttpRequest, server: ResourceServer, resource: Json) -> HttpResponse:
    """Make a resource; with If-None-Exist only where the search finds none."""
    fitting(resource, frozenset({server.kind}))
    condition = request.headers.get("If-None-Exist", "")
    if condition:
        there = existing(request, server, condition)
        if there is not None:
            return said(there)
    made = server.create(bearer(request).reach, resource, operation(request))
    where = address(request, server.kind, str(made["id"]), str(made["meta"]["versionId"]))
    return said(made, status=201, created=where)


@answering("GET", "PUT")
def one(request: HttpRequest, kind: str, id: str) -> HttpResponse:
    """Read a resource (GET), or change it (PUT with If-Match)."""
    server = server_of(kind)
    if request.method == "GET":
        found = server.read(bearer(request).reach, id)
        if request.headers.get("If-None-Match") == f'W/"{found.get("meta", {}).get("versionId")}"':
            return HttpResponse(status=304)
        return said(found)
    return said(update(request, server, id, body(request), request.headers.get("If-Match", "")))


@answering("GET")
def versions(request: HttpRequest, kind: str, id: str) -> HttpResponse:
    """All versions of a resource, newest first."""
    kept = server_of(kind).versions(bearer(request).reach, id)
    where = address(request, kind, id)
    listed = [(where, k.resource, k.method, k.moment) for k in kept]
    return said(history(listed, links={"self": where + "/_history"}, total=len(listed)))


@answering("GET")
def one_version(request: HttpRequest, kind: str, id: str, number: str) -> HttpResponse:
    """One version of a resource."""
    for kept in server_of(kind).versions(bearer(request).reach, id):
        if kept.resource is not None and str(kept.resource["meta"]["versionId"]) == number:
            return said(kept.resource)
    raise AbsentError("没有这个版本")


@answering("GET")
def everything(request: HttpRequest, id: str) -> HttpResponse:
    """A child's whole file, as far as the caller may see it."""
    reach, found = bearer(request).reach, []
    patient = server_of("Patient").read(reach, id)
    found.append(PageEntry(address(request, "Patient", id), patient))
    for kind, server in sorted(SERVERS.items()):
        if "patient" not in PARAMETERS.get(kind, {}):
            continue
        mark = ""
        while True:
            asked = read_search(kind, [("patient", f"Patient/{id}"), ("_count", "200"), ("_after", mark)])
            sheet = server.search(reach, asked)
            found += [PageEntry(address(request, kind, str(r["id"])), r) for r in sheet.resources]
            mark = sheet.after
            if not mark:
                break
    return said(searchset(found, links={"self": request.build_absolute_uri()}, total=len(found)))


@answering("POST", only_reads=True)
def validate(request: HttpRequest, kind: str = "") -> HttpResponse:
    """Whether a resource is one of R4; nothing is written."""
    given = body(request)
    if given.get("resourceType") == "Parameters":
        inside = [p.get("resource") for p in given.get("parameter", ()) if p.get("name") == "resource"]
        given = inside[0] if inside and isinstance(inside[0], dict) else given
    issues = check(given, kinds=frozenset({kind}) if kind else RESOURCES)
    return said(outcome(issues))


@answering("GET", "POST", only_reads=True)
def asked_of_codes(request: HttpRequest, kind: str, name: str, id: str = "") -> HttpResponse:
    """`$lookup` and `$validate-code` of a code system, `$expand` and `$validate-code` of a value set."""
    given = _parameters(request)
    codes = _code_list(kind, id, given)
    match kind, name:
        case "CodeSystem", "lookup":
            return said(looked_up(codes, given.get("code", "")))
        case _, "validate-code":
            return said(validated(codes, given.get("code", ""), given.get("display", "")))
        case "ValueSet", "expand":
            moment = datetime.now(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
            return said(expansion(codes, on=moment, text=given.get("filter", "")))
    raise NotTakenError(Issue("not-supported", f"{kind} 没有操作 ${name[:30]}"))


def _parameters(request: HttpRequest) -> dict[str, str]:
    """The plain parameters of an operation, from the address or from a Parameters resource."""
    if request.method == "GET":
        return {n: str(v) for n, v in request.GET.items()}
    found = {}
    for part in fitting(body(request), frozenset({"Parameters"})).get("parameter", ()):
        value = next((v for n, v in part.items() if n.startswith("value")), "")
        found[part["name"]] = str(value)
    return found


def _code_list(kind: str, id: str, given: Mapping[str, str]) -> CodedList:
    known = lists()
    if id:
        found = known.get(id)
    else:
        url = given.get("system") or given.get("url", "")
        found = next((c for c in known.values() if url in (c.url, f"{c.url}:all")), None)
    if found is None:
        raise AbsentError("没有这个代码表")
    return found
