"""What a page shows of a case: only what this person sees of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from qingmiao.casework.case import CaseFile, CaseReferral, after
from qingmiao.casework.clocks import at_once, clocks, unset
from qingmiao.casework.deciding import STANDS, relations
from qingmiao.casework.ready import ReadyProgramme, held
from qingmiao.casework.telling import NextStep, next_step
from qingmiao.content.base import Label
from qingmiao.content.citing import cited
from qingmiao.content.programme_forms import blocks_of, case_groups
from qingmiao.content.programme_parts import ProgrammeDeadline, ProgrammeStep
from qingmiao.content.programmes import Programme
from qingmiao.content.records import RecordKind
from qingmiao.flow import NOTHING
from qingmiao.forms import ReadyForm
from qingmiao.forms.kinds import KINDS
from qingmiao.forms.ready import ReadyField
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.cases import keeping, programmes, standing
from qingmiao.site.apps.cases.hearing import RECORD
from qingmiao.site.apps.cases.models import CaseProposal, CaseReferralKept, CaseStep, KeptCase
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.records.api import about, hearing


@dataclass(frozen=True)
class StepOffered:
    """A step that this person may take now: its form, what is known of its answers already, who has to confirm it.

    `forward`: it brings the case to another state.
    """

    name: str
    label: Label
    target: Label
    form: ReadyForm | None
    given: Mapping[str, Any]
    second: tuple[str, ...]
    forward: bool
    note: str = ""


@dataclass(frozen=True)
class CaseFieldShown:
    """A field as a page shows it. `group`: the restricted group that it belongs to; then `text` is empty until it is
    opened with a reason (`reveal`)."""

    id: str
    label: Label
    text: str
    group: str = ""


@dataclass(frozen=True)
class GroupShown:
    """A restricted group of fields: who may read it reads it with a reason."""

    id: str
    label: Label
    fields: tuple[str, ...]
    """Labels of the fields that are filled in."""
    may_read: bool


@dataclass(frozen=True)
class TimelineRow:
    """A step that was taken, as the timeline shows it."""

    number: int
    step: str
    label: Label
    source: Label
    target: Label
    at: datetime
    by: str
    role: Label | None
    unit: str
    confirmed_by: str
    fields: tuple[CaseFieldShown, ...]


@dataclass(frozen=True)
class ClockShown:
    """A clock of the case. `state`: running, soon, overdue, paused, met, met_late, or unset (the county has set no
    length)."""

    id: str
    label: Label
    state: str
    due: datetime | None
    days_overdue: int
    origin: str
    provisional: bool = False
    at_once: bool = False


@dataclass(frozen=True)
class ReferralShown:
    """A referral: what went where on which ground; `answers`: what this person may answer to it now."""

    number: int
    programme: str
    label: Label
    unit: str
    state: str
    state_words: str
    purpose: str
    ground: str
    transfers: bool
    sent_at: datetime
    fields: tuple[CaseFieldShown, ...]
    answers: tuple[str, ...]
    opened: int | None
    """The case that was opened for it, where this person sees that."""
    may_open: bool
    """Accepted, no case opened yet, and this person may open one."""


@dataclass(frozen=True)
class ProposalShown:
    """A step that waits for a second person."""

    number: int
    step: str
    label: Label
    by: str
    at: datetime
    fields: tuple[CaseFieldShown, ...]
    may_confirm: bool
    mine: bool


@dataclass(frozen=True)
class LinkedCase:
    """Another case of the same child, or of a brother or sister, that this person sees."""

    number: int
    title: str
    programme: Label
    stage: Label
    child: str
    sibling: bool


@dataclass(frozen=True)
class PersonShown:
    """A child of the register whom the case is about."""

    number: int
    name: str
    sex: str
    birth_date: Any
    village: str
    file: bool
    """Whether this person may open the file."""


@dataclass(frozen=True)
class CaseOrigin:
    """A record or case by which the system opened the case, or which came to it later (`joined`). `record`: its number
    where this person may open it, else 0; `undone_at`: since when it says so no more."""

    label: Label
    at: datetime
    joined: bool
    record: int
    undone_at: datetime | None


@dataclass(frozen=True)
class CasePage:
    """Everything that a page shows of a case. `sight`: full; past: as it stood when it was handed over; handed: only
    what a referral handed over (then no timeline and no steps but answers); supervised: where it stands, its clocks and
    steps, the fields that the programme names for it, and neither the child nor what was referred."""

    number: int
    title: str
    programme: Programme
    stage: str
    stage_label: Label
    state: str
    tone: str
    version: int
    owner: str
    owner_id: str
    assigned: str
    area: str
    secrecy: str
    risk: str
    danger: bool
    opened_at: datetime
    closed_at: datetime | None
    as_of: datetime | None
    sight: standing.Sight
    relations: tuple[str, ...]
    owners: tuple[Label, ...]
    """The roles that have to act in this state."""
    steps: tuple[StepOffered, ...]
    fields: tuple[CaseFieldShown, ...]
    groups: tuple[GroupShown, ...]
    timeline: tuple[TimelineRow, ...]
    clocks: tuple[ClockShown, ...]
    referrals: tuple[ReferralShown, ...]
    proposal: ProposalShown | None
    child: PersonShown | None
    linked: tuple[LinkedCase, ...]
    origins: tuple[CaseOrigin, ...]
    """By what it was opened by itself, the first first; none where people opened it."""
    prints: tuple[str, ...]
    next: NextStep | None
    """The next step in one sentence; None for a receiver, and for a past day."""
    file: CaseFile
    """As the engine has it, without what this person does not see."""
    ready: ReadyProgramme


def title(case: KeptCase) -> str:
    """How a case is called: the programme's card, the year, the number."""
    one = programmes.every().get(case.programme)
    card = one.card if one is not None and one.card is not None else case.programme
    return f"{card}-{timezone.localtime(case.opened_at):%Y}-{case.pk:06d}"


