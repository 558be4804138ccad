"""How somebody stands to an entry, and which entries somebody sees."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q

from qingmiao.content.registers import RegisterKind
from qingmiao.kernel.areas import lies_in, stem
from qingmiao.registers.steps import ENTERS, EXCUSES, KEEPS
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.permissions import Held, Reach
from qingmiao.site.apps.registers import books
from qingmiao.site.apps.registers.models import RegisterEntry

TERRITORIAL = ("township", "village")
"""Kinds of units that answer for everything in their area; any other enters only what is its own."""


def relations(entry: RegisterEntry, person: Person) -> Iterator[str]:
    """Keeper, enterer, who may excuse: by roles held over the keeping unit, or for the entry's area."""
    kind = books.every().get(entry.register)
    if kind is None:
        return
    reach = Reach(person)
    roles = reach.roles_over(entry.unit)
    if roles & set(kind.kept_by):
        yield KEEPS
    if roles & set(kind.excused_by):
        yield EXCUSES
    if any(_answers_for(h, entry) for h in entering(reach, kind)):
        yield ENTERS


def entering(reach: Reach, kind: RegisterKind) -> list[Held]:
    """The roles through which somebody enters into a register for an area or for the own unit."""
    return [h for h in reach.held if h.grants & set(kind.entered_by)]


def _answers_for(held: Held, entry: RegisterEntry) -> bool:
    own = entry.entered_unit_id == held.unit
    return lies_in(entry.area, held.area) and (own or _territorial(held.unit))


def _territorial(unit: str) -> bool:
    return Organisation.objects.filter(pk=unit, kind__in=TERRITORIAL).exists()


def territorial(reach: Reach) -> frozenset[str]:
    """The units of this person's roles that answer for everything in their area."""
    units = {h.unit for h in reach.held}
    found = Organisation.objects.filter(pk__in=units, kind__in=TERRITORIAL).values_list("pk", flat=True)
    return frozenset(found.order_by("pk"))


def kept(reach: Reach) -> frozenset[str]:
    """The registers that somebody keeps."""
    units = Organisation.objects.in_bulk({k.keeper for k in books.every().values()})
    over = {id_: reach.roles_over(unit) for id_, unit in units.items()}
    return frozenset(k.id for k in books.every().values() if over.get(k.keeper, frozenset()) & set(k.kept_by))


def keeps(reach: Reach, kind: RegisterKind) -> bool:
    """Whether somebody keeps a register."""
    unit = Organisation.objects.filter(pk=kind.keeper).first()
    return unit is not None and bool(reach.roles_over(unit) & set(kind.kept_by))


def visible(reach: Reach) -> Q:
    """The entries that somebody sees: of registers that units in reach keep, of units in reach, and of the own area
    where the unit answers for it and enters there."""
    every = books.every().values()
    shut = [k.id for k in every if k.closed]
    own_areas, keeping = territorial(reach), kept(reach) if shut else frozenset()
    where = (Q(unit__in=reach.unit_ids) | Q(entered_unit__in=reach.unit_ids)) & ~Q(register__in=shut)
    for kind in every:
        if kind.closed:
            own = [h.unit for h in entering(reach, kind)]
            where |= Q(register=kind.id) if kind.id in keeping else Q(register=kind.id, entered_unit__in=own)
            continue
        for held in entering(reach, kind):
            if held.unit in own_areas:
                where |= Q(register=kind.id, area__startswith=stem(held.area))
    return where


def seen(reach: Reach) -> dict[str, RegisterKind]:
    """The registers of which somebody may see entries: kept by a unit in reach, or entered into."""
    found = {}
    for kind in books.every().values():
        keeping = keeps(reach, kind) if kind.closed else kind.keeper in reach.unit_ids
        if keeping or entering(reach, kind):
            found[kind.id] = kind
    return found


def kind_of(reach: Reach, register: str) -> RegisterKind:
    """A register that somebody sees. Raises AbsentError."""
    found = seen(reach).get(register)
    if found is None:
        raise AbsentError("没有这个登记册")
    return found


def get(reach: Reach, number: int) -> RegisterEntry:
    """An entry that somebody sees. Raises AbsentError."""
    rows = RegisterEntry.objects.select_related("unit", "entered_unit", "within", "person", "merged_into")
    found = rows.filter(visible(reach), pk=number).first()
    if found is None or found.register not in books.every():
        raise AbsentError("没有这条登记")
    return found
