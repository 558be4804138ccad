"""Does what opens a case by itself hold together? The record or programme is there, every field on both sides, the step
is one that the system may take, and everything that it must be told is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qingmiao.content.check_forms import check_form
from qingmiao.content.check_records import field_types, fields_of
from qingmiao.content.expressions import TYPE_WORDS, ExpressionError, Type, check_types, parse
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.form_fields import expression_type, resolved
from qingmiao.content.forms import FormField
from qingmiao.content.pack import Pack
from qingmiao.content.person_words import person_text
from qingmiao.content.programme_forms import blocks_of, case_fields, case_text, case_types, step_fields
from qingmiao.content.programme_openings import GIVEN, OpeningRule
from qingmiao.content.programmes import Programme
from qingmiao.content.records import RecordKind
from qingmiao.kernel.errors import Fault

Slip = tuple[str, str, str, tuple[str | int, ...]]
"""Kind of fault, message, hint, place within the rule."""


def check_openings(pack: Pack, one: Programme, every: Mapping[str, Programme]) -> Iterator[Fault]:
    """Everything that opens cases of a programme by itself. Of a part of a pack that names what is elsewhere nothing is
    said."""
    for n, rule in enumerate(one.opened_by):
        there = _origin(pack, rule, every)
        slips = _of_origin(pack, rule, every) if there is None else _slips(pack, one, rule, *there)
        for kind, message, hint, at in slips:
            yield fault_at(pack, "programmes", one.id, kind, message, hint, at=("opened_by", n, *at))


Origin = tuple[Mapping[str, FormField], Mapping[str, Type]]
"""Fields that may be taken over, and what expressions read."""


def _origin(pack: Pack, rule: OpeningRule, every: Mapping[str, Programme]) -> Origin | None:
    """What a rule reads; None where its record or programme is not there, or is at fault itself."""
    if rule.programme is not None:
        other = every.get(rule.programme)
        if other is None or rule.on not in {*other.states, *(s.do for s in other.steps)}:
            return None
        fields = case_fields(other, blocks_of(pack))
        return {k: resolved(f, pack.facts, pack.codes) for k, f in fields.items()}, case_types(pack, other)
    kind = pack.entries("records", RecordKind).get(rule.record or "")
    form = pack.forms.get(kind.form) if kind is not None else None
    if form is None or any(True for _ in check_form(pack, form)):
        return None
    found = fields_of(pack, form)
    return found, field_types(found)


def _of_origin(pack: Pack, rule: OpeningRule, every: Mapping[str, Programme]) -> Iterator[Slip]:
    kinds = pack.entries("records", RecordKind)
    if rule.record is not None and unknown(pack, kinds, rule.record):
        yield "dangling_id", f"没有记录「{rule.record}」", near(rule.record, kinds), ("record",)
    if rule.programme is not None and unknown(pack, every, rule.programme):
        yield "dangling_id", f"没有服务项目「{rule.programme}」", near(rule.programme, every), ("programme",)
    elif rule.programme is not None and rule.programme in every and rule.on is not None:
        other = every[rule.programme]
        known = {*other.states, *(s.do for s in other.steps)}
        if rule.on not in known:
            yield "dangling_id", f"「{other.label}」没有环节或状态「{rule.on}」", near(rule.on, known), ("on",)


def _slips(
    pack: Pack, one: Programme, rule: OpeningRule, there: Mapping[str, FormField], types: Mapping[str, Type]
) -> Iterator[Slip]:
    if rule.when is not None and (why := _kind(rule, rule.when, types, ("boolean", "null"))):
        yield "expression", why, "", ("when",)
    opening = [s for s in one.steps if s.opens]
    step = next((s for s in opening if s.do == rule.step), None)
    if step is None:
        yield "dangling_id", f"没有受理新个案的环节「{rule.step}」", near(rule.step, [s.do for s in opening]), ("step",)
        return
    if not step.job:
        yield "wrong_value", f"环节「{step.label}」由系统办，要写 job: true", "在那个环节写 job: true", ("step",)
    if step.second is not None:
        yield "wrong_value", f"环节「{step.label}」要第二人确认，系统不能办", "用另一个受理环节", ("step",)
    asked = {f.id: resolved(f, pack.facts, pack.codes) for f in step_fields(one, blocks_of(pack), step)}
    for name in rule.fields:
        if name not in asked:
            yield "dangling_id", f"环节「{step.label}」不填字段「{name}」", near(name, asked), ("fields", name)
        elif why := _unlike(rule, name, asked[name], there, types):
            yield "wrong_type", why, "两边用同样的类型和代码，或者写表达式换成这边的", ("fields", name)
    for name, field in asked.items():
        told = name in rule.fields or field.given in GIVEN
        if field.always_required and field.show_if is None and not told:
            message = f"环节「{step.label}」必须填「{field.words}」，自动受理时没有写它从哪里来"
            yield "missing_value", message, "写进 fields，或者换一个必填少的受理环节", ("fields",)


def _unlike(
    rule: OpeningRule, name: str, field: FormField, there: Mapping[str, FormField], types: Mapping[str, Type]
) -> str:
    """Why a field cannot hold what it gets; "" where it can."""
    bare, wanted = rule.bare(name), expression_type(field)
    if bare is not None and bare not in there:
        return f"对方没有字段「{bare}」"
    if bare is None:
        return _kind(rule, rule.fields[name], types, (wanted, "null") if wanted is not None else ())
    other = there[bare]
    ours, theirs = {o.code for o in field.options}, {o.code for o in other.options}
    same = expression_type(other) == wanted or (other.type == "computed" and types.get(bare) == wanted)
    if not same or wanted is None or "group" in (field.type, other.type):
        return f"「{field.words}」和对方的「{other.words}」类型不同"
    listed = field.codes is not None and field.codes == other.codes
    if field.type == "code" and not (other.type == "code" and (listed or theirs <= ours)):
        return f"「{field.words}」没有对方「{other.words}」的全部代码"
    return ""


def _kind(rule: OpeningRule, text: str, types: Mapping[str, Type], wanted: tuple[Type, ...]) -> str:
    """What is wrong with an expression over what was filled in there; "" where nothing is."""
    try:
        kind = check_types(parse(person_text(text) if rule.record is not None else case_text(text)), types)
    except ExpressionError as e:
        return e.message
    if kind in wanted:
        return ""
    return f"「{text}」的结果是{TYPE_WORDS[kind]}" + (
        f"，应为{TYPE_WORDS[wanted[0]]}" if wanted else "，这里不能写表达式"
    )
