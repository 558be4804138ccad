"""The parts of a child's file that have a page of their own, of those that a person reads."""

from __future__ import annotations

from collections.abc import Collection

from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import exposure, eyes, fitness, growth, vaccines
from qingmiao.site.apps.records.measures import holding


def readable(reading: Collection[str]) -> tuple[str, ...]:
    """Which of growth, eyes, fitness and vaccines somebody reads who reads these kinds of records."""
    found = {
        "growth": growth.measuring(reading), "eyes": holding(reading, eyes.WORDS),
        "fitness": holding(reading, fitness.TESTS), "vaccines": vaccines.readable(reading),
    }  # fmt: skip
    return tuple(name for name, some in found.items() if some)


def parts(reach: Reach, number: int) -> tuple[str, ...]:
    """The same for a person and a child that the person sees. Raises AbsentError."""
    of = exposure.sights(reach)
    return readable(of.reading(exposure.get(of, number).survivor))
