"""What a person decides of a conflict: this site's, theirs, or that the two are one and the same."""

from __future__ import annotations

from datetime import datetime

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import AbsentError
from qingmiao.site.web.api.fhir.served import SERVERS
from qingmiao.site.web.api.outside.kept import JoinedResource, OutsideConflict
from qingmiao.site.web.api.outside.partners import Opened
from qingmiao.site.web.api.outside.pulling import write


class NoConflictError(UserError):
    """There is no conflict of this number."""


def settle_ours(with_: Opened, number: int, *, at: datetime) -> None:
    """What stands here counts: it is sent over what stands there now. What is only theirs is left to them."""
    one = _conflict(with_, number)
    if one.here and one.there:
        there = with_.server.read(one.kind, one.there)
        with_.kept.join(JoinedResource(one.kind, one.here, one.there, "", there.version))
        with_.kept.post(one.kind, one.here, at)
    with_.kept.settled(number)


def settle_theirs(with_: Opened, number: int, *, at: datetime) -> bool:
    """What stands there now counts: it is written here. False where this site still refuses it; the reason is kept."""
    with_.may("fhir.write")
    one = _conflict(with_, number)
    try:
        present = SERVERS[one.kind].read(with_.reach, one.here) if one.here else None
    except AbsentError:
        present = None
    return write(with_, one.kind, with_.server.read(one.kind, one.there), present, at)


def settle_same(with_: Opened, number: int, here: str) -> None:
    """What came is this site's resource `here`; from the next exchange on it is sent what stands here."""
    one = _conflict(with_, number)
    SERVERS[one.kind].read(with_.reach, here)
    there = with_.server.read(one.kind, one.there)
    with_.kept.join(JoinedResource(one.kind, here, one.there, "", there.version))
    with_.kept.settled(number)


def _conflict(with_: Opened, number: int) -> OutsideConflict:
    found = next((c for c in with_.kept.conflicts() if c.number == number), None)
    if found is None:
        raise NoConflictError(f"没有第 {number} 号待决定的内容")
    return found
