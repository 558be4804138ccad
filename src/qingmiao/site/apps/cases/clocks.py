"""Clocks go on while nobody acts: what turned yellow, is over, or has to go up is told, once, as it happens."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from qingmiao.casework.case import CaseFile
from qingmiao.casework.clocks import duties, running
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.clocks import ClockStanding
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.cases import following, keeping, parties, programmes, publishing
from qingmiao.site.apps.cases.models import KeptCase
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.notices import api as notices

BATCH = 500
"""Cases of one transaction."""
KEPT = ("moved_at", "closed_at", "stage", "secrecy", "risk", "danger", "owner_id", "assigned")
"""Columns that time alone does not change."""


def look(now: datetime | None = None) -> int:
    """Look at every case a clock of which turned yellow, ended or has to go up by a moment (now); how many there
    were."""
    count, until = 0, now or timezone.now()
    while done := _some(until):
        count += done
    return count


@transaction.atomic
def _some(now: datetime) -> int:
    rows = list(
        KeptCase.objects.select_for_update(skip_locked=True, of=("self",)).select_related("owner")
        .filter(look_at__lte=now).order_by("look_at", "pk")[:BATCH]
    )  # fmt: skip
    for case in rows:
        _one(case, now)
    return len(rows)


def _one(case: KeptCase, now: datetime) -> None:
    since, local = timezone.make_naive(case.look_at or now), timezone.make_naive(now)
    try:
        ready = programmes.ready(case.programme)
    except AbsentError:  # a programme that the pack has no more: nothing of it is due
        KeptCase.objects.filter(pk=case.pk).update(look_at=None)
        return
    file = keeping.file_of(case)
    found = {k: v for k, v in parties.columns(ready, file, local).items() if k not in KEPT}
    KeptCase.objects.filter(pk=case.pk).update(**found)
    case.parties.update(urgency=found["urgency"])
    publishing.publish(case, ready, file, local)
    if case.state == "open":
        for clock in running(ready, file, local):
            _told(case, ready, file, clock, since, local)


def _told(
    case: KeptCase, ready: ReadyProgramme, file: CaseFile, clock: ClockStanding, since: datetime, now: datetime
) -> None:  # fmt: skip
    """Tell of what came of one clock from one moment to another, both included."""
    if clock.due is None:
        return
    end, label = clock.due.at, clock.deadline.label.zh
    state = ready.programme.states.get(file.state)
    owners = state.owners if state is not None else ()
    if since <= parties.yellow(clock) <= now < end:
        said = f"「{label}」快到期（{end:%m-%d %H:%M}）"
        following.tell(case, following.people_of(case, owners), f"cases.soon.{clock.deadline.id}"[:40], said)
    if not duties((clock,)):
        return
    if since <= end <= now:
        said = f"「{label}」已逾期（{end:%m-%d %H:%M}）"
        following.tell(case, following.people_of(case, owners), f"cases.late.{clock.deadline.id}"[:40], said)
    for rung in clock.deadline.escalate:
        if since <= rung.after.after(end) <= now:
            _up(case, rung.to, label, clock.deadline.id)


def _up(case: KeptCase, role: str, label: str, clock: str) -> None:
    """A clock that is over goes up to a role: its holders at the units that see the case, else at the nearest. Of a 核心
    case they are told that one is late, and not which."""
    people = list(following.people_of(case, (role,)))
    inside = bool(people)
    if not people:
        people = [p for unit in parties.nearest(role, case.area) for p in notices.of_unit(unit, (role,))]
    if inside or case.secrecy != "核心":
        following.tell(case, people, f"cases.up.{clock}"[:40], f"「{label}」逾期，请督办")
    else:
        said = notices.NoticeText("cases.up", "有一个需要保密的个案逾期，请督促主办单位办理", "", f"case {case.pk}")
        notices.tell(people, said)
    with audit.through("cases"):
        detail = {"clock": clock, "to": role, "people": len(people)}
        audit.append(audit.SYSTEM, "cases.late", object_type="case", object_id=case.pk, detail=detail)
