"""Searches are read by the table of parameters; personal data never stand in an address."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from qingmiao.fhir.bundles import asked, pointed
from qingmiao.fhir.capability import statement
from qingmiao.fhir.checking import check
from qingmiao.fhir.issues import NotTakenError
from qingmiao.fhir.moments import span
from qingmiao.fhir.searching import MOST, PARAMETERS, UNSAFE, Token, read
from qingmiao.fhir.terminology import CodedList, code_system, expansion, looked_up, validated, value_set


def test_values_tokens_and_prefixes() -> None:
    found = read(
        "Observation",
        [("code", r"http://loinc.org|29463-7,|x,http://a|,a\,b"), ("date", "ge2024-02"), ("_count", "9999")],
    )
    tokens = found.filters[0].tokens
    assert tokens == (
        Token("http://loinc.org", "29463-7"), Token("", "x"), Token("http://a", None), Token(None, "a,b"),
    )  # fmt: skip
    assert found.filters[1].spans[0].prefix == "ge"
    assert found.count == MOST


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2024", date(2024, 1, 1), date(2025, 1, 1)),
        ("2024-02", date(2024, 2, 1), date(2024, 3, 1)),
        ("2024-12", date(2024, 12, 1), date(2025, 1, 1)),
        ("2024-02-29", date(2024, 2, 29), date(2024, 3, 1)),
    ],
)
def test_a_partial_date_is_the_span_that_it_covers_in_china(text: str, first: date, after: date) -> None:
    assert span(text, "date").days == (first, after)


def test_a_moment_is_a_second_and_without_a_zone_it_is_chinas() -> None:
    found = span("lt2024-03-01T08:00:00+08:00", "date")
    assert (found.prefix, found.since) == ("lt", datetime(2024, 3, 1, tzinfo=UTC))
    assert span("2024-03-01T08:00", "date").since == found.since


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("Observation", [("weight", "3")]),
        ("Observation", [("date", "2024-13")]),
        ("Observation", [("date", "gestern")]),
        ("Observation", [("code", "")]),
        ("Observation", [("code", ",")]),
        ("Observation", [("code:exact", "a")]),
        ("Observation", [("code:missing", "ja")]),
        ("Observation", [("_count", "-1")]),
        ("Observation", [("_count", "²")]),
        ("Observation", [("_sort", "code")]),
        ("Observation", [("_include", "Patient:organization")]),
        ("Observation", [("_summary", "all")]),
        ("Patient", [("identifier", "110101199001011234")]),
        ("Patient", [("name", "张")]),
    ],
)
def test_what_is_not_offered_is_refused(kind: str, given: list[tuple[str, str]]) -> None:
    with pytest.raises(NotTakenError):
        read(kind, given)


def test_names_and_numbers_are_asked_by_post_alone() -> None:
    for kind, name in sorted(UNSAFE):
        assert read(kind, [(name, "张")], posted=True).filters[0].name == name
        with pytest.raises(NotTakenError) as refused:
            read(kind, [(name, "张")])
        assert refused.value.issues[0].code == "security"


def test_lenient_leaves_out_and_says_so() -> None:
    found = read("Observation", [("weight", "3"), ("status", "final")], lenient=True)
    assert [f.name for f in found.filters] == ["status"]
    assert [i.severity for i in found.ignored] == ["warning"]
    with pytest.raises(NotTakenError):
        read("Observation", [("date", "x")], lenient=True)


def test_the_statement_names_what_is_answered_and_is_valid() -> None:
    made = statement(address="http://h/fhir", version="0.1", on="2026-11-27", writes={"Patient": ["create", "update"]})
    assert check(made) == ()
    named = {r["type"]: {p["name"] for p in r["searchParam"]} for r in made["rest"][0]["resource"]}
    assert named == {k: {*p, "_id", "_lastUpdated"} for k, p in PARAMETERS.items()}


def test_a_transaction_is_worked_off_in_the_standards_order_and_its_names_lead_on() -> None:
    entries = [
        {"request": {"method": "GET", "url": "Patient?active=true"}},
        {
            "fullUrl": "urn:uuid:a",
            "resource": {"resourceType": "Patient"},
            "request": {"method": "POST", "url": "Patient"},
        },
        {"request": {"method": "DELETE", "url": "Observation/1"}},
    ]
    found = asked({"entry": entries})
    assert [(a.method, a.number) for a in found] == [("DELETE", 2), ("POST", 1), ("GET", 0)]
    moved = pointed({"subject": {"reference": "urn:uuid:a"}, "x": ["urn:uuid:a"]}, {"urn:uuid:a": "Patient/7"})
    assert moved == {"subject": {"reference": "Patient/7"}, "x": ["urn:uuid:a"]}
    for broken in (
        {"method": "POST", "url": "Patient"},
        {"method": "PUT", "url": ""},
        {"method": "GET", "url": "a/b/c"},
    ):
        with pytest.raises(NotTakenError):
            asked({"entry": [{"request": broken}]})


def test_code_lists_are_valid_and_answer() -> None:
    sex = CodedList("sex", "性别", {"M": ("男", "male"), "F": ("女", "female")})
    for made in (code_system(sex), value_set(sex), expansion(sex, on="2026-11-27T00:00:00Z"), looked_up(sex, "M"),
                 validated(sex, "M")):  # fmt: skip
        assert check(made) == ()
    assert validated(sex, "X")["parameter"][0] == {"name": "result", "valueBoolean": False}
    assert validated(sex, "M", "女")["parameter"][0] == {"name": "result", "valueBoolean": False}
    assert [c["code"] for c in expansion(sex, on="2026-11-27T00:00:00Z", text="女")["expansion"]["contains"]] == ["F"]
    with pytest.raises(NotTakenError):
        looked_up(sex, "X")
