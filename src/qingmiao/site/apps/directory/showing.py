"""Accounts, roles and units as pages show them: dataclasses, and only of what lies in the asking person's reach."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from qingmiao.content.roles import BUILT_IN
from qingmiao.site.apps.directory import access, sessions
from qingmiao.site.apps.directory import accounts as accounts_of
from qingmiao.site.apps.directory.models import Organisation, Person, RoleKept
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import ADMINISTRATORS
from qingmiao.site.narrowing import EVERYTHING, Narrowed

ADMINISTERING = ADMINISTRATORS
"""Who sees accounts: of the units of the area over which they hold one of these."""


@dataclass(frozen=True)
class RoleShown:
    """A role that can be given."""

    id: str
    label: str
    label_en: str


@dataclass(frozen=True)
class UnitShown:
    """A unit to choose."""

    id: str
    label: str


@dataclass(frozen=True)
class HeldShown:
    """A role that somebody holds: its label and unit in words, and since when."""

    id: int
    label: str
    unit: str
    since: date


@dataclass(frozen=True)
class AccountLine:
    """One account in a list; `roles` are labels."""

    username: str
    name: str
    unit: str
    roles: tuple[str, ...]
    active: bool


@dataclass(frozen=True)
class AccountShown:
    """One account with everything that its page shows. `steps`: what the asking person may do with it as it stands."""

    username: str
    name: str
    unit_id: str
    unit: str
    post: str
    active: bool
    has_codes: bool
    codes_asked_by: str
    """Who asked to take the second factor away, as long as another administrator may agree to it."""
    sessions: int
    held: tuple[HeldShown, ...]
    steps: frozenset[str]


def roles() -> tuple[RoleShown, ...]:
    """The roles that can be given, the administrators' last."""
    rows = [RoleShown(r.id, r.label, r.label_en) for r in RoleKept.objects.filter(ended=False).order_by("id")]
    return tuple(sorted(rows, key=lambda r: r.id in BUILT_IN))


def role_labels() -> dict[str, str]:
    """The Chinese label of every role that was ever given; one that the pack no longer has says so."""
    return {r.id: r.label + ("（已取消）" if r.ended else "") for r in RoleKept.objects.all()}


def names(usernames: Iterable[str]) -> dict[str, str]:
    """The names of the people with these user names; who is no person is left out."""
    return dict(Person.objects.filter(username__in=set(usernames)).values_list("username", "name"))


def usernames(text: str) -> frozenset[str]:
    """The user names of the people who are called so, or whose user name it is."""
    if not text.isprintable():
        return frozenset()
    found = Person.objects.filter(Q(name__icontains=text) | Q(username__iexact=text)).order_by("username")
    return frozenset(found.values_list("username", flat=True))


def units(reach: Reach) -> tuple[UnitShown, ...]:
    """The units in use whose accounts the person administers, each below the one that it belongs to."""
    return tuple(UnitShown(u.pk, u.label) for u in _administered(reach).filter(is_active=True).order_by("path"))


def accounts(
    reach: Reach, *, narrowed: Narrowed = EVERYTHING, after: str = "", limit: int = 50
) -> tuple[AccountLine, ...]:
    """At most `limit` accounts that the person administers (narrowed by user name, name and unit), by user name after
    `after`.
    """
    if not (narrowed.text + after).isprintable():
        return ()
    rows = Person.objects.filter(organisation__in=_administered(reach), username__gt=after)
    rows = narrowed.rows(rows, texts=("username", "name", "organisation__label"), unit="organisation")
    rows = rows.select_related("organisation").prefetch_related("assignments").order_by("username")
    labels = role_labels()
    return tuple(
        AccountLine(
            p.username, p.name, p.organisation.label,
            tuple(labels.get(a.role, a.role) for a in p.assignments.all() if a.to_date is None), p.is_active,
        )
        for p in rows[:limit]
    )  # fmt: skip


def account(reach: Reach, username: str) -> AccountShown:
    """One account. Raises AbsentError for one that the person does not administer."""
    found, labels, now = administered(reach, username), role_labels(), timezone.now()
    asker = accounts_of.asked_for_codes(found, now=now)
    held = found.assignments.filter(to_date=None).select_related("organisation").order_by("from_date", "pk")
    return AccountShown(
        found.username, found.name, found.organisation.pk, found.organisation.label,
        found.post.title if found.post else "", found.is_active, found.totp is not None,
        asker.name if asker else "", len(sessions.living(found, now=now)),
        tuple(HeldShown(a.pk, labels.get(a.role, a.role), a.organisation.short, a.from_date) for a in held),
        frozenset(s.name for s in access.steps(reach, found)),
    )  # fmt: skip


def administered(reach: Reach, username: str) -> Person:
    """The row of an account that the person administers; raises AbsentError for any other."""
    rows = Person.objects.select_related("organisation", "post").filter(organisation__in=_administered(reach))
    found = rows.filter(username=username).first() if username.isprintable() else None
    if found is None:
        raise access.AbsentError("没有这个账号")
    return found


def administered_unit(reach: Reach, unit: str) -> Organisation | None:
    """The row of a unit in use that the person administers, or None."""
    return _administered(reach).filter(pk=unit, is_active=True).first() if unit.isprintable() else None


def _administered(reach: Reach) -> QuerySet[Organisation]:
    return reach.units(*ADMINISTERING)
