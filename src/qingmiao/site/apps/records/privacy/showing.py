"""Requests, consents, broken glass and files past their time as their pages show them: dataclasses, nothing of the
database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.purposes import KEPT_FROM
from qingmiao.flow import Flow, State, Step
from qingmiao.kernel.areas import stem
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import exposure, purposes, words
from qingmiao.site.apps.records.models import Relation
from qingmiao.site.apps.records.privacy import erasing
from qingmiao.site.apps.records.privacy.doors import (
    GROUNDS,
    KINDS,
    consent_flow,
    erasure_flow,
    request_flow,
    review_flow,
)
from qingmiao.site.apps.records.privacy.models import Consent, Erasure, FileRequest, GlassReview

Pairs = tuple[tuple[str, Label], ...]


@dataclass(frozen=True)
class AnswerBy:
    """Until when something is to be done; `due` None where the county has set no time."""

    due: datetime | None
    late: bool


@dataclass(frozen=True)
class RequestRow:
    """One line of the queue of requests."""

    id: int
    kind: Label
    child: int
    name: str
    applicant: str
    unit: str
    received_at: datetime
    state: State
    clock: AnswerBy | None
    """None once it is decided."""


@dataclass(frozen=True)
class RequestPage:
    """One request with what may be done with it now."""

    row: RequestRow
    version: int
    code: str
    relation: Label
    asked: str
    document: str
    reason: str
    ground: Label | None
    result: str
    copied_at: datetime | None
    blocked: bool
    steps: tuple[Step, ...]
    events: tuple[audit.EventShown, ...]
    may_copy: bool
    may_print: bool


@dataclass(frozen=True)
class GlassRow:
    """One file that was opened by broken glass. `child` 0 for somebody who does not see it."""

    id: int
    version: int
    who: str
    reason: str
    from_at: datetime
    until_at: datetime
    unit: str
    child: int
    state: State
    judged: str
    judged_by: str
    clock: AnswerBy | None
    may_judge: bool


@dataclass(frozen=True)
class ConsentRow:
    """One consent of a child's guardian."""

    id: int
    version: int
    purpose: Label
    guardian: str
    given_date: date
    form: str
    state: State
    withdrawn_at: datetime | None
    may_end: bool


@dataclass(frozen=True)
class ErasureRow:
    """A file past its time, by its number alone."""

    id: int
    version: int
    child: int
    unit: str
    over_date: date
    times: tuple[tuple[Label, str], ...]
    state: State
    reason: str
    by: str
    steps: tuple[Step, ...]


def request_kinds() -> Pairs:
    """What may be asked."""
    return words.options(KINDS)


def grounds() -> Pairs:
    """The legal grounds of a refusal."""
    return words.options(GROUNDS)


def answers(reach: Reach) -> bool:
    """Whether this person receives and answers requests."""
    return reach.has(_roles(request_flow()))


def judges(reach: Reach) -> bool:
    """Whether this person judges broken glass."""
    return reach.has(_roles(review_flow()))


def keeps(reach: Reach) -> bool:
    """Whether this person decides of files past their time."""
    return reach.has(_roles(erasure_flow()))


def requests(reach: Reach, *, done: bool = False, before: int = 0, size: int = 50) -> tuple[RequestRow, ...]:
    """The requests of the units for which this person answers, the newest first: those under way, or the finished
    ones. AbsentError for somebody who answers none."""
    if not answers(reach):
        raise AbsentError("没有这个页面")
    under_way = ("received", "identified", "granted")
    rows = FileRequest.objects.filter(_mine(reach, _roles(request_flow()))).select_related("child", "unit")
    rows = rows.exclude(state__in=under_way) if done else rows.filter(state__in=under_way)
    rows = rows.filter(pk__lt=before) if before else rows
    return tuple(_request(r) for r in rows.order_by("-pk")[:size])


def request_page(reach: Reach, number: int) -> RequestPage:
    """One request. Raises AbsentError for somebody who does not answer it."""
    rows = FileRequest.objects.filter(_mine(reach, _roles(request_flow()))) if answers(reach) else None
    found = rows.select_related("child", "unit").filter(pk=number).first() if rows is not None else None
    if found is None:
        raise AbsentError("没有这件申请")
    taken = found.state in ("granted", "done")
    return RequestPage(
        _request(found), found.version, found.kind, words.code_label("kinship", found.relation), found.asked,
        found.document, found.reason, words.code_label(GROUNDS, found.ground) if found.ground else None, found.result,
        found.copied_at, found.child.blocked_at is not None, access.steps(reach, found),
        tuple(audit.of_object("file_request", found.pk)[::-1]), taken and found.kind in ("copy", "looked"),
        found.decided_at is not None and found.state != "withdrawn",
    )  # fmt: skip


def glass(reach: Reach, *, before: int = 0, size: int = 50) -> tuple[GlassRow, ...]:
    """The files opened by broken glass that this person judges, newest first. AbsentError for somebody who judges
    none. Who guards the site is told of no child."""
    if not judges(reach):
        raise AbsentError("没有这个页面")
    of = exposure.maybe(reach)
    rows = GlassReview.objects.filter(_mine(reach, _roles(review_flow()))).order_by("-pk")
    rows = rows.filter(pk__lt=before) if before else rows
    listed = rows.select_related("glass__person__organisation", "glass__child__merged_into", "unit", "by")[:size]
    return tuple(_glass(reach, of, r) for r in listed)


