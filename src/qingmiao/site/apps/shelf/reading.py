"""Reading the shelf as the public does: over connections of the portal's role, which may read nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from qingmiao.site.apps.shelf.grants import ROLE

_kept = threading.local()


@dataclass(frozen=True)
class ShelfEdition:
    """The newest public edition: its number, year, title, day, and whether it is a demonstration."""

    number: int
    year: int
    title: dict[str, str]
    released_at: datetime
    is_demo: bool


def address() -> str:
    """Where the portal's role connects: PORTAL_DATABASE_URL, else the site's own database as that role."""
    if settings.ENVIRONMENT.portal_database_url:
        return str(settings.ENVIRONMENT.portal_database_url)
    given = connection.settings_dict
    places = {"host": given["HOST"], "port": given["PORT"], "dbname": given["NAME"], "user": ROLE}
    return make_conninfo(**{k: v for k, v in places.items() if v}, connect_timeout="3", application_name="portal")


@contextmanager
def connected() -> Iterator[psycopg.Connection[Any]]:
    """A connection of the portal's role, kept by its thread; a broken one is replaced."""
    target = address()
    own: psycopg.Connection[Any] | None = getattr(_kept, "connection", None)
    if own is None or own.closed or _kept.target != target:
        own = _kept.connection = psycopg.connect(target, autocommit=True)
        _kept.target = target
    try:
        yield own
    except psycopg.OperationalError:
        own.close()
        raise


def _rows(sql: str, *given: object) -> list[tuple[Any, ...]]:
    for last in (False, True):
        try:
            with connected() as own:
                return own.execute(sql, given).fetchall()
        except psycopg.OperationalError:
            if last:
                raise
    return []


def newest_edition() -> ShelfEdition | None:
    """The newest public edition; None while nothing has been released."""
    asked = "SELECT id, year, title, released_at, is_demo FROM shelf_publicedition ORDER BY id DESC LIMIT 1"
    return next((ShelfEdition(*row) for row in _rows(asked)), None)


def documents(edition: int, kind: str) -> dict[str, dict[str, Any]]:
    """The documents of one kind of an edition, by key."""
    asked = "SELECT key, content FROM shelf_publicitem WHERE edition_id = %s AND kind = %s ORDER BY key"
    return dict(_rows(asked, edition, kind))
