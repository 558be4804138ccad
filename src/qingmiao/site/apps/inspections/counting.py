"""What many visits by one checklist say of its items, and what the public may know of a visit.

An item that never fails anywhere is either in order everywhere or ticked without looking: it is shown, so that somebody
asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.flow.house import INSPECTION
from qingmiao.forms.inspected import outcomes
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.inspections.frozen import checklist_of, filled_of
from qingmiao.site.apps.inspections.models import Inspection
from qingmiao.site.apps.inspections.permissions import visible
from qingmiao.site.apps.inspections.planning import checklists, offered
from qingmiao.site.apps.inspections.publishing import NOT_HELD, inspected_on
from qingmiao.site.apps.inspections.showing import label_of_code

SETTLED = ("found", "ordered", "transferred", "closed")
"""States in which the result stands: a second inspector has confirmed it."""

ENDED = tuple(s.name for s in INSPECTION.states if s.final)


@dataclass(frozen=True)
class ItemCount:
    """An item over many visits: how often it was judged, failed, did not apply. `never`: it never failed, over as many
    visits as the county names."""

    label: Label
    key: bool
    judged: int
    failed: int
    not_applicable: int
    recorded: int
    never: bool


@dataclass(frozen=True)
class ChecklistCount:
    """A checklist with its items' counts over the visits of a year."""

    label: Label
    visits: int
    items: tuple[ItemCount, ...]


@dataclass(frozen=True)
class PublicResult:
    """All that the public may know of a visit: where, when, which class."""

    place: str
    day: date
    result: str


def counted(reach: Reach, checklist: str, year: int) -> ChecklistCount:
    """The items of a checklist over the confirmed visits of a year within reach. KeyError for no checklist."""
    found, least = checklists()[checklist], site_pack.pack().policy.visits_until_told
    rows = Inspection.objects.filter(visible(reach), checklist=checklist, state__in=SETTLED, planned_date__year=year)
    visits = list(rows.order_by("pk"))
    verdicts: dict[str, list[str]] = {item.id: [] for item, _ in found.items()}
    for visit in visits:
        for one in outcomes(checklist_of(visit), filled_of(visit)):
            verdicts.setdefault(one.item.id, []).append(one.verdict)
    items = []
    for item, _ in found.items():
        mine = verdicts[item.id]
        failed, judged = mine.count("not"), mine.count("not") + mine.count("conform")
        never = least is not None and judged > 0 and failed == 0 and len(visits) >= least
        counts = (judged, failed, mine.count("na"), mine.count("recorded"))
        items.append(ItemCount(item.label, item.key, *counts, never))
    return ChecklistCount(found.label, len(visits), tuple(items))


@dataclass(frozen=True)
class WorkedChecklist:
    """A checklist and how many of the visits by it that somebody sees are not ended."""

    checklist: str
    label: Label
    open: int


def by_checklist(reach: Reach) -> tuple[WorkedChecklist, ...]:
    """The checklists by which the person's unit inspects, or by which there are visits in sight: those with visits that
    are not ended first."""
    mine = {c.id for c in offered(reach)}
    rows = Inspection.objects.filter(visible(reach)).values("checklist").order_by("checklist")
    held = {r["checklist"]: r["n"] for r in rows.annotate(n=Count("pk", ~Q(state__in=ENDED)))}
    found = [WorkedChecklist(c.id, c.label, held.get(c.id, 0)) for c in checklists().values() if c.id in {*mine, *held}]
    return tuple(sorted(found, key=lambda w: not w.open))


def public_results(year: int, *, area: str = "") -> tuple[PublicResult, ...]:
    """The confirmed visits of a year as the public may read them, the latest first; `area`: a township's alone."""
    found = Inspection.objects.filter(planned_date__year=year, state__in=(*SETTLED, "not_held"))
    found = found.filter(area=area) if area else found
    rows = [
        PublicResult(one.place, inspected_on(one), label_of_code("result", one.result))
        for one in found.exclude(result="").order_by("-planned_date", "-pk")
        if one.state != "not_held" or one.result in NOT_HELD.values()
    ]
    return tuple(r for r in rows if r.day <= timezone.localdate())
