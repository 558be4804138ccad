"""Steps that the system takes by itself once their time has come: through the same door as people's, as the system,
once."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from qingmiao.casework import itself
from qingmiao.casework.deciding import Doer
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.cases import doors, keeping, programmes
from qingmiao.site.apps.cases.models import KeptCase
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, ConflictError, NotAllowedError

BATCH = 500


def take_due(now: datetime | None = None) -> int:
    """Take every step whose time has come; how many. Each in a transaction of its own; what is refused (a second person
    is wanted, somebody was first) is left to people and tried again the next day."""
    count, at = 0, now or timezone.now()
    for id_ in programmes.every():
        ready = programmes.ready(id_)
        states = sorted(itself.waiting(ready))
        after = 0
        while states:
            rows = KeptCase.objects.filter(programme=id_, stage__in=states, state="open", pk__gt=after)
            numbers = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
            if not numbers:
                break
            count += sum(_take(number, at) for number in numbers)
            after = numbers[-1]
    return count


def _take(number: int, at: datetime) -> int:
    """The steps of one case, one after the other."""
    for taken in range(itself.MOST):
        case = KeptCase.objects.select_related("owner").get(pk=number)
        ready = programmes.ready(case.programme)
        found = itself.due(ready, keeping.file_of(case), timezone.make_naive(at))
        if found is None or case.state != "open":
            return taken
        step, answers = found
        unit = str(case.owner_id)
        asked = doors.AskedStep(
            step.do, answers, (Doer(job=True, unit=unit),), f"itself-{number}-{case.version}-{step.do}"[:60]
        )
        try:
            seen = access.Seen("", case.version)
            access.perform(audit.SYSTEM, case, doors.door_step(case, step.do), seen, {doors.ASKED: asked})
        except (AbsentError, ConflictError, NotAllowedError):
            return taken
    return itself.MOST
