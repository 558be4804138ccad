"""Children as Patients, their grown-ups as RelatedPersons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from qingmiao.fhir.issues import Issue, NotTakenError
from qingmiao.fhir.searching import Filter, Search
from qingmiao.identity.names import read_name
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory.api import AbsentError, Reach
from qingmiao.site.apps.records import api as records
from qingmiao.site.apps.records.api import CHILD_SYSTEM, ChildSaid, RelativeSaid
from qingmiao.site.web.api.fhir.parts import concept, instant, meta, number_of, reference, referred, said_reason
from qingmiao.site.web.api.fhir.served import Json, Kept, ResourcePage, register

SYSTEMS = {
    "citizen": "urn:oid:2.16.156.10011.1.3",
    "permit": "urn:qingmiao:residence-permit",
    "foreign": "urn:qingmiao:foreign-permanent-resident",
    "foreign_old": "urn:qingmiao:foreign-permanent-resident-15",
    "passport": "urn:qingmiao:passport",
}
"""The kind of an identity number → its system."""
CERTIFICATE = "urn:qingmiao:birth-certificate"
AREA = "urn:qingmiao:area"
"""The extension of an address that holds the code of its area (6, 9 or 12 digits)."""
CERTAINTY = "urn:qingmiao:birth-certainty"
GENDER = {"M": "male", "F": "female"}
CODES = {"male": "M", "female": "F"}
LENGTHS = {"month": 7, "year": 4}


def patient(c: ChildSaid) -> Json:
    """A child as one version of its file says."""
    read = read_name(c.name)
    family, given = "".join(read.family), "".join(read.given)
    names: list[Json] = [{"use": "official", "text": c.name} | ({"family": family} if family else {})]
    if given and family:
        names[0]["given"] = [given]
    names += [{"use": "old", "text": n} for n in c.former_names]
    numbers: list[Json] = [{"use": "usual", "system": CHILD_SYSTEM, "value": str(c.number)}]
    if c.id_number and c.papers in SYSTEMS:
        numbers.append({"use": "official", "system": SYSTEMS[c.papers], "value": c.id_number})
    if c.certificate:
        numbers.append({"use": "secondary", "system": CERTIFICATE, "value": c.certificate})
    found: Json = {
        "resourceType": "Patient", "id": str(c.number), "meta": meta(c.version, c.at), "identifier": numbers,
        "active": c.state == "here", "name": names, "gender": GENDER.get(c.sex, "unknown"),
        "birthDate": c.birth_date.isoformat()[: LENGTHS.get(c.certainty, 10)],
    }  # fmt: skip
    if c.certainty in ("estimated", "lunar"):
        found["_birthDate"] = {"extension": [{"url": CERTAINTY, "valueCode": c.certainty}]}
    if c.state == "died":
        found |= {"deceasedDateTime": c.left_date.isoformat()} if c.left_date else {"deceasedBoolean": True}
    place = [{"url": AREA, "valueCode": c.area}]
    found["address"] = [{"extension": place, "use": "home", "text": f"{c.area_name}{c.village}"}]
    found["managingOrganization"] = reference("Organization", c.unit)
    if c.merged_into:
        found["link"] = [{"other": reference("Patient", c.merged_into), "type": "replaced-by"}]
    return found


def related(r: RelativeSaid) -> Json:
    """A grown-up of a child's family."""
    found: Json = {
        "resourceType": "RelatedPerson", "id": str(r.number), "meta": {"versionId": "2" if r.to_date else "1"},
        "active": r.to_date is None, "patient": reference("Patient", r.child),
        "relationship": [concept("urn:qingmiao:codes:kinship", r.kind, r.label)], "name": [{"text": r.name}],
    }  # fmt: skip
    if r.guardian:
        found["relationship"].append(
            {"coding": [{"system": ROLE, "code": "GUARD", "display": "guardian"}], "text": "监护人"}
        )
    if r.phone:
        found["telecom"] = [{"system": "phone", "value": r.phone}]
    found["period"] = {"start": r.from_date.isoformat()} | ({"end": r.to_date.isoformat()} if r.to_date else {})
    return found


ROLE = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"


def identity_of(resource: Json) -> records.IdentityGiven:
    """Who a Patient is, as a form of a page would give it. Raises NotTakenError and UserError in words."""
    names = [n for n in resource.get("name", ()) if n.get("use") != "old"]
    if len(names) != 1:
        raise NotTakenError(Issue("business-rule", "请写一个现用姓名", "Patient.name"))
    written = str(resource.get("birthDate", ""))
    if not written:
        raise NotTakenError(Issue("required", "请写出生日期；只知道年月的写年月", "Patient.birthDate"))
    certainty = {4: "year", 7: "month"}.get(len(written), "day")
    for one in resource.get("_birthDate", {}).get("extension", ()):
        certainty = str(one.get("valueCode", certainty)) if one.get("url") == CERTAINTY else certainty
    numbers = {str(i.get("system", "")): str(i.get("value", "")) for i in resource.get("identifier", ())}
    papers = [numbers[s] for s in SYSTEMS.values() if numbers.get(s)]
    if len(papers) > 1:
        raise NotTakenError(Issue("business-rule", "证件号码只写一种", "Patient.identifier"))
    old = [_text(n) for n in resource.get("name", ()) if n.get("use") == "old"]
    return records.given.identity(
        name=_text(names[0]), sex=CODES.get(str(resource.get("gender", "")), ""),
        birth_date=written + "0001-01-01"[len(written) :], certainty=certainty, number=papers[0] if papers else "",
        certificate=numbers.get(CERTIFICATE, ""), former="、".join(old),
    )  # fmt: skip


