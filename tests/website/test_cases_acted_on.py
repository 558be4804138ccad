"""Who may take which step of which case, tried at random against an oracle that reads the files: what is offered is
what the file gives to a role held at a unit by which the case is seen, and nothing else."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from qingmiao.casework.case import CaseFile, CaseReferral
from qingmiao.site.apps.cases import programmes, showing, standing
from qingmiao.site.apps.cases.models import KeptCase
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from website.test_cases_seen import FILES, OWNING, ROLES, Somebody, Told, cases, people, sees, stands_for

pytestmark = pytest.mark.django_db
SEED, OF_EACH, LEAST = 20261129, 100, 20_000
WIDEST = ("full", "supervised", "handed", "past")


@pytest.fixture
def units(directory: None) -> dict[str, Organisation]:
    """The county's units."""
    return {u.pk: u for u in Organisation.objects.select_related("area")}


def starts(raw: dict[str, Any], step: dict[str, Any], stage: str) -> bool:
    """Whether a step starts from a state, as the file says."""
    start = step.get("from")
    if start == "*":
        return not raw["states"][stage].get("final") and step.get("to") != stage
    return stage in ([start] if isinstance(start, str) else start or [])


def related(who: Somebody, at: str, role: str, case: Told, units: dict[str, Organisation]) -> set[str]:
    """How somebody stands to a case by one role at one unit."""
    found = {"owner"} if at == case.owner else set()
    found |= {"assigned"} if case.assigned == who.number else set()
    charge = (ROLES[role].get("children") or {}).get("over") == "charge"
    whole = bool(stands_for(role) & OWNING[case.programme]) and not charge
    if whole and at != case.owner and units[case.owner].path.startswith(units[at].path):
        found.add("supervising")
    if sees(Somebody(who.number, [(role, at)]), case, units) == "supervised":
        found.add("supervising")
    return found | (
        {"referred_to"} if any(u == at and s in ("sent", "accepted") for u, _, s in case.referrals) else set()
    )


def may(who: Somebody, case: Told, stage: str, units: dict[str, Organisation]) -> set[str]:
    """The steps that the oracle offers."""
    by = [(role, at, sees(Somebody(who.number, [(role, at)]), case, units)) for role, at in who.held]
    widest = next((w for w in WIDEST if w in {s for _, _, s in by}), "")
    if widest in ("", "past"):
        return set()
    raw, found = FILES[case.programme], set()
    for role, at, sight in by:
        for step in raw["steps"] if sight == widest else ():
            relations = set(step.get("relations") or [])
            if not starts(raw, step, stage) or not stands_for(role) & set(step.get("roles") or []):
                continue
            if relations and not relations & related(who, at, role, case, units):
                continue
            if relations or widest in ("full", "supervised"):
                found.add(step["do"])
    return found


def test_what_is_offered_is_what_the_oracle_says(units: dict[str, Organisation]) -> None:
    draw = Random(SEED)
    who = list(people(draw, units))
    told = cases(draw, units, who)
    rows = {c.pk: c for c in KeptCase.objects.select_related("owner")}
    wrong, triples, offered = [], 0, 0
    for one in who:
        person = Person.objects.get(pk=one.number)
        found = standing.sights(Reach(person))
        for n in draw.sample(sorted(told), OF_EACH):
            case, raw = told[n], FILES[told[n].programme]
            stage = draw.choice(sorted(raw["states"]))
            mine = person.username if case.assigned == one.number else ""
            file = CaseFile(
                case.programme, stage, owner=case.owner, assigned=mine,
                referrals=tuple(
                    CaseReferral(k, p, u, {}, "", "", False, None, s)  # type: ignore[arg-type]
                    for k, (u, p, s) in enumerate(case.referrals, start=1)
                ),
            )  # fmt: skip
            sight = found.of(rows[n])
            shown = sight is not None and sight.sight != "past"
            ours = showing.ShownCase(programmes.ready(case.programme), sight).steps(file) if shown else ()
            wanted = may(one, case, stage, units)
            if {s.name for s in ours} != wanted:
                wrong.append((one.held, n, case, stage, sorted(s.name for s in ours), sorted(wanted)))
            triples, offered = triples + len(raw["steps"]), offered + len(wanted)
    assert wrong == []
    assert triples > LEAST
    assert offered > 100
