"""May this person? By role and unit: each fills only its own unit's returns, a leader signs them, statistics audits its
county's."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from qingmiao.flow import house
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import WORKING
from qingmiao.site.apps.returns.models import Filing
from qingmiao.site.apps.returns.sheet import Returned
from qingmiao.site.apps.returns.workflow import FILLERS

OPENERS = frozenset({house.COMMITTEE_OFFICE, house.STATISTICS})


def visible(reach: Reach) -> QuerySet[Filing]:
    """The returns that a person may see: those of the units in reach through a working role."""
    return Filing.objects.filter(unit__in=reach.units(*WORKING))


def own_units(reach: Reach, roles: Iterable[str]) -> frozenset[str]:
    """The units at which a person holds one of the roles: those very units, not the ones below."""
    return reach.own(roles)


def may_fill(reach: Reach, filing: Returned) -> Decision:
    """Only people of the reporting unit itself fill in."""
    own = filing.unit_id in own_units(reach, FILLERS)
    return YES if own else no("只有填报单位的联络员可以填写")


def may_open(reach: Reach) -> Decision:
    """Collections are opened by the committee office or statistics of the whole site."""
    return YES if reach.holds(OPENERS, over=None) else no("由妇儿工委办或统计部门开启填报")


def may_lock(reach: Reach) -> Decision:
    """A year is locked by statistics."""
    return YES if house.STATISTICS in reach.roles else no("由统计部门锁定")
