"""Which child a row of a list is about: by number, then by name with birth and sex; what is not sure goes to a person.

Only children for whom the person may record this kind are known here: any other is as good as not there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa

from qingmiao.content.records import RecordKind
from qingmiao.identity.linking.candidates import SHOWN
from qingmiao.identity.linking.keys import PersonRecord, keys
from qingmiao.identity.linking.scoring import Rarity, score
from qingmiao.site.apps.records import naming, sealing
from qingmiao.site.apps.records.exposure import Sights
from qingmiao.site.apps.records.models import Child

MOST = 5
"""So many possible children are shown for a row."""
_ROLL = re.compile(r"[A-Za-z]\s*(\d{17}[\dXx])")
"""A school roll number that is a letter and the identity number."""
COLUMNS = ("pk", "name", "name_key", "pinyin", "sex", "birth_date", "number_index", "certificate_index", "school_class")


@dataclass(frozen=True)
class ListedMatch:
    """What a row comes to. `candidates`: (child, probability, reasons), the likeliest first."""

    standing: str
    child: int | None = None
    candidates: tuple[tuple[int, float, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class _KnownChild:
    """A child as rows are compared with it."""

    pk: int
    name: str
    key: str
    pinyin: str
    sex: str
    birth: date
    number: bytes | None
    school_class: str


@dataclass
class ChildrenInReach:
    """The children for whom a person may record a kind, by what a row may say of them."""

    size: int = 0
    by_mark: dict[bytes, list[_KnownChild]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[str, list[_KnownChild]] = field(default_factory=lambda: defaultdict(list))
    by_sound: dict[tuple[str, date], list[_KnownChild]] = field(default_factory=lambda: defaultdict(list))
    by_class: dict[tuple[str, date], list[_KnownChild]] = field(default_factory=lambda: defaultdict(list))
    ids: set[int] = field(default_factory=set)


def recordable(of: Sights, kind: RecordKind) -> Sights:
    """The sights of the roles alone that record this kind; broken glass does not count."""
    roles = set(kind.recorded_by)
    return Sights(of.person, tuple(h for h in of.held if h.roles & roles), of.charges, frozenset(), of.units)


def in_reach(of: Sights, kind: RecordKind) -> ChildrenInReach:
    """The children for whom the person may record the kind, read once a file."""
    found = ChildrenInReach()
    rows = Child.objects.filter(recordable(of, kind).where).exclude(state="merged").values_list(*COLUMNS)
    for pk, name, key, pinyin, sex, birth, number, certificate, school_class in rows.distinct().iterator(5000):
        one = _KnownChild(pk, name, key, pinyin, sex, birth, bytes(number) if number else None, school_class)
        found.ids.add(pk)
        for mark in (number, certificate):
            if mark is not None:
                found.by_mark[bytes(mark)].append(one)
        found.by_name[key].append(one)
        found.by_sound[pinyin, birth].append(one)
        if school_class:
            found.by_class[school_class, birth].append(one)
    found.size = len(found.ids)
    return found


def match(people: pa.Table, among: ChildrenInReach) -> list[ListedMatch]:
    """Each row's child, in the rows' order. `people`: a text column a `PersonWord` (`birth`: days)."""
    rarity = Rarity(max(among.size, 1))
    return [_one(row, among, rarity) for row in people.to_pylist()]


def _one(row: Mapping[str, Any], among: ChildrenInReach, rarity: Rarity) -> ListedMatch:
    name, birth, sex = str(row["name"] or ""), row["birth"], row["sex"]
    key, marks = naming.key(name), sealing.number_marks(_number(row["number"]))
    numbered = next((among.by_mark[m] for m in marks if m in among.by_mark), [])
    named = [k for k in among.by_name.get(key, []) if k.birth == birth and sex in (None, k.sex)] if key else []
    if len(numbered) == 1 and _agrees(numbered[0], key, birth, sex):
        return ListedMatch("sure", numbered[0].pk)
    if not numbered and len(named) == 1 and (not marks or named[0].number is None):
        return ListedMatch("sure", named[0].pk)
    likely: dict[int, tuple[_KnownChild, float, tuple[str, ...]]] = {
        k.pk: (k, 1.0, ("证件号码相同，姓名、性别或出生日期不同",)) for k in numbered
    }
    for k in named:
        said = "姓名、性别、出生日期相同，证件号码不同" if marks and k.number else "同名同日出生的不止一名"
        likely.setdefault(k.pk, (k, 0.95, (said,)))
    if not likely:
        likely = _alike(row, key, among, rarity)
    if not likely:
        return ListedMatch("absent")
    ranked = sorted(likely.values(), key=lambda x: (-x[1], x[0].pk))[:MOST]
    return ListedMatch("unsure", None, tuple((k.pk, round(p, 3), why) for k, p, why in ranked))


def _agrees(one: _KnownChild, key: str, birth: date | None, sex: str | None) -> bool:
    return one.key == key and birth in (None, one.birth) and sex in (None, one.sex)


def _alike(
    row: Mapping[str, Any], key: str, among: ChildrenInReach, rarity: Rarity
) -> dict[int, tuple[_KnownChild, float, tuple[str, ...]]]:
    """The children that sound alike, have the same name, or were born that day and go to that class."""
    name, birth = str(row["name"] or ""), row["birth"]
    near = {k.pk: k for k in among.by_name.get(key, [])} if key else {}
    if birth is not None:
        near |= {k.pk: k for k in among.by_sound.get((naming.keys_of(name).pinyin, birth), [])}
        near |= {k.pk: k for k in among.by_class.get((str(row["school_class"] or ""), birth), [])}
    said = keys(PersonRecord(name, row["sex"], birth.isoformat() if birth else None))
    found = {}
    for k in near.values():
        told = score(said, keys(PersonRecord(k.name, k.sex, k.birth.isoformat())), rarity)
        if told.probability >= SHOWN or (k.key == key and birth is None):
            found[k.pk] = (k, told.probability, told.reasons[:3])
    return found


def _number(text: str | None) -> str:
    """The identity number of a cell: a school roll number holds it behind a letter."""
    plain = (text or "").strip()
    roll = _ROLL.fullmatch(plain)
    return roll[1] if roll else plain
