"""What is due and overdue of every child, counted by columns and kept: for work lists. The rules are `dueness`'s.

Counted anew for a child in the transaction that changes it or its records, and for all of them each new day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from qingmiao.content.schedules import Schedule
from qingmiao.schedules import STATES, Barred, DueStates, Events, People, states, vaccination_states
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.records import changed_schedule, kinds, person
from qingmiao.site.apps.records.event_models import DueCounted, HealthRecord, OpenDue, RecordVersion
from qingmiao.site.apps.records.exposure import family
from qingmiao.site.apps.records.models import Child
from qingmiao.standards.screening.dates import NAT

FAR = date(9999, 12, 31)
"""The last day of what has none."""
CHUNK = 5_000
_DUE, _OVERDUE = STATES.index("due"), STATES.index("overdue")


def schedules() -> tuple[Schedule, ...]:
    """The pack's schedules of children."""
    found = site_pack.pack().entries("schedules", Schedule).values()
    return tuple(s for s in found if s.subject == "child")


def count_again(child: Child) -> None:
    """What is due of one child, and of nobody that was merged into it."""
    with transaction.atomic():
        OpenDue.objects.filter(child__in=family(child)).delete()
        if child.merged_into_id is not None:
            survivor = child.survivor
            OpenDue.objects.filter(child=survivor).delete()
            child = survivor
        _count(_rows(Q(pk=child.pk)), timezone.localdate())


def count_all(on: date | None = None) -> int:
    """What is due of every child on a day (today); the number of rows. In pieces: each child is whole at any moment."""
    day, made, after = on or timezone.localdate(), 0, 0
    while rows := list(_rows(Q(pk__gt=after))[:CHUNK]):
        after = rows[-1][0]
        with transaction.atomic():
            OpenDue.objects.filter(child__lte=after, child__gte=rows[0][0]).delete()
            made += _count(rows, day)
    with transaction.atomic():
        gone = ~Q(child__state="here") | Q(child__merged_into__isnull=False)
        OpenDue.objects.filter(gone).delete()
        DueCounted.objects.update_or_create(pk=1, defaults={"on_date": day})
    return made


def count_today() -> None:
    """All children, if they were not counted for today yet."""
    if counted_on() != timezone.localdate():
        count_all()


def counted_on() -> date | None:
    """The day for which all were counted last; None before the first night."""
    return DueCounted.objects.values_list("on_date", flat=True).first()


def _rows(where: Q) -> Any:
    found = Child.objects.filter(where, state="here", merged_into=None).order_by("pk")
    return found.values_list("pk", "sex", "birth_date", "grade")


def _count(children: Iterable[tuple[int, str, date, str]], on: date) -> int:
    rows = list(children)
    if not rows:
        return 0
    place = {row[0]: n for n, row in enumerate(rows)}
    _with_merged(place)
    people, said = _people(rows, place), list(_said(place))
    made: list[OpenDue] = []
    for schedule in schedules():
        events = _events(said, schedule)
        if schedule.norm is not None:
            found = vaccination_states(people, events, on, barred=_barred(place, len(rows)), to_give=True)
        else:
            found = states(schedule, people, events, on, site_pack.pack().policy)
        made += _open(schedule, [row[0] for row in rows], found, on)
    OpenDue.objects.bulk_create(made, batch_size=5_000)
    return len(made)


def _open(schedule: Schedule, numbers: Sequence[int], found: DueStates, on: date) -> Iterator[OpenDue]:
    for n, item in zip(*np.nonzero((found.state == _DUE) | (found.state == _OVERDUE)), strict=True):
        late, last = bool(found.state[n, item] == _OVERDUE), found.last[n, item].astype("datetime64[D]").astype(date)
        kept = last if last is not None and (late or last >= on) else FAR
        yield OpenDue(child_id=numbers[n], schedule=schedule.id, item=found.items[item], overdue=late, last_date=kept)


def _with_merged(place: dict[int, int]) -> None:
    """Files that were merged into these count for them."""
    waiting = list(place)
    while waiting:
        merged = list(Child.objects.filter(merged_into__in=waiting).values_list("pk", "merged_into"))
        for number, into in merged:
            place[number] = place[into or 0]
        waiting = [number for number, _ in merged]


def _people(rows: Sequence[tuple[int, str, date, str]], place: Mapping[int, int]) -> People:
    words: dict[str, np.ndarray[Any, Any]] = {
        "sex": np.array([r[1] for r in rows], dtype=object),
        "birth_date": np.array([r[2] for r in rows], dtype="datetime64[D]"),
        "grade": np.array([r[3] or None for r in rows], dtype=object),
    }
    born = {k.id: k for k in kinds.kinds().values() if k.means == "birth"}
    for word in person.BIRTH:
        words[word] = np.full(len(rows), None, dtype=object)
    for child, kind, answers in (
        _versions(place, born).order_by("on_date", "record_id").values_list("record__child", "record__kind", "answers")
    ):
        for word in person.BIRTH:
            value = _number(answers.get(born[kind].measures.get(word, "")))
            if value is not None:
                words[word][place[child]] = value
    return People(words, len(rows))


def _said(place: Mapping[int, int]) -> Iterator[tuple[int, str, date]]:
    """(place of the child, kind or vaccine, day) of everything that was recorded."""
    doses = {
        k: kinds.kinds()[k].measures.get("vaccine", "") for s in schedules() if s.norm is not None for k in s.kinds
    }
    rows = HealthRecord.objects.filter(child__in=list(place)).exclude(state="withdrawn").exclude(kind__in=doses)
    for child, kind, day in rows.values_list("child", "kind", "on_date"):
        yield place[child], kind, day
    for child, kind, day, answers in _versions(place, doses).values_list(
        "record__child", "record__kind", "on_date", "answers"
    ):
        yield place[child], kind, day
        if vaccine := answers.get(doses[kind]):
            yield place[child], str(vaccine), day


def _barred(place: Mapping[int, int], size: int) -> Barred:
    """The vaccines that are not given, and whose mother is HBsAg positive or unknown."""
    every = changed_schedule.changed(place)
    bars, mothers = [c for c in every if c.vaccine], np.zeros(size, dtype=bool)
    mothers[[c.place for c in every if not c.vaccine]] = True
    return Barred(
        np.array([c.place for c in bars], dtype=np.intp), tuple(c.vaccine for c in bars),
        np.array([c.means == "contraindicated" for c in bars], dtype=bool),
        np.array([c.since for c in bars], dtype="datetime64[D]"),
        np.array([c.until or NAT for c in bars], dtype="datetime64[D]"), mothers,
    )  # fmt: skip


def _versions(place: Mapping[int, int], of: Iterable[str]) -> Any:
    newest = RecordVersion.objects.filter(record__child__in=list(place), record__kind__in=list(of))
    return newest.filter(number=F("record__version")).exclude(record__state="withdrawn")


def _events(said: Sequence[tuple[int, str, date]], schedule: Schedule) -> Events:
    wanted = None if schedule.norm is not None else {k for i in schedule.items for k in (*i.kinds, *i.after, *i.until)}
    rows = said if wanted is None else [s for s in said if s[1] in wanted]
    names = tuple(dict.fromkeys(r[1] for r in rows))
    code = {name: n for n, name in enumerate(names)}
    return Events(
        np.array([r[0] for r in rows], dtype=np.intp), np.array([code[r[1]] for r in rows], dtype=np.intp),
        np.array([r[2] for r in rows], dtype="datetime64[D]"), names,
    )  # fmt: skip


def _number(said: Any) -> float | None:
    try:
        return float(said)
    except (TypeError, ValueError):
        return None
