"""The demonstration's cases: every programme's own scripts played with made-up people and children, spread over the
two years up to today; what would lie ahead has not happened, so that some are late."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from qingmiao.casework.case import ANSWERS, CaseFile, Taken, after
from qingmiao.casework.playing import KEYS, WAIT, ScriptLine, line_taken, read_script
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.pack import Pack
from qingmiao.content.yaml_source import read_yaml
from qingmiao.kernel.areas import lies_in
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.cases import doors, keeping, parties, programmes, publishing
from qingmiao.site.apps.cases.models import CaseStep, CaseTaker, KeptCase
from qingmiao.site.apps.directory.models import Assignment, Organisation, Person, RoleKept
from qingmiao.site.apps.records.api import about, sealing

SCRIPTS = Path("tests") / "programmes"
COPIES = 4
"""Cases of each script."""
SPREAD = 700
"""Days back from today over which cases begin, an equal part of them for each copy: no programme is without cases in
the last year or in the one before."""
SEED = 20260601
"""Each stage that makes cases draws from a stream of its own (its name beside this): ids of steps come from it, too."""
CLOCKED = re.compile(r"\d{4}-\d{2}-\d{2}(?=T|$)")


@dataclass(frozen=True)
class Played:
    """A script as the programme allowed it: the steps that were taken, without people."""

    ready: ReadyProgramme
    history: tuple[Taken, ...]


def stage(pack: Pack, *, now: datetime | None = None) -> int:
    """Make the cases, once; how many. In one transaction: half of them never stay."""
    if KeptCase.objects.exists() or not programmes.every():
        return 0
    draw, at = Random(SEED), timezone.make_naive(now or timezone.now())
    places, people = _townships(pack), Cast()
    if not places:
        return 0
    find = lru_cache(maxsize=2000)(parties.nearest)
    made = 0
    with transaction.atomic(), audit.through("cases"):
        for played in scripts(pack):
            for n in range(COPIES):
                days = SPREAD // COPIES * n + draw.randrange(SPREAD // COPIES)
                first = at - timedelta(days=days, hours=draw.randint(0, 8))
                made += case_of(played, draw, first, at, draw.choice(places), people, find)
        people.publish()
        audit.append(audit.SYSTEM, "cases.stage", object_type="case", detail={"cases": made})
    return made


class Cast:
    """Made-up people by the roles that they hold, and where."""

    def __init__(self) -> None:
        grants = dict(RoleKept.objects.filter(ended=False).values_list("id", "grants"))
        rows = Assignment.objects.filter(person__is_demo=True, person__is_active=True).select_related("person", "area")
        self.held: dict[str, list[tuple[str, str, Person]]] = {}
        self.kept: list[tuple[KeptCase, ReadyProgramme, CaseFile, datetime]] = []
        """The cases that were made and are not published yet."""
        for a in rows.order_by("pk"):
            for role in grants.get(a.role, ()):
                self.held.setdefault(role, []).append((a.area_id, str(a.organisation_id), a.person))

    def publish(self) -> None:
        """Publish what counts of the cases that were made, all at once."""
        publishing.publish_all(self.kept)
        self.kept.clear()

    def of(self, roles: tuple[str, ...], area: str, other: Person | None = None) -> tuple[str, str, Person] | None:
        """Somebody (another than `other`) who holds one of the roles over a place: the role, the unit, the person."""
        found = [
            (-len(where), n, role, unit, person)
            for n, role in enumerate(roles)
            for where, unit, person in self.held.get(role, ())
            if lies_in(area, where) and (other is None or person.pk != other.pk)
        ]
        if not found:
            return None
        _, _, role, unit, person = min(found, key=lambda f: (f[0], f[1], f[4].pk))
        return role, unit, person


def _townships(pack: Pack) -> list[str]:
    return sorted(a.code for a in pack.areas.values() if a.level == "township")


def scripts(pack: Pack) -> Iterator[Played]:
    """The scripts that the packs have of their programmes, played once: what is refused in them is left out."""
    for layer in pack.layers:
        for path in sorted((layer / SCRIPTS).glob("*.yaml")):
            id_ = path.name.split(".")[0]
            if id_ in programmes.every():
                told = read_yaml(path, path.name).data
                lines = [{k: v for k, v in line.items() if k in KEYS} for line in told]
                played = _played(programmes.ready(id_), read_script(lines), pack)
                if played.history:
                    yield played


def _played(ready: ReadyProgramme, lines: list[ScriptLine], pack: Pack) -> Played:
    case = CaseFile(ready.programme.id)
    for line in lines:
        if line.do == WAIT:
            continue
        if line.do not in ANSWERS and not (line.record or line.case):
            line = replace(line, answers=_placed(ready, line, case))
        said = line_taken(ready, case, line, pack)
        case = said.case
    return Played(ready, case.history)


def _placed(ready: ReadyProgramme, line: ScriptLine, case: CaseFile) -> dict[str, Any]:
    """The answers of a line; units and areas of the script, which are none of this county, give way to some of it
    (`_here` then says which)."""
    step = ready.programme.step(line.do, case.state)
    form = ready.forms.get(ready.number(step)) if step is not None else None
    own = {f.id: f for f in form.fields} if form is not None else {}
    return {
        k: next(iter(own[k].choices), v) if k in own and own[k].type in ("organisation", "area") else v
        for k, v in line.answers.items()
    }


def _here(ready: ReadyProgramme, taken: Taken, area: str, people: Cast, find: Any) -> dict[str, Any]:
    """Where the step's answers name a place, a unit or a person: the case's own, and those who own its next state."""
    state = ready.programme.states.get(taken.target)
    owners = state.owners if state is not None else ()
    kinds = {k: str(ready.fields[k].type) for k in taken.values if k in ready.fields}
    unit = next((u for r in owners for u in find(r, area)), None)
    who = people.of(owners, area)
    said = {"area": area, "organisation": unit, "person": who[2].username if who is not None else None}
    return {k: said[t] for k, t in kinds.items() if said.get(t) is not None}


def case_of(
    played: Played, draw: Random, first: datetime, until: datetime, area: str, people: Cast, find: Any,
    brief: about.ChildBrief | None = None,
) -> bool:  # fmt: skip
    """One case of a script, begun at a moment, up to another; whether there were people for its first step. `brief`:
    the child it is about, else one of about the script's age."""
    ready, moved = played.ready, first - played.history[0].at
    known = _child(ready, played.history[0], moved, area, draw, brief)
    child = known.pop("", None) or None
    case = KeptCase(programme=ready.programme.id)
    parties.place(case, area)
    file, kept = CaseFile(ready.programme.id), list[tuple[Taken, Person, Person | None]]()
    for n, taken in enumerate(played.history):
        at = taken.at + moved
        if at > until:
            break
        step = ready.programme.step(taken.step, taken.source)
        roles = (taken.role, *(step.roles if step is not None else ()))
        who = people.of(tuple(r for r in roles if r), area) if not taken.referral else _receiver(file, taken, people)
        if who is None:
            break
        role, unit, person = who
        second = people.of(step.second.roles, area, person) if step is not None and step.second is not None else None
        values = {k: _moved(v, moved) for k, v in taken.values.items()} | (known if n == 0 else {})
        values |= _here(ready, taken, area, people, find)
        new = replace(
            taken, at=at, by=person.username, role=role, unit=unit, values=values,
            operation=f"demo-{draw.getrandbits(64):x}-{uuid4().hex[:12]}",  # cases, rounds and benefits share a seed
            confirmed_by=second[2].username if taken.confirmed_by and second is not None else "",
        )  # fmt: skip
        if step is not None and not taken.referral and (owners := ready.programme.leading(step, role)):
            new = replace(new, lead=parties.leading(ready, owners, dict(file.values) | values, area, unit, find))
        following = after(ready, file, new)
        open_ones = [r for r in following.referrals[len(file.referrals) :] if not r.unit]
        if open_ones:
            new = replace(new, receivers={r.number: doors.receiving(r.to, area, find, by=r.by) for r in open_ones})
            following = after(ready, file, new)
        file = following
        kept.append((new, person, second[2] if new.confirmed_by and second is not None else None))
    if kept:
        _keep(case, ready, file, kept, until, child, find, people)
    return bool(kept)


