"""Registers as pages show them: dataclasses, nothing of the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.citing import cited
from qingmiao.content.registers import RegisterKind
from qingmiao.flow import State
from qingmiao.forms import fill
from qingmiao.forms.answers import shown
from qingmiao.kernel.areas import stem
from qingmiao.registers.expiring import Expiring, expiries, longest_warning
from qingmiao.registers.minimums import MinimumVerdict
from qingmiao.registers.yearly import Occupancy, as_of, occupancy, year_of
from qingmiao.site import pack as site_pack
from qingmiao.site import paging
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.registers import books, entering, hanging, missing, standing
from qingmiao.site.apps.registers.models import LIVE, RegisterEntry, RegisterEntryVersion
from qingmiao.site.narrowing import EVERYTHING, Narrowed

CHECKS = "employment_checks"
"""The register in which a person's yearly check stands, where the pack has one."""


@dataclass(frozen=True)
class RegisterRow:
    """A register on the first page: how much of it, what waits."""

    kind: RegisterKind
    keeper: str
    mine: bool
    """This person enters or keeps it."""
    held: int
    pending: int
    unconfirmed: int
    expiring: int


@dataclass(frozen=True)
class EntryRow:
    """One line of a list."""

    id: int
    name: str
    kind: str
    area: str
    within: str
    within_id: int | None
    state: State
    expires: date | None
    expired: bool
    changed: date
    confirmed: bool


@dataclass(frozen=True)
class EntryVersionShown:
    """A version in the history."""

    version: int
    valid_from: date
    state: State
    step: str
    step_en: str
    by: str
    at: object
    reason: str


@dataclass(frozen=True)
class PersonOfPost:
    """The person of a post: other posts, and the yearly check."""

    name: str
    last4: str
    posts: tuple[EntryRow, ...]
    checked: date | None
    """The day of the last answer; None where no check stands in the register."""
    due: date | None


@dataclass(frozen=True)
class EntryPage:
    """One entry."""

    row: EntryRow
    register: RegisterKind
    keeper: str
    entered: str
    version: int
    as_of: date
    lines: tuple[tuple[str, str], ...]
    expiring: tuple[tuple[str, Expiring], ...]
    """(name of the date, how it stands)."""
    occupancy: Occupancy | None
    verdicts: tuple[missing.VerdictHere, ...]
    hangs: tuple[hanging.Hanging, ...]
    history: tuple[EntryVersionShown, ...]
    person: PersonOfPost | None
    merged_into: tuple[int, str] | None
    source: str


@dataclass(frozen=True)
class MapPoint:
    """An entry on the map of townships: where, in per cent of the map's sides."""

    id: int
    name: str
    x: Decimal
    y: Decimal


@dataclass(frozen=True)
class MapTile:
    """A township on the map with how many entries in force lie there."""

    name: str
    column: int
    row: int
    count: int
    places: int | None


def registers(reach: Reach) -> tuple[RegisterRow, ...]:
    """The registers that somebody sees, the own ones first."""
    seen, today = standing.seen(reach), timezone.localdate()
    rows = RegisterEntry.objects.filter(standing.visible(reach), register__in=list(seen))
    counts = {
        r["register"]: r
        for r in rows.values("register").annotate(
            held=Count("pk", Q(state__in=("open", "suspended"))), pending=Count("pk", Q(state="pending"))
        )
    }
    units = site_pack.pack().organisations
    found = []
    for kind in seen.values():
        one = rows.filter(register=kind.id)
        year = year_of(kind, today)
        left = one.filter(state="open").exclude(confirmed_year__gte=year).count()
        ending = _ending(one, kind, today).count() if kind.expires else 0
        count = counts.get(kind.id, {"held": 0, "pending": 0})
        keeper = units[kind.keeper].label.zh if kind.keeper in units else kind.keeper
        mine = entering.may_enter(reach, kind)
        found.append(RegisterRow(kind, keeper, mine, count["held"], count["pending"], left, ending))
    return tuple(sorted(found, key=lambda r: (not r.mine, r.kind.order, r.kind.id)))


