"""Which files are of one woman: one and those that were merged into it."""

from __future__ import annotations

from qingmiao.site.apps.records import once
from qingmiao.site.apps.records.mothers.models import MotherFile


def family(file: MotherFile) -> list[int]:
    """The numbers of a file and of all that were merged into it, its own first."""
    return list(once.read(("mother's files", file.pk), lambda: every_number(file.pk)))


def every_number(number: int) -> list[int]:
    """The same by the number of the file, read anew."""
    found, waiting = [number], [number]
    while waiting:
        waiting = list(MotherFile.objects.filter(merged_into__in=waiting).order_by("pk").values_list("pk", flat=True))
        found += waiting
    return found
