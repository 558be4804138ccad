"""Do schedules name grades that there are, and do their conditions read what is known of a child?"""

from __future__ import annotations

from collections.abc import Iterator

from qingmiao.content.check_records import CHILD_COLUMNS, field_types, fields_of
from qingmiao.content.expressions import TYPE_WORDS, ExpressionError, Type, check_types, parse
from qingmiao.content.faults import fault_at, near
from qingmiao.content.form_codes import codes_of
from qingmiao.content.pack import Pack
from qingmiao.content.person_words import person_text
from qingmiao.content.records import RecordKind
from qingmiao.content.schedules import ChangedBy, Schedule
from qingmiao.kernel.errors import Fault

GRADES = "grade"
"""The code list of grades."""


def check_schedules(pack: Pack) -> Iterator[Fault]:
    """Every schedule of the pack; that its kinds exist is said by the registry."""
    kinds = pack.entries("records", RecordKind)
    grades = pack.codes.get(GRADES)
    for schedule in pack.entries("schedules", Schedule).values():
        strange = [k for k in schedule.every_kind() if k in kinds and kinds[k].subject != schedule.subject]
        if strange:
            message = f"时间表「{schedule.id}」和记录「{strange[0]}」说的不是同一种人（subject）"
            yield fault_at(
                pack, "schedules", schedule.id, "wrong_value", message, "改 subject 或 kinds", at=("subject",)
            )
        for n, change in enumerate(schedule.changed_by):
            if change.kind in kinds:
                yield from _changed_by(pack, schedule, change, kinds[change.kind], n)
        for n, item in enumerate(schedule.items):
            for m, grade in enumerate(item.grades if grades is not None else ()):
                if grades is not None and grade not in grades.codes:
                    message, place = f"代码表 {GRADES} 里没有「{grade}」", ("items", n, "grades", m)
                    yield fault_at(
                        pack, "schedules", schedule.id, "dangling_id", message, near(grade, grades.codes), at=place
                    )
            if item.only_if is None:
                continue
            try:
                kind = check_types(parse(person_text(item.only_if)), CHILD_COLUMNS)
                if kind not in ("boolean", "null"):
                    raise ExpressionError(f"「{item.only_if}」的结果是{TYPE_WORDS[kind]}，应为真假")
            except ExpressionError as e:
                at = ("items", n, "only_if")
                yield fault_at(pack, "schedules", schedule.id, "expression", e.message, e.hint, at=at)


def _changed_by(pack: Pack, schedule: Schedule, change: ChangedBy, kind: RecordKind, n: int) -> Iterator[Fault]:
    """The fields are of the record's form and of the right type, the codes are of the field."""
    form = pack.forms.get(kind.form)
    if form is None:
        return
    fields = fields_of(pack, form)
    types = field_types(fields)
    wanted: dict[str, tuple[str | None, Type]] = {
        "field": (change.field, "text"), "vaccine": (change.vaccine, "text"), "until": (change.until, "date"),
    }  # fmt: skip
    for name, (field, type_) in wanted.items():
        if field is not None and (field not in fields or types.get(field) != type_):
            right = [f for f in fields if types.get(f) == type_]
            message = f"记录「{kind.id}」的表单里没有{TYPE_WORDS[type_]}字段「{field}」"
            at = ("changed_by", n, name)
            yield fault_at(pack, "schedules", schedule.id, "dangling_id", message, near(field, right), at=at)
    codes = codes_of(fields[change.field]) if change.field in fields else ()
    for m, code in enumerate(change.said if codes else ()):
        if code not in codes:
            message, hint, here = (
                f"字段「{change.field}」没有代码「{code}」",
                near(code, codes),
                ("changed_by", n, "said", m),
            )
            yield fault_at(pack, "schedules", schedule.id, "dangling_id", message, hint, at=here)
