"""The photographs that records of visits use."""

from __future__ import annotations

from collections.abc import Collection

from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.files import sweeping
from qingmiao.site.apps.inspections.models import Inspection


def used(keys: Collection[str]) -> set[str]:
    """Of keys of the shelf of answers, those that a record holds, handed in or not."""
    return sweeping.named_in(Inspection.objects.values_list("answers", flat=True).iterator(), keys)


sweeping.register(files.ANSWERS, used)
