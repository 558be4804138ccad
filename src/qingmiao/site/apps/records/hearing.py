"""Who hears of records: other apps say once what they want to hear, and are told in the writer's transaction. Records
know none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from qingmiao.content.records import RecordKind
from qingmiao.forms.recorded import record_row
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.records import kinds, sheaves, versions
from qingmiao.site.apps.records import person as persons
from qingmiao.site.apps.records.event_models import HealthRecord
from qingmiao.site.apps.records.mothers import known as women


@dataclass(frozen=True)
class RecordsTold:
    """Records of one kind that were made, said anew or withdrawn just now, in this transaction.

    `true`: an expression over what they say → of each whether it is true (unknown is not); of withdrawn ones it is of
    none.
    """

    kind: str
    numbers: Sequence[int]
    true: Callable[[str | None], Sequence[bool]]
    new: bool


Heard = Callable[[RecordsTold], None]
_HEARING: dict[str, Heard] = {}


def register(name: str, heard: Heard) -> None:
    """From now on `heard` is told of every record. Raises ValueError for a second one of a name."""
    if name in _HEARING:
        raise ValueError(f"{name} hears of records already")
    _HEARING[name] = heard


Holds = Callable[[int], bool]
_HOLDING: dict[str, Holds] = {}


def register_holder(name: str, holds: Holds) -> None:
    """From now on a file of which `holds` (its number) is true is not taken back. Raises ValueError for a second one of
    a name."""
    if name in _HOLDING:
        raise ValueError(f"{name} holds files already")
    _HOLDING[name] = holds


def held(child: int) -> bool:
    """Whether another app has something of its own about the child of a file."""
    return any(holds(child) for holds in _HOLDING.values())


def tell(told: RecordsTold) -> None:
    """Tell everybody who hears of records."""
    for heard in _HEARING.values():
        heard(told)


def taken_back(kind: str, numbers: Sequence[int]) -> RecordsTold:
    """Records that are withdrawn: nothing is true of them any more."""
    return RecordsTold(kind, numbers, lambda text: [False] * len(numbers), new=False)


@dataclass(frozen=True)
class RecordHeard:
    """A record as it stands. `row`: what expressions read of it, empty where it is withdrawn; `file`: a mark for whom
    it is about, the same for every record of one child or woman; `person`: name, sex, birth_date, area.

    `keeper`: the unit that keeps the file; `unit`: whose people recorded it.
    """

    kind: RecordKind
    withdrawn: bool
    row: Mapping[str, Any]
    file: str
    child: int | None
    person: Mapping[str, Any]
    keeper: str
    unit: str
    by: Person
    on: date


def heard(number: int) -> RecordHeard | None:
    """A record as it stands now; None for one that is there no more, or whose kind the pack has no more."""
    rows = HealthRecord.objects.select_related("child__merged_into", "mother__file", "by")
    record = rows.filter(pk=number).first()
    kind = kinds.kinds().get(record.kind) if record is not None else None
    if record is None or kind is None:
        return None
    if record.child is not None:
        child = record.child.survivor
        words, keeper, file, here = persons.words(child), child.unit_id, f"c{child.pk}", child.pk
        person = {"name": child.name, "sex": child.sex, "birth_date": child.birth_date, "area": child.area}
    else:
        assert record.mother is not None, "a record stands in a child's or a woman's file (constraint record_of_one)"
        woman = record.mother.file
        words, keeper, file, here = women.words(woman), woman.unit_id, f"m{woman.pk}", None
        person = {"name": record.mother.name, "sex": "F", "birth_date": woman.birth_date, "area": woman.area}
    withdrawn = record.state == "withdrawn"
    row = {} if withdrawn else record_row(versions.filled(versions.newest(record)), words)
    return RecordHeard(
        kind, withdrawn, row, file, here, person, str(keeper), str(record.unit_id), record.by, record.on_date
    )


def may_see(reach: Reach, number: int) -> bool:
    """Whether a person may open a record."""
    return bool(facts.may_see(sheaves.named(number), reach))
