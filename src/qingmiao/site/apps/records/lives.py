"""Many files at once as columns: who the children are, and what was recorded of each and when."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from django.db.models import F
from django.db.models.fields.json import KeyTextTransform

from qingmiao.content.schedules import Schedule
from qingmiao.schedules import Barred, Events, People
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.records import bulk, changed_schedule, kinds, person
from qingmiao.site.apps.records.event_models import HealthRecord, RecordVersion
from qingmiao.site.apps.records.models import Child
from qingmiao.standards.screening.dates import NAT


def with_merged(place: dict[int, int]) -> None:
    """Add to `place` (number of a file → its place) the files that were merged into these: they count for them."""
    waiting = list(place)
    while waiting:
        merged = list(Child.objects.filter(merged_into__in=bulk.among(waiting)).values_list("pk", "merged_into"))
        for number, into in merged:
            place[number] = place[into or 0]
        waiting = [number for number, _ in merged]


def people(rows: Sequence[tuple[int, str, date, str]], place: Mapping[int, int]) -> People:
    """Files (number, sex, birth, grade) as columns of what schedules read."""
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


def said(place: Mapping[int, int], of: Collection[str] | None = None) -> list[tuple[int, str, date]]:
    """(place of the child, kind or vaccine, day) of what was recorded of these kinds (of all)."""
    return list(_said(place, of))


def _said(place: Mapping[int, int], of: Collection[str] | None) -> Iterator[tuple[int, str, date]]:
    doses = {k: kinds.kinds()[k].measures.get("vaccine", "") for k in _dose_kinds() if of is None or k in of}
    rows = HealthRecord.objects.filter(child__in=bulk.among(place)).exclude(state="withdrawn").exclude(kind__in=doses)
    rows = rows if of is None else rows.filter(kind__in=set(of) - set(doses))
    for child, kind, day in rows.values_list("child", "kind", "on_date"):
        yield place[child], kind, day
    for kind, field in doses.items():
        given = _versions(place, (kind,)).annotate(vaccine=KeyTextTransform(field, "answers"))
        for child, day, vaccine in given.values_list("record__child", "on_date", "vaccine"):
            yield place[child], kind, day
            if vaccine:
                yield place[child], vaccine, day


def _dose_kinds() -> tuple[str, ...]:
    """The kinds of records that hold the doses of a norm."""
    found = site_pack.pack().entries("schedules", Schedule).values()
    return tuple(dict.fromkeys(k for s in found if s.norm is not None for k in s.kinds))


def barred(place: Mapping[int, int], size: int) -> Barred:
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
    newest = RecordVersion.objects.filter(record__child__in=bulk.among(place), record__kind__in=list(of))
    return newest.filter(number=F("record__version")).exclude(record__state="withdrawn")


def events(rows: Sequence[tuple[int, str, date]], schedule: Schedule) -> Events:
    """Of what was recorded that which a schedule looks at; of a norm's all, by vaccine."""
    wanted = None if schedule.norm is not None else {k for i in schedule.items for k in (*i.kinds, *i.after, *i.until)}
    return columns(rows if wanted is None else [r for r in rows if r[1] in wanted])


def columns(rows: Sequence[tuple[int, str, date]]) -> Events:
    """What was recorded (place of the child, kind or vaccine, day) as columns."""
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
