"""The calendar of returns: opening collections, what is due, reminders, and how complete and timely each unit and
return is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.returns import pack_returns
from qingmiao.site.apps.returns.models import Filing, Reminder
from qingmiao.site.apps.returns.workflow import EDITABLE, FLOW, ReturnState

OF_RETURNS = f"flow:{FLOW.name}"
"""How the content's deadlines name the flow of returns."""


def remind(actor: audit.Actor, *, on: date) -> int:
    """Make the reminders of a day, before a return is due and after, as the content's deadline of returns says; how
    many are new."""
    rows = list(Filing.objects.filter(state__in=EDITABLE, accepted_version=None).values_list("pk", "due_date"))
    deadlines = pack_returns.pack().deadlines_of(OF_RETURNS, on)
    kinds = {day: next((k for d in deadlines if (k := d.reminder(day, on))), "") for _, day in rows}
    wanted = [(pk, kinds[day]) for pk, day in rows if kinds[day]]
    with transaction.atomic():
        before = Reminder.objects.filter(on_date=on).count()
        now = timezone.now()
        Reminder.objects.bulk_create(
            [Reminder(filing_id=pk, kind=kind, on_date=on, made_at=now) for pk, kind in wanted],
            ignore_conflicts=True,
        )
        made = Reminder.objects.filter(on_date=on).count() - before
        if made:
            audit.append(actor, "returns.remind", object_type="day", object_id=str(on), detail={"reminders": made})
    return made


@dataclass(frozen=True)
class Figures:
    """How far a return or a unit is: shares are of what is due, None where nothing is."""

    key: str
    filings: int
    submitted: int
    on_time: int
    accepted: int
    overdue: int
    due: int

    @property
    def completeness(self) -> float | None:
        """Submitted at least once, of all filings, in per cent."""
        return 100 * self.submitted / self.filings if self.filings else None

    @property
    def timeliness(self) -> float | None:
        """Submitted by the due date, of those whose due date has passed or that were submitted, in per cent."""
        return 100 * self.on_time / self.due if self.due else None


def figures(rows: QuerySet[Filing], by: str, *, on: date) -> list[Figures]:
    """Completeness and timeliness per `by` ("return_id", "unit", "year"), in one query."""
    submitted = Q(submitted_at__isnull=False)
    found = (
        rows.annotate(submitted_date=TruncDate("submitted_at"))
        .values(by)
        .annotate(
            filings=Count("pk"),
            submitted=Count("pk", filter=submitted),
            on_time=Count("pk", filter=submitted & Q(submitted_date__lte=F("due_date"))),
            accepted=Count("pk", filter=Q(accepted_version__isnull=False)),
            overdue=Count("pk", filter=Q(submitted_at=None, due_date__lt=on)),
            due=Count("pk", filter=submitted | Q(due_date__lt=on)),
        )
        .order_by(by)
    )
    return [Figures(str(r.pop(by)), **r) for r in found]


def accepted_in(year: int) -> tuple[int, int]:
    """How many returns of a reporting year have been accepted, and how many there are."""
    row = Filing.objects.filter(year=year).aggregate(every=Count("pk"), accepted=Count("accepted_version"))
    return row["accepted"], row["every"]


def submitted_in(year: int) -> int:
    """How many returns were first submitted in a calendar year."""
    return Filing.objects.filter(submitted_at__year=year).count()


@dataclass(frozen=True)
class Todo:
    """What waits for a unit's people, the most pressing first."""

    sent_back: list[Filing]
    to_fill: list[Filing]
    to_sign: list[Filing]
    waiting: list[Filing]
    done: list[Filing]
    reminders: list[Reminder]


DONE_SHOWN = 12


def todo(rows: QuerySet[Filing], *, on: date) -> Todo:
    """The to-do of a person's units: what was sent back, is due, is to sign, waits for audit, was accepted lately."""
    rows = rows.select_related("unit", "moved_by")
    open_ones = list(
        rows.filter(state__in=[*EDITABLE, ReturnState.SUBMITTED, ReturnState.SIGNED]).order_by(
            "due_date", "return_id", "area"
        )
    )
    by_state = {s: [f for f in open_ones if f.state == s] for s in ReturnState}
    pending = Reminder.objects.filter(
        filing__in=by_state[ReturnState.DRAFT] + by_state[ReturnState.SENT_BACK], on_date__lte=on
    )
    reminders = pending.select_related("filing").order_by("filing_id", "-on_date").distinct("filing_id")
    return Todo(
        by_state[ReturnState.SENT_BACK],
        by_state[ReturnState.DRAFT],
        by_state[ReturnState.SUBMITTED],
        by_state[ReturnState.SIGNED],
        list(
            rows.filter(state__in=[ReturnState.ACCEPTED, ReturnState.LOCKED]).order_by("-moved_at", "-pk")[:DONE_SHOWN]
        ),
        sorted(reminders, key=lambda r: (-r.on_date.toordinal(), r.filing_id)),
    )
