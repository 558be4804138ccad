"""Every kind of event of the packs with its case: an example, and what changed answers come to.

A case (``tests/records/ID.yaml``) gives the answers of one event, what is known of the person, the values that the form
computes, the rows that are published, the follow-ups with their last days. ``changes`` replace answers or what is
known, and tell what then differs; ``faults`` and ``queries`` are ids of checks, or fields for what their type says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from qingmiao.content import load_pack
from qingmiao.content.pack import Pack
from qingmiao.content.record_forms_page import page
from qingmiao.content.records import RecordKind, VisitCheck
from qingmiao.forms import FieldFault, Filled, ReadyForm, fill, prepare
from qingmiao.forms.answers import document
from qingmiao.forms.recorded import (
    EarlierEvent,
    MeasuredBefore,
    disagreements,
    fact_rows,
    follow_ups,
    measured,
    with_given,
)
from qingmiao.standards.norm_tables import rows as norm_rows

CONTENT = Path(__file__).parents[2] / "content"
CASES = sorted(CONTENT.glob("*/tests/records/*.yaml"))


@cache
def pack_of(folder: Path) -> Pack:
    return load_pack(folder)


@cache
def form_of(folder: Path, form: str) -> ReadyForm:
    return prepare(pack_of(folder), form)


@cache
def case_of(path: Path) -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return case


def read(path: Path) -> tuple[Pack, RecordKind, dict[str, Any]]:
    case = case_of(path)
    pack = pack_of(next(p for p in path.parents if (p / "pack.toml").is_file()))
    return pack, pack.entries("records", RecordKind)[case["record"]], case


def typed(value: Any) -> Any:
    """What a case writes, as people type it."""
    if isinstance(value, list):
        return [{k: typed(v) for k, v in x.items()} if isinstance(x, dict) else typed(x) for x in value]
    return value.isoformat() if isinstance(value, date) else value


def filled(path: Path, change: Mapping[str, Any]) -> tuple[Pack, RecordKind, Filled, dict[str, Any]]:
    pack, kind, case = read(path)
    person = case.get("person", {}) | change.get("person", {})
    answers = case["answers"] | change.get("with", {})
    ready = form_of(pack.root, kind.form)
    given = with_given(ready, {k: typed(v) for k, v in answers.items()}, person)
    return pack, kind, fill(ready, given, on=change.get("filled_on", case["filled_on"])), person


def told(faults: tuple[FieldFault, ...]) -> list[str]:
    return sorted(f.check or f.field for f in faults)


def plain(value: Any) -> Any:
    return float(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def agree(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    assert {k: plain(found.get(k)) for k in wanted} == {k: plain(v) for k, v in wanted.items()}


def changes() -> Iterator[Any]:
    for path in CASES:
        case = case_of(path)
        yield pytest.param(path, {k: case[k] for k in ("values", "follow_ups", "rows") if k in case}, id=path.stem)
        for change in case.get("changes", ()):
            yield pytest.param(path, change, id=f"{path.stem}-{change['name']}")


@pytest.mark.parametrize(("path", "change"), list(changes()))
def test_an_event_comes_to_what_its_case_says(path: Path, change: dict[str, Any]) -> None:
    pack, kind, done, person = filled(path, change)
    assert told(done.faults) == sorted(change.get("faults", []))
    assert told(done.queries) == sorted(change.get("queries", []))
    assert done.dropped == () or "with" in change
    agree(done.values, change.get("values", {}))
    if "follow_ups" in change:
        found = {f.rule.id: f.due for f in follow_ups(kind, done, person, pack.policy)}
        assert found == change["follow_ups"]
    if "rows" in change:
        rows = fact_rows(kind, done, person, read(path)[2].get("beside"))
        assert [table for table, _ in rows] == [r["fact"] for r in change["rows"]]
        for (_, row), wanted in zip(rows, change["rows"], strict=True):
            agree(row, {k: v for k, v in wanted.items() if k != "fact"})


@pytest.mark.parametrize(("path", "change"), list(changes()))
def test_what_is_kept_measures_what_was_measured_when_it_was_filled_in(path: Path, change: dict[str, Any]) -> None:
    pack, kind, found, _ = filled(path, change)
    ready = form_of(pack.root, kind.form)
    kept = json.loads(json.dumps(document(ready, found)["answers"]))
    assert dict(MeasuredBefore(kind, ready, kept, found.on)) == measured(kind, found)


def test_every_kind_of_event_has_its_case() -> None:
    packs = [pack_of(p.parent) for p in sorted(CONTENT.glob("*/pack.toml"))]
    wanted = {id_ for pack in packs for id_ in pack.entries("records", RecordKind)}
    assert wanted
    assert {case_of(p)["record"] for p in CASES} == wanted


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_a_case_tries_all_that_its_kind_does(path: Path) -> None:
    """Each follow-up is opened once, each published table is filled once."""
    _, kind, case = read(path)
    tries = [{k: case[k] for k in ("values", "follow_ups", "rows") if k in case}, *case.get("changes", ())]
    opened = {id_ for t in tries for id_ in t.get("follow_ups", {})}
    assert opened == {r.id for r in kind.follow_up}
    assert {r["fact"] for t in tries for r in t.get("rows", ())} == {r.fact for r in kind.publishes}


BEFORE = date(2025, 8, 31)
BORN = EarlierEvent(date(2024, 3, 5), {"birth_weight_g": 3300, "gestation_weeks": 39, "sex": "F"})
CHECKS: dict[str, tuple[str, dict[str, Any], dict[str, Any], EarlierEvent | None]] = {
    "length_falls": ("child_check_12_30", {"measured": "L", "length_cm": Decimal("81.6")}, {}, None),
    "weight_jumps": ("child_check_12_30", {"weight_kg": Decimal("9.2")}, {}, None),
    "head_falls": ("child_check_12_30", {"head_cm": Decimal("47.1")}, {}, None),
    "teeth_lost": ("child_check_12_30", {"teeth": 13}, {}, None),
    "birth_weight_same": ("newborn_visit", {}, {}, EarlierEvent(date(2026, 3, 5), {"birth_weight_g": 3306})),
    "weeks_same": ("child_death", {}, {}, EarlierEvent(date(2026, 3, 5), {"gestation_weeks": 38})),
    "sex_same": ("birth_certificate", {}, {"sex": "F"}, None),
    "inside_life": ("child_check_12_30", {}, {"birth_date": date(2025, 9, 11)}, None),
    "before_death": ("child_check_12_30", {}, {"died_on": date(2025, 9, 9)}, None),
    "after_opening": ("child_check_12_30", {}, {"file_opened_on": date(2025, 9, 11)}, None),
}
"""Check → (kind whose example it is asked of, earlier measures, what is known, the birth): it speaks."""
AGREES: dict[str, tuple[dict[str, Any], dict[str, Any], EarlierEvent | None]] = {
    "length_falls": ({"measured": "L", "length_cm": Decimal("81.5")}, {}, None),
    "weight_jumps": ({"weight_kg": Decimal("9.3")}, {}, None),
    "head_falls": ({"head_cm": Decimal(47)}, {}, None),
    "teeth_lost": ({"teeth": 12}, {}, None),
    "birth_weight_same": ({}, {}, EarlierEvent(date(2026, 3, 5), {"birth_weight_g": 3305})),
    "weeks_same": ({}, {}, EarlierEvent(date(2026, 3, 5), {"gestation_weeks": 33})),
    "sex_same": ({}, {"sex": "M"}, None),
    "inside_life": ({}, {"birth_date": date(2025, 9, 10)}, None),
    "before_death": ({}, {"died_on": date(2025, 9, 10)}, None),
    "after_opening": ({}, {"file_opened_on": date(2025, 9, 10)}, None),
}
"""The same on its limit, or agreeing: silent."""
MORE = {"weeks_same": {"weeks": "33"}, "sex_same": {"sex": "M"}}
"""What the example's answers are given besides."""


