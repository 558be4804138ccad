"""Programme × state × step × role × relation: who may take which step is what the files say, read by other means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from qingmiao.casework.case import CaseFile, CaseReferral
from qingmiao.casework.deciding import Doer, take
from qingmiao.casework.ready import ReadyProgramme, prepare_programme
from qingmiao.content import load_pack
from qingmiao.flow import Refusal

ROOT = Path(__file__).resolve().parents[2]
PACK = load_pack(ROOT / "content" / "china")
PROGRAMMES = sorted(p.stem for p in (ROOT / "content/china/programmes").glob("*.yaml"))
AT = datetime(2026, 3, 6, 9)
STRANGER = "nobody_of_this_programme"
ACTORS: dict[str, dict[str, Any]] = {
    "none": {"unit": "elsewhere"},
    "owner": {"unit": "owning"},
    "assigned": {"id": "worker"},
    "supervising": {"unit": "above", "supervises": frozenset({"owning"})},
    "referred_to": {"unit": "receiving"},
    "informed": {"unit": "informed"},
    "refused": {"unit": "refusing"},
    "transferred_from": {"unit": "former"},
}
"""How an actor stands to the case → who that is; "informed" and "referred_to" are one relation, "refused" none any
more."""
RELATION = {"informed": "referred_to", "refused": "none"}


def case_in(id_: str, state: str) -> CaseFile:
    """A case that stands in a state, with somebody in each relation."""
    sent = CaseReferral(1, "x", "receiving", {}, "", "", False, AT, "accepted")
    back = CaseReferral(2, "x", "refusing", {}, "", "", False, AT, "refused")
    return CaseFile(
        id_, state, owner="owning", informed=frozenset({"informed"}), left="former", assigned="worker",
        referrals=(sent, back),
    )  # fmt: skip


def may(step: dict[str, Any], role: str, actor: str) -> bool:
    """Whether a step of the file is this one's: the role is named, and a relation where some are."""
    named = step.get("relations") or []
    return role in (step.get("roles") or []) and (not named or RELATION.get(actor, actor) in named)


def sources(raw: dict[str, Any], step: dict[str, Any]) -> list[str]:
    """The states from which a step of the file starts."""
    start = step.get("from")
    if start == "*":
        return [s for s, said in raw["states"].items() if not said.get("final") and s != step.get("to")]
    return [start] if isinstance(start, str) else list(start or [])


def named(raw: dict[str, Any], state: str, name: str) -> str:
    """The step that a name means from a state: of that name, else the first that leads to the state of that name."""
    here = [s for s in raw["steps"] if state in sources(raw, s)]
    for among in (here, raw["steps"]):
        if any(s["do"] == name for s in among):
            return name
        if found := [s["do"] for s in among if s.get("to") == name]:
            return found[0]
    return name


def expected(raw: dict[str, Any], state: str, name: str, role: str, actor: str) -> str:
    """What the file says: there is no such step for this one, not from here, or the form and the guards decide."""
    mine = [s for s in raw["steps"] if s["do"] == named(raw, state, name) and may(s, role, actor)]
    if not mine:
        return "absent"
    return "judged" if any(state in sources(raw, s) for s in mine) else "elsewhere"


def squares(raw: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Every step by every role that the programme names (and by one that it does not) in every relation."""
    roles = sorted({r for s in raw["steps"] for r in s.get("roles") or []})
    yield from product(sorted({s["do"] for s in raw["steps"]}), (*roles, STRANGER), ACTORS)


def said(ready: ReadyProgramme, case: CaseFile, name: str, role: str, actor: str) -> str:
    outcome = take(ready, case, name, Doer(roles=frozenset({role}), **ACTORS[actor]), AT, {})
    words = {Refusal.ABSENT: "absent", Refusal.ELSEWHERE: "elsewhere"}
    return "judged" if outcome.refusal is None else words.get(outcome.refusal, "judged")


@pytest.mark.parametrize("id_", PROGRAMMES)
def test_who_may_take_a_step_is_what_the_file_says(id_: str) -> None:
    raw = yaml.safe_load((ROOT / "content/china/programmes" / f"{id_}.yaml").read_text("utf-8"))
    ready, wrong, tried = prepare_programme(PACK, id_), [], 0
    for state in raw["states"]:
        case = case_in(id_, state)
        for name, role, actor in squares(raw):
            tried += 1
            want, got = expected(raw, state, name, role, actor), said(ready, case, name, role, actor)
            if got != want:
                wrong.append((state, name, role, actor, got, want))
    assert wrong == []
    assert tried > 100