def stage_label(programme: Programme, stage: str) -> Label:
    """A state of a programme in words; one that it has no more by its name."""
    found = programme.states.get(stage)
    return found.label if found is not None else Label(zh=stage or "还没有")


def role_label(role: str) -> Label:
    """A role in words."""
    found = site_pack.pack().roles.get(role)
    return found.label if found is not None else Label(zh=role)


def page(sights: standing.CaseSights, case: KeptCase, sight: standing.CaseSight, as_of: datetime | None) -> CasePage:
    """A case as somebody sees it, as of a moment (now where none is given)."""
    ready, rows, now = programmes.ready(case.programme), keeping.rows_of(case), timezone.now()
    until = as_of
    if sight.sight == "past":
        until = min(m for m in (as_of, _left_at(rows, ready, sight)) if m is not None)
    full = keeping.file_of(case, until, rows)
    shown = ShownCase(ready, sight)
    file = shown.without_secrets(full)
    handed, whole = sight.sight == "handed", sight.sight not in ("handed", "supervised")
    moment = timezone.make_naive(as_of or now)
    seen_rows = [] if handed else [r for r in rows if until is None or r.at <= until]
    steps = () if as_of is not None or sight.sight == "past" else shown.steps(full)
    roles = {r: role_label(r) for r in programmes.named()[case.programme]}
    following = next_step(ready, full, moment, roles, tuple(s.name for s in steps))
    return CasePage(
        number=case.pk, title=title(case), programme=ready.programme, stage=full.state,
        stage_label=stage_label(ready.programme, full.state), state=case.state,
        tone=ready.programme.states[full.state].tone if full.state in ready.programme.states else "",
        version=case.version, owner=_unit(full.owner), owner_id=full.owner, assigned=_person(full.assigned),
        area=case.area, secrecy=full.secrecy, risk=full.risk, danger=case.danger, opened_at=case.opened_at,
        closed_at=case.closed_at, as_of=as_of, sight=sight.sight, relations=_relations(full, sight),
        owners=tuple(role_label(r) for r in _owners(ready, full.state)),
        steps=steps, next=None if handed or as_of is not None else following,
        fields=() if handed else shown.fields(full.values), groups=() if handed else shown.groups(full.values),
        timeline=tuple(shown.row(r) for r in reversed(seen_rows)),
        clocks=() if handed else shown.clocks(full, moment), referrals=shown.referrals(sights, case, full),
        proposal=shown.proposal(sights, case) if whole and as_of is None else None,
        child=_child(sights, case) if whole else None, linked=_linked(sights, case) if whole else (),
        origins=_origins(sights, case) if whole else (),
        prints=tuple(p.id for p in ready.programme.prints if not p.states or full.state in p.states), file=file,
        ready=ready,
    )  # fmt: skip


