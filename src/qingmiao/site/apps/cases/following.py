"""What follows a step beside the case itself: what is to be done, who is told, which files it brought."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils import timezone

from qingmiao.casework.deciding import OpenedTask, StepOutcome
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.base import Label
from qingmiao.forms.kinds import KINDS, FileField
from qingmiao.forms.ready import ReadyField
from qingmiao.site.apps.cases import parties, programmes
from qingmiao.site.apps.cases.models import CaseDocument, CaseParty, CaseToDo, KeptCase
from qingmiao.site.apps.cases.showing import title
from qingmiao.site.apps.directory.doors import Doing
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.notices import api as notices

VERIFY = "_opened"
"""The to-do by which a case that opened by itself is looked at (no programme's task begins so)."""
VERIFY_LABEL = Label(zh="核实系统自动受理的个案", en="Look at a case that was opened by the system")


def follow(case: KeptCase, ready: ReadyProgramme, outcome: StepOutcome, doing: Doing) -> None:
    """Everything that a step lets follow, in its transaction. Nothing that was filled in is told."""
    taken = outcome.case.history[-1]
    if doing.person is not None:
        CaseToDo.objects.filter(case=case, name=VERIFY, done_at=None).update(done_at=doing.at, done_by=doing.person)
    for opened in outcome.tasks:
        _to_do(case, opened, doing)
    if case.state != "open":
        CaseToDo.objects.filter(case=case, done_at=None).update(done_at=doing.at)
    _documents(case, ready, outcome, doing)
    if taken.source != taken.target and case.state == "open":
        _tell_owners(case, ready, doing)
    for referral in outcome.referrals:
        if referral.unit:
            roles = programmes.named().get(referral.to, frozenset())
            people = notices.of_unit(referral.unit, roles)
            tell(case, people, "cases.refer", "有个案转到您单位，请接收", by=doing.person)
    if taken.referral:
        word = {"accept_referral": "已接收", "refuse_referral": "已退回", "end_referral": "已办结"}[taken.step]
        people = notices.of_unit(str(case.owner_id), programmes.owning().get(case.programme, frozenset()))
        tell(case, people, f"cases.{taken.step}", f"您单位转出的个案，对方{word}", by=doing.person)


def tell(case: KeptCase, people: Iterable[Person], kind: str, sentence: str, *, by: Person | None = None) -> int:
    """Tell people of a case: its number and one sentence, no name and nothing that was filled in."""
    said = notices.NoticeText(kind, f"{title(case)}：{sentence}", f"/cases/{case.pk}", f"case {case.pk} {case.version}")
    return notices.tell(people, said, by=by)


def people_of(case: KeptCase, roles: Iterable[str]) -> Iterator[Person]:
    """Whoever holds one of the roles at a unit that sees the case whole."""
    wanted = frozenset(roles)
    for unit in CaseParty.objects.filter(case=case, sight="full").values_list("unit", flat=True):
        yield from notices.of_unit(unit, wanted)


def _tell_owners(case: KeptCase, ready: ReadyProgramme, doing: Doing) -> None:
    state = ready.programme.states.get(case.stage)
    if state is not None and state.owners:
        stands = f"现在是“{state.label.zh}”"
        sentence = f"有危险，{stands}，请马上办理" if case.danger else f"{stands}，等您单位办理"
        tell(case, people_of(case, state.owners), "cases.step", sentence, by=doing.person)


def _to_do(case: KeptCase, opened: OpenedTask, doing: Doing) -> None:
    """The unit: the owner where its people may hold the role, else another that sees the case, else the nearest."""
    role, day = opened.task.by, timezone.localdate(doing.at)
    seeing = list(CaseParty.objects.filter(case=case, sight="full").order_by("-owner", "pk").select_related("unit"))
    unit = next((p.unit_id for p in seeing if p.unit.kind in parties.kinds_of(role)), None)
    unit = unit or next(iter(parties.nearest(role, case.area)), None)
    due = opened.within.after(day) if opened.within is not None else None
    CaseToDo.objects.bulk_create(
        [CaseToDo(case=case, name=opened.task.id, role=role, unit_id=unit, due_date=due, opened_at=doing.at)],
        ignore_conflicts=True,
    )


def _documents(case: KeptCase, ready: ReadyProgramme, outcome: StepOutcome, doing: Doing) -> None:
    """The files that the step's answers hold, so that the shelf keeps them and the page lists them."""
    taken = outcome.case.history[-1]
    step = ready.programme.step(taken.step, taken.source)
    form = ready.forms.get(ready.number(step)) if step is not None else None
    found = [x for f in form.fields for x in _files(f, taken.values.get(f.id))] if form is not None else []
    CaseDocument.objects.bulk_create(
        CaseDocument(
            case=case, step=case.version, field=f.id, key=key, label=f.field.words[:120], by=doing.person, at=doing.at
        )
        for f, key in found
    )  # fmt: skip


def _files(field: ReadyField, value: object) -> Iterator[tuple[ReadyField, str]]:
    if field.type == "group" and isinstance(value, tuple):
        for row in value:
            for inner in field.fields:
                yield from _files(inner, row.get(inner.id))
    elif isinstance(KINDS[field.type], FileField) and isinstance(value, str):
        yield field, value
