"""Which open cases stand first in a queue: by one short look into an index for each unit or place, merged.

A condition over all that somebody sees (`CaseSights.where`) reads every case of the table; a queue reads a page of each
unit in the order in which the index has it. Both give the same (`test_case_queues`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from qingmiao.kernel.areas import stem
from qingmiao.site.apps.cases.models import CALM, CORE, NEVER, CaseParty, CaseTaker, KeptCase
from qingmiao.site.apps.cases.standing import CaseSights, Seat
from qingmiao.site.apps.directory.models import Area, Organisation
from qingmiao.site.apps.records.api import about

PROBED = 2
"""Cases of each unit that are looked at first, to know how urgent a case of the page is at least; a page of the same
cases with fewer of them from each unit."""
FEW = 8
"""Units below which nothing is gained by that."""
Mark = tuple[int, int]
"""Urgency and number of the last case of a page."""
FIRST: Mark = (-1, 0)


@dataclass(frozen=True)
class Narrowing:
    """What else an open case of the queue must be; empty: anything."""

    programme: str = ""
    stage: str = ""
    township: str = ""
    unit: str = ""
    late_at: datetime | None = None
    danger: bool = False
    stands: tuple[tuple[str, str], ...] = ()

    @property
    def sql(self) -> tuple[str, list[Any]]:
        """As a condition of the case ``c``."""
        said: list[tuple[str, Any]] = []
        if self.programme:
            said.append(("c.programme = %s", self.programme))
        if self.stage:
            said.append(("c.stage = %s", self.stage))
        if self.township:
            said.append(("c.township = %s", self.township))
        if self.unit:
            said.append(("c.owner_id = %s", self.unit))
        if self.late_at is not None:
            said.append(("c.late_at < %s", self.late_at))
        if self.stands:
            said.append(("(c.programme || '.' || c.stage) = ANY(%s)", [f"{p}.{s}" for p, s in self.stands]))
        text = "".join(f" AND {t}" for t, _ in said) + (" AND c.danger" if self.danger else "")
        return text, [v for _, v in said]

    @property
    def most(self) -> int:
        """The urgency above which no case can be so: what is in danger stands before all else, and what is late ended
        before (`parties.columns`: seconds of the end, beside the weight of what is not in danger)."""
        ended = CALM + int(self.late_at.timestamp()) if self.late_at is not None else CALM + NEVER
        return min(ended, CALM - 1) if self.danger else ended


@dataclass(frozen=True)
class QueueArm:
    """One part of a queue: SQL that gives (urgency, id) of cases in order, at most `limit` of each unit or place."""

    sql: str
    values: tuple[Any, ...]


def first(arms: Sequence[QueueArm], size: int) -> list[Mark]:
    """The first `size` cases of all parts together, each once, in order."""
    if not arms:
        return []
    parts = " UNION ".join(f"SELECT * FROM ({a.sql}) part" for a in arms)
    with connection.cursor() as cursor:
        cursor.execute(f"{parts} ORDER BY 1, 2 LIMIT %s", [*(v for a in arms for v in a.values), size])
        return [(int(u), int(i)) for u, i in cursor.fetchall()]


def of_units(sights: CaseSights, narrowing: Narrowing, after: Mark, size: int) -> Iterator[QueueArm]:
    """The cases of the own units: whole for roles that see all of them, else the own ones."""
    for seat in sights.seats:
        if seat.whole:
            yield _parties([seat.unit], seat, narrowing, after, size, owner=False)
    if any(s.programmes - s.whole for s in sights.seats):
        charged = any(s.charge for s in sights.seats)
        more = Q(child__in=about.files_in_sight(sights.reach)) if charged else Q(pk__in=[])
        yield _these(_seen_of(sights.at_units, _mine(sights) | more), narrowing, after, size)


def below(sights: CaseSights, narrowing: Narrowing, after: Mark, size: int) -> Iterator[QueueArm]:
    """The cases that units below own."""
    mine = {s.unit for s in sights.seats}
    for seat in sights.seats:
        if seat.whole:
            units = Organisation.objects.filter(path__startswith=seat.path).exclude(pk__in=mine)
            yield _parties(list(units.values_list("pk", flat=True)), seat, narrowing, after, size, owner=True)


def supervised(sights: CaseSights, narrowing: Narrowing, after: Mark, size: int) -> Iterator[QueueArm]:
    """The cases that units below own, and those of the place that the roles supervise without handling them."""
    yield from below(sights, narrowing, after, size)
    for seat in sights.seats:
        if seat.supervised:
            yield _over_place(seat, seat.supervised, narrowing, after, size, [])


def of_place(sights: CaseSights, narrowing: Narrowing, after: Mark, size: int) -> Iterator[QueueArm]:
    """The cases of the places that the roles answer for, but those with which the own units have to do."""
    yield from _places(sights, narrowing, after, size, [s.unit for s in sights.seats])


def everywhere(sights: CaseSights, narrowing: Narrowing, after: Mark, size: int) -> Iterator[QueueArm]:
    """Every case that is seen."""
    yield from of_units(sights, narrowing, after, size)
    yield from below(sights, narrowing, after, size)
    yield from _places(sights, narrowing, after, size, [])


def _places(
    sights: CaseSights, narrowing: Narrowing, after: Mark, size: int, mine: list[str]
) -> Iterator[QueueArm]:  # fmt: skip
    for seat in sights.seats:
        if seat.placed:
            yield _over_place(seat, seat.placed, narrowing, after, size, mine)


def _over_place(
    seat: Seat, programmes: frozenset[str], narrowing: Narrowing, after: Mark, size: int, mine: list[str]
) -> QueueArm:  # fmt: skip
    """The cases of some programmes in the seat's area that are not 核心 and with which `mine` have nothing to do."""
    text, values = narrowing.sql
    codes = Area.objects.filter(code__startswith=stem(seat.area)).values_list("code", flat=True)
    townships = sorted({code[:9] for code in codes} | {seat.area[:9]})
    return _merged(
        "SELECT c.urgency, c.id FROM cases_case c WHERE c.township = u.key AND c.state = 'open'"
        " AND c.secrecy <> %s AND c.programme = ANY(%s) AND starts_with(c.area, %s)"
        " AND NOT EXISTS (SELECT FROM cases_party p WHERE p.case_id = c.id AND p.unit_id = ANY(%s))"
        f"{text}",
        ("c.urgency", "c.id"), (CORE, sorted(programmes), stem(seat.area), mine, *values), townships,
        narrowing.most, after, size,
    )  # fmt: skip


