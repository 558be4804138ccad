"""Resources are checked by the table of R4; a second program (fhir.resources) agrees on made-up ones."""

from __future__ import annotations

import copy
import random
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from fhir_made import made

from qingmiao.fhir.checking import check
from qingmiao.fhir.elements import RESOURCES, types
from qingmiao.fhir.texts import read, write

CHILD: dict[str, Any] = {
    "resourceType": "Patient",
    "identifier": [{"system": "urn:x", "value": "1"}],
    "name": [{"text": "张小雨", "family": "张", "given": ["小雨"]}],
    "gender": "female",
    "birthDate": "2020-02-29",
    "_birthDate": {"extension": [{"url": "urn:time", "valueDateTime": "2020-02-29T10:00:00+08:00"}]},
}
WEIGHT: dict[str, Any] = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
    "subject": {"reference": "Patient/1"},
    "valueQuantity": {
        "value": Decimal("12.30"),
        "unit": "kg",
        "system": "http://unitsofmeasure.org",
        "code": "kg",
    },
}


def wrong(resource: dict[str, Any]) -> list[tuple[str, str]]:
    return [(i.code, i.where) for i in check(resource)]


def test_what_is_right_passes() -> None:
    assert wrong(CHILD) == []
    assert wrong(WEIGHT) == []


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"birthDate": "2021-02-29"}, "value", "Patient.birthDate"),
        ({"birthDate": "2021-13"}, "value", "Patient.birthDate"),
        ({"birthDate": 2021}, "value", "Patient.birthDate"),
        ({"gender": "M"}, "code-invalid", "Patient.gender"),
        ({"name": {"text": "张"}}, "structure", "Patient.name"),
        ({"name": []}, "structure", "Patient.name"),
        ({"name": [{}]}, "structure", "Patient.name[0]"),
        ({"name": [{"text": ""}]}, "value", "Patient.name[0].text"),
        ({"nickname": "雨"}, "structure", "Patient.nickname"),
        ({"active": "true"}, "value", "Patient.active"),
        ({"deceasedBoolean": False, "deceasedDateTime": "2024"}, "structure", "Patient.deceasedDateTime"),
        ({"id": "a_b"}, "value", "Patient.id"),
        ({"id": "a" * 65}, "value", "Patient.id"),
        ({"contact": [{"gender": "female"}]}, "invariant", "Patient.contact[0]"),
        ({"managingOrganization": {"reference": "Patient/2"}}, "value", "Patient.managingOrganization.reference"),
        ({"extension": [{"url": "urn:x"}]}, "invariant", "Patient.extension[0]"),
        ({"extension": [{"valueString": "x"}]}, "required", "Patient.extension[0].url"),
        ({"address": [{"period": {"start": "2024-02", "end": "2023"}}]}, "invariant", "Patient.address[0].period"),
        ({"_name": {"id": "x"}}, "structure", "Patient._name"),
        ({"_gender": {"valueString": "x"}}, "structure", "Patient._gender"),
        ({"fhir_comments": ["x"]}, "structure", "Patient.fhir_comments"),
        ({"text": {"status": "generated", "div": "<div><script>a</script></div>"}}, "value", "Patient.text.div"),
        ({"generalPractitioner": [{"reference": "#p"}]}, "invariant", "Patient"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(change: dict[str, Any], code: str, where: str) -> None:
    assert wrong(CHILD | change) == [(code, where)]


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ({"status": None}, "required", "Observation.status"),
        ({"code": None}, "required", "Observation.code"),
        ({"status": "done"}, "code-invalid", "Observation.status"),
        ({"valueQuantity": {"value": "12.3"}}, "value", "Observation.valueQuantity.value"),
        ({"valueQuantity": {"value": 12, "code": "kg"}}, "invariant", "Observation.valueQuantity"),
        ({"dataAbsentReason": {"text": "x"}}, "invariant", "Observation"),
        ({"component": [{"code": WEIGHT["code"]}]}, "invariant", "Observation"),
        ({"referenceRange": [{"age": {"low": {"value": 1}}}]}, "invariant", "Observation.referenceRange[0]"),
    ],
)
def test_observations(change: dict[str, Any], code: str, where: str) -> None:
    resource = {k: v for k, v in (WEIGHT | change).items() if v is not None}
    assert wrong(resource) == [(code, where)]


def test_what_is_no_resource_is_refused() -> None:
    assert wrong({}) == [("structure", "")]
    assert wrong({"resourceType": "Basic"}) == [("not-supported", "")]
    assert wrong({"resourceType": 7}) == [("structure", "")]


def test_bundled_resources_are_checked_with_their_place() -> None:
    entry = {"resource": CHILD | {"gender": "x"}, "request": {"method": "POST", "url": "Patient"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    assert wrong(bundle) == [("code-invalid", "Bundle.entry[0].resource.gender")]
    assert ("invariant", "Bundle") in wrong({**bundle, "type": "searchset"})


def test_a_link_stands_once_in_a_questionnaire() -> None:
    item = {"linkId": "a", "type": "string"}
    nested = {"linkId": "b", "type": "group", "item": [item]}
    form = {"resourceType": "Questionnaire", "status": "active", "item": [item, nested]}
    assert wrong(form) == [("invariant", "Questionnaire")]


def valid_elsewhere(resource: dict[str, Any]) -> bool:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate_json(write(resource))
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("kind", sorted(RESOURCES - {"Bundle", "Parameters"}))
def test_another_program_takes_what_is_taken_here(kind: str) -> None:
    """Made-up resources that pass here are valid to fhir.resources; without a required element neither takes them."""
    rng, passed = random.Random(kind), 0
    for _ in range(40):
        resource = made(kind, rng)
        if check(resource):
            continue  # a rule between elements, which the maker does not know
        passed += 1
        assert valid_elsewhere(resource), resource
        assert read(write(resource)) == resource
        for name in [n for n, e in types()[kind].items() if e.required]:
            without = copy.deepcopy(resource)
            del without[name]
            assert [i.code for i in check(without)] == ["required"]
            assert not valid_elsewhere(without)
    assert passed >= 5
