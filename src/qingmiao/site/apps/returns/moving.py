"""Taking a return from one state to the next: compare-and-set on state, version and (where given) revision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from qingmiao.kernel.decisions import YES, Decision
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.returns import policies, sheet
from qingmiao.site.apps.returns.conflicts import ConflictError, NotAllowedError
from qingmiao.site.apps.returns.models import Cell, Explanation, Filing, Note, SendBack, Version
from qingmiao.site.apps.returns.workflow import State, Step, step

MIN_REASON = 4
"""Characters of a reason for sending back or correcting (a local setting)."""


@dataclass(frozen=True)
class Seen:
    """What the person saw when deciding. `revision` where also the figures must be the ones seen."""

    state: str
    version: int
    revision: int | None = None


@transaction.atomic
def move(actor: Person, number: int, action: str, *, seen: Seen, reason: str = "") -> Filing:
    """Take one step of the table. Raises ConflictError when somebody was first, NotAllowedError when it is not possible now.

    The row is locked first, so that of many who ask at once one goes on and each other one is told who that was.
    """
    # No join here: after waiting for the lock, PostgreSQL reads this row anew, but not the joined ones.
    filing = Filing.objects.select_for_update().get(pk=number)
    if (filing.state, filing.version) != (seen.state, seen.version) or seen.revision not in (
        None,
        filing.revision,
    ):
        raise ConflictError(filing)
    line = step(action, filing.state)
    if line is None:
        raise NotAllowedError(f"{State(filing.state).zh}的表不能做这一步")
    reason = reason.strip()
    if line.reason and len(reason) < MIN_REASON:
        raise NotAllowedError(f"{line.zh}要写明原因（至少 {MIN_REASON} 个字）")
    version = Version.objects.get(filing=filing, number=filing.version)
    decision = _possible(filing, version, line, actor)
    if not decision:
        raise NotAllowedError(decision.reason)
    now = timezone.now()
    _set(filing, line, actor, now)
    EFFECTS.get(line.action, _nothing)(filing, version, actor, now, reason)
    detail: dict[str, Any] = {
        "from": seen.state,
        "to": filing.state,
        "version": filing.version,
        "revision": filing.revision,
    }
    if reason:
        detail["reason"] = reason
    audit.append(actor, f"returns.{line.action}", object_type="filing", object_id=filing.pk, detail=detail)
    return filing


def _possible(filing: Filing, version: Version, line: Step, actor: Person) -> Decision:
    if line.action == "submit":
        return policies.can_submit(sheet.load(filing))
    if line.action == "sign":
        return policies.can_sign(version, actor)
    if line.action == "accept":
        return policies.can_accept(version, actor)
    if line.action == "abandon":
        return policies.can_abandon(filing, version, actor)
    return YES


def _set(filing: Filing, line: Step, actor: Person, now: datetime) -> None:
    """The compare-and-set itself: no row changes unless state, version and revision still stand."""
    version = filing.accepted_version if line.back else filing.version + int(line.new_version)
    changes = {
        "state": line.target, "version": version, "revision": filing.revision + 1,
        "moved_at": now, "moved_by": actor,
    }  # fmt: skip
    stands = Filing.objects.filter(
        pk=filing.pk, state=line.source, version=filing.version, revision=filing.revision
    )
    if stands.update(**changes) != 1:
        filing.refresh_from_db()
        raise ConflictError(filing)
    for name, value in changes.items():
        setattr(filing, name, value)


def _nothing(filing: Filing, version: Version, actor: Person, now: datetime, reason: str) -> None:
    pass


def _submitted(filing: Filing, version: Version, actor: Person, now: datetime, reason: str) -> None:
    Version.objects.filter(pk=version.pk).update(submitted_at=now, submitted_by=actor)
    Filing.objects.filter(pk=filing.pk, submitted_at=None).update(submitted_at=now)
    write_computed(filing, now)


def _signed(filing: Filing, version: Version, actor: Person, now: datetime, reason: str) -> None:
    Version.objects.filter(pk=version.pk).update(signed_at=now, signed_by=actor)


def _accepted(filing: Filing, version: Version, actor: Person, now: datetime, reason: str) -> None:
    """The facts hear of it by a job that is written in this very transaction."""
    Version.objects.filter(pk=version.pk).update(accepted_at=now, accepted_by=actor)
    Filing.objects.filter(pk=filing.pk).update(accepted_version=filing.version)
    filing.accepted_version = filing.version
    jobs.configure_task("monitoring.refresh", queue="measure").defer()


def _locked(filing: Filing, version: Version, actor: Person, now: datetime, reason: str) -> None:
    Version.objects.filter(pk=version.pk).update(locked_at=now, locked_by=actor)


def _sent_back(filing: Filing, version: Version, actor: Person, now: datetime, reason: str) -> None:
    source = State.SIGNED if version.signed_at else State.SUBMITTED
    SendBack.objects.create(
        filing=filing, version=filing.version, source=source, reason=reason, at=now, by=actor
    )
    Version.objects.filter(pk=version.pk).update(
        submitted_at=None, submitted_by=None, signed_at=None, signed_by=None
    )


def _corrected(filing: Filing, version: Version, actor: Person, now: datetime, reason: str) -> None:
    """The new version begins as a copy of the accepted one; what was explained and noted is carried over."""
    Version.objects.create(filing=filing, number=filing.version, reason=reason, begun_at=now, begun_by=actor)
    for kind in (Cell, Note, Explanation):
        _copy(kind, filing, version.number)


def _abandoned(filing: Filing, version: Version, actor: Person, now: datetime, reason: str) -> None:
    """The figures of the correction go (every saved one stands in the audit trail); a locked return is locked again."""
    for kind in (Cell, Note, Explanation):
        kind._default_manager.filter(filing=filing, version=version.number).delete()
    version.delete()
    if filing.versions.get(number=filing.version).locked_at is not None:
        Filing.objects.filter(pk=filing.pk).update(state=State.LOCKED)
        filing.state = State.LOCKED


def _copy(kind: type[Cell] | type[Note] | type[Explanation], filing: Filing, source: int) -> None:
    rows: list[Any] = list(kind._default_manager.filter(filing=filing, version=source))
    for row in rows:
        row.pk, row.version = None, filing.version
    kind._default_manager.bulk_create(rows)


EFFECTS: dict[str, Callable[[Filing, Version, Person, datetime, str], None]] = {
    "submit": _submitted,
    "sign": _signed,
    "accept": _accepted,
    "lock": _locked,
    "send_back": _sent_back,
    "correct": _corrected,
    "abandon": _abandoned,
}


def write_computed(filing: Filing, now: datetime) -> None:
    """Store what the form computes, so that the facts hold it as well."""
    found = sheet.load(filing).computed
    rows = [
        Cell(filing=filing, version=filing.version, revision=filing.revision, code=c, value=v, reason="computed", changed_at=now)
        for c, v in found.items()
    ]  # fmt: skip
    Cell.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["filing", "version", "code"],
        update_fields=["value", "reason", "revision", "changed_at"],
    )  # fmt: skip


@transaction.atomic
def lock_year(actor: Person, year: int, units: QuerySet[Organisation], *, form: str = "") -> int:
    """Lock every accepted return of a year (of one form) among `units`; how many were locked."""
    now = timezone.now()
    rows = Filing.objects.filter(year=year, state=State.ACCEPTED, unit__in=units)
    if form:
        rows = rows.filter(form=form)
    locked = list(rows.select_for_update().values_list("pk", flat=True))
    Version.objects.filter(filing__in=locked, number=F("filing__version")).update(
        locked_at=now, locked_by=actor
    )
    Filing.objects.filter(pk__in=locked).update(
        state=State.LOCKED, moved_at=now, moved_by=actor, revision=F("revision") + 1
    )
    audit.append(
        actor, "returns.lock", object_type="year", object_id=year, detail={"form": form, "filings": locked}
    )
    return len(locked)