def _parties(
    units: list[str], seat: Seat, narrowing: Narrowing, after: Mark, size: int, *, owner: bool
) -> QueueArm:  # fmt: skip
    text, values = narrowing.sql
    return _merged(
        "SELECT p.urgency, p.case_id FROM cases_party p JOIN cases_case c ON c.id = p.case_id"
        f" WHERE p.unit_id = u.key AND p.open AND p.sight = 'full'{' AND p.owner' if owner else ''}"
        f" AND c.state = 'open' AND c.programme = ANY(%s){text}",
        ("p.urgency", "p.case_id"), (sorted(seat.whole), *values), units, narrowing.most, after, size,
    )  # fmt: skip


def _merged(
    one: str, order: tuple[str, str], values: tuple[Any, ...], keys: list[str], most: int, after: Mark, size: int
) -> QueueArm:
    """The first cases of many units or places (`keys`; `one` selects those of `u.key`), each read in the order of its
    index.

    Of many keys a few cases each are read first: the page's last case is no less urgent than the last of as many of
    those, so that of every key only what comes before it is read, and most give nothing.
    """
    urgency, number = order
    column = number.partition(".")[2]
    here = f"{one} AND {urgency} <= %s AND ({urgency}, {number}) > (%s, %s)"
    each = f"SELECT x.urgency, x.{column} FROM unnest(%s::text[]) u(key) CROSS JOIN LATERAL ("
    sort = f"ORDER BY {urgency}, {number} LIMIT %s) x"
    if len(keys) < FEW:
        return QueueArm(f"{each}{here} {sort}", (keys, *values, most, *after, size))
    return QueueArm(
        f"{each}{here} AND {urgency} <= COALESCE((SELECT f.urgency FROM ({each}{here} {sort}) f"
        f" ORDER BY f.urgency OFFSET %s LIMIT 1), %s) {sort}",
        (keys, *values, most, *after, keys, *values, most, *after, PROBED, size - 1, most, size),
    )


def _seen_of(seen: Q, mine: Q) -> list[int]:
    """The open cases of a condition about the person that are seen: few, so that the whole condition is asked of
    them."""
    few = list(KeptCase.objects.filter(mine, state="open").values_list("pk", flat=True))
    return list(KeptCase.objects.filter(seen, pk__in=few).values_list("pk", flat=True)) if few else []


def _mine(sights: CaseSights) -> Q:
    """Taken a step in, or assigned."""
    me = sights.reach.person
    took = list(CaseTaker.objects.filter(person=me).values_list("case", flat=True))
    return Q(pk__in=took) | Q(assigned=me)


def in_person(sights: CaseSights, narrowing: Narrowing, after: Mark, size: int) -> Iterator[QueueArm]:
    """What somebody has to do with in person: assigned, or a step was taken."""
    yield _these(_seen_of(sights.where, _mine(sights)), narrowing, after, size)


def _these(numbers: list[int], narrowing: Narrowing, after: Mark, size: int) -> QueueArm:
    text, values = narrowing.sql
    return QueueArm(
        "SELECT c.urgency, c.id FROM cases_case c WHERE c.id = ANY(%s) AND c.state = 'open'"
        f"{text} AND (c.urgency, c.id) > (%s, %s) ORDER BY 1, 2 LIMIT %s",
        (numbers, *values, *after, size),
    )


def received(sights: CaseSights, narrowing: Narrowing, after: Mark, size: int) -> Iterator[QueueArm]:
    """The cases of which the own units received a referral that has not ended."""
    text, values = narrowing.sql
    for seat in sights.seats:
        if seat.receives:
            yield QueueArm(
                "SELECT c.urgency, c.id FROM cases_referral r JOIN cases_case c ON c.id = r.case_id"
                " WHERE r.unit_id = %s AND r.state IN ('sent', 'accepted') AND r.programme = ANY(%s)"
                f" AND c.state = 'open'{text} AND (c.urgency, c.id) > (%s, %s) ORDER BY 1, 2 LIMIT %s",
                (seat.unit, sorted(seat.receives), *values, *after, size),
            )


def open_of_unit(unit: str) -> int:
    """How many open cases a unit has to do with now: a count for who closes it."""
    return CaseParty.objects.filter(unit=unit, open=True, case__state="open").values("case").distinct().count()
