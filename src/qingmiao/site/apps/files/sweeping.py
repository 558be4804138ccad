"""Files that nothing names any more go from the shelves: each app says in its `shelves.py` what it uses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from qingmiao.forms.answers import texts
from qingmiao.site.apps.files import api
from qingmiao.site.apps.files.api import Shelf

Used = Callable[[Collection[str]], Collection[str]]
"""Keys of a shelf → those among them that an app uses."""
MARGIN = timedelta(hours=1)
"""A page that is sent in its last minute is stored before its files may go."""
_USERS: dict[Shelf, list[Used]] = {}


def register(shelf: Shelf, used: Used) -> None:
    """An app says which files of a shelf it uses (in its `shelves.py`)."""
    _USERS.setdefault(shelf, []).append(used)


def users(shelf: Shelf) -> tuple[Used, ...]:
    """What the apps have said of a shelf; every app's `shelves.py` is read first."""
    autodiscover_modules("shelves")
    return tuple(_USERS.get(shelf, ()))


def sweep_unused() -> int:
    """Take away what no app uses and is older than a page that may still be sent; how many files.

    A shelf of which no app has said anything is left alone.
    """
    before = timezone.now() - api.UNSENT_LASTS - MARGIN
    return sum(api.sweep(s, partial(_by_any, users(s)), before=before) for s in api.SHELVES if users(s))


def named_in(answers: Iterable[Any], keys: Collection[str]) -> set[str]:
    """The keys that stored answers of forms hold, also in rows."""
    wanted, found = set(keys), set[str]()
    for one in answers:
        found |= wanted.intersection(texts(one))
    return found


def of_hashes(hashes: Iterable[str], keys: Collection[str]) -> set[str]:
    """The keys of files that are recorded by their hash alone."""
    known = set(hashes)
    return {k for k in keys if hash_of(k) in known}


def hash_of(key: str) -> str:
    """The hash in a key."""
    return key.partition(".")[0]


def _by_any(apps: Iterable[Used], keys: Collection[str]) -> set[str]:
    return {key for used in apps for key in used(keys)}
