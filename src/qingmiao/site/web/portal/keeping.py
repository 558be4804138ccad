"""The portal in memory: an edition is read once, a page is made once, however many ask at the same time."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass

import psycopg

from qingmiao.site.apps.shelf import api as shelf
from qingmiao.site.changes import Memory
from qingmiao.site.web.portal.publication import publications
from qingmiao.site.web.portal.site_map import PortalFile, files

PAGES = 800
"""Pages that a process keeps (about 20 KB each)."""
log = logging.getLogger("qingmiao.portal")


@dataclass(frozen=True)
class PortalPage:
    """A page as it is sent: its bytes, type and mark; `embeds` as of `PortalFile`."""

    body: bytes
    type: str
    etag: str
    embeds: bool


class PortalMemory:
    """The newest edition's files and the pages made of them.

    Who comes while something is being made waits for it and makes nothing; who comes while a new edition is read is
    served the one before.
    """

    def __init__(self) -> None:
        self.made = 0
        """Pages made since the process began (for tests and the benchmark)."""
        self.headers: dict[tuple[str, bool], list[tuple[bytes, bytes]]] = {}
        """By type and `embeds`: the headers that a page of the kind carries (`first.PortalHeaders`)."""
        self._newest: Memory[int] = Memory(1)
        self._current: tuple[int, dict[str, PortalFile]] | None = None
        self._reading = threading.Lock()
        self._pages: OrderedDict[tuple[int, str], PortalPage] = OrderedDict()
        self._making: dict[tuple[int, str], threading.Lock] = {}
        self._guard = threading.Lock()

    def page(self, path: str) -> PortalPage | None:
        """The page of a path, None where there is none. Raises `psycopg.Error` where nothing was ever read."""
        number, there = self._edition()
        file = there.get(path)
        if file is None:
            return None
        key = (number, path)
        found = self._pages.get(key)
        if found is not None:
            return found
        with self._guard:
            own = self._making.setdefault(key, threading.Lock())
        with own:
            found = self._pages.get(key)
            if found is None:
                body = file.make()
                found = PortalPage(body, file.type, f'"{hashlib.sha256(body).hexdigest()[:20]}"', file.embeds)
                with self._guard:
                    self.made += 1
                    self._pages[key] = found
                    while len(self._pages) > PAGES:
                        self._pages.popitem(last=False)
                    self._making.pop(key, None)
        return found

    def ready(self, path: str) -> PortalPage | None:
        """The page of a path of the edition that was read last, where it is made already."""
        before = self._current
        return None if before is None else self._pages.get((before[0], path))

    def at_hand(self, path: str) -> PortalPage | None:
        """The same, only while it is certain that no newer edition is there; the database is not asked."""
        number = self._newest.at_hand("newest")
        return None if number is None else self._pages.get((number, path))

    def _edition(self) -> tuple[int, dict[str, PortalFile]]:
        try:
            number = self._newest.get("newest", _number)
        except psycopg.Error as why:
            if self._current is None:
                raise
            log.warning("portal: the shelf cannot be read (%s); the edition before is shown", why)
            return self._current
        before = self._current
        if before is not None and before[0] == number:
            return before
        if not self._reading.acquire(blocking=before is None):
            assert before is not None
            return before  # somebody reads the new one already
        try:
            if self._current is None or self._current[0] != number:
                self._current = (number, files(publications()))
                with self._guard:
                    for old in [key for key in self._pages if key[0] != number]:
                        del self._pages[old]
            return self._current
        finally:
            self._reading.release()


def _number() -> int:
    newest = shelf.newest_edition()
    return 0 if newest is None else newest.number


KEPT = PortalMemory()
