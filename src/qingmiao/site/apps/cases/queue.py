"""Lists of cases: my own, my unit's, those of units below, those of a place; danger first, then what ends first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Q, QuerySet
from django.utils import timezone

from qingmiao.casework.clocks import at_once
from qingmiao.casework.naming import naming_field
from qingmiao.content.base import Label
from qingmiao.site.apps.cases import finding, programmes, standing
from qingmiao.site.apps.cases.models import CORE, CaseParty, CaseStep, CaseTaker, KeptCase
from qingmiao.site.apps.cases.showing import stage_label, title
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records.api import about

Queue = Literal["mine", "unit", "supervised", "place", "received", "all"]
QUEUES: Mapping[Queue, Label] = {
    "mine": Label(zh="我经办的", en="mine"),
    "unit": Label(zh="本单位的", en="my unit's"),
    "supervised": Label(zh="督办的", en="supervised"),
    "place": Label(zh="本地区的", en="of my area"),
    "received": Label(zh="转来的", en="referred to us"),
    "all": Label(zh="全部", en="all"),
}
"""The queues, as a page offers them."""
SIZE = 50
"""Rows of a page."""
MOST_COUNTED = 100
"""Cases of a queue that are counted at most: so many are shown as so many and more."""
SHOWN = (
    "programme", "stage", "state", "danger", "risk", "due_at", "late_at", "soon_at", "due_clock", "area", "child",
    "opened_at", "moved_at", "urgency", "owner__label", "assigned__name",
)  # fmt: skip
"""What a row of a list reads of a case: nothing else is fetched."""
OPEN_STATES: tuple[Literal["open", "late", "danger"], ...] = ("open", "late", "danger")


@dataclass(frozen=True)
class QueueFilters:
    """What a queue is narrowed to. `state`: open (also those overdue only: late), ended or all; `opened`, `closed`: the
    year in which, 0: any; `unit`: whose the case is; `stands`: (programme, state) pairs, one of which it is in."""

    queue: Queue = "unit"
    programme: str = ""
    stage: str = ""
    state: Literal["open", "late", "danger", "ended", "all"] = "open"
    township: str = ""
    child: int | None = None
    unit: str = ""
    opened: int = 0
    closed: int = 0
    stands: tuple[tuple[str, str], ...] = ()

    @property
    def quick(self) -> bool:
        """Whether the indexes of queues answer it: only what is open, of whatever year."""
        return self.state in OPEN_STATES and self.child is None and not (self.opened or self.closed)


@dataclass(frozen=True)
class QueueRow:
    """One case as a list shows it. `colour`: red (over), yellow (soon), green, or "" where no clock runs."""

    number: int
    title: str
    programme: str
    programme_label: Label
    stage: str
    stage_label: Label
    tone: str
    state: str
    danger: bool
    risk: str
    due: datetime | None
    due_label: Label | None
    at_once: bool
    """What ends next has no time at all, and is not called late yet."""
    colour: str
    owner: str
    assigned: str
    area: str
    child: str
    """The child's name, or what a case without one is called (a school, a place)."""
    opened_at: datetime
    moved_at: datetime
    core: bool = False
    """核心: no first page names whom it is about."""


@dataclass(frozen=True)
class QueuePage:
    """A page of a queue; `after`: the mark of the next page, "" on the last."""

    rows: tuple[QueueRow, ...]
    after: str


@dataclass(frozen=True)
class QueueCounts:
    """How many open cases stand in a queue, how many of them are late, how many in danger."""

    open: int
    late: int
    danger: int


