"""Which visits a person sees."""

from __future__ import annotations

from django.db.models import Q

from qingmiao.site.apps.directory.permissions import Reach

TOLD = ("ordered", "closed")
"""The states in which the inspected unit knows of the visit."""


def visible(reach: Reach) -> Q:
    """Visits of the units in reach; of those inspected, once it was ordered what to put right."""
    return Q(unit__in=reach.unit_ids) | Q(responsible__in=reach.unit_ids, state__in=TOLD)
