"""Lists of children: within what a person sees, narrowed by place, class and age, found by name or exact number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from qingmiao.content.records import RecordKind
from qingmiao.flow import State
from qingmiao.kernel.areas import AreaLevel, stem
from qingmiao.kernel.days import add_months, completed_months
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import exposure, kinds, looking, naming, words
from qingmiao.site.apps.records.by_number import number_where
from qingmiao.site.apps.records.doors import child_flow
from qingmiao.site.apps.records.models import GONE, Child

AGES = {"0": (0, 12), "1": (12, 36), "under_3": (0, 36), "3": (36, 84), "7": (84, 216)}
"""Bands of age by which a list is narrowed: completed months from, below."""
LETTERS = re.compile(r"[a-zA-Z ]{2,60}")


@dataclass(frozen=True)
class ChildRow:
    """One line of a list."""

    id: int
    name: str
    sex: str
    birth_date: date
    certainty: str
    age: str
    area: str
    village: str
    school_unit: str
    school_class: str
    unit: str
    state: State


def age_text(birth: date, day: date) -> str:
    """An age as doctors write it: 12天, 7月龄, 2岁3月, 9岁."""
    months = completed_months(birth, day)
    if months < 1:
        return f"{max((day - birth).days, 0)}天"
    if months < 24:
        return f"{months}月龄"
    years, rest = divmod(months, 12)
    return f"{years}岁{rest}月" if years < 7 and rest else f"{years}岁"


SHOWN = (
    "name", "sex", "birth_date", "birth_certainty", "area", "village", "school_class", "state", "left_date",
    "unit__label", "school_unit__label",
)  # fmt: skip
"""The columns of a child that a line of a list needs: no more of a file is read for it."""


def row(child: Child, day: date) -> ChildRow:
    """A child as a list shows it."""
    until = child.left_date if child.state == "died" and child.left_date else day
    return ChildRow(
        child.pk, child.name, words.code_label("sex", child.sex).zh, child.birth_date, child.birth_certainty,
        age_text(child.birth_date, until), words.area_name(child.area), child.village,
        child.school_unit.label if child.school_unit else "", child.school_class, child.unit.label,
        child_flow().state(child.state),
    )  # fmt: skip


def aged(age: str, day: date) -> dict[str, date]:
    """The condition of an age of `AGES` on a day."""
    low, high = AGES[age]
    return {"birth_date__gt": add_months(day, -high), "birth_date__lte": add_months(day, -low)}


def listed(
    reach: Reach,
    *,
    area: str = "",
    village: str = "",
    school_class: str = "",
    age: str = "",
    state: str = "here",
    kind: str = "",
    before: int = 0,
    size: int = 50,
) -> tuple[ChildRow, ...]:
    """The children that this person sees, the newest file first; `before`: older than the file of that number; `kind`:
    only those of whom the person reads a record of that kind."""
    of, day = exposure.sights(reach), timezone.localdate()
    found = _seen(of, state)
    if area in site_pack.pack().areas:
        found = found.filter(area__startswith=stem(area))
    given = {"village": village, "school_class": school_class, "state": state}
    found = found.filter(**{k: v for k, v in given.items() if v})
    if age in AGES:
        found = found.filter(**aged(age, day))
    if kind in of.kinds_read():
        found = found.filter(of.having(kind))
    if before:
        found = found.filter(pk__lt=before)
    rows = tuple(row(c, day) for c in found.order_by("-pk")[:size])
    told = {k: v for k, v in {**given, "area": area, "age": age, "kind": kind}.items() if v}
    looking.seen_rows(reach, looking.LIST, {**told, "rows": len(rows)})
    return rows


def search(reach: Reach, text: str, *, size: int = 50) -> tuple[ChildRow, ...]:
    """The children whose name begins so, whose pinyin or its initials do, or who have that very number.

    What was searched for is written down nowhere; that somebody searched, by what, and how many were found, is.
    """
    of, day, said = exposure.sights(reach), timezone.localdate(), " ".join(text.split())[:60]
    how, where = _asked(said)
    rows: tuple[ChildRow, ...] = ()
    if how:
        found = _seen(of).filter(where).exclude(GONE).order_by("name_key", "birth_date", "pk")
        rows = tuple(row(c, day) for c in found[:size])
    looking.seen_rows(reach, looking.SEARCH, {"by": how, "rows": len(rows)})
    return rows


def _asked(said: str) -> tuple[str, Q]:
    """By what was searched, and the condition; "" for a text that is neither a name nor a number."""
    if by_number := number_where(said):
        return "number", by_number
    if LETTERS.fullmatch(said):
        letters = said.replace(" ", "").lower()
        return "pinyin", Q(initials__startswith=letters) | Q(pinyin__startswith=letters)
    return ("name", Q(name_key__startswith=naming.key(said))) if naming.key(said) else ("", Q())


def _seen(of: exposure.Sights, state: str = "here") -> QuerySet[Child]:
    """The files that are seen, in any state for ""."""
    where = of.merged if state == "merged" else of.where if state else of.where | of.merged
    return Child.objects.filter(where).select_related("unit", "school_unit").only(*SHOWN)


def areas(reach: Reach) -> tuple[tuple[str, str], ...]:
    """(code, name) of the townships that a list may be narrowed to."""
    of, pack = exposure.sights(reach), site_pack.pack()
    held = {h.area for h in of.held} | {c.area for c in of.charges if c.area}
    level, found = AreaLevel.TOWNSHIP, []
    for a in pack.areas.values():
        if a.level == level and any(a.code.startswith(stem(h)) or h.startswith(a.code) for h in held):
            found.append((a.code, a.name))
    return tuple(found)


def kinds_listed(reach: Reach) -> tuple[RecordKind, ...]:
    """The kinds of children's records by which this person may narrow a list: those that the person reads."""
    read = exposure.sights(reach).kinds_read()
    return tuple(k for k in kinds.kinds().values() if k.id in read and k.subject == "child")


def states() -> tuple[State, ...]:
    """The states of files, for a filter."""
    return tuple(s for s in child_flow().states if s.name != "void")  # nobody sees a file that was taken back
