"""The long work on a list of children: checked, imported or taken back by the worker, while the page shows how far
it is.

A short file is worked on at once. A long one is a job in a child of its own (decision 0019): it can be left and come
back to, and what a stop cut off is done again. How far it is stands beside the list and is written by a connection of
its own, for the work itself is one transaction.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db import connections, transaction
from django.utils import timezone

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import NotAllowedError, Seen
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import list_checking, list_judging, list_registering
from qingmiao.site.apps.records.list_judging import JudgedList, Tell, nobody
from qingmiao.site.apps.records.list_models import ChildList, ListProgress
from qingmiao.site.apps.records.list_reading import ListRead, reread

AT_ONCE = 256 << 10
"""Files up to so many bytes are worked on while the person waits: some thousand rows."""
EVERY = 0.5
"""Seconds between two lines about how far it is."""
SYSTEM = audit.NamedActor("records.lists")


def start(reach: Reach, listed: ChildList, phase: str, reason: str = "") -> None:
    """Do a phase (check, recheck, import, undo) of a list: at once, or by the worker. Raises NotAllowedError while
    another is under way, and what the phase itself refuses if it is done at once."""
    with transaction.atomic():
        now, _ = ListProgress.objects.select_for_update().get_or_create(listed=listed)
        if now.phase:
            raise NotAllowedError("这份名单正在处理，请稍候")
        if listed.size <= AT_ONCE:
            _do(reach, listed, phase, reason, nobody)
            return
        now.phase, now.by, now.reason, now.done, now.total, now.error = phase, reach.person, reason[:500], 0, 0, ""
        now.save()
        transaction.on_commit(partial(_defer, listed.pk))


def _defer(number: int) -> None:
    from qingmiao.site.apps.records.tasks import work_on_list

    work_on_list.defer(listed=number)


def carry_out(listed: int) -> None:
    """Do what is under way with a list (in the child): whole, or nothing and why."""
    now = ListProgress.objects.select_related("by").get(listed=listed)
    if not now.phase or now.by is None:
        return
    with FarTold(listed) as tell:
        _do(
            Reach(now.by),
            ChildList.objects.select_related("unit", "made_by").get(pk=listed),
            now.phase,
            now.reason,
            tell,
        )
    ListProgress.objects.filter(listed=listed).update(phase="", error="")


def gave_up(listed: int, why: str) -> None:
    """It was not done: the page says why. A file that cannot be checked at all is given up by a person."""
    ListProgress.objects.filter(listed=listed).update(phase="", error=why[:500])


def _do(reach: Reach, listed: ChildList, phase: str, reason: str, tell: Tell) -> None:
    if phase == "undo":
        access.perform(reach, listed, "undo", Seen("written", listed.version), {"reason": reason, "tell": tell})
        return
    read = reread(listed)
    answers: dict[str, Any]
    if phase == "check":
        checked = list_checking.check(reach, listed, read, tell)
        answers = {"rows": checked.rows, "noted": checked.noted}
        access.perform(SYSTEM, listed, "check", Seen(listed.state, listed.version), answers)
    elif phase == "recheck":
        noted = list_checking.noted(read, list_checking.recheck(reach, listed, read, tell))
        ChildList.objects.filter(pk=listed.pk).update(**noted)
    else:
        answers = {"pieces": _pieces(reach, listed, read, tell)}
        access.perform(reach, listed, "import", Seen("open", listed.version), answers)


def _pieces(reach: Reach, listed: ChildList, read: ListRead, tell: Tell) -> Iterator[JudgedList]:
    """The rows as they are judged now, some thousand at a time; the children without a file are registered first."""
    about, new, gone = list_checking.standing(reach, listed, read)
    files = list_registering.new_files(read.rows, read.found, new)
    faults = [*gone, *read.rows.faults, *read.found.faults, *files.faults]
    if faults:
        yield JudgedList(faults=faults)
        return
    about |= list_registering.register(reach, files.files, read.rows.rows, listed)
    yield from list_judging.pieces(
        read.at_hand(listed.asked), about, today=timezone.localdate(), but=listed.pk, tell=tell
    )


class FarTold:
    """While it is open, gives the function that writes down how far the work on a list is."""

    def __init__(self, listed: int) -> None:
        self.listed, self.last = listed, 0.0
        self.connection = connections.create_connection("default")

    def __enter__(self) -> Tell:
        return self.tell

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def tell(self, done: int, total: int) -> None:
        """So many rows of so many are done; written twice a second at most."""
        if done < total and time.monotonic() - self.last < EVERY:
            return
        self.last = time.monotonic()
        with self.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE records_list_progress SET done = %s, total = %s WHERE listed_id = %s",
                [done, total, self.listed],
            )