@dataclass(frozen=True)
class ShownCase:
    """A programme as one person sees its cases."""

    ready: ReadyProgramme
    sight: standing.CaseSight

    @property
    def _groups(self) -> Mapping[str, Any]:
        return case_groups(self.ready.programme, blocks_of(site_pack.pack()))

    def without_secrets(self, file: CaseFile) -> CaseFile:
        """The case without what stands in restricted groups; of a referral's receiver, only what was handed over."""
        if self.sight.sight == "handed":
            return replace(file, values={}, history=(), referrals=(), marks=frozenset())
        if self.sight.sight == "supervised":
            file = replace(file, referrals=())
        history = tuple(replace(t, values=self._open(t.values)) for t in file.history)
        referrals = tuple(replace(r, sent={}) for r in file.referrals)
        return replace(file, values=self._open(file.values), history=history, referrals=referrals)

    def _open(self, values: Mapping[str, Any]) -> dict[str, Any]:
        fields = self.ready.fields
        return {k: v for k, v in self._known(values).items() if fields[k].group is None}

    def _known(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The answers of which this person may know that they are there: to who only supervises, those that the
        programme names."""
        rule = self.ready.programme.supervision
        shown = (rule.fields if rule is not None else ()) if self.sight.sight == "supervised" else self.ready.fields
        return {k: v for k, v in values.items() if k in self.ready.fields and k in shown}

    def fields(self, values: Mapping[str, Any]) -> tuple[CaseFieldShown, ...]:
        """The fields that are filled in, in the programme's order; those of a restricted group without their text."""
        known = self._known(values)
        return tuple(self.field(id_, known[id_]) for id_ in self.ready.fields if id_ in known)

    def field(self, id_: str, value: Any, *, opened: bool = False) -> CaseFieldShown:
        """One field in words."""
        field = self.ready.fields[id_]
        group = field.group or ""
        return CaseFieldShown(
            id_, field.label or Label(zh=id_), "" if group and not opened else self.words(id_, value), group
        )

    def words(self, id_: str, value: Any) -> str:
        """An answer in words."""
        one = self._made(id_)
        if one is None:
            return str(value)
        if one.type == "group":
            return "；".join(
                "，".join(f"{x.field.words} {KINDS[x.type].show(x, row[x.id])}" for x in one.fields if x.id in row)
                for row in value
            )
        return KINDS[one.type].show(one, value)

    def _made(self, id_: str) -> ReadyField | None:
        for form in self.ready.forms.values():
            for one in form.fields:
                if one.id == id_:
                    return one
        return None

    def groups(self, values: Mapping[str, Any]) -> tuple[GroupShown, ...]:
        """The restricted groups in which something is filled in."""
        found, known = [], self._known(values)
        for id_, group in self._groups.items():
            filled = tuple(f.words for k, f in self.ready.fields.items() if f.group == id_ and k in known)
            if filled:
                found.append(GroupShown(id_, group.label, filled, bool(self.sight.roles & set(group.roles))))
        return tuple(found)

    def may_read(self, group: str) -> bool:
        """Whether this person reads a restricted group."""
        found = self._groups.get(group)
        return found is not None and self.sight.sight == "full" and bool(self.sight.roles & set(found.roles))

    def row(self, row: CaseStep) -> TimelineRow:
        """A step of the timeline."""
        taken, one = keeping.taken_of(row), self.ready.programme
        step = one.step(row.step, row.source)
        label = step.label if step is not None else Label(zh=ANSWERED.get(row.step, row.step))
        values = {k: v for k, v in taken.values.items() if k in self.ready.fields}
        return TimelineRow(
            row.number, row.step, label, stage_label(one, row.source), stage_label(one, row.target), row.at,
            row.by.name if row.by is not None else "系统", role_label(row.role) if row.role else None,
            _unit(row.unit), row.confirmed_by.name if row.confirmed_by is not None else "", self.fields(values),
        )  # fmt: skip

    def steps(self, file: CaseFile) -> tuple[StepOffered, ...]:
        """The steps that this person may take from here, those that move the case first."""
        found: dict[str, StepOffered] = {}
        for doer in self.sight.doers:
            mine = doer.roles | {held(r, x) for r in doer.roles for x in relations(file, doer)}
            for line in self.ready.table.steps_from(file.state):
                step = self.ready.programme.step(line.name, file.state)
                if step is None or not mine & line.roles or (self.sight.sight == "handed" and not step.relations):
                    continue
                found.setdefault(step.do, self._offered(step, file))
        return tuple(sorted(found.values(), key=lambda s: not s.forward))

    def opening(self, step: ProgrammeStep, known: Mapping[str, Any]) -> StepOffered:
        """A step that opens a case, with what is known already."""
        return self._offered(step, CaseFile(self.ready.programme.id, values=known))

    def _offered(self, step: ProgrammeStep, file: CaseFile) -> StepOffered:
        one, form = self.ready.programme, self.ready.forms.get(self.ready.number(step))
        given, values = dict[str, Any](), self._known(file.values)
        for field in form.fields if form is not None else ():
            known = values.get(field.id)
            restricted = field.id in self.ready.fields and self.ready.fields[field.id].group is not None
            if known is not None and not restricted and field.type != "group":
                given[field.id] = KINDS[field.type].stored(known)
        target = step.to or file.state
        second = step.second.roles if step.second is not None else ()
        return StepOffered(
            step.do, step.label, stage_label(one, target), form, given, second,
            file.state == NOTHING or target != file.state, step.note,
        )  # fmt: skip

    def clocks(self, file: CaseFile, now: datetime) -> tuple[ClockShown, ...]:
        """The clocks that have started, then those that the county has given no length."""
        found = []
        for s in clocks(self.ready, file, now):
            end = timezone.make_aware(s.due.at) if s.due is not None else None
            label, origin = _clock(self.ready, s.deadline.id)
            found.append(
                ClockShown(
                    s.deadline.id, label, str(s.state), end, s.days_overdue, origin,
                    s.due is not None and s.due.provisional, at_once(s.deadline),
                )
            )  # fmt: skip
        found += [ClockShown(d.id, d.label, "unset", None, 0, d.origin) for d in unset(self.ready, file)]
        return tuple(found)

    def referrals(
        self, sights: standing.CaseSights, case: KeptCase, file: CaseFile
    ) -> tuple[ReferralShown, ...]:  # fmt: skip
        """The referrals that this person sees: all of a case seen whole, the own unit's of another."""
        if self.sight.sight == "supervised":
            return ()
        units = {d.unit for d in self.sight.doers}
        kept = {r.number: r for r in CaseReferralKept.objects.filter(case=case).select_related("unit")}
        mine = [r for r in file.referrals if self.sight.sight != "handed" or r.unit in units]
        return tuple(self._referral(sights, r, kept.get(r.number), r.unit in units) for r in mine)

    def _referral(
        self, sights: standing.CaseSights, r: CaseReferral, kept: CaseReferralKept | None, receives: bool
    ) -> ReferralShown:  # fmt: skip
        one = programmes.every().get(r.to)
        answers = {"sent": ("accept_referral", "refuse_referral"), "accepted": ("end_referral",)}.get(r.state, ())
        there = ShownCase(programmes.ready(r.to), self.sight) if one is not None else None
        sent = tuple(there.field(k, v) for k, v in r.sent.items() if k in there.ready.fields) if there else ()
        opened = kept.opened if kept is not None else None
        visible = opened is not None and sights.of(opened) is not None
        may = receives and r.state == "accepted" and opened is None and bool(sights.opening(r.to))
        return ReferralShown(
            r.number, r.to, one.label if one is not None else Label(zh=r.to), _unit(r.unit), r.state, STANDS[r.state],
            r.purpose, r.ground, r.transfers, timezone.make_aware(r.at),
            sent, answers if receives else (),
            opened.pk if visible and opened is not None else None, may,
        )  # fmt: skip

    def proposal(self, sights: standing.CaseSights, case: KeptCase) -> ProposalShown | None:
        """The step that waits for a second person, if one does."""
        found = CaseProposal.objects.filter(case=case, seen=case.version).select_related("by").first()
        step = self.ready.programme.step(found.step, case.stage) if found is not None else None
        if found is None or step is None:
            return None
        mine = found.by_id == sights.reach.person.pk
        values = {k: v for k, v in keeping.proposed(found).items() if k in self.ready.fields}
        fields = tuple(CaseFieldShown(k, self.ready.fields[k].label or Label(zh=k), str(v)) for k, v in values.items()
                       if self.ready.fields[k].group is None)  # fmt: skip
        may = not mine and bool(self.sight.roles & set(found.roles))
        return ProposalShown(found.pk, step.do, step.label, found.by.name, found.at, fields, may, mine)


ANSWERED = {"accept_referral": "接收转介", "refuse_referral": "退回转介", "end_referral": "转介办结"}
"""What a receiver answers, in words."""


def _clock(ready: ReadyProgramme, id_: str) -> tuple[Label, str]:
    found: ProgrammeDeadline | None = ready.deadlines.get(id_)
    if found is None:
        return Label(zh=id_), ""
    return found.label, cited(found.source) if found.source is not None else found.origin


def _owners(ready: ReadyProgramme, stage: str) -> tuple[str, ...]:
    found = ready.programme.states.get(stage)
    return found.owners if found is not None else ()


def _relations(file: CaseFile, sight: standing.CaseSight) -> tuple[str, ...]:
    found: set[str] = set()
    for doer in sight.doers:
        found |= relations(file, doer)
    return tuple(sorted(found))


def _left_at(rows: list[CaseStep], ready: ReadyProgramme, sight: standing.CaseSight) -> datetime:
    """The last moment at which one of the units had the case."""
    units, file, last = {d.unit for d in sight.doers}, CaseFile(ready.programme.id), rows[0].at
    for row in rows:
        file = after(ready, file, keeping.taken_of(row))
        last = row.at if file.left not in units else last
        if file.left in units:
            break
    return last


def _unit(id_: str) -> str:
    return Organisation.objects.filter(pk=id_).values_list("label", flat=True).first() or id_


def _person(username: str) -> str:
    return Person.objects.filter(username=username).values_list("name", flat=True).first() or username


def _child(sights: standing.CaseSights, case: KeptCase) -> PersonShown | None:
    if case.child_id is None:
        return None
    found = about.briefs([case.child_id]).get(case.child_id)
    if found is None:
        return None
    may = about.in_sight(sights.reach).filter(pk=found.number).exists()
    return PersonShown(found.number, found.name, found.sex, found.birth_date, found.village, may)


def _origins(sights: standing.CaseSights, case: KeptCase) -> tuple[CaseOrigin, ...]:
    kinds, every = site_pack.pack().entries("records", RecordKind), programmes.every()
    return tuple(
        CaseOrigin(
            kinds[o.kind].label if o.kind in kinds else every[o.kind].label if o.kind in every else Label(zh=o.kind),
            o.at, o.joined,
            o.number if o.origin == RECORD and hearing.may_see(sights.reach, o.number) else 0, o.undone_at,
        )
        for o in case.openings.order_by("pk")
    )  # fmt: skip


def _linked(sights: standing.CaseSights, case: KeptCase) -> tuple[LinkedCase, ...]:
    if case.child_id is None:
        return ()
    own, others = set(about.files_of(case.child_id)), set(about.siblings(case.child_id))
    rows = list(KeptCase.objects.filter(sights.where, child__in=own | others).exclude(pk=case.pk).order_by("-pk")[:50])
    names = about.briefs(r.child_id for r in rows if r.child_id is not None)
    return tuple(
        LinkedCase(
            r.pk, title(r), programmes.ready(r.programme).programme.label,
            stage_label(programmes.ready(r.programme).programme, r.stage), names[r.child_id].name,
            r.child_id in others,
        )
        for r in rows
        if r.child_id is not None and r.programme in programmes.every()
    )  # fmt: skip
