"""What pages show of returns, to whoever may see them: rows of lists, one return with its versions, a unit's and the
county's work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from qingmiao.collect.return_words import SIGNATURES
from qingmiao.content.returns import Return
from qingmiao.flow import house
from qingmiao.kernel.deadlines import days_overdue
from qingmiao.kernel.decisions import Decision
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.returns import calendar, pack_returns, permissions, policies
from qingmiao.site.apps.returns.models import Filing, SendBack, Version
from qingmiao.site.apps.returns.workflow import FILLERS, FINAL, ReturnState
from qingmiao.site.narrowing import EVERYTHING, Narrowed
from qingmiao.site.paging import page_of

LATE = 100
"""Overdue returns that are listed to be dunned at once."""
PAGE = 50
"""Returns of the audit queue on one page."""


@dataclass(frozen=True)
class FilingView:
    """One return as pages show it. `sheet` is its return, None where the pack no longer has it; `today` is the day on
    which it is shown.
    """

    pk: int
    return_id: str
    year: int
    area_id: str
    area_label: str
    unit_id: str
    unit_label: str
    unit_short: str
    state: ReturnState
    version: int
    revision: int
    accepted_version: int | None
    due_date: date
    submitted_at: datetime | None
    moved_at: datetime
    moved_by: str
    sheet: Return | None
    period: str
    today: date

    @property
    def late(self) -> int:
        """Days overdue, counted from the day after the due date; 0 until then."""
        return days_overdue(self.due_date, self.today)

    @property
    def left(self) -> int:
        """Days until the due date; 0 on it and after it."""
        return days_overdue(self.today, self.due_date)

    @property
    def stage(self) -> ReturnState:
        """The state with its label and tone."""
        return self.state

    @property
    def final(self) -> bool:
        """Accepted or locked."""
        return self.state in FINAL

    @property
    def can_edit(self) -> Decision:
        """Whether its figures may change now."""
        return policies.can_edit(self)


@dataclass(frozen=True)
class ReminderView:
    """A reminder and the return that it is of."""

    filing: FilingView
    kind: str
    label: str


@dataclass(frozen=True)
class WaitingReturns:
    """What waits for a unit's people, the most pressing first."""

    sent_back: list[FilingView]
    to_fill: list[FilingView]
    to_sign: list[FilingView]
    waiting: list[FilingView]
    done: list[FilingView]
    reminders: list[ReminderView]


@dataclass(frozen=True)
class Overdue:
    """A unit with returns that are overdue: how many, and the first and the latest due date of them."""

    label: str
    short: str
    filings: int
    first: date
    latest: date


@dataclass(frozen=True)
class LabelledFigures:
    """The figures of a return or unit with its label."""

    label: str
    figures: calendar.Figures


@dataclass(frozen=True)
class County:
    """The county's work: the audit queue (`following`: where its next page begins), who is overdue, the newest year's
    figures."""

    queue: list[FilingView]
    following: str
    overdue: list[Overdue]
    year: int | None
    figures: list[LabelledFigures]
    late: list[FilingView]
    """The returns that are overdue, the first due first (at most `LATE`)."""


@dataclass(frozen=True)
class ReturnYear:
    """A return in a year: its returns and how far they are."""

    first: FilingView
    filings: list[FilingView]
    figures: calendar.Figures


@dataclass(frozen=True)
class YearView:
    """The returns of a year by return and unit; `lockable`: how many may be locked."""

    years: list[int]
    year: int | None
    returns: list[ReturnYear]
    units: list[LabelledFigures]
    lockable: int


@dataclass(frozen=True)
class SignedBy:
    """Who did something with a version, and when; empty where nobody did."""

    by: str
    at: datetime | None


@dataclass(frozen=True)
class VersionView:
    """One version of a return: why, and who begun, submitted, signed, accepted and locked it."""

    number: int
    reason: str
    begun: SignedBy
    submitted: SignedBy
    signed: SignedBy
    accepted: SignedBy
    locked: SignedBy


@dataclass(frozen=True)
class SentBack:
    """Why a version was sent back, by whom, when."""

    by: str
    at: datetime
    reason: str