def _receiver(file: CaseFile, taken: Taken, people: Cast) -> tuple[str, str, Person] | None:
    """Somebody at the unit that received the referral that is answered."""
    unit = next((r.unit for r in file.referrals if r.number == taken.referral), "")
    found = Assignment.objects.filter(organisation=unit, person__is_demo=True).select_related("person").first()
    return (found.role, unit, found.person) if found is not None and unit else None


def _keep(
    case: KeptCase,
    ready: ReadyProgramme,
    file: CaseFile,
    kept: list[tuple[Taken, Person, Person | None]],
    until: datetime,
    child: int | None,
    find: Any,
    people: Cast,
) -> None:
    """The rows of one case, as the door would have left them."""
    first, last = kept[0][0], kept[-1][0]
    found = parties.columns(ready, file, until)
    found |= {"moved_at": timezone.make_aware(last.at)}
    if found["closed_at"] is not None:
        found |= {"closed_at": timezone.make_aware(last.at), "look_at": None}
    for name, value in found.items():
        setattr(case, name, value)
    if not Organisation.objects.filter(pk=case.owner_id).exists():
        case.owner_id = kept[0][0].unit
    case.state, case.child_id, case.made_by = doors.standing_after(ready, file.state), child, kept[0][1]
    case.opened_at = timezone.make_aware(first.at)
    case.version = len(kept)
    case.save()
    numbers = sealing.next_rows(keeping.STEP, len(kept))
    CaseStep.objects.bulk_create(
        keeping.row(number, case, n, ready, taken, person, second)
        for n, (number, (taken, person, second)) in enumerate(zip(numbers, kept, strict=True), start=1)
    )
    CaseTaker.objects.bulk_create((CaseTaker(case=case, person=p) for _, p, _ in kept), ignore_conflicts=True)
    parties.refresh(case, ready, file, find=find)
    people.kept.append((case, ready, file, until))


