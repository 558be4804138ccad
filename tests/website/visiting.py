"""Every page of the permission matrix, with somebody who may open it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import reverse

from website import worlds
from website.addresses import MATRIX, patterns
from website.measured import a_run
from website.role_ids import Role


def visited(make_person: Callable) -> Iterator[tuple[str, str, Any]]:
    """Name, address and a person who may open it (None: nobody is logged in) of each address opened with GET."""
    a_run()
    for pattern in sorted(patterns(), key=lambda p: p.name):
        row = MATRIX[pattern.name]
        if row.get("method") == "POST":
            continue
        may = [r for r in Role if row["own"] == "all" or r.value in row["own"]]
        if not may:
            continue  # only for roles of children's files: opened by their own tests
        role = Role.COMMITTEE_OFFICE if Role.COMMITTEE_OFFICE in may else may[0]
        person = make_person(worlds.UNIT_OF[role], role)
        args = worlds.arguments(pattern.name, row.get("args") or {}, "own", role, make_person)
        query = worlds.QUERIES.get(row.get("query", ""), "")
        address = reverse(pattern.name, kwargs=args) + (f"?{query}" if query else "")
        yield pattern.name, address, None if row.get("anonymous") else person
