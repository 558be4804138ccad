"""The demonstration's registers: every register has entries, each judged whole; minimums are worked out of them; of
every register, fifty who enter the same at once leave one entry."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.registers import api, books, doors
from qingmiao.site.apps.registers.models import RegisteredPerson, RegisterEntry
from qingmiao.site.demo import accounts, registers
from qingmiao.site.demo.registers import depth, keeper_of


@pytest.fixture
def staged(directory: None, pack: Any, tmp_path: Path) -> int:
    accounts.make(pack, tmp_path / "accounts.json", on=timezone.localdate())
    return registers.stage(pack)


@pytest.mark.django_db
def test_every_register_has_entries_that_are_whole(staged: int, pack: Any) -> None:
    from qingmiao.site.apps.facts import api as facts

    today = timezone.localdate()
    rows = list(RegisterEntry.objects.select_related("within").order_by("pk"))
    assert len(rows) == staged > 150
    counts = Counter(r.register for r in rows)
    assert set(counts) == set(books.every())
    assert [r.name for r in rows if doors.judged(r, on=today).faults] == []
    assert RegisteredPerson.objects.count() == sum(n for k, n in counts.items() if books.every()[k].of == "person")
    published = facts.current(pack, "register_entries", today.year)
    assert {r["register"] for r in published.to_pylist()} >= {k for k in books.every() if not k.startswith("school")}
    assert facts.current(pack, "register_minimums", today.year).num_rows > 20
    assert registers.stage(pack) == 0


@pytest.mark.django_db(transaction=True)
def test_of_fifty_who_enter_the_same_at_once_one_wins_in_every_register(staged: int) -> None:
    """What stands already is cancelled, then entered again by fifty at once: the very same answers."""
    wrong = {}
    # What belongs to others before what it belongs to: a closed school takes no more teachers.
    for kind in sorted(books.every().values(), key=lambda k: -depth(books.every(), k)):
        entry = RegisterEntry.objects.filter(register=kind.id).select_related("person").order_by("-pk")[0]
        keeper = keeper_of(kind)
        assert keeper is not None
        RegisterEntry.objects.filter(pk=entry.pk).update(state="closed")
        won, lost = at_once(Reach(keeper), entry)
        live = RegisterEntry.objects.filter(register=kind.id, key=entry.key).exclude(state="closed").count()
        if (won, lost, live) != (1, 49, 1):
            wrong[kind.id] = (won, lost, live)
    assert wrong == {}


def at_once(reach: Reach, entry: RegisterEntry) -> tuple[int, int]:
    """(how many entered it, how many were told that somebody had), of fifty at once."""
    start, came = threading.Barrier(50), list[object]()

    def enter() -> None:
        try:
            start.wait()
            copy = RegisterEntry(
                register=entry.register, unit_id=entry.unit_id, entered_unit_id=entry.entered_unit_id, area=entry.area,
                within_id=entry.within_id, person_id=entry.person_id, made_by=reach.person, made_at=timezone.now(),
                changed_date=timezone.localdate(), valid_from=timezone.localdate(),
            )  # fmt: skip
            came.append(access.create(reach, copy, "enter", {"answers": entry.answers}).pk)
        except (api.ConflictError, api.NotAllowedError) as told:
            came.append(told)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=enter) for _ in range(50)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    told = [c for c in came if isinstance(c, api.ConflictError | api.NotAllowedError)]
    return len(came) - len(told), len(told)
