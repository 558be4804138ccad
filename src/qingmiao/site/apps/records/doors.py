"""The doors of children's files, of charges and of pairs of files: who may, what must hold, what each step sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from qingmiao.flow import NOTHING, Flow, Guard, Who
from qingmiao.flow import records as flows
from qingmiao.kernel.areas import lies_in
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.directory.access import LEAST_WORDS
from qingmiao.site.apps.directory.doors import Doing, Door, Effect, next_version, register
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.records import due_counting, filing, kinds, merging
from qingmiao.site.apps.records.event_models import Charge, SameChild
from qingmiao.site.apps.records.models import Child

Answers = Mapping[str, Any]


def child_flow() -> Flow:
    """The flow of a file: its keepers and settlers are the roles that say so."""
    return flows.child(kinds.roles_that(lambda r: r.keeps), kinds.roles_that(lambda r: r.settles))


def charge_flow() -> Flow:
    """The flow of a charge."""
    return flows.charge(kinds.roles_that(lambda r: r.charges))


def twins_flow() -> Flow:
    """The flow of two files that may be of one child."""
    return flows.twins(kinds.roles_that(lambda r: r.settles))


def _identity_fits(child: Child, answers: Answers, who: Who, at: datetime) -> Decision:
    said = answers.get("identity")
    return YES if said is not None else no("请填写儿童的身份信息")


def _number_free(child: Child, answers: Answers, who: Who, at: datetime) -> Decision:
    taken = filing.number_taken(child, answers.get("identity"))
    return YES if taken is None else no(filing.taken_words(taken))


def _not_twice(child: Child, answers: Answers, who: Who, at: datetime) -> Decision:
    alike = int(answers.get("alike") or 0)
    if alike and len(str(answers.get("reason") or "").strip()) < LEAST_WORDS:
        return no(f"有 {alike} 份档案可能是同一名儿童；确实不是的，请写明仍要建档的原因（不少于 {LEAST_WORDS} 个字）")
    return YES


def _stay_fits(child: Child, answers: Answers, who: Who, at: datetime) -> Decision:
    stays = answers.get("stays") or ()
    if not stays:
        return no("请填写住址或户籍地")
    early = [s for s in stays if s.from_date < child.birth_date]
    return no("住址的开始日期早于出生日期") if early else YES


def _attendance_fits(child: Child, answers: Answers, who: Who, at: datetime) -> Decision:
    said = answers.get("attendance")
    if said is None:
        return no("请填写就读的学校和班级")
    if said.school_unit and not Organisation.objects.filter(pk=said.school_unit, is_active=True).exists():
        return no("请选择学校（托育机构、幼儿园）")
    return no("就读的开始日期早于出生日期") if said.from_date < child.birth_date else YES


def _relative_fits(child: Child, answers: Answers, who: Who, at: datetime) -> Decision:
    return YES if answers.get("relative") is not None else no("请填写亲属的姓名和关系")


def _receiver_fits(child: Child, answers: Answers, who: Who, at: datetime) -> Decision:
    unit = Organisation.objects.filter(pk=answers.get("unit") or "", is_active=True).first()
    if unit is None or unit.pk == child.unit_id:
        return no("请选择接收档案的另一个单位")
    return YES


def _left_fits(child: Child, answers: Answers, who: Who, at: datetime) -> Decision:
    on: date | None = answers.get("on")
    if on is None or not child.birth_date <= on <= timezone.localdate(at):
        return no("请写明日期：不早于出生日期，不晚于今天")
    return YES


def _survivor_fits(child: Child, answers: Answers, who: Who, at: datetime) -> Decision:
    into = Child.objects.filter(pk=answers.get("into") or 0).first()
    if into is None or into.pk == child.pk or into.state in ("merged", "void"):
        return no("请选择要并入的另一份在册档案")
    if into.sex != child.sex or abs((into.birth_date - child.birth_date).days) > 370:
        return no("两份档案的性别或出生日期差得太多；确是同一名儿童的，请先更正身份信息")
    return YES


def _unused(child: Child, answers: Answers, who: Who, at: datetime) -> Decision:
    return no("建档以后又有别的登记，不能撤销建档；确实建错的，请合并或者更正") if filing.used_since(child) else YES


def _charge_fits(charge: Charge, answers: Answers, who: Who, at: datetime) -> Decision:
    unit = charge.person.organisation
    if charge.person.username == who.id:
        return no("不能给自己指定负责范围")
    if charge.school_unit_id:
        return YES if charge.school_unit_id == unit.pk else no("只能指定本单位的班级")
    return YES if lies_in(charge.area, unit.area_id) else no("村（社区）不在本单位的地区内")


GUARDS: Mapping[str, Guard] = {
    "identity_fits": _identity_fits, "number_free": _number_free, "not_twice": _not_twice, "stay_fits": _stay_fits,
    "attendance_fits": _attendance_fits, "relative_fits": _relative_fits, "receiver_fits": _receiver_fits,
    "left_fits": _left_fits, "survivor_fits": _survivor_fits, "unused": _unused,
}  # fmt: skip


def _attending(child: Child, doing: Doing) -> dict[str, Any]:
    said = doing.answers.get("attendance")
    if said is None:
        return {}
    going = bool(said.school_unit)
    return {
        "school_unit_id": said.school_unit or None,
        "school_class": said.school_class if going else "",
        "grade": said.grade if going else "",
    }


COLUMNS: Mapping[str, Callable[[Child, Doing], dict[str, Any]]] = {
    "registered": lambda child, doing: {
        **filing.identity_columns(child.pk, doing.answers["identity"]),
        **filing.present_stay(doing.answers.get("stays")),
        **_attending(child, doing),
    },
    "amended": lambda child, doing: filing.identity_columns(child.pk, doing.answers["identity"]),
    "stayed": lambda child, doing: filing.present_stay(doing.answers.get("stays")),
    "attended": _attending,
    "handed_over": lambda child, doing: {"unit_id": doing.answers["unit"]},
    "left": lambda child, doing: {"left_date": doing.answers["on"], "left_to": doing.said("to")[:120]},
    "returned": lambda child, doing: {"left_date": None, "left_to": ""},
    "merged": lambda child, doing: {"merged_into_id": doing.answers["into"], "left_date": None},
    "unmerged": lambda child, doing: {"merged_into_id": None},
}


def _counted(effect: Effect | None = None) -> Effect:
    """The effect, and then what is due of the child is counted anew."""

    def both(child: Child, doing: Doing) -> Mapping[str, Any] | None:
        more = effect(child, doing) if effect is not None else None
        due_counting.count_again(child)
        return more

    return both


def _changes(child: Child, doing: Doing) -> dict[str, Any]:
    found = next_version(child, doing)
    if "unmerged" in doing.step.effects and child.merged_into is not None:
        transaction.on_commit(partial(due_counting.count_again, child.merged_into))  # it loses records
    for name in doing.step.effects:
        found |= COLUMNS[name](child, doing) if name in COLUMNS else {}
    return found


register(
    Door(
        Child,
        lambda child: child_flow(),
        noun="这份档案",
        kind="child",
        action="records.child",
        unit=lambda child: child.unit,
        guards=GUARDS,
        effects={
            "registered": _counted(filing.registered), "amended": _counted(filing.amended),
            "stayed": _counted(filing.stayed), "attended": _counted(filing.attended), "related": filing.related,
            "parted": filing.parted, "left": _counted(), "returned": _counted(), "merged": _counted(merging.merged),
            "unmerged": _counted(merging.unmerged), "voided": _counted(),
        },
        changes=_changes,
        several=lambda: (child_flow(),),
    )
)  # fmt: skip

register(
    Door(
        SameChild,
        lambda pair: twins_flow(),
        noun="这一对档案",
        kind="same_child",
        action="records.pair",
        unit=lambda pair: pair.unit,
        effects={"joined": merging.joined},
        several=lambda: (twins_flow(),),
    )
)

register(
    Door(
        Charge,
        lambda charge: charge_flow(),
        noun="这项负责范围",
        kind="charge",
        action="records.charge",
        unit=lambda charge: charge.person.organisation,
        guards={"charge_fits": _charge_fits},
        changes=lambda charge, doing: {
            **next_version(charge, doing),
            **({} if doing.step.source == NOTHING else {"to_date": timezone.localdate(doing.at)}),
        },
        several=lambda: (charge_flow(),),
    )
)
