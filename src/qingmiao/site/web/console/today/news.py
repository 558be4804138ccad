"""What is new for a person: notices, and what the newest data changed for the units that she answers for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from qingmiao.site.apps.directory.api import Reach
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.notices import api as notices
from qingmiao.site.apps.notices.api import NoticeShown
from qingmiao.site.pack import pack
from qingmiao.site.web.console.today.parts import LINES, NEW
from qingmiao.site.web.ui.context import FIGURES
from qingmiao.site.web.ui.language import said


@dataclass(frozen=True)
class DataNews:
    """What the newest data mean for the units: the run's time and reason, the indicators led by them whose totals it
    changed (id, name), their warnings."""

    made_at: datetime
    reason: str
    everywhere: int
    """Indicators changed, whoever leads them."""
    mine: tuple[tuple[str, str], ...]
    warned: monitoring.LedWarnings


def told(reach: Reach) -> tuple[NoticeShown, ...]:
    """The person's own notices that are not read, the latest first."""
    return tuple(n for n in notices.inbox(reach.person, limit=LINES * 2) if not n.read)[:LINES]


def of_data(reach: Reach) -> DataNews | None:
    """None before anything was measured, and for whoever works with children and cases, not with figures."""
    if not reach.has(FIGURES):
        return None
    run = monitoring.last_changes()
    if run is None:
        return None
    units, content = {h.unit for h in reach.held}, pack()
    year = timezone.localdate(run.made_at).year
    mine = [i for i in run.indicators if i in content.indicators and content.in_charge(i, year) in units]
    warned = monitoring.led_by(units, since=timezone.now() - NEW, most=LINES)
    named = tuple((i, said(content.indicators[i].label)) for i in mine[:LINES])
    return DataNews(run.made_at, run.reason, len(run.indicators), named, warned)
