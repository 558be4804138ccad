"""The photographs, signatures and other files that health records use, as every version of them says."""

from __future__ import annotations

from collections.abc import Collection

from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.files import sweeping
from qingmiao.site.apps.records.event_models import RecordVersion


def used(keys: Collection[str]) -> set[str]:
    """Of keys of the shelf of answers, those that a version of a record holds or held."""
    return sweeping.named_in(RecordVersion.objects.values_list("answers", flat=True).iterator(), keys)


sweeping.register(files.ANSWERS, used)
