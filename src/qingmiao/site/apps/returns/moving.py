"""Taking a return from one state to the next: what the flow's guards ask and its effects do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from qingmiao.flow import Step, Who, house
from qingmiao.kernel.deadlines import days_overdue
from qingmiao.kernel.decisions import Decision
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import Doing, Seen
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.returns import accepted, policies, sheet, telling
from qingmiao.site.apps.returns.models import Cell, Dunning, Explanation, Filing, Note, SendBack, Version
from qingmiao.site.apps.returns.permissions import may_lock
from qingmiao.site.apps.returns.showing import FilingView
from qingmiao.site.apps.returns.workflow import FILLERS, FLOW, ReturnState
from qingmiao.site.events import RETURN_SUBMITTED


def move(by: Reach | Person, number: int, action: str, *, seen: Seen, reason: str = "") -> Filing:
    """Take one step of the flow. Raises AbsentError, ConflictError and NotAllowedError as `directory.access.perform`
    does."""
    return access.perform(by, Filing(pk=number), action, seen, {"reason": reason})


def steps(reach: Reach, filing: FilingView) -> tuple[Step, ...]:
    """What a person may do with a return as it stands, beside filling it in; a first version is not withdrawn."""
    found = access.steps(reach, Filing.objects.get(pk=filing.pk))
    hidden = {"fill"}
    if filing.accepted_version is None:
        hidden.add("abandon")
    if filing.submitted_at is not None or not filing.late:
        hidden.add("dun")
    return tuple(s for s in found if s.name not in hidden)


def _version(filing: Filing) -> Version:
    return Version.objects.get(filing=filing, number=filing.version)


def _complete(filing: Filing, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return policies.can_submit(sheet.load(filing))


def _another_signs(filing: Filing, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return policies.can_sign(_version(filing), who.id)


def _another_accepts(filing: Filing, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return policies.can_accept(_version(filing), who.id)


def _overdue(filing: Filing, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return policies.can_dun(filing, timezone.localdate(at))


def _once_a_day(filing: Filing, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    today = Dunning.objects.filter(filing=filing.pk, on_date=timezone.localdate(at))
    return policies.can_dun_today(today.select_related("by").first())


def _own_correction(filing: Filing, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return policies.can_abandon(filing, _version(filing), who)


def _changes(filing: Filing, doing: Doing) -> dict[str, Any]:
    """`version` counts the figures: a correction begins a new one, withdrawing it goes back; `revision` counts every
    step."""
    version = filing.version
    if "dunned" in doing.step.effects:
        return {"version": version}  # the unit's page stays as it is
    if "new_version" in doing.step.effects:
        version += 1
    if "version_dropped" in doing.step.effects:
        version = filing.accepted_version or version
    return {
        "version": version,
        "revision": filing.revision + 1,
        "moved_at": doing.at,
        "moved_by": doing.person,
    }


def _submitted(filing: Filing, doing: Doing) -> None:
    _current(filing).update(submitted_at=doing.at, submitted_by=doing.person)
    Filing.objects.filter(pk=filing.pk, submitted_at=None).update(submitted_at=doing.at)
    write_computed(filing, doing.at)
    telling.tell(filing, doing, house.SIGNERS, "{name}已上报，请审阅签发")
    RETURN_SUBMITTED.happened()


def _dunned(filing: Filing, doing: Doing) -> dict[str, Any]:
    """The unit's people are told; how often it was dunned stands in the return's history."""
    Dunning.objects.create(filing=filing, on_date=timezone.localdate(doing.at), at=doing.at, by=doing.person)
    late = days_overdue(filing.due_date, timezone.localdate(doing.at))
    told = telling.tell(filing, doing, FILLERS | house.SIGNERS, f"催报：{{name}}已逾期 {late} 天，请尽快上报")
    return {"times": Dunning.objects.filter(filing=filing).count(), "told": told}


def _signed(filing: Filing, doing: Doing) -> None:
    _current(filing).update(signed_at=doing.at, signed_by=doing.person)


def _recalled(filing: Filing, doing: Doing) -> None:
    """Taken back before anybody signed: it counts as not filed, so what comes after the due day is late."""
    at = _version(filing).submitted_at
    Filing.objects.filter(pk=filing.pk, submitted_at=at).update(submitted_at=None)
    _current(filing).update(submitted_at=None, submitted_by=None)


def _unsigned(filing: Filing, doing: Doing) -> None:
    _current(filing).update(signed_at=None, signed_by=None)


def _accepted(filing: Filing, doing: Doing) -> None:
    """The accepted figures become facts in this very transaction."""
    _current(filing).update(accepted_at=doing.at, accepted_by=doing.person)
    Filing.objects.filter(pk=filing.pk).update(accepted_version=filing.version)
    filing.accepted_version = filing.version
    accepted.publish(filing)


def _locked(filing: Filing, doing: Doing) -> None:
    _current(filing).update(locked_at=doing.at, locked_by=doing.person)


def _sent_back(filing: Filing, doing: Doing) -> None:
    SendBack.objects.create(
        filing=filing, version=filing.version, source=doing.step.source, reason=doing.said("reason"), at=doing.at,
        by=doing.person
    )  # fmt: skip
    _current(filing).update(submitted_at=None, submitted_by=None, signed_at=None, signed_by=None)
    telling.tell(filing, doing, FILLERS, "{name}已退回，请按退回原因修改后重新上报")


def _corrected(filing: Filing, doing: Doing) -> None:
    """The new version begins as a copy of the accepted one; what was explained and noted is carried over."""
    Version.objects.create(
        filing=filing,
        number=filing.version,
        reason=doing.said("reason"),
        begun_at=doing.at,
        begun_by=doing.person,
    )
    for kind in (Cell, Note, Explanation):
        _copy(kind, filing, filing.version - 1)


def _abandoned(filing: Filing, doing: Doing) -> None:
    """The figures of the correction go (every saved one stands in the audit trail); a locked return is locked again."""
    dropped = filing.versions.get(number__gt=filing.version)
    for kind in (Cell, Note, Explanation):
        kind._default_manager.filter(filing=filing, version=dropped.number).delete()
    dropped.delete()
    if filing.versions.get(number=filing.version).locked_at is not None:
        Filing.objects.filter(pk=filing.pk).update(state=ReturnState.LOCKED)
        filing.state = ReturnState.LOCKED


def _copy(kind: type[Cell] | type[Note] | type[Explanation], filing: Filing, source: int) -> None:
    rows: list[Any] = list(kind._default_manager.filter(filing=filing, version=source))
    for row in rows:
        row.pk, row.version = None, filing.version
    kind._default_manager.bulk_create(rows)


def _current(filing: Filing) -> QuerySet[Version]:
    return Version.objects.filter(filing=filing, number=filing.version)


access.register(
    access.Door(
        Filing,
        FLOW,
        noun="这张表",
        kind="filing",
        action="returns",
        unit=lambda filing: filing.unit,
        guards={
            "complete": _complete,
            "another_signs": _another_signs,
            "another_accepts": _another_accepts,
            "own_correction": _own_correction,
            "overdue": _overdue,
            "once_a_day": _once_a_day,
        },
        effects={
            "submitted": _submitted,
            "recalled": _recalled,
            "dunned": _dunned,
            "unsigned": _unsigned,
            "signed": _signed,
            "accepted": _accepted,
            "locked": _locked,
            "sent_back": _sent_back,
            "new_version": _corrected,
            "version_dropped": _abandoned,
        },
        changes=_changes,
    )
)


def write_computed(filing: Filing, now: datetime) -> None:
    """Store what the return computes, so that the facts hold it as well."""
    found = sheet.load(filing).computed
    rows = [
        Cell(filing=filing, version=filing.version, revision=filing.revision, code=c, value=v, reason="computed",
            changed_at=now)
        for c, v in found.items()
    ]  # fmt: skip
    Cell.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["filing", "version", "code"],
        update_fields=["value", "reason", "revision", "changed_at"],
    )  # fmt: skip


def lock_year(reach: Reach, year: int, *, return_id: str = "") -> int:
    """Lock every accepted return of a year (of one return) that this person may lock; how many were locked."""
    access.allow(may_lock(reach))
    now, actor = timezone.now(), reach.person
    rows = Filing.objects.filter(year=year, state=ReturnState.ACCEPTED, unit__in=reach.units(house.STATISTICS))
    if return_id:
        rows = rows.filter(return_id=return_id)
    with access.beside(reach, "returns.lock", object_type="year", object_id=year, detail={"return": return_id}) as told:
        told["filings"] = locked = list(rows.select_for_update().values_list("pk", flat=True))
        Version.objects.filter(filing__in=locked, number=F("filing__version")).update(locked_at=now, locked_by=actor)
        Filing.objects.filter(pk__in=locked).update(
            state=ReturnState.LOCKED, moved_at=now, moved_by=actor, revision=F("revision") + 1
        )
    return len(locked)