def queue(reach: Reach, filters: QueueFilters, *, after: str = "", size: int = SIZE) -> QueuePage:
    """A page of a queue: danger first, then what ends first, then the older ones. Raises ValueError for a mark that no
    page has given."""
    sights, mark = standing.sights(reach), _mark(after)
    if filters.quick:
        found = finding.first(_arms(sights, filters, mark, size + 1), size + 1)
        by = _listed(KeptCase.objects.all()).in_bulk([pk for _, pk in found])
        rows = [by[pk] for _, pk in found if pk in by]
    else:
        ordered = _listed(_narrowed(_of(sights, filters.queue), filters))
        later = Q(urgency__gt=mark[0]) | Q(urgency=mark[0], pk__gt=mark[1])
        rows = list(ordered.filter(later).order_by("urgency", "pk")[: size + 1])
    listed, now = rows[:size], timezone.now()
    whole = _whole(sights, listed)
    names = about.briefs(c.child_id for c in whole if c.child_id is not None)
    called = _called(whole)
    shown = tuple(
        _row(c, names[c.child_id].name if c.child_id in names else called.get(c.pk, ""), now) for c in listed
    )  # fmt: skip
    return QueuePage(shown, f"{listed[-1].urgency}_{listed[-1].pk}" if len(rows) > size else "")


def _listed(rows: QuerySet[KeptCase]) -> QuerySet[KeptCase]:
    """The cases with what a list shows of them."""
    return rows.select_related("owner", "assigned").only(*SHOWN)


def _whole(sights: standing.CaseSights, rows: list[KeptCase]) -> list[KeptCase]:
    """Those of some cases whose child is named: not the ones that the person only supervises."""
    if not any(s.supervised for s in sights.seats):
        return rows
    seen = set(KeptCase.objects.filter(sights.where, pk__in=[c.pk for c in rows]).values_list("pk", flat=True))
    return [c for c in rows if c.pk in seen]


def _called(rows: list[KeptCase]) -> dict[int, str]:
    """Case → what it is called, of those about a place, a unit or an event; what is kept sealed names nothing."""
    fields = {p: naming_field(programmes.ready(p)) for p in {c.programme for c in rows} if p in programmes.every()}
    wanted = {c.pk: field for c in rows if c.child_id is None and (field := fields.get(c.programme)) is not None}
    if not wanted:
        return {}
    first = CaseStep.objects.filter(case__in=wanted, number=1).values_list("case", "values")
    return {case: str(values[wanted[case]]) for case, values in first.order_by("case") if wanted[case] in values}


def counts(reach: Reach) -> dict[Queue, QueueCounts]:
    """Of every queue how many open cases there are, late ones, and those in danger; each up to `MOST_COUNTED`."""
    sights = standing.sights(reach)
    return {name: _tally(sights, name) for name in QUEUES}


def first_waiting(reach: Reach, names: Sequence[Queue]) -> tuple[Queue, QueueCounts]:
    """The first of some queues in which something stands, else the last of them, and its counts."""
    sights = standing.sights(reach)
    for name in names:
        found = _tally(sights, name)
        if found.open:
            break
    return name, found


def _tally(sights: standing.CaseSights, name: Queue) -> QueueCounts:
    numbers = []
    for state in OPEN_STATES:
        arms = _arms(sights, QueueFilters(name, state=state), finding.FIRST, MOST_COUNTED)
        numbers.append(len(finding.first(arms, MOST_COUNTED)))
    return QueueCounts(*numbers)


def open_in_sight(sights: standing.CaseSights, size: int) -> list[int]:
    """The numbers of the first open cases that somebody sees, at most so many."""
    return [number for _, number in finding.first(_arms(sights, QueueFilters("all"), finding.FIRST, size), size)]


def _mark(after: str) -> finding.Mark:
    if not after:
        return finding.FIRST
    urgency, _, number = after.partition("_")
    if not (after.isascii() and urgency.isdigit() and number.isdigit() and len(after) <= 40):
        raise ValueError(after)
    return int(urgency), int(number)


def _arms(
    sights: standing.CaseSights, filters: QueueFilters, mark: finding.Mark, size: int
) -> list[finding.QueueArm]:  # fmt: skip
    late = timezone.now() if filters.state == "late" else None
    narrowing = finding.Narrowing(
        filters.programme,
        filters.stage,
        filters.township,
        filters.unit,
        late,
        filters.state == "danger",
        filters.stands,
    )
    part = {
        "mine": finding.in_person, "unit": finding.of_units, "supervised": finding.supervised,
        "place": finding.of_place,
        "received": finding.received,
        "all": finding.everywhere,
    }[filters.queue]  # fmt: skip
    return list(part(sights, narrowing, mark, size))


