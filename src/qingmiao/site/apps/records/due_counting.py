"""What is due and overdue of every child, counted by columns and kept: for work lists. The rules are `dueness`'s.

Counted anew for a child in the transaction that changes it or its records, and for all of them each new day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from numpy.typing import NDArray

from qingmiao.content.schedules import Schedule
from qingmiao.schedules import STATES, DueStates, states, vaccination_states
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.records import bulk, childhood, kinds, lives
from qingmiao.site.apps.records.event_models import DueCounted, OpenDue
from qingmiao.site.apps.records.exposure import USED, family
from qingmiao.site.apps.records.models import Child
from qingmiao.site.apps.records.rolls import publishing as rolls

FAR = date(9999, 12, 31)
"""The last day of what has none."""
CHUNK = 5_000
_DUE, _OVERDUE = STATES.index("due"), STATES.index("overdue")


def schedules() -> tuple[Schedule, ...]:
    """The pack's schedules of children."""
    found = site_pack.pack().entries("schedules", Schedule).values()
    return tuple(s for s in found if s.subject == "child")


def count_again(child: Child) -> None:
    """What is due of one child, and of nobody that was merged into it; the rolls on which it stands wait."""
    with transaction.atomic():
        # One after the other for each child: of two at once each would miss what the other one counted.
        Child.objects.select_for_update().get(pk=child.survivor.pk)
        rolls.changed([child.pk, child.survivor.pk])
        OpenDue.objects.filter(child__in=family(child)).delete()
        if child.merged_into_id is not None:
            survivor = child.survivor
            OpenDue.objects.filter(child=survivor).delete()
            child = survivor
        _count(_rows(Q(pk=child.pk), timezone.localdate()), timezone.localdate())


def count_each(children: Sequence[int], kind: str = "") -> None:
    """The same for many children at once, by the numbers of their files. `kind`: only records of this kind have
    changed: what looks at none of them stays as it was counted."""
    counted = looking_at(kind) if kind else schedules()
    names, day = [s.id for s in counted], timezone.localdate()
    with transaction.atomic():
        rolls.changed(children)
        for start in range(0, len(children) if counted else 0, CHUNK):
            piece = children[start : start + CHUNK]
            OpenDue.objects.filter(child__in=bulk.among(piece), schedule__in=names).delete()
            _count(_rows(Q(pk__in=bulk.among(piece)), day), day, counted)


def looking_at(kind: str) -> tuple[Schedule, ...]:
    """The schedules whose states a record of a kind can change; that of a birth says what every schedule may read."""
    known = kinds.kinds().get(kind)
    if known is None or known.means:
        return schedules()
    return tuple(s for s in schedules() if kind in s.looks_at())


def count_all(on: date | None = None) -> int:
    """What is due of every child on a day (today); the number of rows. In pieces: each child is whole at any moment."""
    day, made, after = on or timezone.localdate(), 0, 0
    while rows := list(_rows(Q(pk__gt=after), day)[:CHUNK]):
        after = rows[-1][0]
        with transaction.atomic():
            OpenDue.objects.filter(child__lte=after, child__gte=rows[0][0]).delete()
            made += _count(rows, day)
    with transaction.atomic():
        gone = ~Q(child__state="here") | Q(child__merged_into__isnull=False) | ~childhood.minors(day, "child__")
        OpenDue.objects.filter(gone).delete()
        DueCounted.objects.update_or_create(pk=1, defaults={"on_date": day})
        rolls.every()
    return made


def count_today() -> None:
    """All children, if they were not counted for today yet."""
    if counted_on() != timezone.localdate():
        count_all()


def counted_on() -> date | None:
    """The day for which all were counted last; None before the first night."""
    return DueCounted.objects.values_list("on_date", flat=True).first()


def _rows(where: Q, on: date) -> Any:
    found = Child.objects.filter(where & USED, childhood.minors(on), state="here").order_by("pk")
    return found.values_list("pk", "sex", "birth_date", "grade")


def _count(children: Iterable[tuple[int, str, date, str]], on: date, counted: Sequence[Schedule] = ()) -> int:
    rows = list(children)
    if not rows:
        return 0
    place = {row[0]: n for n, row in enumerate(rows)}
    lives.with_merged(place)
    wanted = counted or schedules()
    people, said = lives.people(rows, place), lives.said(place, {k for s in wanted for k in s.looks_at()})
    barred = lives.barred(place, len(rows)) if any(s.norm is not None for s in wanted) else None
    numbers, made = np.array([row[0] for row in rows], dtype=np.int64), 0
    for schedule in wanted:
        events = lives.events(said, schedule)
        if schedule.norm is not None:
            found = vaccination_states(people, events, on, barred=barred, to_give=True)
        else:
            found = states(schedule, people, events, on, site_pack.pack().policy)
        made += _open(schedule, numbers, found, on)
    return made


def _open(schedule: Schedule, numbers: NDArray[np.int64], found: DueStates, on: date) -> int:
    """Write down what is due and overdue by one schedule; how many rows."""
    who, item = np.nonzero((found.state == _DUE) | (found.state == _OVERDUE))
    if not len(who):
        return 0
    late, last = found.state[who, item] == _OVERDUE, found.last[who, item].astype("datetime64[D]")
    kept = np.where(~np.isnat(last) & (late | (last >= np.datetime64(on, "D"))), last, np.datetime64(FAR, "D"))
    columns = {
        "child_id": numbers[who], "schedule": schedule.id, "item": pa.array(found.items).take(pa.array(item)),
        "overdue": late, "last_date": pa.array(kept),
    }  # fmt: skip
    return bulk.copy(OpenDue, columns)
