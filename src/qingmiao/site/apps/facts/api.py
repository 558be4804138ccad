"""The door of the facts: publish in the writer's transaction; read what is in force; hear what changed; show
origins."""

from __future__ import annotations

from qingmiao.site.apps.facts.outbox import Told, subscribe, take, untaken
from qingmiao.site.apps.facts.publishing import (
    Published,
    RefusedFactsError,
    Sheaf,
    by_file,
    load,
    publish,
    typed,
)
from qingmiao.site.apps.facts.reading import current, in_force, known, not_counting, partitions, published, taken_back
from qingmiao.site.apps.facts.renewing import renew_each, said_by
from qingmiao.site.apps.facts.sources import Entered, RowOrigin, may_see, origin, register
from qingmiao.site.apps.facts.tables import NoSuchTableError, Shape, shape

__all__ = [
    "Entered",
    "NoSuchTableError",
    "Published",
    "RefusedFactsError",
    "RowOrigin",
    "Shape",
    "Sheaf",
    "Told",
    "by_file",
    "current",
    "in_force",
    "known",
    "load",
    "may_see",
    "not_counting",
    "origin",
    "partitions",
    "publish",
    "published",
    "register",
    "renew_each",
    "said_by",
    "shape",
    "subscribe",
    "take",
    "taken_back",
    "typed",
    "untaken",
]  # fmt: skip