def _glass(reach: Reach, of: exposure.Sights, review: GlassReview) -> GlassRow:
    broken, flow = review.glass, review_flow()
    steps = access.steps(reach, review) if broken.person_id != reach.person.pk else ()
    sees = of.any and of.sees(broken.child)
    return GlassRow(
        review.pk, review.version, f"{broken.person.name}（{broken.person.organisation.label}）", broken.reason,
        broken.from_at, broken.until_at, review.unit.label, broken.child_id if sees else 0, flow.state(review.state),
        review.reason, review.by.name if review.by else "",
        _clock("flow:glass_review", broken.from_at) if review.state == "open" else None, bool(steps),
    )  # fmt: skip


@dataclass(frozen=True)
class ConsentPage:
    """The consents of one child, and what a new one may be for and of whom."""

    child: int
    name: str
    rows: tuple[ConsentRow, ...]
    purposes: Pairs
    guardians: tuple[tuple[int, str], ...]
    may_give: bool


def consents(reach: Reach, number: int) -> ConsentPage:
    """What a child's guardians agreed to. Raises AbsentError where the file is not seen."""
    child = exposure.get(exposure.sights(reach), number).survivor
    flow, may = (
        consent_flow(),
        any(s.name == "give" for s in access.steps(reach, Consent(child=child, by=reach.person))),
    )
    labels = {p.id: p.label for p in purposes.every().values()}
    rows = Consent.objects.filter(child=child).select_related("guardian__relative", "by__organisation").order_by("-pk")
    guardians = Relation.objects.filter(child=child, guardian=True, to_date=None, sealed=False)
    return ConsentPage(
        child.pk, child.name,
        tuple(
            ConsentRow(
                c.pk, c.version, labels.get(c.purpose, Label(zh=c.purpose)), c.guardian.relative.name, c.given_date,
                c.form, flow.state(c.state), c.withdrawn_at, bool(access.steps(reach, c)),
            )
            for c in rows
        ),
        tuple((p.id, p.label) for p in purposes.every().values() if p.basis == "consent"),
        tuple((r.pk, r.relative.name) for r in guardians.select_related("relative")), may,
    )  # fmt: skip


@dataclass(frozen=True)
class KeptPage:
    """How long files are kept, and the ones past their time."""

    times: tuple[tuple[Label, str, str], ...]
    """(purpose, from when it is counted, how long: empty where nobody has set it)."""
    rows: tuple[ErasureRow, ...]


def past(reach: Reach, *, before: int = 0, size: int = 50) -> KeptPage:
    """The files past their time that this person's units keep, newest first. AbsentError for who keeps none."""
    if not keeps(reach):
        raise AbsentError("没有这个页面")
    rows = Erasure.objects.filter(_mine(reach, _roles(erasure_flow()))).select_related("unit", "by").order_by("-pk")
    rows = rows.filter(pk__lt=before) if before else rows
    return KeptPage(times(), tuple(_erasure(reach, e) for e in rows[:size]))


def times() -> tuple[tuple[Label, str, str], ...]:
    """How long files are kept for each purpose: (purpose, counted from, how long)."""

    policy = site_pack.pack().policy
    kept = [(p, p.kept(policy)) for p in erasing.keeping()]
    return tuple((p.label, KEPT_FROM[p.keep.after], time.words if time else "") for p, time in kept)


def _erasure(reach: Reach, found: Erasure) -> ErasureRow:
    labels = {p.id: p.label for p in purposes.every().values()}
    return ErasureRow(
        found.pk, found.version, found.child_id, found.unit.label, found.over_date,
        tuple((labels.get(p, Label(zh=p)), last) for p, last in found.purposes), erasure_flow().state(found.state),
        found.reason, found.by.name if found.by else "", access.steps(reach, found),
    )  # fmt: skip


def _request(found: FileRequest) -> RequestRow:
    decided = found.decided_at is not None
    return RequestRow(
        found.pk, words.code_label(KINDS, found.kind), found.child_id, found.child.name, found.applicant,
        found.unit.label, found.received_at, request_flow().state(found.state),
        None if decided else _clock("flow:file_request", found.received_at),
    )  # fmt: skip


def _clock(thing: str, began: datetime) -> AnswerBy:
    """The first of the deadlines of a thing that a county or a document has set."""
    now = timezone.localtime()
    for deadline in site_pack.pack().deadlines_of(thing, now.date()):
        due = deadline.due(timezone.make_naive(began))
        if due is not None:
            at = timezone.make_aware(due.at)
            return AnswerBy(at, now > at)
    return AnswerBy(None, False)


def _roles(flow: Flow) -> frozenset[str]:
    """Everybody whom the flow names."""
    return frozenset(r for step in flow.steps for r in step.roles)


def _mine(reach: Reach, roles: Iterable[str]) -> Q:
    """The condition of the things of units over which one of the roles is held, as the door reads it."""
    wanted, where = set(roles), Q(pk__in=[])
    for h in reach.held:
        if h.grants & wanted:
            where |= Q(unit__area__code__startswith=stem(h.area)) if h.wide else Q(unit=h.unit)
    return where
