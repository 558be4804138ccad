"""Looking at a page succeeds for the right person, and asking for its heads alone (HEAD) writes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from website import worlds
from website.addresses import MATRIX, patterns
from website.role_ids import Role

WRITES = re.compile(r"^\s*(?:INSERT INTO|UPDATE|DELETE FROM|COPY|TRUNCATE|MERGE INTO) *\"?(\w+)", re.IGNORECASE)
BACK = re.compile(r"ROLLBACK TO SAVEPOINT \"?([^\";]+)", re.IGNORECASE)
SEEN = frozenset({"directory_session"})
"""When a session was last used is kept, whatever was asked."""
TOLD = {"health.ready": (503,)}
"""Addresses that tell of trouble here: the tests have no worker."""


def written(statements: Iterable[str]) -> set[str]:
    """The tables that keep something: what was written since a savepoint and taken back with it is nothing."""
    left: list[str] = []
    for sql in statements:
        if back := BACK.match(sql):
            begun = (n for n, s in enumerate(left) if s.startswith("SAVEPOINT") and back[1] in s)
            del left[next(begun, len(left)) :]
        else:
            left.append(sql)
    return {found[1] for sql in left if (found := WRITES.match(sql))}


def test_what_was_taken_back_is_not_written() -> None:
    kept, lost = 'INSERT INTO "kept" (a) VALUES (1)', 'UPDATE "lost" SET a = 1'
    back = ['SAVEPOINT "s1"', lost, 'SAVEPOINT "s2"', lost, 'RELEASE SAVEPOINT "s2"', 'ROLLBACK TO SAVEPOINT "s1"']
    assert written([kept, *back]) == {"kept"}
    assert written(back[:-1]) == {"lost"}


@pytest.mark.django_db
def test_looking_succeeds_and_heads_alone_write_nothing(make_person, browser_of) -> None:
    """Every address, by somebody who may look at what is their own; what posts alone is tried in test_posts."""
    failed, wrote, looked = [], [], 0
    for pattern in patterns():
        row, access = MATRIX[pattern.name], pattern.callback.access
        role = next((r for r in Role if row.get("own") == "all" or r.value in row.get("own", ())), None)
        if role is None:
            continue  # only for roles of children's files: opened by their own tests
        client = browser_of(make_person(worlds.UNIT_OF[role], role))
        args = worlds.arguments(pattern.name, row.get("args") or {}, "own", role, make_person)
        query = worlds.QUERIES.get(row.get("query", ""), "") if row.get("method") != "POST" else ""
        if row.get("query") in worlds.MEASURED:
            worlds.measured()
        with CaptureQueriesContext(connection) as asked:
            got = client.head(reverse(pattern.name, kwargs=args) + (f"?{query}" if query else ""))
        if tables := written(q["sql"] for q in asked) - SEEN:
            wrote.append(f"{pattern.name} by {role.value}: {sorted(tables)}")
        looks = "GET" in access.methods
        looked += looks
        if got.status_code not in ((200, 302, *TOLD.get(pattern.name, ())) if looks else (302, 405)):
            failed.append(f"{pattern.name} by {role.value}: {got.status_code}")
    assert failed == []
    assert wrote == []
    assert looked > len(MATRIX) / 2