def listed(
    reach: Reach, kind: RegisterKind, narrowed: Narrowed = EVERYTHING, *, after: str = "", size: int = 100
) -> tuple[tuple[EntryRow, ...], str]:
    """The entries that somebody sees, the latest changed first, and the mark of the next page. `narrowed` also to a
    `state`, a `kind`, an `area`, or `what`: expiring, unconfirmed. Raises ValueError for a mark that no page gave."""
    rows = narrowed_rows(reach, kind, narrowed)
    found, following = paging.page_of(rows, "changed_date", after=after, size=size, newest_first=True)
    return tuple(_row(e) for e in found), following


def found(reach: Reach, narrowed: Narrowed, *, after: str, size: int) -> tuple[tuple[tuple[str, EntryRow], ...], str]:
    """(register, entry) of every register that somebody sees, the latest changed first, and the mark of the next page;
    what was closed or merged is not found. Raises ValueError for a mark that no page gave."""
    rows = RegisterEntry.objects.filter(standing.visible(reach), register__in=list(standing.seen(reach)))
    rows = narrowed.rows(rows.filter(state__in=LIVE).select_related("within"), texts=("name",))
    page, following = paging.page_of(rows, "changed_date", after=after, size=size, newest_first=True)
    return tuple((e.register, _row(e)) for e in page), following


def narrowed_rows(reach: Reach, kind: RegisterKind, narrowed: Narrowed) -> QuerySet[RegisterEntry]:
    """The same as rows of the database."""
    more, today = dict(narrowed.more), timezone.localdate()
    rows = RegisterEntry.objects.filter(standing.visible(reach), register=kind.id).select_related("within")
    if state := more.get("state"):
        rows = rows.filter(state=state)
    else:
        rows = rows.filter(state__in=LIVE)
    if code := more.get("kind"):
        rows = rows.filter(kind=code)
    if area := more.get("area"):
        rows = rows.filter(area__startswith=stem(area))
    if more.get("what") == "expiring":
        rows = _ending(rows, kind, today)
    elif more.get("what") == "unconfirmed":
        rows = rows.filter(state="open").exclude(confirmed_year__gte=year_of(kind, today))
    return narrowed.rows(rows, texts=("name", "within__name"))


def _ending(rows: QuerySet[RegisterEntry], kind: RegisterKind, today: date) -> QuerySet[RegisterEntry]:
    return rows.filter(state__in=LIVE, expires_date__lte=today + timedelta(days=longest_warning(kind)))


def page_of(reach: Reach, entry: RegisterEntry, day: date | None = None) -> EntryPage:
    """Everything that the page of an entry tells, as of a day (today)."""
    kind, today = books.every()[entry.register], timezone.localdate()
    on = min(day or today, today)
    versions = list(RegisterEntryVersion.objects.filter(entry=entry).select_related("by").order_by("version"))
    then = as_of(versions, on) or versions[0]
    filled = fill(books.ready(kind.id).form, then.answers, on=on)
    flow = books.flow(kind.id)
    current, labels = day is None or on == today, books.ready(kind.id).labels
    verdicts = tuple(v for v in missing.here(kind) if v.verdict.entry == entry.pk) if current and kind.minimums else ()
    units = site_pack.pack().organisations
    return EntryPage(
        row=_row(entry),
        register=kind,
        keeper=units[kind.keeper].label.zh if kind.keeper in units else kind.keeper,
        entered=entry.entered_unit.label,
        version=entry.version,
        as_of=on,
        lines=tuple(shown(books.ready(kind.id).form, filled)),
        expiring=tuple((labels[e.expiry.field], e) for e in expiries(kind, filled.values, on=on)),
        occupancy=occupancy(kind, filled.values),
        verdicts=verdicts,
        hangs=hanging.of(entry) if current and entry.state in LIVE else (),
        history=tuple(_versions(versions, entry.register)),
        person=_person(reach, entry, flow.name) if entry.person is not None else None,
        merged_into=(entry.merged_into.pk, entry.merged_into.name) if entry.merged_into is not None else None,
        source=cited(kind.source),
    )


