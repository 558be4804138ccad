"""The shelf's door: put an edition there (publishing), read what lies there (everybody)."""

from __future__ import annotations

from qingmiao.site.apps.shelf.grants import ROLE, TABLES, grant
from qingmiao.site.apps.shelf.putting import (
    NEWS,
    NUMBERS,
    SERVICES,
    YEARBOOK,
    ShelfError,
    ShelvedItem,
    newest,
    put,
    tables_before,
)
from qingmiao.site.apps.shelf.reading import ShelfEdition, connected, documents, newest_edition

__all__ = [
    "NEWS",
    "NUMBERS",
    "ROLE",
    "SERVICES",
    "TABLES",
    "YEARBOOK",
    "ShelfEdition",
    "ShelfError",
    "ShelvedItem",
    "connected",
    "documents",
    "grant",
    "newest",
    "newest_edition",
    "put",
    "tables_before",
]  # fmt: skip
