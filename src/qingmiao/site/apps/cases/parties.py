"""Which units stand to a case after a step, and by which columns lists find it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.functions import Length
from django.utils import timezone

from qingmiao.casework.case import RED, CaseFile
from qingmiao.casework.clocks import duties, late_from, running
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.casework.turns import turns
from qingmiao.content.clocks import ClockStanding
from qingmiao.content.organisations import AUTHORITIES, KINDS, narrowed
from qingmiao.kernel import deadlines
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.cases import programmes
from qingmiao.site.apps.cases.models import CALM, NEVER, CaseParty, CaseReferralKept, KeptCase
from qingmiao.site.apps.directory.models import Assignment, Organisation, Person, RoleKept
from qingmiao.site.apps.notices import api as notices
from qingmiao.standards import working_days

TOWNSHIP = 9
"""Digits of a township's code."""


def columns(ready: ReadyProgramme, file: CaseFile, now: datetime) -> dict[str, Any]:
    """The columns of a case as it stands. `now`: China's clock, without offset."""
    run = [s for s in running(ready, file, now) if s.due is not None]
    first = min(duties(run), key=lambda s: _end(s), default=None)
    due = timezone.make_aware(_end(first)) if first is not None else None
    late = late_from(first) if first is not None else None
    danger = file.risk == RED
    final = ready.programme.states[file.state].final if file.state in ready.programme.states else False
    looks = [m for s in run for m in _moments(s) if m > now]
    return {
        "stage": file.state, "secrecy": file.secrecy, "risk": file.risk, "danger": danger, "owner_id": file.owner,
        "due_at": due, "late_at": timezone.make_aware(late) if late is not None else None,
        "due_clock": first.deadline.id if first is not None else "",
        "soon_at": timezone.make_aware(yellow(first)) if first is not None else None,
        "look_at": timezone.make_aware(min(looks)) if looks else None,
        "urgency": (0 if danger else CALM) + (int(due.timestamp()) if due is not None else NEVER),
        "moved_at": timezone.make_aware(now), "closed_at": timezone.make_aware(now) if final else None,
        "assigned": Person.objects.filter(username=file.assigned).first() if file.assigned else None,
    }  # fmt: skip


def _end(standing: ClockStanding) -> datetime:
    assert standing.due is not None
    return standing.due.at


def yellow(standing: ClockStanding) -> datetime:
    """From when a clock is shown yellow: its end where nothing is said before it."""
    calendar, end = working_days.china(), _end(standing)
    return min((deadlines.warned_from(end, s.limit, calendar) for s in standing.deadline.warn), default=end)


def _moments(standing: ClockStanding) -> Iterable[datetime]:
    """When the clock turns yellow, is over, is called late, goes up."""
    end = _end(standing)
    yield from (yellow(standing), end, late_from(standing) or end)
    yield from (e.after.after(end) for e in standing.deadline.escalate)


def place(case: KeptCase, area: str) -> None:
    """Set where a case is."""
    case.area, case.township = area, area[:TOWNSHIP]


Nearest = Callable[[str, str], tuple[str, ...]]
"""Role and place → the units nearest to it (`nearest`, or one that remembers)."""


