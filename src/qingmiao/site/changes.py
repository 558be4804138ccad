"""What a server may remember of the database, and for how long: until somebody changes it.

Triggers on the tables of people, units, roles, runs and tasks notify every listening server of a committed change
(PostgreSQL's LISTEN); the change number rises and everything remembered before is read anew. Without a living listener
(tests, commands, a lost connection) nothing is remembered: every request reads the database. See docs/decisions/0009.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, LiteralString, TypeVar

import psycopg
from django.db import connection

CHANNEL = "qingmiao_changes"
CHECK = 2.0
"""Seconds after which a quiet connection is asked whether it still lives."""
LEASE = 5.0
"""So many seconds is what is remembered good without such an answer: a listener that hangs lets nothing live longer."""
AGAIN = 1.0
"""Seconds before a lost connection is tried again."""

V = TypeVar("V")
log = logging.getLogger("qingmiao.changes")


class Changes:
    """How many changes this process has heard of, as long as it listens."""

    def __init__(self) -> None:
        self._heard = 0
        self._listening = False
        self._proved = 0.0
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def number(self) -> int | None:
        """The number of changes heard of; None while nobody listens or the listener has been silent for `LEASE`."""
        return self._heard if self._listening and time.monotonic() - self._proved <= LEASE else None

    def happened(self) -> None:
        """A change: what was remembered is not good any longer."""
        with self._lock:
            self._heard += 1

    def listen(self) -> None:
        """Listen from now on, in a thread of its own (once a process)."""
        with self._lock:
            if self._thread is None:
                never = threading.Event()
                self._thread = threading.Thread(target=self.hear, args=(never,), name="changes", daemon=True)
                self._thread.start()

    def hear(self, stop: threading.Event) -> None:
        """Listen until `stop`; a lost connection is tried again and again."""
        while not stop.is_set():
            try:
                with psycopg.connect(**connection.get_connection_params(), autocommit=True) as own:
                    self._prove(own, f"LISTEN {CHANNEL}")
                    self.happened()  # what was remembered before a gap may be old
                    self._listening = True
                    while not stop.is_set():
                        for _ in own.notifies(timeout=CHECK, stop_after=1):
                            self.happened()
                        self._prove(own, "SELECT 1")
            except (psycopg.Error, OSError) as why:
                log.warning("changes: %s; every request reads the database until the connection is back", why)
                stop.wait(AGAIN)
            finally:
                self._listening = False

    def _prove(self, own: psycopg.Connection[tuple[object, ...]], question: LiteralString) -> None:
        """Have a question answered: every change committed before it was asked has been delivered then."""
        asked = time.monotonic()
        own.execute(question)
        self._proved = asked


CHANGES = Changes()


class Memory(Generic[V]):
    """Values by key, each good until the next change; at most `size`, the oldest go first."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._kept: dict[Hashable, tuple[int, V]] = {}
        self._lock = threading.Lock()

    def at_hand(self, key: Hashable) -> V | None:
        """The value remembered under `key` if nothing has changed since; None, and nothing is made, else."""
        number, found = CHANGES.number, self._kept.get(key)
        return found[1] if found is not None and found[0] == number else None

    def get(self, key: Hashable, make: Callable[[], V], *, good: Callable[[V], bool] = lambda _: True) -> V:
        """The value remembered under `key` if nothing has changed since and it is still `good`; else `make()`,
        remembered.

        The number is taken before `make` reads: a change that comes between leaves a value that is never used.
        """
        number = CHANGES.number
        if number is None:
            return make()
        found = self._kept.get(key)
        if found is not None and found[0] == number and good(found[1]):
            return found[1]
        value = make()
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (number, value)
            if len(self._kept) > self.size:
                del self._kept[next(iter(self._kept))]
        return value
