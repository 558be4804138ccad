"""Who holds what over what: a role counts only over the unit or area for which it is held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from qingmiao.content.roles import Scope
from qingmiao.kernel.areas import lies_in, stem
from qingmiao.site.apps.directory.models import Area, Assignment, Organisation, Person, RoleKept
from qingmiao.site.apps.directory.roles import OUTSIDE, WORKING


@dataclass(frozen=True)
class Held:
    """A role that somebody holds today: everything it stands for (`grants`), and over what."""

    role: str
    grants: frozenset[str]
    wide: bool
    """Over the whole area `area`; otherwise over the unit `unit` (whose ids from the root are `path`)."""
    area: str
    unit: str
    path: str
    second_factor: bool
    """Whether whoever holds it needs a second factor to log in."""

    def over(self, unit: Organisation) -> bool:
        """Whether it is held over a unit: a wide role over every unit of its area, any other over the very unit."""
        return lies_in(unit.area_id, self.area) if self.wide else unit.pk == self.unit


class Reach:
    """The roles of one person today, each with its scope: loaded once a request.

    Every question joins role and scope: a role held elsewhere does not count.
    """

    def __init__(self, person: Person, *, on: date | None = None) -> None:
        self.person = person
        day = on or timezone.localdate()
        kept = RoleKept.objects.filter(pk=OuterRef("role"), ended=False)
        rows = (
            Assignment.objects.filter(person=person, from_date__lte=day)
            .filter(Q(to_date=None) | Q(to_date__gt=day))
            .annotate(
                grants=Subquery(kept.values("grants")[:1]),
                scope=Subquery(kept.values("scope")[:1]),
                codes=Subquery(kept.values("second_factor")[:1]),
                site=Subquery(Area.objects.filter(is_site=True).values("code")[:1]),
            )
            .values_list("role", "grants", "scope", "area_id", "organisation_id", "organisation__path", "site", "codes")
        )
        self.site = ""
        """The area that this site serves."""
        found = []
        for role, grants, scope, area, unit, path, site, codes in rows:
            self.site = site or ""
            if grants:  # a role that the pack no longer has gives nothing
                found.append(Held(role, frozenset(grants), scope == Scope.AREA, area, unit, path, codes))
        self.held = tuple(found)

    @property
    def needs_codes(self) -> bool:
        """Whether a second factor must be given: one of the roles asks for it, or no role is held yet."""
        return not self.held or any(h.second_factor for h in self.held)

    def holds(self, roles: Iterable[str], *, over: Organisation | str | None) -> bool:
        """Whether one of the roles is held over a unit, over an area (its code), or over all that the site serves
        (None)."""
        return bool(self.roles_over(over) & set(roles))

    def roles_over(self, over: Organisation | str | None) -> frozenset[str]:
        """Everything that the roles held over a unit, an area or the whole site stand for."""
        return frozenset(g for h in self.held if self._counts(h, over) for g in h.grants)

    def _counts(self, h: Held, over: Organisation | str | None) -> bool:
        if isinstance(over, Organisation):
            return h.over(over)
        return h.wide and lies_in(self.site, h.area) if over is None else lies_in(over, h.area)

    @cached_property
    def roles(self) -> frozenset[str]:
        """Everything that roles held over the site's area, a part of it or what holds it stand for: which pages may be
        opened."""
        near = (h for h in self.held if lies_in(h.area, self.site) or lies_in(self.site, h.area))
        return frozenset(g for h in near for g in h.grants)

    def has(self, roles: Iterable[str]) -> bool:
        """Whether one of the roles is held over the site's area or a part of it. What lies elsewhere does not count."""
        return bool(self.roles & set(roles))

    def units(self, *roles: str) -> QuerySet[Organisation]:
        """The units that the person reaches through one of the roles (when none is given: by any work with figures, or
        from outside their own).

        A county-wide role reaches every unit of its area; any other its own unit and those below it.
        """
        wanted = set(roles) or WORKING | OUTSIDE
        where = Q(pk__in=[])
        for h in self.held:
            if h.grants & wanted:
                where |= Q(area__code__startswith=stem(h.area)) if h.wide else Q(path__startswith=h.path)
        return Organisation.objects.filter(where)

    @cached_property
    def unit_ids(self) -> frozenset[str]:
        """The ids of all units that the person reaches through work with figures; from outside, of their own."""
        return frozenset(self.units().values_list("pk", flat=True))

    def own(self, roles: Iterable[str]) -> frozenset[str]:
        """The very units for which one of the roles is held, not the ones below."""
        wanted = set(roles)
        return frozenset(h.unit for h in self.held if h.grants & wanted)

    def areas(self, roles: Iterable[str]) -> tuple[str, ...]:
        """The areas for which one of the roles is held, as the roles say them."""
        wanted = set(roles)
        return tuple(dict.fromkeys(h.area for h in self.held if h.grants & wanted))
