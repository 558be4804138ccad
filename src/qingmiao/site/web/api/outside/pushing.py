"""Sending: what changed here goes into the outbox, the outbox to the other server; a failure waits and is tried again.

A resource is sent as the account of this site's token sees it, and every sight is written down as for any program.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from qingmiao.fhir.searching import MOST
from qingmiao.fhir.searching import read as read_search
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import AbsentError
from qingmiao.site.web.api.fhir.served import SERVERS, Json
from qingmiao.site.web.api.outside.caller import Answered, AwayError, ChangedThereError
from qingmiao.site.web.api.outside.kept import JoinedResource, Waiting
from qingmiao.site.web.api.outside.partners import Opened
from qingmiao.site.web.api.outside.referring import SENT, outward, system_of

OVERLAP = timedelta(minutes=10)
"""So much of the time before the last look is looked at again: what was being written then is not missed."""
AWAY_AT_ONCE = 3
"""After so many resources in a row to which the server did not answer, the rest waits for the next exchange."""


@dataclass(frozen=True)
class Pushed:
    """How many were sent, how many wait, how many are put aside for a person."""

    sent: int
    waiting: int
    conflicts: int


def push(with_: Opened, *, at: datetime) -> Pushed:
    """Look for what changed here, and send all that is due. Raises UserError where this site's token may not read."""
    with_.may("fhir.read")
    _gather(with_, at)
    rank = {kind: n for n, kind in enumerate(SENT)}
    sent = failures = 0
    for one in sorted(with_.kept.waiting(due=at), key=lambda w: (rank.get(w.kind, len(rank)), int_of(w.here))):
        try:
            sent += _send(with_, one, at)
            failures = 0
        except AwayError as away:
            with_.kept.failed(one, str(away), at, asked=away.asked)
            failures += 1
            if failures == AWAY_AT_ONCE:
                break
        except UserError as wrong:
            with_.kept.failed(one, str(wrong), at)
    if sent:
        with_.told("sent", sent)
    return Pushed(sent, len(with_.kept.waiting()), len(with_.kept.conflicts()))


def int_of(id: str) -> tuple[int, str]:
    """The order of ids: by number, then by what follows it."""
    number, _, rest = id.partition(".")
    return (int(number) if number.isdigit() else 0, rest)


def _gather(with_: Opened, at: datetime) -> None:
    """Into the outbox: everything whose version here is not the one that the other side has."""
    aside = {(c.kind, c.here) for c in with_.kept.conflicts()}
    for kind in SENT:
        for resource in _changed_here(with_, kind):
            number = str(resource["id"])
            link = with_.kept.link(kind, here=number)
            new = link is None or link.here_version != str(resource["meta"]["versionId"])
            if new and (kind, number) not in aside:
                with_.kept.post(kind, number, at)
        with_.kept.set_mark(f"here {kind}", (at - OVERLAP).isoformat())


def _changed_here(with_: Opened, kind: str) -> Iterator[Json]:
    """Resources of this site that may have changed since the last look; children all of them, since a move of home
    is a change too that no moment tells of."""
    since = "" if kind == "Patient" else with_.kept.mark(f"here {kind}")
    pairs = [("_lastUpdated", f"ge{since}")] if since else []
    mark = ""
    while True:
        asked = read_search(kind, [*pairs, ("_count", str(MOST)), *([("_after", mark)] if mark else [])])
        sheet = SERVERS[kind].search(with_.reach, asked)
        yield from sheet.resources
        mark = sheet.after
        if not mark:
            return


def _send(with_: Opened, one: Waiting, at: datetime) -> bool:
    """Send one; False where it was put aside or is not to be sent any more. Raises UserError where it has to wait."""
    kept = with_.kept
    try:
        resource = SERVERS[one.kind].read(with_.reach, one.here)
    except AbsentError:  # not this account's any more
        kept.dropped(one)
        return False
    link = kept.link(one.kind, here=one.here)
    made = outward(resource, with_.area, lambda kind, id_: _there(with_, kind, id_), link.there if link else "")
    try:
        if link is None:
            answered = with_.server.make(made, unless=f"{system_of(with_.area, one.kind)}|{one.here}")
        else:
            answered = with_.server.change(made, seen=link.there_version)
    except ChangedThereError as changed:
        if link is None:
            raise
        answered = with_.server.read(one.kind, link.there)
        if not same(answered.resource, made):
            kept.put_aside(one.kind, one.here, link.there, answered.version, f"两边都改过：{changed}", at)
            return False
    if answered.found and not same(answered.resource, made):  # sent before, its answer lost, and changed since
        kept.put_aside(one.kind, one.here, answered.id, answered.version, "对方已有这一份，内容不同", at)
        return False
    _joined(with_, one.kind, resource, answered)
    return True


def same(there: Json, sent: Json) -> bool:
    """Whether the other side has just what was sent: the answer to an earlier try was lost."""
    return _bare(there) == _bare(sent)


def _bare(resource: Json) -> Json:
    return {k: v for k, v in resource.items() if k not in ("meta", "text", "id")}


def _there(with_: Opened, kind: str, id_: str) -> str | None:
    link = with_.kept.link(kind, here=id_)
    return None if link is None else link.there


def _joined(with_: Opened, kind: str, resource: Json, answered: Answered) -> None:
    version = str(resource["meta"]["versionId"])
    with_.kept.join(JoinedResource(kind, str(resource["id"]), answered.id, version, answered.version))