def _text(name: Json) -> str:
    return str(name.get("text") or str(name.get("family", "")) + "".join(name.get("given", ())))


def _home(resource: Json) -> records.StayGiven:
    for address in resource.get("address", ()):
        for one in address.get("extension", ()):
            if one.get("url") == AREA:
                return records.given.stay(
                    kind="residence", area=str(one.get("valueCode", "")), village=str(address.get("city", "")),
                    address="".join(address.get("line", ())), from_date=timezone.localdate().isoformat(),
                )  # fmt: skip
    words = f"现住址要在 address.extension 里写区划代码（{AREA}，valueCode）"
    raise NotTakenError(Issue("required", words, "Patient.address"))


class Patients:
    """Children, for whoever keeps files or reads them."""

    kind, versioned = "Patient", True
    writes: tuple[str, ...] = ("create", "update")

    def read(self, reach: Reach, id: str) -> Json:
        """One child."""
        return patient(records.exchange.child(reach, number_of(id)))

    def versions(self, reach: Reach, id: str) -> Sequence[Kept]:
        """Every identity that the file had."""
        said = records.exchange.child_versions(reach, number_of(id))
        return [Kept(patient(c), "PUT" if n < len(said) - 1 else "POST", instant(c.at)) for n, c in enumerate(said)]

    def search(self, reach: Reach, asked: Search) -> ResourcePage:
        """A page of children."""
        said, mark = records.exchange.children(reach, asked)
        return ResourcePage([patient(c) for c in said], mark)

    def create(self, reach: Reach, resource: Json, operation: str) -> Json:
        """Register a child at the caller's own unit."""
        identity, home, reason = identity_of(resource), _home(resource), said_reason(resource)
        number = once(reach, operation, lambda: records.register(reach, identity, stays=(home,), reason=reason))
        return self.read(reach, str(number))

    def update(self, reach: Reach, id: str, version: str, resource: Json, operation: str) -> Json:
        """Correct who a child is. Where it lives and goes to school is said on the pages."""
        number, identity = number_of(id), identity_of(resource)
        reason = said_reason(resource) or "由接口更正身份信息"

        def act() -> int:
            records.amend(reach, number, version=number_of(version), identity=identity, reason=reason)
            return number

        once(reach, operation, act)
        return self.read(reach, id)


def once(reach: Reach, operation: str, act: Any) -> int:
    """Do something once: the same operation a second time gives the number that the first gave."""
    if not operation:
        return int(act())
    with transaction.atomic():
        there = directory.operations.begin(reach.person, operation, now=timezone.now())
        if there:
            return int(there)
        number = int(act())
        directory.operations.end(operation, str(number))
    return number


class Relatives:
    """Grown-ups of children's families."""

    kind, versioned = "RelatedPerson", False
    writes: tuple[str, ...] = ("create",)

    def read(self, reach: Reach, id: str) -> Json:
        """One relation."""
        return related(records.exchange.relative(reach, number_of(id)))

    def versions(self, reach: Reach, id: str) -> Sequence[Kept]:
        """None are kept."""
        raise AbsentError("没有历史")

    def search(self, reach: Reach, asked: Search) -> ResourcePage:
        """A page of relations."""
        said, mark = records.exchange.relatives(reach, asked)
        return ResourcePage([related(r) for r in said], mark)

    def create(self, reach: Reach, resource: Json, operation: str) -> Json:
        """A relative more in a child's file."""
        number = referred(resource["patient"], "Patient", "RelatedPerson.patient")
        codes = [c for x in resource.get("relationship", ()) for c in x.get("coding", ())]
        kind = next((str(c.get("code")) for c in codes if str(c.get("system", "")).endswith("codes:kinship")), "")
        names, calls = resource.get("name", ()), [t for t in resource.get("telecom", ()) if t.get("system") == "phone"]
        said = records.given.relative(
            name=_text(names[0]) if names else "", kind=kind, number="",
            phone=str(calls[0].get("value", "")) if calls else "",
            guardian=any(c.get("code") == "GUARD" for c in codes),
            carer=False, sealed=False, from_date=str(resource.get("period", {}).get("start", "")) or _today(),
        )  # fmt: skip
        child = records.exchange.child(reach, number)
        before = {r.number for r in _of(reach, number)}

        def act() -> int:
            records.move(reach, number, "relate", version=child.version, said={"relative": said})
            return next(iter({r.number for r in _of(reach, number)} - before), 0)

        made = once(reach, operation, act)
        if not made:
            raise NotTakenError(Issue("duplicate", "这名亲属已经登记在这份档案里"))
        return self.read(reach, str(made))

    def update(self, reach: Reach, id: str, version: str, resource: Json, operation: str) -> Json:
        """Not here."""
        raise NotTakenError(Issue("not-supported", "亲属关系的变更请在页面上办"))


def _today() -> str:
    today: date = timezone.localdate()
    return today.isoformat()


def _of(reach: Reach, number: int) -> list[RelativeSaid]:
    asked = Search("RelatedPerson", (Filter("patient", "reference", "", (f"Patient/{number}",)),), count=200)
    return records.exchange.relatives(reach, asked)[0]


register(Patients())
register(Relatives())