def name_of(person: Person | None) -> str:
    """Somebody's name; "" for a job or an import."""
    return person.name if person is not None else ""


def view(filing: Filing) -> FilingView:
    """A return as pages show it."""
    return_ = pack_returns.pack().returns.get(filing.return_id)
    return FilingView(
        filing.pk, filing.return_id, filing.year, filing.area_id, pack_returns.area_name(filing.area_id),
        filing.unit_id,
        filing.unit.label, filing.unit.short, ReturnState(filing.state), filing.version, filing.revision,
        filing.accepted_version,
        filing.due_date, filing.submitted_at, filing.moved_at, name_of(filing.moved_by), return_,
        pack_returns.period_name(return_, filing.year) if return_ is not None else str(filing.year),
        timezone.localdate(),
    )  # fmt: skip


def _views(rows: Iterable[Filing]) -> list[FilingView]:
    return [view(f) for f in rows]


def found(reach: Reach, number: int) -> FilingView:
    """One return in the person's reach. Raises AbsentError for one that is not, or whose return the pack no longer
    has."""
    filing = permissions.visible(reach).select_related("unit", "moved_by").filter(pk=number).first()
    if filing is None or filing.return_id not in pack_returns.pack().returns:
        raise AbsentError("没有这张表")
    return view(filing)


def find(reach: Reach, *, narrowed: Narrowed, after: str = "", size: int = PAGE) -> tuple[list[FilingView], str]:
    """Every return in a person's reach that fits, the latest due first, and the mark of the next page. Raises
    ValueError for an `after` that no page has given.
    """
    rows = fitting(permissions.visible(reach), narrowed).select_related("unit", "moved_by")
    listed, following = page_of(rows, "due_date", after=after, size=size, newest_first=True)
    return _views(listed), following


def waiting(units: Iterable[str], *, on: date, year: int = 0, narrowed: Narrowed = EVERYTHING) -> WaitingReturns:
    """What waits at these units (of a year, or all; narrowed)."""
    mine = fitting(Filing.objects.filter(unit__in=list(units)), narrowed)
    todo = calendar.todo(mine.filter(year=year) if year else mine, on=on)
    reminders = [ReminderView(view(r.filing), r.kind, dict(r.KINDS)[r.kind]) for r in todo.reminders]
    return WaitingReturns(
        _views(todo.sent_back), _views(todo.to_fill), _views(todo.to_sign), _views(todo.waiting), _views(todo.done),
        reminders
    )  # fmt: skip


def own_units(reach: Reach) -> frozenset[str]:
    """The units whose returns a person fills in or signs."""
    return permissions.own_units(reach, FILLERS | {house.LEADER})


def fitting(rows: QuerySet[Filing], narrowed: Narrowed) -> QuerySet[Filing]:
    """The returns of a list that fit: by the words of form, unit and area, by unit, by field (the forms that its
    indicators read).
    """
    pack, parts = pack_returns.pack(), narrowed.parts
    named = {
        "return_id": {f.id: f"{f.form_no} {f.label.zh} {f.label.en or ''}" for f in pack.returns.values()},
        "area": {code: area.name for code, area in pack.areas.items()},
    }
    within = Q(return_id__in=parts.returns) if parts is not None else None
    return narrowed.rows(rows, texts=("unit__label", "unit__short"), named=named, in_field=within)


def county(reach: Reach, *, on: date, after: str = "", year: int = 0, narrowed: Narrowed = EVERYTHING) -> County:
    """What waits for audit in a person's reach (after a page's mark), who is overdue, the newest year's figures;
    `year`: all of it of that year. A mark that no page has given begins anew.
    """
    rows = fitting(permissions.visible(reach), narrowed)
    rows = rows.filter(year=year) if year else rows
    queue = rows.filter(state=ReturnState.SIGNED).select_related("unit", "moved_by")
    try:
        listed, following = page_of(queue, "moved_at", after=after, size=PAGE)
    except ValueError:
        listed, following = page_of(queue, "moved_at", after="", size=PAGE)
    newest = rows.aggregate(Max("year"))["year__max"]
    return County(
        _views(listed),
        following,
        overdue(reach, on=on, year=year, narrowed=narrowed),
        newest,
        _named(rows.filter(year=newest), on) if newest else [],
        _views(
            rows.filter(state=ReturnState.DRAFT, submitted_at=None, due_date__lt=on)
            .select_related("unit", "moved_by")
            .order_by("due_date", "unit", "pk")[:LATE]
        ),
    )


