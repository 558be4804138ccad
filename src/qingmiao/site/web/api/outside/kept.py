"""What is kept of the exchange with one outside FHIR server: which resource is which, what waits, what is in conflict.

A file of its own beside the site's others, with numbers and versions alone: no name and no answer of anybody. A write
is whole or not at all, so that a command may be ended at any moment.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(days=1)
"""How long a resource waits after its first failure; the wait doubles with each further one, up to the longest."""
TABLES = """
CREATE TABLE IF NOT EXISTS link (
  kind TEXT, here TEXT, there TEXT, here_version TEXT, there_version TEXT,
  PRIMARY KEY (kind, here), UNIQUE (kind, there));
CREATE TABLE IF NOT EXISTS outbox (
  kind TEXT, here TEXT, tries INTEGER, next_at TEXT, problem TEXT, PRIMARY KEY (kind, here));
CREATE TABLE IF NOT EXISTS conflict (
  number INTEGER PRIMARY KEY, kind TEXT, here TEXT, there TEXT, there_version TEXT, why TEXT, at TEXT,
  UNIQUE (kind, here, there));
CREATE TABLE IF NOT EXISTS mark (name TEXT PRIMARY KEY, value TEXT);
"""


@dataclass(frozen=True)
class JoinedResource:
    """A resource here and there, and the versions at which the two were the same."""

    kind: str
    here: str
    there: str
    here_version: str
    there_version: str


@dataclass(frozen=True)
class Waiting:
    """A resource that has to be sent: how often it failed, when it is tried again, why it failed last."""

    kind: str
    here: str
    tries: int
    next_at: str
    problem: str


@dataclass(frozen=True)
class OutsideConflict:
    """What a person has to decide: both sides changed it, or one refused it. `here` or `there` is "" where that side
    has none."""

    number: int
    kind: str
    here: str
    there: str
    there_version: str
    why: str
    at: str


def wait_after(tries: int, *, asked: timedelta | None = None) -> timedelta:
    """How long to wait after a number of failures (from 1): doubled each time, and as long as the other side asked."""
    doubled = min(FIRST_WAIT * (1 << min(tries - 1, 20)), LONGEST_WAIT)
    return max(doubled, min(asked, LONGEST_WAIT)) if asked is not None else doubled


class OutsideKept:
    """The file of one outside server."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.base = sqlite3.connect(path, timeout=60, isolation_level=None)
        self.base.executescript(TABLES)

    @contextmanager
    def whole(self) -> Iterator[None]:
        """All that is written inside, or nothing of it."""
        self.base.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.base.execute("ROLLBACK")
            raise
        self.base.execute("COMMIT")

    def close(self) -> None:
        """The file is let go."""
        self.base.close()

    def link(self, kind: str, *, here: str = "", there: str = "") -> JoinedResource | None:
        """The link of a resource, by its id here or there."""
        column, value = ("here", here) if here else ("there", there)
        row = self.base.execute(f"SELECT * FROM link WHERE kind = ? AND {column} = ?", (kind, value)).fetchone()
        return None if row is None else JoinedResource(*row)

    def join(self, link: JoinedResource) -> None:
        """The two are the same at these versions; nothing of it waits and nothing is in conflict any more."""
        with self.whole():
            self.base.execute(
                "DELETE FROM link WHERE kind = ? AND (here = ? OR there = ?)", (link.kind, link.here, link.there)
            )
            self.base.execute("INSERT INTO link VALUES (?, ?, ?, ?, ?)", (
                link.kind, link.here, link.there, link.here_version, link.there_version))  # fmt: skip
            self.base.execute("DELETE FROM outbox WHERE kind = ? AND here = ?", (link.kind, link.here))
            self.base.execute(
                "DELETE FROM conflict WHERE kind = ? AND (here = ? OR there = ?)", (link.kind, link.here, link.there)
            )

    def post(self, kind: str, here: str, at: datetime) -> None:
        """A resource has to be sent; one that waits already keeps its turn."""
        self.base.execute(
            "INSERT INTO outbox VALUES (?, ?, 0, ?, '') ON CONFLICT DO NOTHING", (kind, here, at.isoformat())
        )  # fmt: skip

    def failed(self, one: Waiting, problem: str, at: datetime, *, asked: timedelta | None = None) -> None:
        """A resource was not taken, and is tried again later."""
        later = at + wait_after(one.tries + 1, asked=asked)
        self.base.execute(
            "UPDATE outbox SET tries = ?, next_at = ?, problem = ? WHERE kind = ? AND here = ?",
            (one.tries + 1, later.isoformat(), problem[:500], one.kind, one.here),
        )

    def dropped(self, one: Waiting) -> None:
        """A resource is not sent any more."""
        self.base.execute("DELETE FROM outbox WHERE kind = ? AND here = ?", (one.kind, one.here))

    def waiting(self, *, due: datetime | None = None) -> list[Waiting]:
        """What has to be sent, the longest waiting first; `due`: only what may be tried at that moment."""
        rows = self.base.execute("SELECT * FROM outbox ORDER BY next_at, kind, here").fetchall()
        found = [Waiting(*row) for row in rows]
        return [one for one in found if due is None or datetime.fromisoformat(one.next_at) <= due]

    def put_aside(self, kind: str, here: str, there: str, there_version: str, why: str, at: datetime) -> None:
        """A conflict for a person; what is in conflict is not sent meanwhile."""
        with self.whole():
            self.base.execute("DELETE FROM outbox WHERE kind = ? AND here = ?", (kind, here))
            self.base.execute(
                "INSERT INTO conflict (kind, here, there, there_version, why, at) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (kind, here, there) DO UPDATE SET"
                " there_version = excluded.there_version, why = excluded.why, at = excluded.at",
                (kind, here, there, there_version, why[:1000], at.isoformat()),
            )

    def conflicts(self) -> list[OutsideConflict]:
        """What a person has to decide, in the order in which it came."""
        rows = self.base.execute("SELECT * FROM conflict ORDER BY number").fetchall()
        return [OutsideConflict(*row) for row in rows]

    def settled(self, number: int) -> None:
        """A conflict is decided."""
        self.base.execute("DELETE FROM conflict WHERE number = ?", (number,))

    def mark(self, name: str) -> str:
        """How far something has come; "" at the beginning."""
        row = self.base.execute("SELECT value FROM mark WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0])

    def set_mark(self, name: str, value: str) -> None:
        """How far something has come."""
        self.base.execute("INSERT OR REPLACE INTO mark VALUES (?, ?)", (name, value))

    def linked(self) -> int:
        """How many resources are the same here and there."""
        return int(self.base.execute("SELECT count(*) FROM link").fetchone()[0])
