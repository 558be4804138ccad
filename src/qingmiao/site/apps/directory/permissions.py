"""May this person? By role and scope; what a person may not see is as if it were not there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property

from django.db.models import Q, QuerySet
from django.utils import timezone

from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.directory.models import Assignment, Organisation, Person
from qingmiao.site.apps.directory.roles import COUNTY_WIDE, Role


class Reach:
    """The roles of one person today and the units they reach: loaded once a request."""

    def __init__(self, person: Person, *, on: date | None = None) -> None:
        self.person = person
        day = on or timezone.localdate()
        self.assignments = tuple(
            Assignment.objects.filter(person=person, from_date__lte=day)
            .filter(Q(to_date=None) | Q(to_date__gt=day))
            .select_related("organisation")
        )
        self.roles = frozenset(Role(a.role) for a in self.assignments)

    def has(self, roles: Iterable[Role]) -> bool:
        """True when the person holds one of the roles."""
        return bool(self.roles & set(roles))

    def units(self, *roles: Role) -> QuerySet[Organisation]:
        """The units that the person reaches through one of the roles (all of the person's roles when none is given).

        A county-wide role reaches every unit of its area; any other its own unit and those below it.
        """
        where = Q(pk__in=[])
        for a in self.assignments:
            if roles and a.role not in roles:
                continue
            if a.role in COUNTY_WIDE:
                where |= Q(area__code__startswith=a.area_id)
            else:
                where |= Q(path__startswith=a.organisation.path)
        return Organisation.objects.filter(where)

    @cached_property
    def unit_ids(self) -> frozenset[str]:
        """The ids of all units that the person reaches."""
        return frozenset(self.units().values_list("pk", flat=True))

    @cached_property
    def areas(self) -> tuple[str, ...]:
        """The codes of the areas that the assignments name; everything below them is reached too."""
        return tuple(sorted({a.area_id for a in self.assignments}))

    def reaches_area(self, code: str) -> bool:
        """True when an area lies in (or is) one of the person's areas."""
        return any(code.startswith(own) for own in self.areas)


def may_see_unit(reach: Reach, unit_id: str) -> Decision:
    """Everybody sees the units in their reach."""
    return YES if unit_id in reach.unit_ids else no("不在你的管理范围内")


def may_manage_people(reach: Reach) -> Decision:
    """Accounts are made by the system administrator."""
    return YES if Role.SYSTEM_ADMIN in reach.roles else no("只有系统管理员可以管理账号")


def may_grant_roles(reach: Reach) -> Decision:
    """Roles are given by the security administrator, who makes no accounts."""
    return YES if Role.SECURITY_ADMIN in reach.roles else no("只有安全管理员可以授权")


def may_read_audit(reach: Reach) -> Decision:
    """The trail is read by the audit administrator and auditors."""
    return YES if reach.has((Role.AUDIT_ADMIN, Role.AUDITOR)) else no("只有审计管理员和审计人员可以查看审计记录")
