"""What an administrator's page asks for: accounts by user name and unit id, first passwords shown once."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from qingmiao.site.apps.directory import access, accounts, showing
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach


@dataclass(frozen=True)
class FirstPassword:
    """A password that is shown once and stored nowhere: whose it is, with the unit in words."""

    username: str
    name: str
    unit: str
    password: str


def make_account(reach: Reach, *, username: str, name: str, unit: str, post: str = "") -> FirstPassword:
    """A new account at a unit (its id), with a password to be changed at the first login.

    Raises NotAllowedError for a unit that is not there and names that do not fit, ConflictError for a taken name.
    """
    place = showing.administered_unit(reach, unit)
    if place is None:
        raise access.NotAllowedError("没有这个单位，请从列表里选一个")
    first = accounts.first_password(Person(username=username, name=name, organisation=place))
    made = accounts.make_person(reach, username=username, name=name, unit=place, password=first, post=post)
    return _told(made, first)


def set_active(reach: Reach, username: str, active: bool) -> None:
    """Disable or enable an account; disabling ends its sessions."""
    accounts.set_active(reach, showing.administered(reach, username), active)


def reset_password(reach: Reach, username: str) -> FirstPassword:
    """A new first password for an account."""
    found = showing.administered(reach, username)
    first = accounts.first_password(found)
    return _told(accounts.reset_password(reach, found, first), first)


def ask_codes_reset(reach: Reach, username: str) -> None:
    """Ask that an account's lost second factor be taken away; another administrator has to agree."""
    accounts.ask_codes_reset(reach, showing.administered(reach, username))


def reset_codes(reach: Reach, username: str) -> None:
    """Agree to take an account's second factor away, so that a new one is set up at the next login."""
    accounts.reset_codes(reach, showing.administered(reach, username))


def grant(reach: Reach, username: str, *, role: str, unit: str) -> None:
    """Give a role over a unit from today. Raises NotAllowedError with the reason where that is not possible."""
    found = showing.administered(reach, username)
    access.require(reach, found, "grant")
    place = showing.administered_unit(reach, unit)
    if place is None:
        raise access.NotAllowedError("请选择角色和单位")
    accounts.grant(reach, found, role, on=timezone.localdate(), unit=place)


def revoke(reach: Reach, username: str, held: int) -> None:
    """Take a role (the number of its `HeldShown`) away from today on."""
    accounts.revoke(reach, showing.administered(reach, username), held, on=timezone.localdate())


def _told(person: Person, password: str) -> FirstPassword:
    return FirstPassword(person.username, person.name, person.organisation.label, password)
