"""A forgotten password: whoever says so is told nothing about accounts; the administrators who reset it are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from qingmiao.site.apps.directory import lockout
from qingmiao.site.apps.directory.models import Assignment, Person, RoleKept
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import SYSTEM_ADMIN
from qingmiao.site.apps.directory.second_factor import digest


@dataclass(frozen=True)
class AskedFor:
    """One request from an address; the same count whether or not there is an account."""

    address: str

    @property
    def keys(self) -> tuple[tuple[str, int], ...]:
        """The one counter of the address."""
        return ((digest(f"forgotten:{self.address}"), lockout.FREE),)


def may_ask_for_reset(address: str, *, now: datetime) -> None:
    """Count a request. Raises WaitError where too many came from the address, whatever they named."""
    asked = AskedFor(address)
    left = lockout.wait(asked, now=now)
    if left:
        raise lockout.WaitError(left)
    lockout.failed(asked, now=now)


def who_resets(username: str) -> tuple[Person | None, list[Person]]:
    """The account in use of that user name, and the system administrators who may reset its password."""
    person = Person.objects.select_related("organisation").filter(username=username, is_active=True).first()
    day = timezone.localdate()
    kept = RoleKept.objects.filter(ended=False).values_list("id", "grants")
    names = [name for name, grants in kept if SYSTEM_ADMIN in grants]
    held = Assignment.objects.filter(Q(to_date=None) | Q(to_date__gt=day), role__in=names, from_date__lte=day)
    found = Person.objects.filter(pk__in=held.values("person"), is_active=True).order_by("pk")
    if person is None:
        return None, []
    return person, [p for p in found if Reach(p).holds({SYSTEM_ADMIN}, over=person.organisation)]


def guided(person: Person) -> None:
    """The guide of the first login is put away for good."""
    Person.objects.filter(pk=person.pk, guided_at=None).update(guided_at=timezone.now())
