"""The made-up objects that the addresses of the permission matrix are opened with.

`arguments(name, args, ownership, role, make_person)` turns the `args` of a row into real keys: an argument's value names a maker
below, which makes (or finds) one object of that ownership for that role. A part of the site adds its makers to MAKERS.
"""

from __future__ import annotations

from collections.abc import Callable

from qingmiao.site.apps.directory.roles import Role

UNIT_OF = {
    Role.COMMITTEE_OFFICE: "committee_office",
    Role.STATISTICS: "statistics",
    Role.LIAISON: "health",
    Role.LEADER: "health",
    Role.SUPERVISOR: "township.141029100",
    Role.VILLAGE_DIRECTOR: "township.141029100",
    Role.SCHOOL: "education",
    Role.HOSPITAL: "mch_hospital",
    Role.SYSTEM_ADMIN: "government_service",
    Role.SECURITY_ADMIN: "government_service",
    Role.AUDIT_ADMIN: "government_service",
    Role.AUDITOR: "committee_office",
}
"""Where the tested person of each role sits."""


def unit_for(ownership: str, role: Role) -> str:
    """A unit that is the person's own, another one of the county, or one of another county."""
    if ownership == "own":
        return UNIT_OF[role]
    if ownership == "other_county":
        return "other.health"
    return "education" if UNIT_OF[role] != "education" else "health"


def account(ownership: str, role: Role, make_person: Callable) -> str:
    """A user name at a unit of that ownership."""
    return make_person(
        unit_for(ownership, role), Role.LIAISON, f"target-{ownership}-{role.value}".replace("_", "-")
    ).username


MAKERS: dict[str, Callable[[str, Role, Callable], object]] = {"account": account}


def arguments(
    name: str, args: dict[str, str], ownership: str, role: Role, make_person: Callable
) -> dict[str, object]:
    """The arguments of an address."""
    return {key: MAKERS[maker](ownership, role, make_person) for key, maker in args.items()}
