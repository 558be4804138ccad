"""The files that cases use."""

from __future__ import annotations

from collections.abc import Collection

from qingmiao.site.apps.cases.models import CaseDocument
from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.files import sweeping


def used(keys: Collection[str]) -> set[str]:
    """Of keys of the shelf of answers, those that a case holds."""
    return set(CaseDocument.objects.filter(key__in=keys).values_list("key", flat=True))


sweeping.register(files.ANSWERS, used)
