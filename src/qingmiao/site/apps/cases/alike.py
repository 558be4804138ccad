"""Cases that may be about the same event as one, by its programme's own rule (`same`): a person looks and decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from qingmiao.casework.same import same_event
from qingmiao.content.base import Label
from qingmiao.site.apps.cases import keeping, programmes, standing
from qingmiao.site.apps.cases.models import CaseStep, KeptCase
from qingmiao.site.apps.cases.showing import CasePage, stage_label, title
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records.api import about

WINDOW = timedelta(days=92)
"""Cases of an event with a day that were opened further apart are not looked at: cards come in by month and quarter."""
MOST = 300
"""Cases that are compared at most, the newest first."""


@dataclass(frozen=True)
class AlikeCase:
    """A case that may be about the same event."""

    number: int
    title: str
    stage: Label
    opened_at: datetime


def alike(reach: Reach, page: CasePage) -> tuple[AlikeCase, ...]:
    """Those of the same programme and township that this person sees and that began with the same; none where the
    programme has no such rule."""
    rule = page.programme.same
    if rule is None or page.sight != "full":
        return ()
    near = KeptCase.objects.filter(standing.sights(reach).where, programme=page.programme.id, township=page.area[:9])
    if any(page.ready.fields[name].type == "date" for name in rule.fields):
        near = near.filter(opened_at__range=(page.opened_at - WINDOW, page.opened_at + WINDOW))
    if rule.while_open:
        near = near.filter(state="open")
    listed = near.exclude(pk=page.number).order_by("-opened_at", "-pk")[:MOST]
    first = CaseStep.objects.filter(case__in=list(listed), number=1).select_related("by", "confirmed_by", "case")
    found = [
        AlikeCase(s.case_id, title(s.case), stage_label(page.programme, s.case.stage), s.case.opened_at)
        for s in first.order_by("-case__opened_at", "-case")
        if same_event(rule, page.file.values, keeping.taken_of(s).values)
    ]
    return tuple(found)


def case_of_event(programme: str, child: int, values: Mapping[str, Any]) -> KeptCase | None:
    """The first case of a child that is about the event of these values by the programme's rule, whatever its state (a
    second card of an event that is counted already makes no second event) but where the rule says `while_open`."""
    rule = programmes.ready(programme).programme.same
    if rule is None:
        return None
    rows = KeptCase.objects.filter(programme=programme, child__in=about.files_of(child)).exclude(state="sealed")
    if rule.while_open:
        rows = rows.filter(state="open")
    for case in rows.order_by("pk"):
        if same_event(rule, values, keeping.file_of(case).values):
            return case
    return None