def overdue(reach: Reach, *, on: date, year: int = 0, narrowed: Narrowed = EVERYTHING) -> list[Overdue]:
    """The units in a person's reach with returns (of a year, or all) due before a day and never submitted, the most
    first.
    """
    rows = fitting(permissions.visible(reach), narrowed)
    late = (
        (rows.filter(year=year) if year else rows)
        .filter(submitted_at=None, due_date__lt=on)
        .values_list("unit", "unit__short", "unit__label")
        .annotate(filings=Count("pk"), first=Min("due_date"), latest=Max("due_date"))
        .order_by("-filings", "unit")
    )
    return [Overdue(label, short or label, n, first, latest) for _, short, label, n, first, latest in late]


def _named(rows: QuerySet[Filing], on: date) -> list[LabelledFigures]:
    figures = calendar.figures(rows, "unit", on=on)
    labels = dict(Organisation.objects.filter(pk__in=[f.key for f in figures]).values_list("pk", "label"))
    return [LabelledFigures(labels.get(f.key, f.key), f) for f in figures]


def year_view(reach: Reach, year: int | None, *, on: date, narrowed: Narrowed = EVERYTHING) -> YearView:
    """The returns of a year in a person's reach (the newest year where there is none of that one), narrowed."""
    rows = permissions.visible(reach)
    years = sorted(rows.order_by().values_list("year", flat=True).distinct(), reverse=True)
    if year not in years:
        year = years[0] if years else None
    if year is None:
        return YearView(years, None, [], [], 0)
    mine = fitting(rows.filter(year=year), narrowed)
    by_return: dict[str, list[FilingView]] = {}
    for f in _views(mine.select_related("unit", "moved_by").order_by("due_date", "return_id", "area")):
        by_return.setdefault(f.return_id, []).append(f)
    figures = {f.key: f for f in calendar.figures(mine, "return_id", on=on)}
    return YearView(
        years,
        year,
        [ReturnYear(fs[0], fs, figures[k]) for k, fs in by_return.items()],
        _named(mine, on),
        rows.filter(year=year, state=ReturnState.ACCEPTED).count(),
    )


def versions(filing: FilingView) -> list[VersionView]:
    """Every version of a return, the newest first."""
    people = ("begun_by", "submitted_by", "signed_by", "accepted_by", "locked_by")
    return [
        VersionView(
            v.number,
            v.reason,
            SignedBy(name_of(v.begun_by), v.begun_at),
            SignedBy(name_of(v.submitted_by), v.submitted_at),
            SignedBy(name_of(v.signed_by), v.signed_at),
            SignedBy(name_of(v.accepted_by), v.accepted_at),
            SignedBy(name_of(v.locked_by), v.locked_at),
        )
        for v in Version.objects.filter(filing=filing.pk).select_related(*people).order_by("-number")
    ]


def signatures(filing: FilingView) -> dict[str, str]:
    """Who stands below the return: 单位负责人 (who signed), 填表人 (who submitted), 报出日期 (the day of signing); "" where
    nobody has yet. A telephone number is not kept here."""
    version = Version.objects.select_related("submitted_by", "signed_by").get(filing=filing.pk, number=filing.version)
    day = timezone.localtime(version.signed_at).date() if version.signed_at else None
    names = (name_of(version.signed_by), name_of(version.submitted_by), "", f"{day:%Y年%-m月%-d日}" if day else "")
    return dict(zip(SIGNATURES, names, strict=True))


def sent_back(filing: FilingView) -> list[SentBack]:
    """Why the present version was sent back, the latest first."""
    rows = SendBack.objects.filter(filing=filing.pk, version=filing.version).select_related("by").order_by("-at")
    return [SentBack(name_of(s.by), s.at, s.reason) for s in rows]
