"""The interface under /fhir: what the pack defines, checks, terminology, refusals (children have tests of their
own)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from qingmiao.fhir.checking import check
from qingmiao.fhir.texts import read
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import tokens
from website.role_ids import Role

pytestmark = pytest.mark.django_db
Call = Callable[..., Any]


@pytest.fixture
def call(make_person: Any) -> Call:
    """call("GET", "/fhir/…") → the answer to a caller with both scopes."""
    person = make_person("health", Role.LIAISON)
    key = tokens.make(audit.SYSTEM, person.username, purpose="演示系统", scopes=["fhir.read", "fhir.write"], days=9)[1]
    client = Client(raise_request_exception=False)

    def ask(method: str, url: str, body: str | bytes = b"", kind: str = "application/fhir+json", **headers: str) -> Any:
        said = {"Authorization": f"Bearer {key}", **{n.replace("_", "-"): v for n, v in headers.items()}}
        return client.generic(method, url, body, kind, headers=said)

    return ask


def resource(answer: Any) -> Any:
    """The resource of an answer; it is a valid one, whatever it is."""
    found = read(answer.content)
    assert check(found) == ()
    assert answer["Content-Type"].startswith("application/fhir+json")
    return found


def test_the_statement_is_open_and_names_only_what_is_answered(call: Call, db: None) -> None:
    found = resource(Client().get("/fhir/metadata"))
    for one in found["rest"][0]["resource"]:
        assert call("GET", f"/fhir/{one['type']}?_count=1").status_code == 200, one["type"]


@pytest.mark.parametrize("kind", ["Questionnaire", "CodeSystem", "ValueSet", "Organization"])
def test_definitions_are_valid_found_and_paged(kind: str, call: Call) -> None:
    seen: list[str] = []
    url = f"/fhir/{kind}?_count=7"
    while url:
        page = resource(call("GET", url))
        seen += [e["resource"]["id"] for e in page.get("entry", ())]
        url = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")
    assert len(seen) == len(set(seen)) == page["total"]
    one = resource(call("GET", f"/fhir/{kind}/{seen[0]}"))
    assert one["id"] == seen[0]
    again = (
        call("GET", f"/fhir/{kind}/{seen[0]}", If_None_Match=f'W/"{one["meta"]["versionId"]}"')
        if "meta" in one
        else None
    )
    assert again is None or again.status_code == 304
    name = {"Organization": "name"}.get(kind, "title")
    found = resource(call("GET", f"/fhir/{kind}?{name}:exact={one[name]}"))
    assert seen[0] in [e["resource"]["id"] for e in found["entry"]]


def test_terminology_answers(call: Call) -> None:
    looked = resource(call("GET", "/fhir/CodeSystem/$lookup?system=urn:qingmiao:codes:sex&code=M"))
    assert {"name": "display", "valueString": "男"} in looked["parameter"]
    body = '{"resourceType":"Parameters","parameter":[{"name":"system","valueUri":"urn:qingmiao:codes:sex"},'
    body += '{"name":"code","valueCode":"X"}]}'
    assert resource(call("POST", "/fhir/CodeSystem/$validate-code", body))["parameter"][0]["valueBoolean"] is False
    assert resource(call("GET", "/fhir/ValueSet/sex/$expand"))["expansion"]["total"] == 2
    assert call("GET", "/fhir/CodeSystem/$lookup?system=urn:x&code=M").status_code == 404
    assert call("GET", "/fhir/CodeSystem/sex/$lookup?code=Q").status_code == 404
    assert call("GET", "/fhir/CodeSystem/sex/$translate").status_code == 400


def test_validate_says_what_is_wrong_and_writes_nothing(call: Call) -> None:
    good = resource(call("POST", "/fhir/$validate", '{"resourceType":"Patient","gender":"female"}'))
    assert [i["severity"] for i in good["issue"]] == ["information"]
    bad = resource(call("POST", "/fhir/Patient/$validate", '{"resourceType":"Patient","gender":"f","x":1}'))
    assert {tuple(i["expression"]) for i in bad["issue"]} == {("Patient.gender",), ("Patient.x",)}
    other = resource(call("POST", "/fhir/Observation/$validate", '{"resourceType":"Patient"}'))
    assert other["issue"][0]["code"] == "not-supported"


@pytest.mark.parametrize(
    ("method", "url", "body", "kind", "headers", "status"),
    [
        ("GET", "/fhir/Spaceship", "", "", {}, 400),
        ("GET", "/fhir/Questionnaire/none", "", "", {}, 404),
        ("GET", "/fhir/Questionnaire?colour=red", "", "", {}, 400),
        ("GET", "/fhir/Questionnaire?colour=red", "", "", {"Prefer": "handling=lenient"}, 200),
        ("GET", "/fhir/Questionnaire", "", "", {"Accept": "application/fhir+xml"}, 406),
        ("GET", "/fhir/Questionnaire?_format=xml", "", "", {}, 406),
        ("GET", "/fhir/Questionnaire?_count=\u00b2", "", "", {}, 422),
        ("DELETE", "/fhir/Questionnaire/sex", "", "", {}, 405),
        ("POST", "/fhir/Questionnaire", '{"resourceType":"Questionnaire","status":"active"}', "", {}, 400),
        ("POST", "/fhir/Questionnaire", '{"resourceType":"Patient"}', "", {}, 400),
        ("POST", "/fhir/Questionnaire", "{", "", {}, 400),
        ("POST", "/fhir/Questionnaire", b"\xff", "", {}, 400),
        ("POST", "/fhir/Questionnaire", "[" * 100_000, "", {}, 400),
        ("POST", "/fhir/Questionnaire", "<x/>", "application/fhir+xml", {}, 400),
        ("PUT", "/fhir/Questionnaire/a", '{"resourceType":"Questionnaire","status":"active","id":"a"}', "", {}, 400),
        ("POST", "/fhir", '{"resourceType":"Bundle","type":"collection"}', "", {}, 400),
        ("POST", "/fhir/", '{"resourceType":"Bundle","type":"batch"}', "", {}, 200),
        ("POST", "/fhir/Questionnaire/_search", "status=active", "application/x-www-form-urlencoded", {}, 200),
        ("POST", "/fhir/Questionnaire/_search", "{}", "application/fhir+json", {}, 400),
    ],
)  # fmt: skip
def test_refusals_are_outcomes(
    method: str, url: str, body: str, kind: str, headers: dict[str, str], status: int, call: Call
) -> None:
    got = call(method, url, body, kind or "application/fhir+json", **headers)
    assert got.status_code == status, got.content.decode()
    if status != 200:
        assert resource(got)["resourceType"] == "OperationOutcome"


def test_a_batch_answers_each_entry_for_itself(call: Call) -> None:
    body = """{"resourceType":"Bundle","type":"batch","entry":[
        {"request":{"method":"GET","url":"CodeSystem/sex"}},
        {"request":{"method":"GET","url":"CodeSystem/none"}},
        {"request":{"method":"GET","url":"ValueSet?url=urn:qingmiao:codes:sex:all"}}]}"""
    found = resource(call("POST", "/fhir", body))
    assert [e["response"]["status"] for e in found["entry"]] == ["200", "404", "200"]
    assert found["entry"][2]["resource"]["total"] == 1
