"""Who sees which case, tried at random against an oracle that reads the files and knows neither queries nor the
engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from django.utils import timezone

from qingmiao.site.apps.cases import standing
from qingmiao.site.apps.cases.models import CaseParty, CaseReferralKept, CaseTaker, KeptCase
from qingmiao.site.apps.cases.queue import QUEUES, Queue, QueueFilters, _of, queue
from qingmiao.site.apps.directory.models import Assignment, Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2] / "content" / "china"
FILES = {p.stem: yaml.safe_load(p.read_text("utf-8")) for p in sorted((ROOT / "programmes").glob("*.yaml"))}
ROLES = {p.stem: yaml.safe_load(p.read_text("utf-8")) for p in sorted((ROOT / "roles").glob("*.yaml"))}
INSTITUTIONS = {
    "institution", "school", "kindergarten", "nursery", "hospital", "maternal_child", "clinic", "disease_control",
    "protection", "social_organisation", "other",
}  # fmt: skip
SEED, PEOPLE, CASES = 20261128, 40, 500
"""40 people × 500 cases: 20,000 pairs."""


@dataclass
class Told:
    """A case as the oracle knows it."""

    programme: str
    owner: str
    area: str
    core: bool
    sealed: bool
    parties: dict[str, str]
    takers: set[int]
    assigned: int | None
    referrals: list[tuple[str, str, str]]
    """(unit, programme, state)."""


@dataclass
class Somebody:
    """A person as the oracle knows it: roles at units."""

    number: int
    held: list[tuple[str, str]] = field(default_factory=list)


def states_of(programme: str) -> set[str]:
    """Whose the states are, who confirms, and who answers for a unit that was told."""
    raw = FILES[programme]
    found = {r for s in raw["states"].values() for r in s.get("owners") or []}
    found |= {r for s in raw["steps"] if "referred_to" in (s.get("relations") or []) for r in s["roles"]}
    return found | {r for s in raw["steps"] for r in (s.get("second") or {}).get("roles") or []}


def everybody_of(programme: str) -> set[str]:
    """Every role that the file names (the restricted groups of its blocks too)."""
    raw = FILES[programme]
    blocks = {b for s in raw["steps"] for b in s.get("blocks") or []}
    groups = dict(raw.get("groups") or {})
    for b in blocks:
        groups = (yaml.safe_load((ROOT / "case_blocks" / f"{b}.yaml").read_text("utf-8")).get("groups") or {}) | groups
    return states_of(programme) | {r for s in raw["steps"] for r in s.get("roles") or []} | {
        r for g in groups.values() for r in g["roles"]
    }  # fmt: skip


def place_of(programme: str) -> set[str]:
    """Who has to do with every case of a place."""
    raw = FILES[programme]
    opening = [s for s in raw["steps"] if not s.get("from")]
    first, openers = {s["to"] for s in opening}, {r for s in opening for r in s.get("roles") or []}
    later = {r for n, s in raw["states"].items() if n not in first for r in s.get("owners") or []}
    seconds = {r for s in raw["steps"] for r in (s.get("second") or {}).get("roles") or []}
    moving = {
        r for s in raw["steps"] if s.get("from") and s.get("to") and not s.get("relations")
        for r in s.get("roles") or []
    }  # fmt: skip
    return later | seconds | (moving - openers)


UNIT_ONLY = {id_ for id_, raw in ROLES.items() if raw.get("unit_only")}
"""Roles that speak for their own unit alone."""
OVER = {p: set((raw.get("supervision") or {}).get("roles") or []) for p, raw in FILES.items()}
"""Programme → who supervises its cases without handling them."""
OWNING = {p: states_of(p) for p in FILES}
PLACED = {p: place_of(p) for p in FILES}
NAMED = {p: everybody_of(p) for p in FILES}
OFTEN = 8
"""How many times more often than others programmes that are supervised, and who supervises, are drawn: they are few."""


def stands_for(role: str) -> set[str]:
    """A role and those that it is like."""
    return {role}.union(*(stands_for(r) for r in ROLES[role].get("like") or []))


def sees(who: Somebody, case: Told, units: dict[str, Organisation]) -> str:
    """What the oracle says: full, supervised, handed, past, or nothing."""
    if case.sealed:
        return ""
    best = ""
    for role, at in who.held:
        unit, charge = units[at], (ROLES[role].get("children") or {}).get("over") == "charge"
        there, owner = case.parties.get(at, ""), units[case.owner]
        every, programme = stands_for(role), case.programme
        whole = bool(every & OWNING[programme]) and not charge
        if whole and (there == "full" or owner.path.startswith(unit.path)):
            return "full"
        own = who.number in case.takers or case.assigned == who.number
        if there == "full" and every & NAMED[programme] and own:
            return "full"
        wide = ROLES[role].get("scope") == "area"  # of the area that its unit is in, whatever the unit
        for_place = not charge and (wide or unit.kind not in INSTITUTIONS)
        here = for_place and not case.core and case.area.startswith(unit.area_id)
        if here and (every - UNIT_ONLY) & PLACED[programme]:
            return "full"
        if here and every & OVER[programme]:
            best = "supervised"
        gets = any(u == at and s in ("sent", "accepted") and every & NAMED[p] for u, p, s in case.referrals)
        if gets and not charge and best != "supervised":
            best = "handed"
        elif whole and there == "past" and not best:
            best = "past"
    return best


@pytest.fixture
def units(directory: None) -> dict[str, Organisation]:
    return {u.pk: u for u in Organisation.objects.select_related("area")}


def people(draw: Random, units: dict[str, Organisation]) -> Iterator[Somebody]:
    """People with one to three roles of programmes at random units, whatever their kind."""
    roles, at = sorted({r for p in NAMED for r in NAMED[p]} & set(ROLES)), sorted(units)
    roles += OFTEN * sorted(set().union(*OVER.values()))
    for n in range(PEOPLE):
        unit = units[draw.choice(at)]
        person = Person.objects.create(username=f"p{n}", name=f"演示{n}", organisation=unit)
        held = {
            (draw.choice(roles), draw.choice((unit.pk, unit.pk, draw.choice(at)))) for _ in range(draw.randint(1, 3))
        }
        Assignment.objects.bulk_create(
            Assignment(
                person=person, role=role, organisation=units[u], area=units[u].area, from_date=timezone.localdate()
            )
            for role, u in sorted(held)
        )  # fmt: skip
        yield Somebody(person.pk, sorted(held))


def cases(draw: Random, units: dict[str, Organisation], who: list[Somebody]) -> dict[int, Told]:
    """Cases with random owners, parties, takers and referrals, as rows: what a history could leave."""
    at, now = sorted(units), timezone.now()
    programmes = sorted(FILES) + OFTEN * sorted(p for p in FILES if OVER[p])
    kept, of = list[KeptCase](), list[Told]()
    for _ in range(CASES):
        programme, owner = draw.choice(programmes), draw.choice(at)
        area = draw.choice([u.area_id for u in units.values()])
        parties = {draw.choice(at): draw.choice(("full", "past")) for _ in range(draw.randint(0, 4))} | {owner: "full"}
        referrals = [
            (draw.choice(at), draw.choice(sorted(FILES)), draw.choice(("sent", "accepted", "refused", "ended")))
            for _ in range(draw.randint(0, 2))
        ]
        takers = {draw.choice(who).number for _ in range(draw.randint(0, 3))}
        assigned = draw.choice((None, None, draw.choice(who).number))
        case = Told(
            programme, owner, area, draw.random() < 0.4, draw.random() < 0.1, parties, takers, assigned, referrals
        )  # fmt: skip
        kept.append(
            KeptCase(
                programme=programme, stage="x", owner=units[owner], area=area, township=area[:9], opened_at=now,
                moved_at=now, secrecy="核心" if case.core else "敏感", state="sealed" if case.sealed else "open",
                assigned_id=assigned, made_by_id=who[0].number, urgency=draw.randint(0, 9),
            )
        )  # fmt: skip
        of.append(case)
    rows = tuple(zip(KeptCase.objects.bulk_create(kept), of, strict=True))
    CaseParty.objects.bulk_create(
        CaseParty(case=row, unit_id=u, sight=s, owner=u == c.owner, urgency=row.urgency)
        for row, c in rows
        for u, s in c.parties.items()
    )
    CaseTaker.objects.bulk_create(CaseTaker(case=row, person_id=p) for row, c in rows for p in c.takers)
    CaseReferralKept.objects.bulk_create(
        CaseReferralKept(case=row, number=n, programme=p, unit_id=u, state=s, sent_at=now)
        for row, c in rows
        for n, (u, p, s) in enumerate(c.referrals, start=1)
    )
    return {row.pk: case for row, case in rows}


def through(reach: Reach, name: Queue) -> Iterator[int]:
    """The numbers of a queue, page after page."""
    after = ""
    while True:
        page = queue(reach, QueueFilters(name), after=after, size=25)
        yield from (row.number for row in page.rows)
        after = page.after
        if not after:
            return


def test_lists_and_pages_show_what_the_oracle_says_and_nothing_else(
    units: dict[str, Organisation], make_person: Callable[..., Any]
) -> None:
    draw = Random(SEED)
    who = list(people(draw, units))
    told = cases(draw, units, who)
    wrong, count = [], {"full": 0, "supervised": 0, "handed": 0, "past": 0, "": 0}
    rows = {c.pk: c for c in KeptCase.objects.select_related("owner")}
    for one in who:
        found = standing.sights(Reach(Person.objects.get(pk=one.number)))
        listed = set(KeptCase.objects.filter(found.where).values_list("pk", flat=True))
        received = set(KeptCase.objects.filter(found.received).values_list("pk", flat=True))
        wanted = {n: sees(one, c, units) for n, c in told.items()}
        wrong += [(one, n, told[n], "list") for n, w in wanted.items() if (n in listed) != (w == "full")]
        over = set(KeptCase.objects.filter(found.overseen).values_list("pk", flat=True)) - listed
        wrong += [(one.held, n, "overseen") for n, w in wanted.items() if (n in over) != (w == "supervised")]
        wrong += [(one.held, n, "received") for n, w in wanted.items() if w == "handed" and n not in received]
        for n in draw.sample(sorted(told), 20):
            sight = found.of(rows[n])
            if (sight.sight if sight is not None else "") != wanted[n]:
                wrong.append((one.held, n, "page"))
        for w in wanted.values():
            count[w] += 1
        for name in QUEUES if one in who[::4] else ():
            whole = _of(found, name).filter(state="open").order_by("urgency", "pk").values_list("pk", flat=True)
            if (paged := list(through(Reach(found.reach.person), name))) != list(whole):
                wrong.append((one, name, paged, list(whole)))
    assert wrong == []
    assert sum(count.values()) == PEOPLE * CASES
    assert min(count.values()) > 20, count
