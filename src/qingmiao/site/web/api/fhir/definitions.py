"""What the pack defines: forms as Questionnaires, code lists as CodeSystem and ValueSet; units as Organizations."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from qingmiao.content.codes import CodeList
from qingmiao.fhir.issues import Issue, NotTakenError
from qingmiao.fhir.searching import Filter, Search
from qingmiao.fhir.terminology import CodedList, code_system, value_set
from qingmiao.forms.questionnaire import questionnaire
from qingmiao.forms.ready import prepare
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.api import AbsentError, Reach
from qingmiao.site.web.api.fhir.served import Json, Kept, ResourcePage, register


def coded(codes: CodeList) -> CodedList:
    """A code list as terminology has it."""
    words = {i.code: (i.label.zh, i.label.en or "") for i in codes.items}
    return CodedList(codes.id, codes.label.zh, words)


def lists() -> Mapping[str, CodedList]:
    """Resource id → code list of the pack."""
    return {c.id.replace("_", "-"): coded(c) for c in site_pack.pack().codes.values()}


@cache
def _made(kind: str, digest: str) -> Mapping[str, Json]:
    pack = site_pack.pack()
    made: Iterable[tuple[str, Json]]
    if kind == "Questionnaire":
        made = ((_plain(form), questionnaire(prepare(pack, form))) for form in pack.forms)
    else:
        make = code_system if kind == "CodeSystem" else value_set
        made = ((of, make(codes)) for of, codes in lists().items())
    found = {}
    for id_, resource in made:
        tag = hashlib.sha256(repr(resource).encode()).hexdigest()[:12]
        body = {k: v for k, v in resource.items() if k not in ("resourceType", "id")}
        found[id_] = {"resourceType": kind, "id": id_, "meta": {"versionId": tag}, **body}
    return found


def _plain(name: str) -> str:
    return name.replace("_", "-")


class Definitions:
    """One type of what the pack defines; read and searched by all who have a token."""

    versioned = False
    writes: tuple[str, ...] = ()

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def all(self, reach: Reach) -> Mapping[str, Json]:
        """Every one, by its id."""
        return _made(self.kind, site_pack.pack().digest)

    def read(self, reach: Reach, id: str) -> Json:
        """One."""
        found = self.all(reach).get(id)
        if found is None:
            raise AbsentError("没有这个资源")
        return found

    def versions(self, reach: Reach, id: str) -> Sequence[Kept]:
        """The present one alone."""
        raise AbsentError("没有历史")

    def search(self, reach: Reach, asked: Search) -> ResourcePage:
        """Those that every filter takes, by id."""
        found = [r for _, r in sorted(self.all(reach).items()) if all(_takes(f, r) for f in asked.filters)]
        later = [r for r in found if r["id"] > asked.after]
        page = later[: asked.count]
        mark = str(page[-1]["id"]) if page and len(later) > len(page) else ""
        return ResourcePage(page, mark, len(found))

    def create(self, reach: Reach, resource: Json, operation: str) -> Json:
        """Not here."""
        raise NotTakenError(Issue("not-supported", f"{self.kind} 由内容包定义，不能从接口写入"))

    def update(self, reach: Reach, id: str, version: str, resource: Json, operation: str) -> Json:
        """Not here."""
        return self.create(reach, resource, operation)


class Units(Definitions):
    """The site's units."""

    def all(self, reach: Reach) -> Mapping[str, Json]:
        """Units in use, by their ids."""
        return {
            _plain(u.id): {
                "resourceType": "Organization",
                "id": _plain(u.id),
                "identifier": [{"system": "urn:qingmiao:unit", "value": u.id}],
                "active": True,
                "name": u.label.zh,
            }
            for u in site_pack.pack().organisations.values()
        }


_FIELDS = {"url": "url", "version": "version", "name": "name", "title": "title", "status": "status", "active": "active"}


def _takes(one: Filter, resource: Json) -> bool:
    value: Any = resource.get(_FIELDS.get(one.name, ""))
    if one.name == "_id":
        return any(t.code == resource["id"] for t in one.tokens)
    if one.name == "identifier":
        given = {(i["system"], i["value"]) for i in resource.get("identifier", ())}
        return any((t.system in (None, s)) and t.code == v for t in one.tokens for s, v in given)
    if one.missing is not None:
        return (value is None) == one.missing
    if value is None:
        return False
    if one.kind == "token":
        words = str(value).lower() if isinstance(value, bool) else str(value)
        return any(t.code == words for t in one.tokens) != (one.modifier == "not")
    if one.kind == "string":
        return any(_reads(str(value), text, one.modifier) for text in one.texts)
    return str(value) in one.texts


def _reads(value: str, text: str, modifier: str) -> bool:
    if modifier == "exact":
        return value == text
    low, wanted = value.casefold(), text.casefold()
    return wanted in low if modifier == "contains" else low.startswith(wanted)


for _kind in ("Questionnaire", "CodeSystem", "ValueSet"):
    register(Definitions(_kind))
register(Units("Organization"))
