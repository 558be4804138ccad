"""What waits in the registers that somebody keeps or enters into: dates that end, entries to be confirmed, minimums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Literal

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.registers import RegisterKind
from qingmiao.kernel.areas import lies_in
from qingmiao.registers.expiring import longest_warning
from qingmiao.registers.yearly import year_of
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.registers import books, standing
from qingmiao.site.apps.registers.models import LIVE, MinimumsKept, RegisterEntry

NONE = Q(pk__in=[])


@dataclass(frozen=True)
class EntryWaits:
    """An entry of which a date has passed or is near, or that waits for the keeper to confirm it."""

    id: int
    name: str
    register: Label
    why: Literal["expiry", "pending"]
    ends: date | None
    """The earliest of its dates, where that is why."""


@dataclass(frozen=True)
class RegisterWaits:
    """How much of a register is not confirmed this year, and how many minimums are not met."""

    register: str
    label: Label
    unconfirmed: int
    short: int


@dataclass(frozen=True)
class RegistersWait:
    """Everything that waits: entries (`expired` of them late), the first of them, and register by register the rest."""

    waits: int
    expired: int
    entries: tuple[EntryWaits, ...]
    registers: tuple[RegisterWaits, ...]


def waiting(reach: Reach, *, size: int) -> RegistersWait | None:
    """What waits for somebody in registers; None for whoever neither keeps one nor enters into one.

    An entry counts once, whatever it waits for. What others entered waits for the keeper alone; minimums are told to
    the keeper of the whole register and to units that answer for an area of that area, as they stood when they were
    last worked out.
    """
    every = books.every().values()
    if not reach.has(role for k in every for role in (*k.kept_by, *k.entered_by)):
        return None
    kept, today = standing.kept(reach), timezone.localdate()
    mine = [k for k in every if k.id in kept or standing.entering(reach, k)]
    if not mine:
        return None
    seen = RegisterEntry.objects.filter(standing.visible(reach), register__in=[k.id for k in mine])
    ends, pending, left = _ending(mine, today), Q(register__in=kept, state="pending"), _unconfirmed(mine, today)
    over = ends & Q(expires_date__lt=today)
    tally = seen.aggregate(
        waits=Count("pk", ends | pending | left), expired=Count("pk", over), first=Count("pk", ends | pending)
    )
    by_register = dict(seen.filter(left).values_list("register").annotate(n=Count("pk")).order_by("register"))
    rows = tuple(_entries(seen.filter(ends | pending), today, size)) if tally["first"] else ()
    short = _short(reach, mine, kept, today)
    registers = tuple(
        RegisterWaits(k.id, k.label, by_register.get(k.id, 0), short.get(k.id, 0))
        for k in mine
        if by_register.get(k.id) or short.get(k.id)
    )
    return RegistersWait(tally["waits"] + sum(short.values()), tally["expired"], rows, registers)


def _ending(kinds: Iterable[RegisterKind], today: date) -> Q:
    """Entries of which the first date is as near as its register warns of, or past."""
    by_days: dict[int, list[str]] = {}
    for kind in kinds:
        if kind.expires:
            by_days.setdefault(longest_warning(kind), []).append(kind.id)
    near = (Q(register__in=ids, expires_date__lte=today + timedelta(days=days)) for days, ids in by_days.items())
    return Q(state__in=LIVE) & reduce(or_, near, NONE)


def _unconfirmed(kinds: Iterable[RegisterKind], today: date) -> Q:
    """Entries in force that were not confirmed for the year that runs; a school year is another one."""
    by_year: dict[int, list[str]] = {}
    for kind in kinds:
        by_year.setdefault(year_of(kind, today), []).append(kind.id)
    older = (
        Q(register__in=ids) & (Q(confirmed_year=None) | Q(confirmed_year__lt=year)) for year, ids in by_year.items()
    )
    return Q(state="open") & reduce(or_, older, NONE)


def _entries(rows: QuerySet[RegisterEntry], today: date, size: int) -> Iterator[EntryWaits]:
    every = books.every()
    for one in rows.order_by("expires_date", "changed_date", "pk")[:size]:
        kind = every[one.register]
        limit = today + timedelta(days=longest_warning(kind))
        ends = one.expires_date if kind.expires and one.expires_date and one.expires_date <= limit else None
        yield EntryWaits(one.pk, one.name, kind.label, "expiry" if ends else "pending", ends)


def _short(reach: Reach, kinds: Iterable[RegisterKind], kept: frozenset[str], today: date) -> dict[str, int]:
    """Register → minimums that are not met and not excused, of what this person answers for."""
    asked = {k.id: k for k in kinds if k.minimums}
    found: dict[str, int] = {}
    rows = MinimumsKept.objects.filter(register__in=list(asked)).exclude(short={}) if asked else ()
    own = standing.territorial(reach) if asked else frozenset()
    for one in rows:
        kind = asked[one.register]
        if one.year != year_of(kind, today):
            continue
        areas = [h.area for h in standing.entering(reach, kind) if h.unit in own and not kind.closed]
        counts = one.short.items()
        found[kind.id] = sum(n for code, n in counts if kind.id in kept or any(lies_in(code, a) for a in areas))
    return {register: n for register, n in found.items() if n}
