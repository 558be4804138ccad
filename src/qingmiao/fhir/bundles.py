"""Bundles: pages of a search, a resource's history, the answer to a transaction; a transaction read in its order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qingmiao.fhir.issues import Issue, NotTakenError

Json = dict[str, Any]
ORDER = ("DELETE", "POST", "PUT", "PATCH", "GET", "HEAD")
"""In which order a transaction's entries are worked off, by the standard."""


@dataclass(frozen=True)
class PageEntry:
    """A resource on a page of a search; `included`: not asked for itself, but belongs to one that was."""

    address: str
    resource: Json
    included: bool = False


def searchset(found: Iterable[PageEntry], *, links: Mapping[str, str], total: int | None = None,
              outcome: Json | None = None) -> Json:  # fmt: skip
    """A page of a search. `links`: relation (self, next) → address; `outcome`: what was left out of the question."""
    entries: list[Json] = [
        {
            "fullUrl": f.address,
            "resource": f.resource,
            "search": {"mode": "include" if f.included else "match"},
        }
        for f in found
    ]
    if outcome is not None:
        entries.append({"resource": outcome, "search": {"mode": "outcome"}})
    return _bundle("searchset", entries, links, total)


def history(versions: Iterable[tuple[str, Json | None, str, str]], *, links: Mapping[str, str], total: int) -> Json:
    """Versions, newest first: (address without version, resource or None when it was taken away, method, moment)."""
    entries = []
    for address, resource, method, moment in versions:
        version = str((resource or {}).get("meta", {}).get("versionId", ""))
        answer = {"status": {"POST": "201", "DELETE": "204"}.get(method, "200"), "lastModified": moment}
        if version:
            answer["etag"] = f'W/"{version}"'
        one: Json = {"fullUrl": address}
        if resource is not None:
            one["resource"] = resource
        kind = "/".join(address.rstrip("/").split("/")[-2:])
        entries.append(one | {"request": {"method": method, "url": kind}, "response": answer})
    return _bundle("history", entries, links, total)


def _bundle(kind: str, entries: list[Json], links: Mapping[str, str], total: int | None) -> Json:
    made: Json = {"resourceType": "Bundle", "type": kind}
    if total is not None:
        made["total"] = total
    made["link"] = [{"relation": r, "url": u} for r, u in links.items() if u]
    return made | ({"entry": entries} if entries else {})


@dataclass(frozen=True)
class TransactionEntry:
    """One entry of a transaction: where it stands in the bundle, what is asked, with what."""

    number: int
    method: str
    kind: str
    id: str
    query: str
    resource: Json | None
    name: str
    """Its `fullUrl`, by which other entries may refer to it."""
    if_match: str = ""
    if_none_exist: str = ""


def asked(bundle: Mapping[str, Any]) -> list[TransactionEntry]:
    """The entries of a transaction or batch in their order of working. Raises NotTakenError where one is unclear."""
    found = []
    for number, entry in enumerate(bundle.get("entry", ())):
        request, place = entry["request"], f"Bundle.entry[{number}].request"
        method, (path, _, query) = str(request["method"]), str(request["url"]).partition("?")
        parts = [p for p in path.split("/") if p]
        if not parts or len(parts) > 2 or (method == "POST" and len(parts) != 1):
            raise NotTakenError(Issue("value", f"不能这样写：{method} {path[:60]}", place))
        resource = entry.get("resource")
        if (resource is None) == (method in ("POST", "PUT")):
            raise NotTakenError(Issue("structure", f"{method} {'要' if resource is None else '不'}带资源", place))
        if resource is not None and resource.get("resourceType") != parts[0]:
            raise NotTakenError(Issue("value", "地址里的类型和资源的类型不同", place))
        found.append(
            TransactionEntry(
                number,
                method,
                parts[0],
                parts[1] if len(parts) > 1 else "",
                query,
                resource,
                str(entry.get("fullUrl", "")),
                str(request.get("ifMatch", "")),
                str(request.get("ifNoneExist", "")),
            )
        )
    return sorted(found, key=lambda a: (ORDER.index(a.method) if a.method in ORDER else len(ORDER), a.number))


def pointed(value: Any, names: Mapping[str, str]) -> Any:
    """A resource whose references by `fullUrl` lead to what was made of those entries."""
    if isinstance(value, Mapping):
        return {
            k: names.get(v, v) if k == "reference" and isinstance(v, str) else pointed(v, names)
            for k, v in value.items()
        }
    return [pointed(v, names) for v in value] if isinstance(value, list) else value


def answered(kind: str, answers: Sequence[Json]) -> Json:
    """The answer to a transaction or batch, one entry a question, in the order of the question."""
    return {"resourceType": "Bundle", "type": f"{kind}-response", "entry": list(answers)}
