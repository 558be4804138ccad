"""What earlier records of many children measured, read in sets: for checks between visits, and how each was born."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from qingmiao.content.expressions import columns_of
from qingmiao.content.person_words import tree_of
from qingmiao.content.records import RecordKind
from qingmiao.forms.recorded import EarlierEvent, MeasuredBefore, previous_words
from qingmiao.site.apps.records import bulk, kinds, versions
from qingmiao.site.apps.records.event_models import RecordVersion
from qingmiao.site.apps.records.models import Child


@dataclass(frozen=True)
class Before:
    """What was recorded before: the checks that read it, child → its events, child → its birth."""

    checks: tuple[Any, ...]
    events: Mapping[int, tuple[EarlierEvent, ...]]
    births: Mapping[int, EarlierEvent]


def before_of(kind: RecordKind, children: Sequence[int]) -> Before:
    """What earlier records measured, of the kinds that a check between visits of this kind reads, and the births."""
    checks, wanted = [], set()
    for check in kinds.visit_checks().values():
        tree = tree_of(check.check)
        if {n.partition(".")[2] for n in columns_of(tree) if n.startswith("this.")} - {"on"} <= set(kind.measures):
            checks.append(check)
            wanted |= previous_words(tree)
    reading = {k for k, one in kinds.kinds().items() if wanted & set(one.measures)} if wanted else set()
    events, born = _events(reading | {k for k, one in kinds.kinds().items() if one.means == "birth"}, children)
    return Before(tuple(checks), events if reading else {}, born)


def _events(
    reading: Collection[str], children: Sequence[int]
) -> tuple[dict[int, tuple[EarlierEvent, ...]], dict[int, EarlierEvent]]:  # fmt: skip
    """Child → what its records of these kinds measured, the earliest first, and that of its birth."""
    every = kinds.kinds()
    events: dict[int, list[EarlierEvent]] = defaultdict(list)
    born: dict[int, EarlierEvent] = {}
    merged = Child.objects.filter(merged_into__in=bulk.among(children)).values_list("pk", "merged_into_id")
    survivors = {pk: into or pk for pk, into in merged}
    ids = [*children, *survivors]
    found = RecordVersion.objects.filter(
        record__child__in=bulk.among(ids), record__kind__in=reading, number=F("record__version")
    ).exclude(record__state="withdrawn")
    for version in found.select_related("form", "record").order_by("on_date", "record_id") if reading else ():
        one = every[version.record.kind]
        words = MeasuredBefore(one, versions.ready(version.form), version.answers, version.filled_date)
        pk = version.record.child_id or 0
        pk, said = survivors.get(pk, pk), EarlierEvent(version.on_date, words)
        events[pk].append(said)
        if one.means == "birth":
            born[pk] = said
    return {k: tuple(v) for k, v in events.items()}, born


def births(children: Sequence[int]) -> Mapping[int, EarlierEvent]:
    """Child → what the record of its birth measured, of those that have one."""
    return _events({k for k, one in kinds.kinds().items() if one.means == "birth"}, children)[1]
