"""The entries in force as services that everybody may find: a document a register, put on the shelf by a released
report."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from qingmiao.content.base import Label
from qingmiao.content.registers import RegisterKind
from qingmiao.disclosure import office_phone, tells_of_person
from qingmiao.forms import ReadyField, fill
from qingmiao.forms.kinds import KINDS
from qingmiao.kernel.areas import AreaLevel
from qingmiao.registers.judging import ReadyRegister
from qingmiao.registers.likely import Point
from qingmiao.registers.public_rows import places_shown
from qingmiao.registers.yearly import occupancy
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.registers import books
from qingmiao.site.apps.registers.models import RegisteredPerson, RegisterEntry, RegisterEntryVersion

COUNTING = ("enter", "propose", "change", "renew", "confirm")
"""Steps at which somebody says that the numbers are so."""
YES_NO = {True: Label(zh="是", en="yes"), False: Label(zh="否", en="no")}


@dataclass(frozen=True)
class HeldBack:
    """Something of an entry or a document that is not published since it tells of a person; `of`: its name."""

    of: str
    kind: str


def known_names() -> frozenset[str]:
    """The names of everybody who is entered here: people with an account, people of the registers."""
    accounts = Person.objects.order_by().values_list("name", flat=True)
    return frozenset(accounts) | frozenset(RegisteredPerson.objects.order_by().values_list("name", flat=True))


def services(on: date, names: Collection[str], held: list[HeldBack]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(register, what everybody may see of it on a day), low `order` first: registers that say what is public of them,
    their entries in force. A text that tells of a person (one of `names`) is left out and added to `held`."""
    for kind in books.every().values():
        if kind.public is None:
            continue
        yield (
            kind.id,
            {
                "id": kind.id,
                "label": _said(kind.public.label),
                "columns": [_said(_one(books.ready(kind.id), c).field.label) for c in kind.public.columns],
                "phone": kind.public.phone is not None,
                "position": kind.public.position,
                "places": kind.public.places,
                "as_of": on.isoformat(),
                "rows": list(_rows(kind, on, _Watched(names, kind.label.zh, held))),
            },
        )


@dataclass(frozen=True)
class _Watched:
    """The names that no text may hold, and where what is held back is written down."""

    names: Collection[str]
    kind: str
    held: list[HeldBack]

    def back(self, entry: str) -> None:
        self.held.append(HeldBack(entry, self.kind))


def _rows(kind: RegisterKind, on: date, held: _Watched) -> Iterator[dict[str, Any]]:
    assert kind.public is not None
    ready, pack, positions = books.ready(kind.id), site_pack.pack(), _positions(kind)
    counted = _counted(kind.id)
    for entry in RegisterEntry.objects.filter(register=kind.id, state="open").order_by("area", "name", "pk"):
        values = fill(ready.form, entry.answers, on=on).values
        if tells_of_person(entry.name, ()):
            held.back(entry.name)
            continue
        town = pack.area_tree.ancestor(entry.area, AreaLevel.TOWNSHIP) if entry.area in pack.areas else None
        cells = [_cell(_one(ready, c), values.get(c), entry.name, held) for c in kind.public.columns]
        places, free = places_shown(occupancy(kind, values)) if kind.public.places else (None, None)
        own = (entry.latitude, entry.longitude)
        point = own if None not in own else positions.get(entry.within_id or 0)
        yield {
            "name": entry.name,
            "town": {"code": town.code, "name": town.name} if town is not None else {"code": "", "name": ""},
            "cells": cells,
            "phone": _phone(kind, values, entry.name, held),
            "point": list(point) if kind.public.position and point is not None else None,
            "places": places,
            "free": free,
            "on": counted.get(entry.pk, entry.changed_date).isoformat(),
        }


def _positions(kind: RegisterKind) -> Mapping[int, Point]:
    """Where the entries are that an entry may belong to, as far as that register tells it."""
    above = books.every().get(kind.within.register_) if kind.within is not None else None
    if above is None or above.public is None or not above.public.position:
        return {}
    rows = RegisterEntry.objects.filter(register=above.id, latitude__isnull=False)
    placed = rows.values_list("pk", "latitude", "longitude")
    return {pk: (lat, lon) for pk, lat, lon in placed if lat is not None and lon is not None}


def _counted(register: str) -> Mapping[int, date]:
    """Entry → the day from which what it says holds, by the last step that said it."""
    rows = RegisterEntryVersion.objects.filter(entry__register=register, step__in=COUNTING).order_by("version")
    return dict(rows.values_list("entry_id", "valid_from"))


def _phone(kind: RegisterKind, values: Mapping[str, Any], name: str, held: _Watched) -> str:
    given = str(values.get(kind.public.phone or "") or "") if kind.public is not None else ""
    shown = office_phone(given)
    if given and not shown:
        held.back(name)
    return shown


def _cell(one: ReadyField, value: Any, name: str, held: _Watched) -> dict[str, str] | None:
    """A value in both languages; None where there is none, or where it tells of a person."""
    if value is None:
        return None
    if isinstance(value, bool):
        return _said(YES_NO[value])
    if one.type == "code":
        english = {o.code: o.label for o in one.field.options}
        codes: Sequence[Any] = value if isinstance(value, tuple) else (value,)
        labels = [english.get(str(c)) or Label(zh=one.choices.get(str(c), str(c))) for c in codes]
        return {"zh": "、".join(x.zh for x in labels), "en": ", ".join(x.en or x.zh for x in labels)}
    text = KINDS[one.type].show(one, value)
    if tells_of_person(text, held.names):
        held.back(name)
        return None
    return {"zh": f"{text}{one.field.unit}" if one.field.unit and one.field.unit not in text else text, "en": ""}


def _one(ready: ReadyRegister, name: str) -> ReadyField:
    return ready.form.single[name]


def _said(label: Label | None) -> dict[str, str]:
    return {"zh": label.zh, "en": label.en} if label is not None else {"zh": "", "en": ""}
