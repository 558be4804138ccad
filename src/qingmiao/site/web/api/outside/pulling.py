"""Taking: what changed there is written here through the same door as a form, or put aside for a person.

What both sides changed since they were last the same is never overwritten; what this site does not take (a child who
may be there already, an answer that the form refuses) waits with the reason.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from qingmiao.fhir.issues import NotTakenError
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import AbsentError
from qingmiao.site.apps.records import api as records
from qingmiao.site.web.api.fhir.acts import fitting
from qingmiao.site.web.api.fhir.children import CERTIFICATE, SYSTEMS
from qingmiao.site.web.api.fhir.served import SERVERS, Json
from qingmiao.site.web.api.outside.caller import Answered
from qingmiao.site.web.api.outside.kept import JoinedResource
from qingmiao.site.web.api.outside.partners import Opened
from qingmiao.site.web.api.outside.pushing import same
from qingmiao.site.web.api.outside.referring import TAKEN, NotThereYetError, inward, number_there, outward


@dataclass(frozen=True)
class Pulled:
    """How many were written here, and how many are put aside for a person."""

    written: int
    conflicts: int


def pull(with_: Opened, *, at: datetime) -> Pulled:
    """Take what changed there since the last time. Raises `AwayError` where the server is away (nothing is lost: the
    next time begins where this one ended), UserError where this site's token may not write."""
    with_.may("fhir.write")
    written = 0
    for kind in TAKEN:
        newest = since = with_.kept.mark(f"there {kind}")
        for came in with_.server.changed(kind, since):
            written += take_one(with_, kind, came, at)
            newest = max(newest, str(came.resource.get("meta", {}).get("lastUpdated", "")), key=_moment)
        with_.kept.set_mark(f"there {kind}", newest)
    if written:
        with_.told("written", written)
    return Pulled(written, len(with_.kept.conflicts()))


def take_one(with_: Opened, kind: str, came: Answered, at: datetime) -> bool:
    """Take one resource; False where nothing was to be written or it was put aside."""
    kept, link = with_.kept, with_.kept.link(kind, there=came.id)
    if link is not None and link.there_version == came.version:
        return False
    number = link.here if link is not None else number_there(came.resource, with_.area)
    try:
        present = SERVERS[kind].read(with_.reach, number) if number else None
    except AbsentError:
        return False  # of a child that is none of this account's any more
    if link is None and present is not None:
        return _found_again(with_, kind, came, present, at)
    if link is not None and present is not None and str(present["meta"]["versionId"]) != link.here_version:
        kept.put_aside(kind, number, came.id, came.version, "两边都改过", at)
        return False
    return write(with_, kind, came, present, at)


def _found_again(with_: Opened, kind: str, came: Answered, present: Json, at: datetime) -> bool:
    """A resource that this site had sent, whose answer was lost: the same, or a person decides."""
    try:
        sent = outward(present, with_.area, lambda k, i: _id(with_.kept.link(k, here=i), "there"), "")
    except NotThereYetError:
        return False
    number, version = str(present["id"]), str(present["meta"]["versionId"])
    if same(came.resource, sent):
        with_.kept.join(JoinedResource(kind, number, came.id, version, came.version))
    else:
        with_.kept.put_aside(kind, number, came.id, came.version, "两边都改过", at)
    return False


def write(with_: Opened, kind: str, came: Answered, present: Json | None, at: datetime) -> bool:
    """Write what came over what is here now (`present`), or as new; False where this site refuses, with the reason."""
    kept, here = with_.kept, "" if present is None else str(present["id"])
    operation = hashlib.sha256(f"{with_.name} {kind} {came.id} {came.version}".encode()).hexdigest()
    try:
        made = inward(came.resource, lambda k, i: _id(kept.link(k, there=i), "here"), here)
        fitting(made, frozenset({kind}))
        if present is None:
            done = SERVERS[kind].create(with_.reach, made, operation)
        else:
            seen = str(present["meta"]["versionId"])
            done = SERVERS[kind].update(with_.reach, here, seen, _kept_numbers(with_, made, here), operation)
    except NotTakenError as refused:
        why = "；".join(f"{i.where} {i.words}".strip() for i in refused.issues)
        kept.put_aside(kind, here, came.id, came.version, f"本站没有收：{why}", at)
        return False
    except UserError as refused:
        kept.put_aside(kind, here, came.id, came.version, f"本站没有收：{refused}", at)
        return False
    kept.join(JoinedResource(kind, str(done["id"]), came.id, str(done["meta"]["versionId"]), came.version))
    return True


def _kept_numbers(with_: Opened, made: Json, here: str) -> Json:
    """A child's identity numbers stay this site's: a server that does not hold them must not take them away."""
    if made["resourceType"] != "Patient":
        return made
    own = records.typed_identity(with_.reach, int(here))
    if own is None:
        return made
    numbers = [(SYSTEMS.get(own.papers, ""), own.number), (CERTIFICATE, own.certificate)]
    return made | {"identifier": [{"system": s, "value": n} for s, n in numbers if s and n]}


def _id(link: JoinedResource | None, side: str) -> str | None:
    return None if link is None else str(getattr(link, side))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text) if text else datetime.fromisoformat("1900-01-01T00:00:00+00:00")
