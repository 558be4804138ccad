"""The pack's kinds of records and the rules of its roles, as this app asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from qingmiao.content.base import Label
from qingmiao.content.pack import Pack
from qingmiao.content.records import RecordKind, VisitCheck
from qingmiao.content.roles import ChildrenSeen
from qingmiao.site import pack as site_pack

Wanted = Callable[[ChildrenSeen], bool]


@dataclass(frozen=True)
class OfPack:
    """What is asked for of a pack on every page, put together once."""

    pack: Pack
    kinds: Mapping[str, RecordKind]
    rules: Mapping[str, ChildrenSeen]


_KEPT: list[OfPack] = []
"""Of the pack that was asked for last."""


def _of_pack() -> OfPack:
    pack = site_pack.pack()
    if not _KEPT or _KEPT[0].pack is not pack:
        found = sorted(pack.entries("records", RecordKind).values(), key=lambda k: (k.order, k.id))
        seeing = {id_: r.children for id_, r in pack.roles.items() if r.children is not None}
        _KEPT[:] = [OfPack(pack, MappingProxyType({k.id: k for k in found}), MappingProxyType(seeing))]
    return _KEPT[0]


def kinds() -> Mapping[str, RecordKind]:
    """Every kind of record, low `order` first."""
    return _of_pack().kinds


def read_by(roles: frozenset[str], among: Iterable[RecordKind]) -> frozenset[str]:
    """The ids of the kinds that somebody with these roles reads, whoever recorded."""
    return frozenset(k.id for k in among if roles & {*k.recorded_by, *k.seen_by})


def written_by(roles: frozenset[str], among: Iterable[RecordKind]) -> frozenset[str]:
    """The ids of the kinds that somebody with these roles records."""
    return frozenset(k.id for k in among if roles & set(k.recorded_by))


def visit_checks() -> dict[str, VisitCheck]:
    """What must hold between a record and the ones before."""
    return site_pack.pack().entries("record_checks", VisitCheck)


def rules() -> Mapping[str, ChildrenSeen]:
    """Role → whose files it sees, of the roles that see any."""
    return _of_pack().rules


def mothers_rules() -> dict[str, ChildrenSeen]:
    """Role → which mothers' files it sees, of the roles that see any."""
    return {id_: r.mothers for id_, r in site_pack.pack().roles.items() if r.mothers is not None}


def roles_that(wanted: Wanted) -> frozenset[str]:
    """The roles whose rule says so: who keeps files, who settles duplicates, who gives charges."""
    return frozenset(id_ for id_, rule in rules().items() if wanted(rule))


def looking() -> frozenset[str]:
    """The roles that see any child's file."""
    return frozenset(rules())


def of_mothers() -> tuple[RecordKind, ...]:
    """The kinds of records in mothers' files."""
    return tuple(k for k in kinds().values() if k.subject == "mother")


def looking_at_mothers() -> frozenset[str]:
    """The roles that see any mother's file."""
    return frozenset(mothers_rules())


def role_label(role: str) -> Label:
    """A role in words."""
    found = site_pack.pack().roles.get(role)
    return found.label if found is not None else Label(zh=role)
