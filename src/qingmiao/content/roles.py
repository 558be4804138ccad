"""Roles: what somebody does here. Adding one is one file in `roles/`; only the administrators and the auditor are built
in.

Flows and pages name role ids. A role may be `like` others: whoever holds it may do what they may, with its own scope.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Literal, Protocol

from qingmiao.content.base import Content, Id, Label, Name, Source
from qingmiao.content.organisations import OrganisationKind
from qingmiao.flow import house

ANY_STAFF = "any_staff"
"""Every role that works with figures and files: all but the three administrators'."""
ANY_AREA_STAFF = "any_area_staff"
"""Of these, the ones whose scope is a whole area."""
ANY_UNIT_STAFF = "any_unit_staff"
"""Of these, the ones whose scope is their own unit."""
ANY_OUTSIDER = "any_outsider"
"""Every role of somebody from outside: no staff, sees nothing but what is handed to their own unit."""
WORDS = {
    ANY_STAFF: "工作人员", ANY_AREA_STAFF: "管全地区的人员", ANY_UNIT_STAFF: "单位人员", ANY_OUTSIDER: "外部人员",
}  # fmt: skip
"""Words for many roles: they follow from the roles' scope; no file may take one of them as its id."""


class Scope(StrEnum):
    """Over what a role is held."""

    AREA = "area"
    """Over every unit of the area that is given with the role."""
    OWN = "own"
    """Over the very unit for which it is given; the units below can be seen."""


class ChildrenSeen(Content):
    """Whose files a role sees, and what it does with them. A role without it sees no child's file at all.

    `over`: all children of the area for which it is held; only of the villages and classes that are in the person's
    charge; only those who attend the unit or whom the unit has registered or examined.
    """

    over: Literal["area", "charge", "unit"]
    identity: Literal["masked", "none"] = "none"
    """Identity numbers, phones and addresses: masked, to be shown with a purpose, or not at all."""
    keeps: bool = False
    """Registers children, and corrects and moves the files that its own unit keeps."""
    settles: bool = False
    """Settles which files are of the same child: merges them and takes them apart."""
    charges: bool = False
    """Says which villages and classes are in whose charge, for the people of its own unit."""
    due: tuple[Name, ...] = ()
    """Schedules of which it is told what is due and overdue, though it reads no record of their kinds: so that it can
    send for a child, and learns nothing of what was found."""
    answers: bool = False
    """Receives what guardians ask for (a copy, a correction …) for its own unit, and decides it. For what a role reads,
    say the purposes that name it (`purposes/`)."""


OF_CHILDREN = ("work", "lists", "files")
"""The first pages (`start`) that are of children's files, the first of them before the others."""


class RoleItem(Content):
    """One role. `held_by`: the kinds of organisations whose people may hold it (none named: any); a wider
    kind stands for all within it."""

    id: Name
    label: Label
    scope: Scope
    held_by: tuple[OrganisationKind, ...] = ()
    second_factor: bool = True
    """Whether whoever holds it needs a second factor to log in."""
    excludes: tuple[Id, ...] = ()
    """Roles that the same person cannot hold (separation of duties); said on both sides."""
    like: tuple[Id, ...] = ()
    """Roles whose permissions this one has too, over its own scope."""
    children: ChildrenSeen | None = None
    """What it sees of children's files."""
    mothers: ChildrenSeen | None = None
    """What it sees of mothers' files, by the same rule: `area` and `charge` go by where the woman lives."""
    unit_only: bool = False
    """Speaks for its own unit, of whatever kind that is: has to do with a case where its unit has, and never with every
    case of a place."""
    outside: bool = False
    """Is held by people from outside (a commissioned evaluator): they are no staff and hold no other role; of documents
    they see those that their own unit records and those that are handed to it (`DocumentKind.handed`), nothing else."""
    start: Literal["work", "lists", "files"] | None = None
    """Its first page, for who sees children's files: the work lists (overdue, due, found and not followed up), the
    uploaded lists of children, or the files. None: the page of what waits today."""
    source: Source | None = None
    note: str = ""


ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")
"""System, security and audit administrators are three people (三权分立)."""
AUDITOR = "auditor"


def _administrator(id_: str, zh: str, en: str) -> RoleItem:
    others = tuple(a for a in ADMINISTRATORS if a != id_)
    return RoleItem(id=id_, label=Label(zh=zh, en=en), scope=Scope.AREA, excludes=others)


BUILT_IN: Mapping[str, RoleItem] = {
    r.id: r
    for r in (
        _administrator("system_admin", "系统管理员", "System administrator"),
        _administrator("security_admin", "安全管理员", "Security administrator"),
        _administrator("audit_admin", "审计管理员", "Audit administrator"),
        RoleItem(id=AUDITOR, label=Label(zh="审计人员", en="Auditor"), scope=Scope.AREA),
    )
}
HOUSE = house.ROLES
"""The roles of content that flows and pages written in Python name: a pack with roles has all of them."""


class WithRoles(Protocol):
    """A pack, of which only the roles are asked."""

    @property
    def roles(self) -> Mapping[str, RoleItem]:
        """The pack's own, by id."""
        ...


def all_roles(pack: WithRoles) -> dict[str, RoleItem]:
    """The built-in roles and the pack's, by id."""
    return {**BUILT_IN, **pack.roles}


def grants(roles: Mapping[str, RoleItem], id_: str) -> frozenset[str]:
    """Every id that a role stands for: itself, what it is like (and what those are like), and the words for many
    roles."""
    found: set[str] = set()
    waiting = [id_]
    while waiting:
        one = waiting.pop()
        if one not in found and one in roles:
            found.add(one)
            waiting.extend(roles[one].like)
    if not found or id_ in ADMINISTRATORS:
        return frozenset(found)
    if roles[id_].outside:
        return frozenset(found | {ANY_OUTSIDER})
    return frozenset(found | {ANY_STAFF, ANY_AREA_STAFF if roles[id_].scope is Scope.AREA else ANY_UNIT_STAFF})


def excluded(roles: Mapping[str, RoleItem], wanted: str, held: Iterable[str]) -> list[str]:
    """Which of the held roles one person cannot hold beside the wanted one, also through what roles are like.

    An administrator's role goes with no other: whoever runs accounts, rights or the trail does no business here. Nor
    does a role from outside: whoever judges the work has no part in it.
    """
    mine = grants(roles, wanted)
    alone = {*ADMINISTRATORS, *(id_ for id_, role in roles.items() if role.outside)}
    return sorted(
        h
        for h in set(held) - {wanted}
        if wanted in alone
        or h in alone
        or any(
            x in roles and y in roles and (y in roles[x].excludes or x in roles[y].excludes)
            for x in mine
            for y in grants(roles, h)
        )
    )


def first_page(every: Mapping[str, RoleItem], held: frozenset[str]) -> str:
    """The first page of somebody who holds these roles (`RoleItem.start`); "", the page of today, unless all of them
    say one of children's files (the work lists come first, then the lists, then the files)."""
    said = {every[role].start if role in every else None for role in held}
    return next((one for one in OF_CHILDREN if one in said), "") if said <= {*OF_CHILDREN} else ""
