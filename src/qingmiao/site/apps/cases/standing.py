"""How somebody stands to a case, and so what of it can be seen: decided here alone, for one case and for lists.

A unit stands to a case as its owner, because it was told of it, has to act in its state, or received a referral
(`CaseParty`). A person sees it by a role that owns states of the programme, held at such a unit or at one above it. A
role that only reports, or goes by charge (a class, a village), sees of the unit's cases the own ones: taken a step in,
assigned, or of a child in the charge. Cases that are not 核心 are seen also by whoever has to do with every case of a
place (`programmes.watching`), at an authority over it. Who supervises cases of a place (content: `supervision`) sees
where they stand and the fields that the programme names, of none that is 核心. Sealed cases are seen by nobody. A
refusal looks like absence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from qingmiao.casework.deciding import Doer
from qingmiao.content.organisations import AUTHORITIES
from qingmiao.flow import NOTHING
from qingmiao.kernel.areas import lies_in, stem
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.cases import programmes
from qingmiao.site.apps.cases.models import CORE, CaseParty, CaseReferralKept, CaseTaker, CaseUnsealing, KeptCase
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records.api import about

Sight = Literal["full", "past", "handed", "supervised"]
RECEIVED = ("sent", "accepted")
"""The states of a referral in which the receiver sees what was handed over."""
ORDER: tuple[Sight, ...] = ("full", "supervised", "handed", "past")
"""The widest first."""


@dataclass(frozen=True)
class Seat:
    """A role as casework counts it: at which unit, over which area, in which programmes."""

    roles: frozenset[str]
    unit: str
    path: str
    area: str
    authority: bool
    """A wide role, or one at an authority: it answers for a place."""
    charge: bool
    """Goes by charge (a class, a village)."""
    programmes: frozenset[str]
    """Those that name it."""
    whole: frozenset[str]
    """Of these, those of which it sees all cases of its unit; of the others only the own ones."""
    placed: frozenset[str]
    """Those of which it sees every case of its area that is not 核心."""
    supervised: frozenset[str] = frozenset()
    """Those whose cases of its area, but 核心 ones, it supervises without handling them."""

    @property
    def receives(self) -> frozenset[str]:
        """The programmes whose referrals it answers for its unit."""
        return frozenset() if self.charge else self.programmes


@dataclass(frozen=True)
class CaseSight:
    """What somebody sees of one case. `doers`: who acts there, the widest first; `parties`: the units by which."""

    sight: Sight
    doers: tuple[Doer, ...]

    @property
    def roles(self) -> frozenset[str]:
        """All roles that count for the case."""
        return frozenset(r for d in self.doers for r in d.roles)


@dataclass(frozen=True)
class CaseSights:
    """Everything that decides what a person sees of cases, read once a request."""

    reach: Reach
    seats: tuple[Seat, ...] = field(default=())

    @cached_property
    def where(self) -> Q:
        """The condition of the cases that the person sees whole."""
        return self.at_units | self.below | self.of_place

    @cached_property
    def at_units(self) -> Q:
        """Of these, those with which the own units have to do."""
        found = Q(pk__in=[])
        for seat in self.seats:
            at = Q(Exists(CaseParty.objects.filter(case=OuterRef("pk"), unit=seat.unit, sight="full")))
            found |= Q(programme__in=sorted(seat.whole)) & at
            if seat.programmes - seat.whole:
                found |= Q(programme__in=sorted(seat.programmes - seat.whole)) & at & self._own()
        return found & ~Q(state="sealed")

    @cached_property
    def below(self) -> Q:
        """Those that the own units or units below them own."""
        return self.owning & ~Q(state="sealed")

    @cached_property
    def of_place(self) -> Q:
        """Those of the places that the roles answer for."""
        found = Q(pk__in=[])
        for seat in self.seats:
            if seat.placed:
                there = ~Q(secrecy=CORE) & Q(area__startswith=stem(seat.area))
                found |= Q(programme__in=sorted(seat.placed)) & there
        return found & ~Q(state="sealed")

    @cached_property
    def overseen(self) -> Q:
        """The condition of the cases that the person supervises without handling them: not seen whole."""
        found = Q(pk__in=[])
        for seat in self.seats:
            if seat.supervised:
                there = ~Q(secrecy=CORE) & Q(area__startswith=stem(seat.area))
                found |= Q(programme__in=sorted(seat.supervised)) & there
        return found & ~Q(state="sealed")

    def _own(self) -> Q:
        me = self.reach.person
        took = CaseTaker.objects.filter(case=OuterRef("pk"), person=me)
        return Q(assigned=me) | Q(Exists(took)) | Q(child__in=about.files_in_sight(self.reach))

    @property
    def owning(self) -> Q:
        """The condition of the cases, sealed ones too, of the person's units and those below: whose sealed ones may be
        asked for."""
        found = Q(pk__in=[])
        for seat in self.seats:
            found |= Q(programme__in=sorted(seat.whole), owner__path__startswith=seat.path)
        return found

    def of(self, case: KeptCase) -> CaseSight | None:
        """What the person sees of a case; None for nothing at all. A sealed one is read by the two who unsealed it."""
        me = self.reach.person
        if not me.is_active:
            return None
        if case.state == "sealed":
            open_now = CaseUnsealing.objects.filter(case=case, until_at__gt=timezone.now())
            return CaseSight("full", ()) if open_now.filter(Q(asked_by=me) | Q(agreed_by=me)).exists() else None
        parties = {p.unit_id: p.sight for p in CaseParty.objects.filter(case=case)}
        sent = CaseReferralKept.objects.filter(case=case, state__in=RECEIVED).values_list("unit", "programme")
        handed = {(str(unit), programme) for unit, programme in sent}
        found = [(s, d) for seat in self.seats for s, d in self._by(seat, case, parties, handed)]
        if not found:
            return None
        widest = min((s for s, _ in found), key=ORDER.index)
        own = self.reach.person.organisation_id
        doers = sorted((d for s, d in found if s == widest), key=lambda d: (d.unit != own, d.unit))
        return CaseSight(widest, tuple(dict.fromkeys(doers)))

    def _by(
        self, seat: Seat, case: KeptCase, parties: dict[str, str], handed: set[tuple[str, str]]
    ) -> Iterable[tuple[Sight, Doer]]:  # fmt: skip
        at, me = parties.get(seat.unit), self.reach.person
        whole = case.programme in seat.whole
        above = whole and case.owner.path.startswith(seat.path)
        over = case.programme in seat.placed and case.secrecy != CORE and lies_in(case.area, seat.area)
        supervises = frozenset({str(case.owner_id)}) if above and seat.unit != case.owner_id else frozenset[str]()
        doer = Doer(me.username, seat.roles, seat.unit, supervises)
        if above or over or (at == "full" and case.programme in seat.programmes and (whole or self._mine(case))):
            yield "full", doer
        elif case.programme in seat.supervised and case.secrecy != CORE and lies_in(case.area, seat.area):
            yield "supervised", Doer(me.username, seat.roles, seat.unit, frozenset({str(case.owner_id)}))
        elif any((seat.unit, programme) in handed for programme in seat.receives):
            yield "handed", doer
        elif at == "past" and whole:
            yield "past", doer

    @property
    def received(self) -> Q:
        """The condition of the cases of which a unit of the person received a referral that has not ended."""
        found = Q(pk__in=[])
        for seat in self.seats:
            of = {"unit": seat.unit, "programme__in": sorted(seat.receives), "state__in": RECEIVED}
            found |= Q(pk__in=CaseReferralKept.objects.filter(**of).values("case"))
        return found & ~Q(state="sealed")

    def _mine(self, case: KeptCase) -> bool:
        me = self.reach.person
        if case.assigned_id == me.pk or CaseTaker.objects.filter(case=case, person=me).exists():
            return True
        return case.child_id is not None and about.files_in_sight(self.reach).filter(pk=case.child_id).exists()

    def opening(self, programme: str, step: str | None = None) -> tuple[Seat, ...]:
        """The seats by which the person may open a case of a programme (by that step, or by any)."""
        one = programmes.every().get(programme)
        if one is None or not self.reach.person.is_active:
            return ()
        named = one.step(step, NOTHING) if step is not None else None
        roles = {r for s in one.steps if s.opens and (step is None or s is named) for r in s.roles}
        own = self.reach.person.organisation_id
        found = [s for s in self.seats if s.roles & roles]
        return tuple(sorted(found, key=lambda s: (s.unit != own, s.unit)))


def sights(reach: Reach) -> CaseSights:
    """What decides of a person: the roles held today that some programme names."""
    named, every = programmes.named(), site_pack.pack().roles
    owning, watching, supervising = programmes.owning(), programmes.watching(), programmes.supervising()
    kinds = dict(Organisation.objects.filter(pk__in={h.unit for h in reach.held}).values_list("pk", "kind"))
    own_only = frozenset(id_ for id_, role in every.items() if role.unit_only)
    seats = []
    for h in reach.held:
        over = frozenset(id_ for id_, roles in named.items() if h.grants & roles)
        if over:
            rule = every[h.role].children if h.role in every else None
            charge = rule is not None and rule.over == "charge"
            place = h.wide or kinds.get(h.unit) in AUTHORITIES
            whole = frozenset(p for p in over if h.grants & owning[p] and not charge)
            answering = h.grants - own_only
            placed = frozenset(p for p in over if answering & watching[p] and place and not charge)
            watched = frozenset(p for p in over if h.grants & supervising.get(p, frozenset()) and place and not charge)
            seats.append(Seat(h.grants, h.unit, h.path, h.area, place, charge, over, whole, placed, watched - placed))
    return CaseSights(reach, tuple(seats))


def get(reach: Reach, number: int) -> tuple[KeptCase, CaseSight]:
    """A case that the person sees, and how. Raises AbsentError for every other, as for one that is not there."""
    case = KeptCase.objects.select_related("owner", "assigned").filter(pk=number).first()
    found = sights(reach).of(case) if case is not None else None
    if case is None or found is None:
        raise AbsentError("没有这个个案")
    return case, found