def _versions(versions: list[RegisterEntryVersion], register: str) -> Iterator[EntryVersionShown]:
    flow = books.flow(register)
    words = {s.name: (s.label, s.label_en) for s in flow.steps}
    for v in reversed(versions):
        zh, en = words.get(v.step, (v.step, v.step))
        by = v.by.name if v.by is not None else "系统"
        yield EntryVersionShown(v.version, v.valid_from, flow.state(v.state), zh, en, by, v.at, v.reason)


def _person(reach: Reach, entry: RegisterEntry, own: str) -> PersonOfPost:
    assert entry.person is not None
    rows = RegisterEntry.objects.filter(standing.visible(reach), person=entry.person, state__in=LIVE)
    posts = tuple(_row(e) for e in rows.exclude(pk=entry.pk).select_related("within").order_by("register", "pk"))
    check = RegisterEntry.objects.filter(register=CHECKS, person=entry.person, state__in=LIVE).order_by("-pk").first()
    asked = str(check.answers.get("answered_on") or "") if check is not None else ""
    due = check.expires_date if check is not None else None
    return PersonOfPost(entry.person.name, entry.person.last4, posts, date.fromisoformat(asked) if asked else None, due)


def _row(entry: RegisterEntry) -> EntryRow:
    kind, today = books.every()[entry.register], timezone.localdate()
    areas = site_pack.pack().areas
    kinds = {k.code: k.label.zh for k in kind.kinds}
    within = entry.within
    return EntryRow(
        entry.pk, entry.name, kinds.get(entry.kind, entry.kind),
        areas[entry.area].name if entry.area in areas else entry.area, within.name if within is not None else "",
        entry.within_id, books.flow(kind.id).state(entry.state), entry.expires_date,
        entry.expires_date is not None and entry.expires_date < today, entry.changed_date,
        (entry.confirmed_year or 0) >= year_of(kind, today),
    )  # fmt: skip


def map_of(reach: Reach, kind: RegisterKind) -> tuple[tuple[MapTile, ...], tuple[MapPoint, ...]]:
    """Townships as tiles with their counts, and the entries whose position is known, spread over their own bounds."""
    rows = RegisterEntry.objects.filter(standing.visible(reach), register=kind.id, state__in=("open", "suspended"))
    counts: dict[str, int] = {}
    for area in rows.values_list("area", flat=True):
        counts[area[:9]] = counts.get(area[:9], 0) + 1
    tiles = tuple(
        MapTile(a.name, a.tile.column, a.tile.row, counts.get(a.code, 0), None)
        for a in site_pack.pack().areas.values()
        if a.tile is not None
    )
    placed = list(rows.exclude(latitude=None).values_list("pk", "name", "latitude", "longitude").order_by("pk")[:2000])
    return tiles, tuple(_points(placed))


def _points(found: list[tuple[int, str, float | None, float | None]]) -> Iterator[MapPoint]:
    placed = [(pk, name, lat, lon) for pk, name, lat, lon in found if lat is not None and lon is not None]
    if not placed:
        return
    north, south = max(p[2] for p in placed), min(p[2] for p in placed)
    east, west = max(p[3] for p in placed), min(p[3] for p in placed)
    tall, wide = (north - south) or 1.0, (east - west) or 1.0
    for pk, name, lat, lon in placed:
        x, y = 5 + 90 * (lon - west) / wide, 5 + 90 * (north - lat) / tall
        yield MapPoint(pk, name, round(Decimal(x), 1), round(Decimal(y), 1))


def choices_within(kind: RegisterKind) -> tuple[tuple[str, str], ...]:
    """(number, name) of what an entry may belong to, by name."""
    if kind.within is None:
        return ()
    rows = RegisterEntry.objects.filter(register=kind.within.register_, state__in=LIVE).order_by("name", "pk")
    return tuple((str(pk), name) for pk, name in rows.values_list("pk", "name")[:5000])


def told(verdict: MinimumVerdict) -> Label:
    """The rule of a verdict in words, with its source."""
    return Label(zh=f"{verdict.minimum.label.zh}（{cited(verdict.minimum.source)}）", en=verdict.minimum.label.en)