def refresh(
    case: KeptCase, ready: ReadyProgramme, file: CaseFile, more: Iterable[str] = (), find: Nearest | None = None
) -> None:  # fmt: skip
    """Bring the parties of a case to how it stands; `more`: units that see it from now on (a second person's)."""
    kept = {p.unit_id: p for p in CaseParty.objects.filter(case=case)}
    full = {u for u, p in kept.items() if p.sight == "full"} | {file.owner, *file.informed, *more}
    over = ready.programme.supervision.roles if ready.programme.supervision is not None else ()
    took = (t.unit for t in file.history if not t.referral and t.role not in over)
    full |= {u for u in took if u and u not in kept}
    full |= _units_of(file.assigned, ready.programme.id) if file.assigned else set()
    left = {file.left} - {file.owner, *file.informed, *more, ""}
    full -= left
    for roles in turns(ready, file, timezone.make_naive(timezone.now())):
        full |= set(acting(roles, case.area, full, find))
    waiting = {r.unit for r in file.referrals if r.state in ("sent", "accepted") and r.unit} - full
    wanted = dict.fromkeys(left - waiting, "past") | dict.fromkeys(waiting, "handed") | dict.fromkeys(full, "full")
    known = set(Organisation.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    CaseParty.objects.filter(case=case).exclude(unit__in=known).delete()
    CaseParty.objects.bulk_create(
        [
            CaseParty(
                case=case, unit_id=u, sight=s, owner=u == file.owner, open=case.state == "open" and s != "past",
                urgency=case.urgency,
            )
            for u, s in wanted.items()
            if u in known
        ],
        update_conflicts=True, unique_fields=["case", "unit"], update_fields=["sight", "owner", "open", "urgency"],
    )  # fmt: skip
    _referrals(case, file, known)


def _units_of(username: str, programme: str) -> set[str]:
    """The units at which somebody works in a role that the programme names: whoever is assigned sees the case there."""
    day, named = timezone.localdate(), programmes.named().get(programme, frozenset())
    held = Assignment.objects.filter(person__username=username, person__is_active=True, from_date__lte=day)
    rows = held.filter(Q(to_date=None) | Q(to_date__gt=day)).values_list("organisation", "role")
    grants = dict(RoleKept.objects.filter(ended=False).values_list("id", "grants"))
    return {str(unit) for unit, role in rows if named & set(grants.get(role, ()))}


def _referrals(case: KeptCase, file: CaseFile, known: set[str]) -> None:
    CaseReferralKept.objects.bulk_create(
        [
            CaseReferralKept(
                case=case, number=r.number, programme=r.to, unit_id=r.unit if r.unit in known else None,
                transfers=r.transfers, state=r.state, sent_at=timezone.make_aware(r.at),
            )
            for r in file.referrals
        ],
        update_conflicts=True, unique_fields=["case", "number"], update_fields=["state", "unit"],
    )  # fmt: skip


def acting(
    roles: Iterable[str], area: str, among: Iterable[str], find: Nearest | None = None
) -> tuple[str, ...]:  # fmt: skip
    """The units that have to act where one of these roles must: none anew where a unit that sees the case can hold one,
    else for each role the nearest unit over the place where somebody holds it."""
    wanted = tuple(roles)
    kinds = {r: kinds_of(r) for r in wanted}
    there = Organisation.objects.filter(pk__in=set(among)).values_list("kind", flat=True)
    if any(kind in kinds[r] for kind in there for r in wanted):
        return ()
    return tuple(dict.fromkeys(u for r in wanted for u in (find or nearest)(r, area)))


def leading(
    ready: ReadyProgramme, roles: tuple[str, ...], known: Mapping[str, Any], area: str, unit: str,
    find: Nearest | None = None,
) -> str:  # fmt: skip
    """The unit that leads a case where whoever owns a state does: the one that took the step where somebody holds
    such a
    role there, else a unit that the case names, else the nearest over the place; "" where there is none."""
    named = [str(known[f.id]) for f in ready.fields.values() if f.type == "organisation" and known.get(f.id)]
    for here in dict.fromkeys((unit, *named)):
        if any(True for _ in notices.of_unit(here, frozenset(roles))):
            return here
    return next((u for r in roles for u in (find or nearest)(r, area)), "")


def nearest(role: str, area: str) -> tuple[str, ...]:
    """The units nearest to a place whose people hold a role today: the authorities over it, or the only institution. A
    role that speaks for its own unit alone (`unit_only`) stands for no place: such a unit has to be named."""
    one = site_pack.pack().roles.get(role)
    if one is not None and one.unit_only:
        return ()
    day = timezone.localdate()
    granting = [
        id_ for id_, grants in RoleKept.objects.filter(ended=False).values_list("id", "grants") if role in grants
    ]
    held = Assignment.objects.filter(role__in=granting, from_date__lte=day, person__is_active=True)
    held = held.filter(Q(to_date=None) | Q(to_date__gt=day))
    over = [area[:n] for n in range(2, len(area) + 1)]
    units = Organisation.objects.filter(
        pk__in=held.values("organisation"), area__code__in=over, is_active=True, kind__in=kinds_of(role)
    )
    rows = list(
        units.annotate(digits=Length("area__code")).order_by("-digits", "pk").values_list("pk", "kind", "digits")
    )
    close = [(pk, kind) for pk, kind, digits in rows if digits == rows[0][2]]
    if not close:
        return ()
    authorities = tuple(pk for pk, kind in close if kind in AUTHORITIES)
    return authorities or (tuple(pk for pk, _ in close) if len(close) == 1 else ())


def kinds_of(role: str) -> frozenset[str]:
    """The kinds of units whose people may hold a role."""
    found = site_pack.pack().roles.get(role)
    if found is None:
        return frozenset()
    return narrowed(found.held_by) if found.held_by else frozenset(KINDS)
