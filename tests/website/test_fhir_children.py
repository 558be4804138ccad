"""Children under /fhir: the rights and doors of pages; versions, searches, transactions; two other programs read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from fhirclient.models.bundle import Bundle
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient
from fhirpy import SyncFHIRClient

from qingmiao.fhir.checking import check
from qingmiao.fhir.texts import read, write
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.audit.models import Event
from qingmiao.site.apps.directory import tokens
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import api, exchange, exposure
from website.filed import HOME, KIND, a_child, a_number, answers, born, doctor
from website.role_ids import Role

pytestmark = pytest.mark.django_db
ELSEWHERE = "141029101"
Call = Callable[..., Any]


def caller(person: Any) -> Call:
    """call("GET", "/fhir/…") as a program of that person."""
    scopes = ["fhir.read", "fhir.write"]
    key = tokens.make(audit.SYSTEM, person.username, purpose="演示系统", scopes=scopes, days=9)[1]
    client = Client(raise_request_exception=False)

    def ask(method: str, url: str, body: Any = b"", kind: str = "application/fhir+json", **headers: str) -> Any:
        said = {"Authorization": f"Bearer {key}", **{n.replace("_", "-"): v for n, v in headers.items()}}
        data = write(body) if isinstance(body, dict) else body
        return client.generic(method, url, data, kind, headers=said)

    return ask


def resource(answer: Any, status: int = 200) -> Any:
    """The resource of an answer; whatever it is, it is a valid one."""
    assert answer.status_code == status, answer.content.decode()[:2000]
    found = read(answer.content)
    assert check(found) == (), found
    return found


def entries(bundle: Any) -> list[Any]:
    return [e["resource"] for e in bundle.get("entry", ()) if e["search"]["mode"] == "match"]


@pytest.fixture
def who(make_person: Any) -> Any:
    return doctor(make_person)


@pytest.fixture
def call(who: Any) -> Call:
    return caller(who)


def a_patient(name: str = "演示小雨", **more: Any) -> dict[str, Any]:
    area = [{"url": "urn:qingmiao:area", "valueCode": HOME}]
    return {
        "resourceType": "Patient", "name": [{"text": name}], "gender": "female", "birthDate": born(300).isoformat(),
        "address": [{"extension": area, "line": ["演示路1号"]}], **more,
    }  # fmt: skip


def a_record(who: Any, child: int, **more: str) -> int:
    made, filled = api.write(Reach(who), child, KIND, operation=f"op-{child}-{len(more)}", answers=answers(**more))
    assert made, filled.faults
    return made


def test_a_child_is_registered_read_corrected_and_every_version_is_there(call: Call) -> None:
    birth = born(300)
    number = a_number(birth, "F")
    official = [{"system": "urn:oid:2.16.156.10011.1.3", "value": number}]
    answer = call("POST", "/fhir/Patient", a_patient(identifier=official))
    made = resource(answer, 201)
    assert answer["Location"].endswith(f"/fhir/Patient/{made['id']}/_history/1")
    assert (made["gender"], made["birthDate"], made["active"]) == ("female", birth.isoformat(), True)
    assert number in [i["value"] for i in made["identifier"]]
    changed = made | {"name": [{"text": "演示雨桐"}, {"use": "old", "text": "演示小雨"}]}
    assert call("PUT", f"/fhir/Patient/{made['id']}", changed).status_code == 400
    assert call("PUT", f"/fhir/Patient/{made['id']}", changed, If_Match='W/"7"').status_code == 412
    after = resource(call("PUT", f"/fhir/Patient/{made['id']}", changed, If_Match='W/"1"'))
    assert after["meta"]["versionId"] == "2"
    past = resource(call("GET", f"/fhir/Patient/{made['id']}/_history"))
    assert [e["resource"]["name"][0]["text"] for e in past["entry"]] == ["演示雨桐", "演示小雨"]
    first = resource(call("GET", f"/fhir/Patient/{made['id']}/_history/1"))
    assert first["name"][0]["text"] == "演示小雨"
    assert call("GET", f"/fhir/Patient/{made['id']}/_history/9").status_code == 404


def test_the_same_operation_twice_registers_one_and_a_condition_finds_the_one_there(call: Call, who: Any) -> None:
    one = resource(call("POST", "/fhir/Patient", a_patient(), X_Operation_Id="register-1"), 201)
    again = resource(call("POST", "/fhir/Patient", a_patient(), X_Operation_Id="register-1"), 201)
    assert one["id"] == again["id"]
    there = call("POST", "/fhir/Patient", a_patient("演示小雨"), If_None_Exist="name=演示小雨")
    assert resource(there)["id"] == one["id"]
    alike = resource(call("POST", "/fhir/Patient", a_patient()), 422)
    assert "可能是同一名儿童" in alike["issue"][0]["diagnostics"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"birthDate": None}, 422),
        ({"address": None}, 422),
        ({"name": None}, 422),
        ({"gender": "unknown"}, 422),
        ({"birthDate": "1990-01-01"}, 422),
        ({"identifier": [{"system": "urn:oid:2.16.156.10011.1.3", "value": "110101199001011234"}]}, 422),
        ({"name": [{"text": "甲"}, {"text": "乙"}]}, 422),
    ],
)
def test_what_cannot_be_registered_is_said(change: dict[str, Any], status: int, call: Call) -> None:
    body = {k: v for k, v in (a_patient() | change).items() if v is not None}
    assert resource(call("POST", "/fhir/Patient", body), status)["resourceType"] == "OperationOutcome"
    assert entries(resource(call("GET", "/fhir/Patient"))) == []


def test_searches_find_by_name_number_birth_and_page(call: Call, who: Any) -> None:
    births = [born(200), born(400), born(600)]
    numbers = [a_number(b, "F") for b in births]
    made = [a_child(who, f"演示甲{n}", birth=b, number=x) for n, (b, x) in enumerate(zip(births, numbers, strict=True))]

    def found(text: str) -> list[int]:
        kind = "application/x-www-form-urlencoded"
        return [int(r["id"]) for r in entries(resource(call("POST", "/fhir/Patient/_search", text, kind)))]

    assert found("name=演示甲1") == [made[1]]
    assert found("phonetic=yanshijia") == made
    assert found(f"identifier={numbers[2]}") == [made[2]]
    assert found(f"identifier=urn:qingmiao:child|{made[0]}") == [made[0]]
    assert found(f"birthdate=ge{births[1].isoformat()}") == [made[0], made[1]]
    assert found(f"birthdate=lt{births[1].isoformat()}") == [made[2]]
    assert found("gender=male") == []
    assert found("gender:not=male") == made
    assert found("active=false") == []
    assert found("name=演示乙") == []
    seen, url = [], "/fhir/Patient?_count=2"
    while url:
        page = resource(call("GET", url))
        seen += [int(r["id"]) for r in entries(page)]
        url = next((x["url"] for x in page["link"] if x["relation"] == "next"), "")
    assert seen == made
    assert call("GET", f"/fhir/Patient?identifier={numbers[0]}").status_code == 400


def test_a_record_is_read_as_visit_answers_measures_and_findings(call: Call, who: Any) -> None:
    child = a_child(who, birth=born())
    record = a_record(who, child)
    visit = resource(call("GET", f"/fhir/Encounter/{record}"))
    assert visit["type"][0]["coding"][0]["code"] == KIND
    said = resource(call("GET", f"/fhir/QuestionnaireResponse/{record}"))
    assert said["subject"]["reference"] == f"Patient/{child}"
    page = resource(call("GET", f"/fhir/Observation?patient=Patient/{child}&code=http://loinc.org|29463-7"))
    (weight,) = entries(page)
    assert weight["valueQuantity"]["code"] == "kg"
    assert resource(call("GET", f"/fhir/Observation/{weight['id']}"))["id"] == weight["id"]
    seen, url = [], f"/fhir/Observation?patient={child}&_count=3"
    while url:
        page = resource(call("GET", url))
        seen += [r["id"] for r in entries(page)]
        url = next((x["url"] for x in page["link"] if x["relation"] == "next"), "")
    assert len(seen) == len(set(seen)) > 5
    for kind in ("Encounter", "RelatedPerson"):
        page = resource(call("GET", f"/fhir/{kind}?patient={child}&_include={kind}:patient"))
        assert [e["resource"]["id"] for e in page["entry"] if e["search"]["mode"] == "include"] == [str(child)]
    assert call("GET", f"/fhir/Patient?_id={child}&_revinclude=Encounter:patient").status_code == 400
    everything = resource(call("GET", f"/fhir/Patient/{child}/$everything"))
    kinds = {e["resource"]["resourceType"] for e in everything["entry"]}
    assert {"Patient", "RelatedPerson", "Encounter", "QuestionnaireResponse", "Observation"} <= kinds


def test_a_response_makes_a_record_corrects_it_and_takes_it_back(call: Call, who: Any) -> None:
    child = a_child(who, birth=born())
    there = resource(call("GET", f"/fhir/QuestionnaireResponse/{a_record(who, child)}"))
    fresh = {k: v for k, v in there.items() if k not in ("id", "meta", "encounter", "authored", "author")}
    made = resource(call("POST", "/fhir/QuestionnaireResponse", fresh, X_Operation_Id="response-1"), 201)
    again = resource(call("POST", "/fhir/QuestionnaireResponse", fresh, X_Operation_Id="response-1"), 201)
    assert made["id"] == again["id"] != there["id"]
    without = fresh | {"item": [i for i in fresh["item"] if i["linkId"] != "checked_on"]}
    refused = resource(call("POST", "/fhir/QuestionnaireResponse", without), 422)
    assert "linkId checked_on" in [i["expression"][0] for i in refused["issue"]]
    odd = fresh | {"item": [*fresh["item"], {"linkId": "nothing", "answer": [{"valueString": "x"}]}]}
    assert resource(call("POST", "/fhir/QuestionnaireResponse", odd), 422)["issue"][0]["code"] == "value"
    url = f"/fhir/QuestionnaireResponse/{made['id']}"
    corrected = resource(call("PUT", url, made, If_Match='W/"1"'))
    assert (corrected["status"], corrected["meta"]["versionId"]) == ("amended", "2")
    assert call("PUT", url, made, If_Match='W/"1"').status_code == 412
    gone = resource(call("PUT", url, corrected | {"status": "entered-in-error"}, If_Match='W/"2"'))
    assert gone["status"] == "entered-in-error"
    past = resource(call("GET", url + "/_history"))
    assert [e["resource"]["status"] for e in past["entry"]] == ["entered-in-error", "amended", "completed"]


def test_a_corrected_record_is_found_by_when_it_was_corrected(call: Call, who: Any) -> None:
    record = a_record(who, a_child(who))
    form = resource(call("GET", f"/fhir/QuestionnaireResponse/{record}"))
    corrected = resource(call("PUT", f"/fhir/QuestionnaireResponse/{record}", form, If_Match='W/"1"'))
    since = corrected["meta"]["lastUpdated"]
    assert since > form["meta"]["lastUpdated"]
    for kind in ("QuestionnaireResponse", "Encounter"):
        assert [r["id"] for r in entries(resource(call("GET", f"/fhir/{kind}?_lastUpdated=ge{since}")))] == [
            str(record)
        ]
        assert entries(resource(call("GET", f"/fhir/{kind}?_lastUpdated=lt{form['meta']['lastUpdated']}"))) == []


def test_a_transaction_makes_all_or_nothing(call: Call, who: Any) -> None:
    child = a_child(who, birth=born())
    there = resource(call("GET", f"/fhir/QuestionnaireResponse/{a_record(who, child)}"))
    said = {k: there[k] for k in ("resourceType", "questionnaire", "status", "item")}
    new = a_patient("演示新生", birthDate=born().isoformat())
    subject = {"subject": {"reference": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}}

    def bundle(answered: dict[str, Any]) -> dict[str, Any]:
        return {
            "resourceType": "Bundle", "type": "transaction", "entry": [
                {"resource": answered, "request": {"method": "POST", "url": "QuestionnaireResponse"}},
                {"fullUrl": subject["subject"]["reference"], "resource": new,
                 "request": {"method": "POST", "url": "Patient"}},
            ],
        }  # fmt: skip

    wrong = said | subject | {"item": said["item"][:1]}
    assert call("POST", "/fhir", bundle(wrong)).status_code == 422
    assert [int(r["id"]) for r in entries(resource(call("GET", "/fhir/Patient")))] == [child]
    done = resource(call("POST", "/fhir", bundle(said | subject)))
    assert [e["response"]["status"] for e in done["entry"]] == ["201", "201"]
    made = done["entry"][1]["resource"]["id"]
    assert done["entry"][0]["resource"]["subject"]["reference"] == f"Patient/{made}"


def test_others_find_nothing_and_every_sight_is_written_down(call: Call, who: Any, make_person: Any) -> None:
    child = a_child(who, birth=born())
    record = a_record(who, child)
    others = [make_person("health", Role.LIAISON), make_person("statistics", Role.STATISTICS)]
    for other in others:
        ask = caller(other)
        for kind in ("Patient", "RelatedPerson", "Encounter", "QuestionnaireResponse", "Observation", "Immunization",
                     "Condition", "ServiceRequest"):  # fmt: skip
            assert entries(resource(ask("GET", f"/fhir/{kind}"))) == [], kind
        for url in (f"Patient/{child}", f"Patient/{child}/_history", f"Patient/{child}/$everything",
                    f"Encounter/{record}",
                    f"QuestionnaireResponse/{record}", f"Observation/{record}.weight"):  # fmt: skip
            assert ask("GET", f"/fhir/{url}").status_code == 404, url
        assert ask("PUT", f"/fhir/Patient/{child}", a_patient(id=str(child)), If_Match='W/"1"').status_code == 404
        assert ask("POST", "/fhir/Patient", a_patient("演示别处")).status_code in (404, 422)
    before = Event.objects.filter(action="records.exchange").count()
    call("GET", f"/fhir/Patient/{child}")
    event = Event.objects.filter(action="records.exchange").latest("id")
    assert Event.objects.filter(action="records.exchange").count() == before + 1
    assert (event.actor, event.object_id) == (who.username, str(child))


def test_records_of_a_merged_file_go_by_where_the_surviving_child_lives(who: Any) -> None:
    left = a_child(who, "演示合", birth=born(), area=HOME)
    kept = a_child(who, "演示合", birth=born(), area=ELSEWHERE, reason="暂时无法核实，先建档")
    record = a_record(who, left)
    version = api.exchange.child(Reach(who), left).version
    api.move(Reach(who), left, "merge", version=version, said={"into": kept, "reason": "核对是同一名儿童"})

    def seen_from(area: str) -> list[int]:
        (held,) = exposure.sights(Reach(who)).held
        of = exposure.Sights(who.pk, (replace(held, area=area),), (), frozenset())
        return [r.pk for r in exchange.readable(of).order_by("pk")]

    assert seen_from(ELSEWHERE) == [record]
    assert seen_from(HOME) == []


def test_two_other_programs_read_what_is_answered(call: Call, who: Any, live_server: Any) -> None:
    child = a_child(who, birth=born())
    a_record(who, child)
    Patient(json.loads(call("GET", f"/fhir/Patient/{child}").content))
    page = Bundle(json.loads(call("GET", f"/fhir/Observation?patient={child}").content))
    weights = [e.resource for e in page.entry if isinstance(e.resource, Observation)]
    assert any(w.valueQuantity and w.valueQuantity.unit for w in weights)
    scopes = ["fhir.read"]
    key = tokens.make(audit.SYSTEM, who.username, purpose="演示系统", scopes=scopes, days=9)[1]
    outside = SyncFHIRClient(f"{live_server.url}/fhir", authorization=f"Bearer {key}")
    found = outside.resources("Patient").search(active=True).fetch_all()
    assert [p["id"] for p in found] == [str(child)]
    assert outside.reference("Patient", str(child)).to_resource()["gender"] == "female"