def _child(
    ready: ReadyProgramme, first: Taken, moved: timedelta, area: str, draw: Random, brief: about.ChildBrief | None
) -> dict[str, Any]:
    """What the file of a made-up child, that one or one of about the script's age, says in the fields that the house
    fills in; the number of the file under ""."""
    words = {f.given: id_ for id_, f in ready.fields.items() if f.given is not None}
    born = first.values.get(words.get("birth_date", ""))
    if not isinstance(born, date) or "name" not in words:
        return {}
    found = [brief] if brief is not None else about.near(born + moved, area)
    if not found:
        return {}
    child = draw.choice(found)
    said = {"name": child.name, "sex": child.sex, "birth_date": child.birth_date, "area": child.area}
    return {id_: said[word] for word, id_ in words.items() if word in said} | {"": child.number}


def _moved(value: Any, by: timedelta) -> Any:
    """An answer with its days moved."""
    if isinstance(value, datetime):
        return value + by
    if isinstance(value, date):
        return value + timedelta(days=by.days)
    if isinstance(value, tuple):
        return tuple(_moved(v, by) for v in value)
    if isinstance(value, Mapping):
        return {k: _moved(v, by) for k, v in value.items()}
    if isinstance(value, str) and CLOCKED.match(value):
        return CLOCKED.sub(lambda m: (date.fromisoformat(m[0]) + timedelta(days=by.days)).isoformat(), value)
    return value
