"""The files that answers use, also as they were before a correction."""

from __future__ import annotations

from collections.abc import Collection

from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.files import sweeping
from qingmiao.site.apps.surveys.models import Answer, EarlierAnswer


def used(keys: Collection[str]) -> set[str]:
    """Of keys of the shelf of answers, those that an answer holds or held."""
    kept = (rows.values_list("document", flat=True).iterator() for rows in (Answer.objects, EarlierAnswer.objects))
    return {key for documents in kept for key in sweeping.named_in(documents, keys)}


sweeping.register(files.ANSWERS, used)
