"""What was found and is followed up: as a Condition, and as a ServiceRequest for who is to follow it."""

from __future__ import annotations

from collections.abc import Sequence

from qingmiao.fhir.issues import Issue, NotTakenError
from qingmiao.fhir.searching import Search
from qingmiao.site.apps.directory.api import AbsentError, Reach
from qingmiao.site.apps.records import api as records
from qingmiao.site.apps.records.api import FindingSaid
from qingmiao.site.web.api.fhir.parts import concept, instant, number_of, reference
from qingmiao.site.web.api.fhir.served import Json, Kept, ResourcePage, register

FINDING = "urn:qingmiao:finding"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"


def condition(f: FindingSaid) -> Json:
    """The finding."""
    status = "resolved" if f.closed_on else "active"
    found: Json = {
        "resourceType": "Condition", "id": str(f.number),
        "meta": {"versionId": "2" if f.closed_on else "1", "lastUpdated": instant(f.at)},
        "clinicalStatus": {"coding": [{"system": CLINICAL, "code": status}]},
        "code": concept(FINDING, f"{f.kind}.{f.name}", f.label), "subject": reference("Patient", f.child),
        "encounter": reference("Encounter", f.record), "recordedDate": f.on_date.isoformat(),
    }  # fmt: skip
    return found | ({"abatementDateTime": f.closed_on.isoformat()} if f.closed_on else {})


def request(f: FindingSaid) -> Json:
    """Who is to follow it, until when."""
    found: Json = {
        "resourceType": "ServiceRequest", "id": str(f.number),
        "meta": {"versionId": "2" if f.closed_on else "1", "lastUpdated": instant(f.at)},
        "status": "completed" if f.closed_on else "active", "intent": "order",
        "code": concept(FINDING, f"{f.kind}.{f.name}", f.label), "subject": reference("Patient", f.child),
        "encounter": reference("Encounter", f.record), "authoredOn": f.on_date.isoformat(),
        "requester": reference("Organization", f.asked_by), "performer": [reference("Organization", f.asked_of)],
        "reasonReference": [reference("Condition", f.number)],
    }  # fmt: skip
    if f.due_date:
        found["occurrencePeriod"] = {"end": f.due_date.isoformat()}
    return found


class FollowUpServer:
    """One of the two ways to say findings; read and searched."""

    versioned = False
    writes: tuple[str, ...] = ()

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.make = condition if kind == "Condition" else request

    def read(self, reach: Reach, id: str) -> Json:
        """One."""
        return self.make(records.exchange.finding(reach, number_of(id), self.kind))

    def versions(self, reach: Reach, id: str) -> Sequence[Kept]:
        """None are kept."""
        raise AbsentError("没有历史")

    def search(self, reach: Reach, asked: Search) -> ResourcePage:
        """A page."""
        said, mark = records.exchange.findings(reach, asked)
        return ResourcePage([self.make(f) for f in said], mark)

    def create(self, reach: Reach, resource: Json, operation: str) -> Json:
        """Not here."""
        raise NotTakenError(Issue("not-supported", f"{self.kind} 由健康记录生成；请写入 QuestionnaireResponse"))

    def update(self, reach: Reach, id: str, version: str, resource: Json, operation: str) -> Json:
        """Not here."""
        return self.create(reach, resource, operation)


for _kind in ("Condition", "ServiceRequest"):
    register(FollowUpServer(_kind))
