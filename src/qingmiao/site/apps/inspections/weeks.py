"""The calendar that all inspecting units share: who visits which place on which day, so that visits can go together.

Whoever may plan a visit sees all of the county's; the inspected do not see it, for routine visits are not told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from qingmiao.content.base import Label
from qingmiao.kernel.areas import lies_in
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.inspections.crowding import GONE, near, place_key, same_place
from qingmiao.site.apps.inspections.models import METHODS, Inspection
from qingmiao.site.apps.inspections.permissions import visible
from qingmiao.site.apps.inspections.planning import offered

DAYS = 7
WEEKS_BY_PLACE = 8
"""So many weeks the list by place looks ahead of its Monday."""


@dataclass(frozen=True)
class VisitOnDay:
    """One visit of the calendar. `opens`: this person may open it."""

    id: int
    day: date
    place: str
    area: str
    unit: str
    label: Label
    method: Label
    opens: bool
    joint: int
    """The visit that leads those that go together; 0 where it goes alone."""
    near: int
    """How many other units' visits of the place lie within the county's days."""


@dataclass(frozen=True)
class PlaceVisits:
    """A place with its visits; `crowded`: some of them lie too near to each other."""

    place: str
    area: str
    visits: tuple[VisitOnDay, ...]
    crowded: bool


@dataclass(frozen=True)
class Week:
    """A week of the county's visits by day, and the next weeks' by place."""

    monday: date
    days: tuple[tuple[date, tuple[VisitOnDay, ...]], ...]
    places: tuple[PlaceVisits, ...]
    apart: int | None
    """The county's days between visits of different units; None where it has set none."""

    @property
    def before(self) -> date:
        """The Monday before."""
        return self.monday - timedelta(DAYS)

    @property
    def after(self) -> date:
        """The next Monday."""
        return self.monday + timedelta(DAYS)


def week(reach: Reach, day: date) -> Week:
    """The week of a day. Raises AbsentError for whoever plans no visits."""
    if not offered(reach):
        raise AbsentError("没有这一页")
    monday = day - timedelta(days=day.weekday())
    until = monday + timedelta(days=DAYS * WEEKS_BY_PLACE - 1)
    apart = site_pack.pack().policy.days_between_visits
    listed = Inspection.objects.filter(planned_date__range=(monday, until)).exclude(state__in=GONE)
    ordered = listed.select_related("unit").order_by("planned_date", "area", "place", "pk")
    found = [i for i in ordered if lies_in(i.area, reach.person.organisation.area_id)]
    mine = set(Inspection.objects.filter(visible(reach), pk__in=[i.pk for i in found]).values_list("pk", flat=True))
    leads = {i.joint_id for i in found if i.joint_id is not None}
    shown = {i.pk: _visit(i, i.pk in mine, leads, apart) for i in found}
    days = tuple(monday + timedelta(n) for n in range(DAYS))
    by_place: dict[tuple[str, str], list[VisitOnDay]] = {}
    for one in found:
        by_place.setdefault((one.area, place_key(one.place)), []).append(shown[one.pk])
    places = [PlaceVisits(v[0].place, v[0].area, tuple(v), any(x.near for x in v)) for v in by_place.values()]
    places.sort(key=lambda p: (not p.crowded, -len(p.visits), p.area, p.place))
    return Week(monday, tuple((d, tuple(v for v in shown.values() if v.day == d)) for d in days), tuple(places), apart)


def joinable(reach: Reach, number: int) -> tuple[VisitOnDay, ...]:
    """Other units' visits of the same place that have not begun: what this one may go together with."""
    found = Inspection.objects.filter(visible(reach), pk=number, state="planned").first()
    if found is None or not offered(reach):
        return ()
    listed = Inspection.objects.filter(area=found.area, state="planned", joint=None).exclude(unit=found.unit_id)
    rows = listed.select_related("unit").order_by("planned_date", "pk")
    return tuple(_visit(i, False, set(), None) for i in rows if same_place(i, found))


def _visit(one: Inspection, opens: bool, leads: set[int], apart: int | None) -> VisitOnDay:
    areas = site_pack.pack().areas
    label = Label.model_validate(one.frozen["checklist"]["label"])
    head = one.joint_id or (one.pk if one.pk in leads else 0)
    return VisitOnDay(
        one.pk, one.planned_date, one.place, areas[one.area].name if one.area in areas else one.area,
        one.unit.short or one.unit.label, label, METHODS[one.method], opens, head,
        len(near(one, apart)) if apart else 0,
    )  # fmt: skip
