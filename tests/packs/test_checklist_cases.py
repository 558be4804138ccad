"""Every checklist of the packs with its case: a visit in order, each limit tried on both sides, visits with findings.

A case (``tests/checklists/ID.yaml``) gives the answers of a visit in which all is in order (``good``); ``limits``
what each measured number comes to; ``visits`` what a changed visit comes to; ``shows`` which answers bring an item up.
``with`` replaces answers, of a repeated section in its first round.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from qingmiao.content import load_pack
from qingmiao.content.checklists import Checklist, ChecklistItem
from qingmiao.content.pack import Pack
from qingmiao.forms import Filled, fill, prepare
from qingmiao.forms.inspected import ItemOutcome, outcomes, result

CONTENT = Path(__file__).parents[2] / "content"
CASES = sorted(CONTENT.glob("*/tests/checklists/*.yaml"))
ON = date(2026, 3, 10)


@cache
def pack_of(folder: Path) -> Pack:
    return load_pack(folder)


def checklist_of(path: Path) -> tuple[Pack, Checklist, dict[str, Any]]:
    case = yaml.safe_load(path.read_text("utf-8"))
    pack = pack_of(next(p for p in path.parents if (p / "pack.toml").is_file()))
    return pack, pack.entries("checklists", Checklist)[case["checklist"]], case


def answered(checklist: Checklist, good: Mapping[str, Any], changed: Mapping[str, Any]) -> dict[str, Any]:
    """The good answers with some replaced, those of a repeated section in its first round."""
    found = {k: [dict(r) for r in v] if isinstance(v, list) else v for k, v in good.items()}
    inner = {
        name: section.id
        for section in checklist.sections
        if section.repeat
        for item in section.items
        for name in (item.id, f"{item.id}_applies")
    }
    for name, value in changed.items():
        (found[inner[name]][0] if name in inner else found)[name] = value
    return found


def judged(path: Path, changed: Mapping[str, Any]) -> tuple[Filled, tuple[ItemOutcome, ...]]:
    pack, checklist, case = checklist_of(path)
    filled = fill(prepare(pack, checklist.id), answered(checklist, case["good"], changed), on=ON)
    return filled, outcomes(checklist, filled)


def limits() -> Iterator[Any]:
    for path in CASES:
        for limit in yaml.safe_load(path.read_text("utf-8"))["limits"]:
            for value, verdict in limit["gives"].items():
                yield pytest.param(path, limit, value, verdict, id=f"{path.stem}-{limit['item']}-{value}")


@pytest.mark.parametrize(("path", "limit", "value", "verdict"), list(limits()))
def test_a_number_keeps_to_its_limit(path: Path, limit: dict[str, Any], value: str, verdict: str) -> None:
    _, found = judged(path, {**limit.get("with", {}), limit["item"]: value})
    (one,) = [o for o in found if o.item.id == limit["item"]]
    assert (one.verdict, one.value) == (verdict, Decimal(value))


def test_every_checklist_has_its_case() -> None:
    packs = [pack_of(p.parent) for p in sorted(CONTENT.glob("*/pack.toml"))]
    wanted = {id_ for pack in packs for id_ in pack.entries("checklists", Checklist)}
    assert wanted
    assert {yaml.safe_load(p.read_text("utf-8"))["checklist"] for p in CASES} == wanted


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_every_limit_is_tried_below_on_and_above(path: Path) -> None:
    _, checklist, case = checklist_of(path)
    tried = {limit["item"]: {Decimal(v) for v in limit["gives"]} for limit in case["limits"]}
    measured = [item for item, _ in checklist.items() if item.measured and item.judged]
    assert measured
    assert set(tried) == {item.id for item in measured}
    assert [
        item.id for item in measured if not all(_around(item, tried[item.id], end) for _, end in item.limits())
    ] == []


def _around(item: ChecklistItem, tried: set[Decimal], end: Decimal) -> bool:
    below = any(v < end for v in tried) or (item.min is not None and end <= Decimal(repr(item.min)))
    return end in tried and below and any(v > end for v in tried)


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_what_is_looked_at_becomes_a_finding_where_it_is_not_in_order(path: Path) -> None:
    _, checklist, case = checklist_of(path)
    filled, found = judged(path, {})
    assert filled.faults == ()
    assert [o.key for o in found if o.failed] == []
    for item, _ in checklist.items():
        bad = {"grade": [g.code for g in item.grades if not g.conforms], "conform": ["not"]}.get(item.type, [])
        for code in bad:
            again, seen = judged(path, {**case.get("shows", {}).get(item.id, {}), item.id: code})
            assert [o.item.id for o in seen if o.failed] == [item.id]
            assert f"{item.id}_said" in {f.field for f in again.faults}, "what was found is to be said"


def visits() -> Iterator[Any]:
    for path in CASES:
        for visit in yaml.safe_load(path.read_text("utf-8"))["visits"]:
            yield pytest.param(path, visit, id=f"{path.stem}-{visit['name']}")


@pytest.mark.parametrize(("path", "visit"), list(visits()))
def test_a_visit_comes_to_its_result(path: Path, visit: dict[str, Any]) -> None:
    _, found = judged(path, visit.get("with", {}))
    assert {o.key: o.item.severity for o in found if o.failed} == visit["findings"]
    assert result(found) == visit["result"]