def told_of(id_: str, before: dict[str, Any], known: dict[str, Any], birth: EarlierEvent | None) -> list[str]:
    path = CONTENT / "china" / "tests" / "records" / f"{CHECKS[id_][0]}.yaml"
    pack, kind, done, person = filled(path, {"with": MORE.get(id_, {})})
    checks = tuple(pack.entries("record_checks", VisitCheck).values())
    earlier = (EarlierEvent(BEFORE, before),) if before else ()
    faults, queries = disagreements(checks, kind, done, earlier=earlier, birth=birth, person=person | known)
    return told((*faults, *queries))


@pytest.mark.parametrize("id_", sorted(CHECKS))
def test_a_check_between_visits_speaks_past_its_limit_and_not_on_it(id_: str) -> None:
    _, before, known, birth = CHECKS[id_]
    assert told_of(id_, before, known, birth) == [id_]
    assert told_of(id_, *AGREES[id_]) == []


def test_every_check_between_visits_is_tried() -> None:
    assert set(pack_of(CONTENT / "china").entries("record_checks", VisitCheck)) == set(CHECKS) == set(AGREES)


def test_the_page_of_forms_is_the_one_printed() -> None:
    written = (CONTENT.parent / "docs" / "reference" / "record-forms.md").read_text("utf-8")
    assert written == page(pack_of(CONTENT / "china")), "stale: python tools/record_docs.py"


SIGNS: dict[int, list[str]] = {}
for one in norm_rows("child_health", "warning_signs.csv"):
    SIGNS.setdefault(int(one["age_month"]), []).append(one["sign_zh"])
"""First month of a table of warning signs → its four signs, as the norm's file says them."""


@pytest.mark.parametrize("form", ["child_check_1_8", "child_check_12_30", "child_check_3_6", "screen_first"])
def test_the_warning_signs_of_a_form_are_those_of_the_norm(form: str) -> None:
    asked = {
        int(f.id.removeprefix("signs_")): [o.label.zh for o in f.options[1:]]
        for f in pack_of(CONTENT / "china").forms[f"record.{form}"].all_fields()
        if f.id.startswith("signs_")
    }
    assert asked
    assert asked == {age: SIGNS[age] for age in asked}
    assert set(asked) == set(SIGNS) or form != "screen_first"
