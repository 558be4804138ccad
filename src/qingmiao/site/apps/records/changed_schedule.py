"""What records say that changes the vaccination programme for children: contraindicated, deferred, the mother's HBsAg.

Which records and which codes say so is content (`changed_by` of the programme's schedule). Read for many children at
once, by columns; the card of one child and the work lists of all stand on the same rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q

from qingmiao.content.schedules import ChangedBy, Schedule
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.records import bulk, kinds
from qingmiao.site.apps.records.event_models import RecordVersion
from qingmiao.site.apps.records.mothers import merging
from qingmiao.site.apps.records.mothers.models import PREGNANCY, ChildBorn, MotherFile


@dataclass(frozen=True)
class Changed:
    """One thing that holds for a child: its place, what (`ChangedBy.means`), of which vaccine (""), since which day,
    until which (None: until further notice)."""

    place: int
    means: str
    vaccine: str
    since: date
    until: date | None


def changed(place: Mapping[int, int]) -> list[Changed]:
    """What holds for the children (number of the file → place), each kind's newest record of a child (and of a vaccine)
    alone, the earliest first."""
    rules, known = _rules(), kinds.kinds()
    of_children = [c for c in rules if c.kind in known and known[c.kind].subject == "child"]
    of_mothers = [c for c in rules if c.kind in known and known[c.kind].subject == "mother"]
    newest: dict[tuple[int, str, str], Changed | None] = {}
    for at, kind, day, answers in (*_own(place, of_children), *_mothers(place, of_mothers)):
        for rule in rules:
            if rule.kind != kind:
                continue
            vaccine = str(answers.get(rule.vaccine) or "") if rule.vaccine is not None else ""
            holds = answers.get(rule.field) in rule.said
            key = (at, "" if vaccine else kind, vaccine)
            if holds and (vaccine or rule.vaccine is None):
                newest[key] = Changed(at, rule.means, vaccine, day, _day(answers.get(rule.until or "")))
            elif rule.vaccine is None and answers.get(rule.field):
                newest[key] = None
    return sorted((c for c in newest.values() if c is not None), key=lambda c: (c.since, c.place, c.vaccine))


def _rules() -> list[ChangedBy]:
    every = site_pack.pack().entries("schedules", Schedule).values()
    return [c for s in every if s.subject == "child" and s.norm is not None for c in s.changed_by]


def born_of(mother: int, kind: str) -> list[int]:
    """The children born of a woman for whom a record of this kind in her file may change the programme."""
    if not any(rule.kind == kind for rule in _rules()):
        return []
    hers = merging.family(MotherFile.objects.get(pk=mother).survivor)
    return list(ChildBorn.objects.filter(record__mother__in=hers).order_by("child").values_list("child", flat=True))


Said = tuple[int, str, date, Mapping[str, Any]]
"""(place of the child, kind, day, answers) of a record."""


def _own(place: Mapping[int, int], rules: list[ChangedBy]) -> Iterator[Said]:
    rows = _newest([r.kind for r in rules]).filter(record__child__in=bulk.among(place))
    for child, kind, day, answers in rows.values_list("record__child", "record__kind", "on_date", "answers"):
        yield place[child], kind, day, answers


def _mothers(place: Mapping[int, int], rules: list[ChangedBy]) -> Iterator[Said]:
    """The records of the pregnancy that ended in each child's birth."""
    if not rules:
        return
    births: dict[int, list[tuple[int, date]]] = {}
    for child, mother, day in ChildBorn.objects.filter(child__in=bulk.among(place)).values_list(
        "child", "record__mother", "record__on_date"
    ):
        births.setdefault(mother, []).append((place[child], day))
    _join_files(births)
    rows = _newest([r.kind for r in rules]).filter(record__mother__in=bulk.among(births))
    for mother, kind, day, answers in rows.values_list("record__mother", "record__kind", "on_date", "answers"):
        for at, born in births[mother]:
            if born - PREGNANCY <= day <= born:
                yield at, kind, day, answers


def _join_files(births: dict[int, list[tuple[int, date]]]) -> None:
    """A woman's births count with the records of all of her files, whichever was merged into which."""
    whole = MotherFile.objects.filter(pk__in=bulk.among(births))
    for file in whole.filter(Q(merged_into__isnull=False) | Q(merged__isnull=False)).select_related("merged_into"):
        hers = merging.family(file.survivor)
        every = sorted({one for n in hers for one in births.get(n, ())})
        births |= dict.fromkeys(hers, every)


def _newest(of: list[str]) -> Any:
    rows = RecordVersion.objects.filter(record__kind__in=of, number=F("record__version"))
    return rows.exclude(record__state="withdrawn").order_by("on_date", "record_id")


def _day(said: Any) -> date | None:
    try:
        return date.fromisoformat(str(said)) if said else None
    except ValueError:
        return None
