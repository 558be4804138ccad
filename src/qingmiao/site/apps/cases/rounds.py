"""The round of a programme by unit: how many work there, who is on the list, who was checked in time, who is due. Only
days are read here, never what a check found; a person's name is shown to whoever sees the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.db.models import Max, Q
from django.utils import timezone

from qingmiao.casework.ready import ReadyProgramme
from qingmiao.casework.rounds import (
    RoundPeople,
    RoundTotal,
    UnitRound,
    due_days,
    round_by_unit,
    round_clock,
    round_soon,
    round_total,
)
from qingmiao.content.base import Label
from qingmiao.content.citing import cited
from qingmiao.content.organisations import KINDS, narrowed
from qingmiao.content.programme_parts import RoundRule
from qingmiao.kernel.areas import stem
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.cases import keeping, overview, programmes, showing, standing
from qingmiao.site.apps.cases.models import CaseStep, KeptCase, RoundStaff
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach

LEAST_SOURCE, MOST_STAFF = 4, 20000
STANDINGS = ("overdue", "never", "under_way", "soon", "valid")
"""How somebody on a list stands, what is to be done first first."""


@dataclass(frozen=True)
class RoundShown:
    """A programme with a round. `clock`: its time in words, `source`: of the duty."""

    programme: str
    label: Label
    clock: Label
    source: str
    counts: Label
    hint: Label | None
    set: bool
    """The clock has a length: set by a document or by the county."""


@dataclass(frozen=True)
class RoundUnit:
    """A unit of the round. `listed`: this person sees its list, and may state its staff where `states`."""

    unit: str
    label: str
    kind: Label
    count: UnitRound
    staff_source: str
    listed: bool
    states: bool


@dataclass(frozen=True)
class RoundPage:
    """The units of the round that this person answers for, and all of them together."""

    shown: RoundShown
    units: tuple[RoundUnit, ...]
    total: RoundTotal
    on: date


@dataclass(frozen=True)
class RoundPerson:
    """Somebody on a unit's list: the case, who it is, the day of the last check, by when the next one is due, and one
    of `STANDINGS`. What a check found is not here."""

    number: int
    said: tuple[str, ...]
    checked: date | None
    due: date | None
    standing: str


@dataclass(frozen=True)
class RoundList:
    """The list of one unit."""

    shown: RoundShown
    unit: RoundUnit
    headings: tuple[Label, ...]
    people: tuple[RoundPerson, ...]


def rounds(reach: Reach) -> tuple[RoundShown, ...]:
    """The programmes with a round in which this person answers for a unit."""
    sights = standing.sights(reach)
    return tuple(
        _shown(programmes.ready(id_))
        for id_, one in programmes.every().items()
        if one.round is not None and _units(sights, id_, one.round)
    )


def round_page(reach: Reach, programme: str) -> RoundPage:
    """How far each unit is today. AbsentError where the programme has no round, or this person answers for no unit."""
    ready, rule = _ready(programme)
    sights, on = standing.sights(reach), timezone.localdate()
    units = _units(sights, programme, rule)
    if not units:
        raise AbsentError("没有这一页")
    staff = _staff(programme, units)
    counted = {
        u.unit: u
        for u in round_by_unit(
            ready, _people(ready, units), {k: u.kind for k, u in units.items()},
            {k: s.staff for k, s in staff.items()}, on,
        )
    }  # fmt: skip
    rows = tuple(_row(sights, programme, u, counted[k], staff.get(k)) for k, u in units.items() if k in counted)
    return RoundPage(_shown(ready), rows, round_total(counted.values()), on)


def round_list(reach: Reach, programme: str, unit: str) -> RoundList:
    """Who is on a unit's list and how each one stands, for whoever sees the cases of the unit; the sight is written
    down. AbsentError for every other."""
    ready, rule = _ready(programme)
    page = round_page(reach, programme)
    row = next((u for u in page.units if u.unit == unit and u.listed), None)
    if row is None:
        raise AbsentError("没有这个单位的名单")
    sights, clock = standing.sights(reach), round_clock(ready)
    shows = rule.shows or tuple(id_ for id_, f in ready.fields.items() if f.given == "name")
    cases = list(KeptCase.objects.filter(sights.where, programme=programme, owner=unit, state="open").order_by("pk"))
    days = _days(ready, [c.pk for c in cases])
    checked = np.array([days[c.pk][0] for c in cases], dtype="datetime64[D]")
    due = [d.astype(object) for d in due_days(clock, checked)] if cases else []
    soon = round_soon(clock)
    people = []
    for case, at in zip(cases, due, strict=True):
        last, running = days[case.pk]
        file = keeping.file_of(case)
        said = tuple(str(file.values.get(f) or "") for f in shows) or (showing.title(case),)
        people.append(RoundPerson(case.pk, said, last, at, _standing(at, running, page.on, soon)))
    audit.seen(reach.person, "cases.round", object_type="unit", object_id=unit, detail={"programme": programme})
    people.sort(key=lambda p: (STANDINGS.index(p.standing), p.due or date.max, p.number))
    headings = tuple(ready.fields[f].label or Label(zh=f) for f in shows) or (Label(zh="个案", en="Case"),)
    return RoundList(page.shown, row, headings, tuple(people))


def state_staff(reach: Reach, programme: str, unit: str, *, staff: int, source: str) -> None:
    """Say how many work at a unit and where the figure comes from: for who opens cases of the programme at that very
    unit. AbsentError for every other; what was said before is kept."""
    row = next((u for u in round_page(reach, programme).units if u.unit == unit and u.states), None)
    if row is None:
        raise AbsentError("没有这个单位的名单")
    said = source.strip()
    if not 0 < staff <= MOST_STAFF:
        raise UserError(f"请填写人数（1—{MOST_STAFF}）")
    if len(said) < LEAST_SOURCE:
        raise UserError(f"请写明人数的来源，例如哪一天的花名册（不少于 {LEAST_SOURCE} 个字）")
    detail = {"programme": programme, "staff": staff}
    with access.beside(reach, "cases.round.staff", object_type="unit", object_id=unit, detail=detail) as told:
        made = RoundStaff.objects.create(
            programme=programme, unit_id=unit, staff=staff, source=said[:200], by=reach.person, at=timezone.now()
        )
        told["number"] = made.pk


def _ready(programme: str) -> tuple[ReadyProgramme, RoundRule]:
    ready = programmes.ready(programme)
    if ready.programme.round is None:
        raise AbsentError("没有这一页")
    return ready, ready.programme.round


def _shown(ready: ReadyProgramme) -> RoundShown:
    one, clock = ready.programme, round_clock(ready)
    assert one.round is not None
    source = cited(one.round.source) if one.round.source is not None else clock.origin
    return RoundShown(one.id, one.label, clock.label, source, one.round.counts, one.round.hint, clock.value is not None)


def _units(sights: standing.CaseSights, programme: str, rule: RoundRule) -> dict[str, Organisation]:
    """The units that must and for which the person answers: the own ones, those below, those of the areas that are
    led."""
    where = Q(pk__in=[])
    for seat in sights.seats:
        if programme in seat.programmes and not seat.charge:
            where |= Q(path__startswith=seat.path)
            where |= Q(area__code__startswith=stem(seat.area)) if programme in seat.placed else Q(pk__in=[])
    for area in overview.led_areas(sights):
        where |= Q(area__code__startswith=stem(area))
    kinds = sorted(narrowed(rule.units))
    return {u.pk: u for u in Organisation.objects.filter(where, kind__in=kinds, is_active=True).order_by("area", "pk")}


def _row(
    sights: standing.CaseSights, programme: str, unit: Organisation, count: UnitRound, said: RoundStaff | None
) -> RoundUnit:
    listed = any(programme in s.whole and unit.path.startswith(s.path) for s in sights.seats)
    states = any(s.unit == unit.pk for s in sights.opening(programme))
    source = f"{said.source}（{timezone.localtime(said.at):%Y-%m-%d}）" if said is not None else ""
    kind = KINDS[unit.kind].label if unit.kind in KINDS else Label(zh=unit.kind)
    return RoundUnit(unit.pk, unit.label, kind, count, source, listed, states)


def _staff(programme: str, units: Mapping[str, Organisation]) -> dict[str, RoundStaff]:
    """The last statement of each unit."""
    found = RoundStaff.objects.filter(programme=programme, unit__in=list(units)).order_by("unit", "-id")
    return {str(s.unit_id): s for s in found.distinct("unit")}


def _people(ready: ReadyProgramme, units: Mapping[str, Organisation]) -> RoundPeople:
    """The people of the units, by the days of their cases' steps alone."""
    cases = dict(
        KeptCase.objects.filter(programme=ready.programme.id, owner__in=list(units), state="open")
        .order_by("pk")
        .values_list("pk", "owner")
    )
    days = _days(ready, list(cases))
    return RoundPeople(
        np.array(list(cases.values()), dtype=np.str_),
        np.array([days[pk][0] for pk in cases], dtype="datetime64[D]"),
        np.array([days[pk][1] for pk in cases], dtype=np.bool_),
    )


def _days(ready: ReadyProgramme, cases: list[int]) -> dict[int, tuple[date | None, bool]]:
    """Case → the day on which its clock started last, and whether it was met since (`casework.rounds.people_of`)."""
    clock = round_clock(ready)
    started = Max("at", filter=Q(target__in=clock.starts))
    met = Max("at", filter=Q(step__in=clock.met_by))
    rows = CaseStep.objects.filter(case__in=cases).values("case").annotate(started=started, met=met)
    found = {r["case"]: (r["started"], r["met"]) for r in rows}
    return {
        pk: (timezone.localtime(s).date() if s is not None else None, m is not None and (s is None or m > s))
        for pk in cases
        for s, m in [found.get(pk, (None, None))]
    }


def _standing(due: date | None, under_way: bool, on: date, soon: int) -> str:
    if under_way:
        return "under_way"
    if due is None:
        return "never"
    return "overdue" if due < on else "soon" if due <= on + timedelta(days=soon) else "valid"
