"""The demonstration's open year: some returns of the newest year are taken back to every stage.

No door takes an accepted return back, so the rows themselves are set; all else goes through the door.
"""

from __future__ import annotations

import io
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from qingmiao.collect.folder import due_date
from qingmiao.collect.template import TemplateSubject, write_template
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.returns import api
from qingmiao.site.apps.returns.api import ReturnState
from qingmiao.site.apps.returns.models import Cell, Filing, Reminder, SendBack, Version
from qingmiao.site.demo.accounts import MARK

STAGES = (ReturnState.SENT_BACK, ReturnState.DRAFT, ReturnState.SUBMITTED, ReturnState.SIGNED)
ODD = Decimal("1.7")
"""What a figure of a sent-back return is multiplied with, so that a query rule asks about it."""
REASON = f"{MARK}标出的数与上年相差很大，请核对原始台账；确实如此的，请在核实项里写明原因。"


@transaction.atomic
def stage(*, on: date) -> int:
    """Open every return of the newest year; take back some returns of each larger unit and one of every other smaller
    one; how many."""
    newest = Filing.objects.order_by("-year").values_list("year", flat=True)[0]
    # A return that nobody has filed for that year yet is open all the same.
    due = {f.id: due_date(f, newest) for f in api.pack().returns.values()}
    api.open_collections(audit.SYSTEM, newest, due)
    rows = (
        Filing.objects.filter(year=newest, state=ReturnState.ACCEPTED)
        .select_related("unit")
        .order_by("unit", "return_id", "area")
    )
    by_unit: dict[str, list[Filing]] = {}
    for f in rows:
        by_unit.setdefault(f.unit_id, []).append(f)
    chosen: list[tuple[Filing, ReturnState]] = []
    for number, filings in enumerate(by_unit.values()):
        last = {f.return_id: f for f in filings}  # of several areas only the last is late
        if len(last) == 1 and number % 2:
            continue
        several = min(len(STAGES), len(last) * 3 // 5)
        some = list(last.values())[-max(1, several) :]
        first = 0 if several > 1 else number // 2 + 1
        chosen += [(f, STAGES[(first + i) % len(STAGES)]) for i, f in enumerate(some)]
    for filing, state in chosen:
        _take_back(filing, state)
    drafts = list(Filing.objects.filter(year=newest, state=ReturnState.DRAFT).select_related("unit"))
    kind = {True: "overdue", False: "soon"}
    Reminder.objects.bulk_create(
        [Reminder(filing=f, kind=kind[f.due_date < on], on_date=on, made_at=timezone.now()) for f in drafts]
    )
    audit.append(
        audit.SYSTEM,
        "returns.stage",
        object_type="year",
        object_id=str(newest),
        detail={"filings": len(chosen)},
    )
    return len(chosen)


def upload_one() -> None:
    """One refused upload (a figure below zero), so that the list of uploads and the page of faults have something to
    show."""
    started = Cell.objects.filter(filing=OuterRef("pk"), changed_by__isnull=False)
    filing = (
        Filing.objects.filter(Exists(started), state=ReturnState.DRAFT)
        .select_related("unit")
        .order_by("-year", "pk")
        .first()
    )
    if filing is None:
        return
    return_, cells = (
        api.return_of(filing.return_id),
        Cell.objects.filter(filing=filing, value__isnull=False).select_related("changed_by"),
    )
    by = cells[0].changed_by
    values = {c.code: float(c.value or 0) for c in cells} | {return_.filled[-1]: -1.0}
    book = io.BytesIO()
    write_template(
        return_,
        TemplateSubject(filing.year, filing.area_id, api.area_name(filing.area_id), filing.unit.label),
        book,
        values=values,
    )
    if by is not None:
        api.receive_upload(by, filing, name=f"{MARK}{return_.label.zh}.xlsx", data=book.getvalue())


def _take_back(filing: Filing, state: ReturnState) -> None:
    version = Version.objects.get(filing=filing, number=1)
    by, accepted_by = version.submitted_by_id, version.accepted_by_id
    at = timezone.make_aware(datetime.combine(filing.due_date, time(16, 20))) - timedelta(days=1)
    signed_by = version.signed_by_id if state == ReturnState.SIGNED else None
    handed_in = state in (ReturnState.SUBMITTED, ReturnState.SIGNED)
    Version.objects.filter(pk=version.pk).update(
        accepted_at=None, accepted_by=None, signed_at=at if signed_by else None, signed_by=signed_by,
        submitted_at=at if handed_in else None, submitted_by=by if handed_in else None,
    )  # fmt: skip
    Filing.objects.filter(pk=filing.pk).update(
        state=state, accepted_version=None, moved_at=at, submitted_at=None if state == ReturnState.DRAFT else at,
        moved_by=accepted_by if state == ReturnState.SENT_BACK else signed_by or by,
    )  # fmt: skip
    cells = Cell.objects.filter(filing=filing)
    if state == ReturnState.DRAFT:
        codes = api.return_of(filing.return_id).filled
        cells.filter(code__in=codes[len(codes) * 2 // 3 :]).delete()
    if state == ReturnState.SENT_BACK:
        SendBack.objects.create(
            filing=filing, version=1, source=ReturnState.SIGNED, reason=REASON, at=at, by_id=accepted_by
        )
        asked = [c for check in api.rules(filing.return_id).checks if check.rule.level == "query" for c in check.cells]
        odd = cells.filter(code=api.code_of(asked[0])).first() if asked else None
        if odd is not None and odd.value is not None:
            Cell.objects.filter(pk=odd.pk).update(value=round(odd.value * ODD))
