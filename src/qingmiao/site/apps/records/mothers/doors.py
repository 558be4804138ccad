"""The door of mothers' files: registered, corrected, moved out and back, closed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qingmiao.flow import Flow, Guard, Who
from qingmiao.flow import records as flows
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.directory.access import LEAST_WORDS
from qingmiao.site.apps.directory.doors import Doing, Door, next_version, register
from qingmiao.site.apps.records import kinds, naming, sealing
from qingmiao.site.apps.records.models import Relative
from qingmiao.site.apps.records.mothers import merging
from qingmiao.site.apps.records.mothers.given import MotherGiven
from qingmiao.site.apps.records.mothers.models import MotherFile, SameMother

Answers = Mapping[str, Any]


def mother_flow() -> Flow:
    """The flow of a mother's file: its keepers are the roles that say so."""
    return flows.mother(frozenset(id_ for id_, rule in kinds.mothers_rules().items() if rule.keeps))


def twice_filed_flow() -> Flow:
    """The flow of two files that may be of one woman: who keeps such files settles them."""
    return flows.twice_filed(frozenset(id_ for id_, rule in kinds.mothers_rules().items() if rule.keeps))


def _mother_fits(file: MotherFile, answers: Answers, who: Who, at: datetime) -> Decision:
    return YES if answers.get("mother") is not None else no("请填写孕产妇的身份信息")


def _number_free(file: MotherFile, answers: Answers, who: Who, at: datetime) -> Decision:
    said: MotherGiven | None = answers.get("mother")
    marks = sealing.number_marks(said.number if said is not None else merging.numbers_of(file))
    others = MotherFile.objects.filter(relative__number_index__in=marks).exclude(pk=file.pk).exclude(state="merged")
    taken = others.select_related("unit").first()
    return YES if taken is None else no(f"这个证件号码已经建档，由{taken.unit.label}管理；请先查找，不要重复建档")


def _not_twice(file: MotherFile, answers: Answers, who: Who, at: datetime) -> Decision:
    alike = int(answers.get("alike") or 0)
    if alike and len(str(answers.get("reason") or "").strip()) < LEAST_WORDS:
        return no(f"有 {alike} 份档案可能是同一名孕产妇；确实不是的，请写明仍要建档的原因（不少于 {LEAST_WORDS} 个字）")
    return YES


def _survivor_fits(file: MotherFile, answers: Answers, who: Who, at: datetime) -> Decision:
    why = merging.into_fits(file, int(answers.get("into") or 0))
    return no(why) if why else YES


def _of_file(file: MotherFile, doing: Doing) -> dict[str, Any]:
    found = next_version(file, doing)
    said: MotherGiven | None = doing.answers.get("mother")
    if said is not None and doing.step.name in ("register", "amend"):
        found |= {"birth_date": said.birth_date, "area": said.area, "village": said.village}
    if doing.step.name in ("move_out", "return"):
        found["left_to"] = doing.said("to")[:120]
    if doing.step.name in ("merge", "unmerge"):
        found["merged_into_id"] = int(doing.answers["into"]) if doing.step.name == "merge" else None
    return found


def identity_columns(number: int, said: MotherGiven) -> dict[str, Any]:
    """The columns of a woman's row that say who she is, sealed for that row."""
    return {
        "name": said.name, "name_key": naming.key(said.name), "papers": said.papers,
        "number_sealed": sealing.seal(sealing.RELATIVE, sealing.NUMBER, number, said.number),
        "number_index": sealing.number_index(said.number),
        "phone_sealed": sealing.seal(sealing.RELATIVE, sealing.PHONE, number, said.phone),
    }  # fmt: skip


def _registered(file: MotherFile, doing: Doing) -> Mapping[str, Any]:
    """Her identity stands in the row of the grown-up, made with the file or there as a relative of a child."""
    said: MotherGiven = doing.answers["mother"]
    if not Relative.objects.filter(pk=file.pk).exists():
        Relative.objects.create(id=file.pk, made_at=doing.at, **identity_columns(file.pk, said))
    merging.kept(file, doing)
    return {"unit": file.unit_id}


def _amended(file: MotherFile, doing: Doing) -> Mapping[str, Any]:
    """The event names the fields that changed, never what they say."""
    now, changed = identity_columns(file.pk, doing.answers["mother"]), []
    before = Relative.objects.get(pk=file.pk)
    for name, column, opened in (
        ("name", "name", False),
        ("number", "number_sealed", True),
        ("phone", "phone_sealed", True),
    ):
        then, here = getattr(before, column), now[column]
        if opened:
            then, here = (sealing.opened(sealing.RELATIVE, name, file.pk, v) for v in (then, here))
        changed += [name] if then != here else []
    Relative.objects.filter(pk=file.pk).update(**now)
    file.relative.refresh_from_db()
    merging.kept(file, doing)
    return {"changed": changed}


GUARDS: Mapping[str, Guard] = {
    "mother_fits": _mother_fits, "number_free": _number_free, "not_twice": _not_twice,
    "survivor_fits": _survivor_fits,
}  # fmt: skip

register(
    Door(
        MotherFile,
        lambda file: mother_flow(),
        noun="这份孕产妇档案",
        kind="mother",
        action="records.mother",
        unit=lambda file: file.unit,
        guards=GUARDS,
        effects={
            "registered": _registered, "amended": _amended, "merged": merging.merged, "unmerged": merging.unmerged,
        },
        changes=_of_file,
        several=lambda: (mother_flow(),),
    )
)  # fmt: skip

register(
    Door(
        SameMother,
        lambda pair: twice_filed_flow(),
        noun="这一对档案",
        kind="same_mother",
        action="records.mother_pair",
        unit=lambda pair: pair.unit,
        effects={"joined": merging.joined},
        several=lambda: (twice_filed_flow(),),
    )
)
