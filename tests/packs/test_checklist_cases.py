"""Every checklist of the packs with its case: a visit in order, each limit tried on both sides, visits with findings.

A case (``tests/checklists/ID.yaml``) gives the answers of a visit in which all is in order (``good``); ``limits``
what each measured number comes to (``tries``: what a derived one comes to by the answers above it); ``settings`` the
limits that a county sets, made up to try the items that are only recorded without them; ``visits`` what a changed visit
comes to; ``shows`` which answers bring an item up. ``with`` replaces answers, of a repeated section in its first round.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from qingmiao.content import load_pack
from qingmiao.content.checklist_items import ChecklistItem, LimitSetting
from qingmiao.content.checklists import Checklist
from qingmiao.content.pack import Pack
from qingmiao.forms import Filled, inspected_playing
from qingmiao.forms.inspected import ItemOutcome, result

CONTENT = Path(__file__).parents[2] / "content"
CASES = sorted(CONTENT.glob("*/tests/checklists/*.yaml"))
ON = inspected_playing.DAY


@cache
def pack_of(folder: Path) -> Pack:
    return load_pack(folder)


@cache
def checklist_of(path: Path, settings: bool = True) -> tuple[Pack, Checklist, dict[str, Any]]:
    """The checklist of a case, with the limits that the case lets the county set."""
    case = yaml.safe_load(path.read_text("utf-8"))
    pack = pack_of(next(p for p in path.parents if (p / "pack.toml").is_file()))
    checklist = pack.entries("checklists", Checklist)[case["checklist"]]
    given = case.get("settings", {}) if settings else {}
    kept = {f"{checklist.id}.{item}": LimitSetting.model_validate(limits) for item, limits in given.items()}
    return pack, checklist.set_to(kept), case


def judged(path: Path, changed: Mapping[str, Any], settings: bool = True) -> tuple[Filled, tuple[ItemOutcome, ...]]:
    pack, checklist, case = checklist_of(path, settings)
    return inspected_playing.judged(pack, checklist, case, changed)


def limits() -> Iterator[Any]:
    for path in CASES:
        for limit in yaml.safe_load(path.read_text("utf-8"))["limits"]:
            for answers, value, verdict in inspected_playing.tries(limit):
                yield pytest.param(path, limit, answers, value, verdict, id=f"{path.stem}-{limit['item']}-{value}")


@pytest.mark.parametrize(("path", "limit", "answers", "value", "verdict"), list(limits()))
def test_a_number_keeps_to_its_limit(
    path: Path, limit: dict[str, Any], answers: dict[str, Any], value: str, verdict: str
) -> None:
    _, found = judged(path, answers)
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
    tried = {
        limit["item"]: {Decimal(v) for v in limit.get("gives", ())}
        | {Decimal(t["value"]) for t in limit.get("tries", ())}
        for limit in case["limits"]
    }
    measured = [item for item, _ in checklist.items() if item.measured and item.judged]
    assert set(tried) == {item.id for item in measured}
    assert [
        item.id for item in measured if not all(_around(item, tried[item.id], end) for _, end in item.limits())
    ] == []


def _around(item: ChecklistItem, tried: set[Decimal], end: Decimal) -> bool:
    least, most = item.min if item.type != "derived" else 0, item.max
    below = any(v < end for v in tried) or (least is not None and end <= Decimal(repr(least)))
    above = any(v > end for v in tried) or (most is not None and end >= Decimal(repr(most)))
    return end in tried and below and above


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_what_the_county_has_not_set_is_recorded_and_judges_nothing(path: Path) -> None:
    _, shipped, case = checklist_of(path, settings=False)
    local = {item.id for item, _ in shipped.items() if item.local}
    assert set(case.get("settings", {})) == local, "each local limit is tried with a made-up setting"
    for limit in (one for one in case["limits"] if one["item"] in local):
        answers = [{**limit.get("with", {}), limit["item"]: v} for v in limit.get("gives", ())]
        for given in (*answers, *(t["with"] for t in limit.get("tries", ()))):
            _, found = judged(path, given, settings=False)
            assert {o.verdict for o in found if o.item.id == limit["item"]} == {"recorded"}


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_what_has_a_last_day_is_in_force_on_it_and_fails_past_it(path: Path) -> None:
    _, checklist, case = checklist_of(path)
    for item, _ in checklist.items():
        for day, verdict in ((ON - timedelta(1), "not"), (ON, "conform"), (ON + timedelta(1), "conform")):
            shown = case.get("shows", {}).get(item.id, {})
            held = {item.id: "conform", f"{item.id}_until": day.isoformat()}
            found = judged(path, {**shown, **held})[1] if item.dated else ()
            assert [o.verdict for o in found if o.item.id == item.id] == ([verdict] if item.dated else [])


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_an_instrument_past_its_calibration_is_refused(path: Path) -> None:
    _, checklist, _ = checklist_of(path)
    for one in checklist.instruments:
        for day, faults in ((ON, []), (ON - timedelta(1), [f"{one.id}_until"])):
            filled, _ = judged(path, {f"{one.id}_until": day.isoformat()})
            assert [f.field for f in filled.faults] == faults


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_what_is_looked_at_becomes_a_finding_where_it_is_not_in_order(path: Path) -> None:
    _, checklist, case = checklist_of(path)
    filled, found = judged(path, {})
    assert filled.faults == ()
    assert [o.key for o in found if o.failed] == []
    for item, _ in checklist.items():
        graded = [g.code for g in item.grades if not g.conforms]
        bad = graded if item.type == "grade" else [] if item.measured or item.type == "photo" else ["not"]
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
