"""The files that documents and the answers of their forms use."""

from __future__ import annotations

from collections.abc import Collection

from qingmiao.site.apps.acting.models import Activity, DocumentFile
from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.files import sweeping


def proofs(keys: Collection[str]) -> set[str]:
    """Of keys of the shelves of evidence and of what was made, those that a document names."""
    of = DocumentFile.objects.filter(sha256__in={sweeping.hash_of(k) for k in keys})
    return sweeping.of_hashes(of.values_list("sha256", flat=True), keys)


def answers(keys: Collection[str]) -> set[str]:
    """Of keys of the shelf of answers, those that the form of a document holds."""
    return sweeping.named_in(Activity.objects.values_list("answers", flat=True).iterator(), keys)


sweeping.register(files.EVIDENCE, proofs)
sweeping.register(files.MADE, proofs)
sweeping.register(files.ANSWERS, answers)
