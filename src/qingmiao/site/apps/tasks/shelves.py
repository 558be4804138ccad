"""The files that prove what was done of tasks."""

from __future__ import annotations

from collections.abc import Collection

from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.files import sweeping
from qingmiao.site.apps.tasks.models import Evidence


def used(keys: Collection[str]) -> set[str]:
    """Of keys of the shelf of evidence, those that a task names."""
    of = Evidence.objects.filter(sha256__in={sweeping.hash_of(k) for k in keys})
    return sweeping.of_hashes(of.values_list("sha256", flat=True), keys)


sweeping.register(files.EVIDENCE, used)