def of_child(reach: Reach, child: int) -> tuple[QueueRow, ...]:
    """The cases of a child (under every number of its file) that this person sees, the newest first."""
    files = about.files_of(child)
    if not KeptCase.objects.filter(child__in=files).exists():
        return ()  # of most children there is none: their pages ask no more
    sights, now = standing.sights(reach), timezone.now()
    rows = _listed(KeptCase.objects.filter(sights.where, child__in=files)).order_by("-pk")
    names = about.briefs(files)
    return tuple(_row(c, names[c.child_id].name if c.child_id in names else "", now) for c in rows)


def _of(sights: standing.CaseSights, name: Queue) -> QuerySet[KeptCase]:
    """The cases of a queue, open or not."""
    me, mine = sights.reach.person, {s.unit for s in sights.seats}
    if name == "received":
        return KeptCase.objects.filter(sights.received)
    if name == "supervised":
        return KeptCase.objects.filter((sights.below & ~Q(owner__in=mine)) | sights.overseen)
    rows = KeptCase.objects.filter({"unit": sights.at_units, "place": sights.of_place}.get(name, sights.where))
    if name == "mine":
        return rows.filter(Q(assigned=me) | Q(pk__in=CaseTaker.objects.filter(person=me).values("case")))
    if name == "place":
        return rows.exclude(pk__in=CaseParty.objects.filter(unit__in=mine).values("case"))
    return rows


def _narrowed(rows: QuerySet[KeptCase], filters: QueueFilters) -> QuerySet[KeptCase]:
    if filters.programme:
        rows = rows.filter(programme=filters.programme)
    if filters.stage:
        rows = rows.filter(stage=filters.stage)
    if filters.township:
        rows = rows.filter(township=filters.township)
    if filters.unit:
        rows = rows.filter(owner=filters.unit)
    if filters.stands:
        rows = rows.filter(Q(*(Q(programme=p, stage=s) for p, s in filters.stands), _connector=Q.OR))
    for name, year in (("opened_at", filters.opened), ("closed_at", filters.closed)):
        if year:
            first, last = (timezone.make_aware(datetime(y, 1, 1)) for y in (year, year + 1))
            rows = rows.filter(**{f"{name}__gte": first, f"{name}__lt": last})
    if filters.child is not None:
        rows = rows.filter(child__in=about.files_of(filters.child))
    if filters.state == "late":
        return rows.filter(state="open", late_at__lt=timezone.now())
    if filters.state == "danger":
        return rows.filter(state="open", danger=True)
    return rows if filters.state == "all" else rows.filter(state=filters.state)


def _row(case: KeptCase, child: str, now: datetime) -> QueueRow:
    one = programmes.every().get(case.programme)
    state = one.states.get(case.stage) if one is not None else None
    clock = programmes.ready(case.programme).deadlines.get(case.due_clock) if one is not None else None
    return QueueRow(
        number=case.pk, title=title(case), programme=case.programme,
        programme_label=one.label if one is not None else Label(zh=case.programme), stage=case.stage,
        stage_label=stage_label(one, case.stage) if one is not None else Label(zh=case.stage),
        tone=state.tone if state is not None else "", state=case.state, danger=case.danger, risk=case.risk,
        due=case.due_at, due_label=clock.label if clock is not None else None,
        at_once=clock is not None and at_once(clock) and case.late_at is not None and now < case.late_at,
        colour=_colour(case, now),
        owner=case.owner.label, assigned=case.assigned.name if case.assigned is not None else "", area=case.area,
        child=child, opened_at=case.opened_at, moved_at=case.moved_at, core=case.secrecy == CORE,
    )  # fmt: skip


def _colour(case: KeptCase, now: datetime) -> str:
    if case.late_at is None or case.state != "open":
        return ""
    return "red" if now > case.late_at else "yellow" if case.soon_at is not None and now >= case.soon_at else "green"
