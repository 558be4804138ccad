"""Do benefits hold together? Programme, states and fields are there and of the right type; standards name a place of
care and never say two amounts for one month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise

from qingmiao.content.benefits import Benefit, BenefitStandard
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.form_fields import resolved
from qingmiao.content.pack import Pack
from qingmiao.content.programme_changes import programmes_of
from qingmiao.content.programme_forms import blocks_of, case_fields
from qingmiao.content.programmes import Programme
from qingmiao.content.roles import all_roles
from qingmiao.kernel.errors import Fault

TYPES = {
    "first_month": ("date",), "last_month": ("date",), "born": ("date",), "changes_from": ("date",),
    "place": ("code",), "less": ("number", "integer"), "account": ("text",),
}  # fmt: skip
"""What a named field must be."""


def check_benefits(pack: Pack) -> Iterator[Fault]:
    """Every benefit's programmes, states, fields, places of care and roles."""
    try:
        every = programmes_of(pack)
    except ValueError:
        return  # `check_changes` says which change does not work
    roles = all_roles(pack)
    for id_, benefit in pack.entries("benefits", Benefit).items():
        yield from _set_by(pack, benefit, every)
        for key in ("pays", "releases"):
            for n, role in enumerate(getattr(benefit, key) if pack.roles else ()):
                if unknown(pack, roles, role):
                    message, hint = f"没有角色「{role}」", near(role, roles)
                    yield fault_at(pack, "benefits", id_, "dangling_id", message, hint, at=(key, n))
        programme = every.get(benefit.programme)
        if programme is None:
            if unknown(pack, every, benefit.programme):
                message, hint = f"没有服务项目「{benefit.programme}」", near(benefit.programme, every)
                yield fault_at(pack, "benefits", id_, "dangling_id", message, hint, at=("programme",))
            continue
        for n, state in enumerate(benefit.paid_in):
            if state not in programme.states:
                message, hint = f"「{programme.label}」没有状态「{state}」", near(state, programme.states)
                yield fault_at(pack, "benefits", id_, "dangling_id", message, hint, at=("paid_in", n))
        fields = case_fields(programme, blocks_of(pack))
        for name, at in benefit.fields():
            if name not in fields:
                message, hint = f"「{programme.label}」没有字段「{name}」", near(name, fields)
                yield fault_at(pack, "benefits", id_, "dangling_id", message, hint, at=at)
            elif (wanted := TYPES.get(at[0], ())) and at[:2] != ("less", "only"):
                kind = resolved(fields[name], pack.facts, pack.codes).type
                if kind not in wanted:
                    message = f"字段「{fields[name].words}」的类型是 {kind}，这里要 {'、'.join(wanted)}"
                    yield fault_at(pack, "benefits", id_, "wrong_type", message, "换一个字段", at=at)


def _set_by(pack: Pack, benefit: Benefit, every: Mapping[str, Programme]) -> Iterator[Fault]:
    """The programme whose cases set the standards has the states and fields that are named."""
    rule, at = benefit.standards, ("standards",)
    if rule is None:
        return
    programme = every.get(rule.programme)
    if programme is None:
        if unknown(pack, every, rule.programme):
            message, hint = f"没有服务项目「{rule.programme}」", near(rule.programme, every)
            yield fault_at(pack, "benefits", benefit.id, "dangling_id", message, hint, at=at)
        return
    fields = case_fields(programme, blocks_of(pack))
    for name in (*rule.only, *rule.amounts.values(), rule.since):
        if name not in fields:
            message, hint = f"「{programme.label}」没有字段「{name}」", near(name, fields)
            yield fault_at(pack, "benefits", benefit.id, "dangling_id", message, hint, at=at)
    for state in rule.set_in:
        if state not in programme.states:
            message, hint = f"「{programme.label}」没有状态「{state}」", near(state, programme.states)
            yield fault_at(pack, "benefits", benefit.id, "dangling_id", message, hint, at=at)
    for care in rule.amounts:
        if care not in benefit.care:
            message, hint = f"「{benefit.label}」没有安置处「{care}」", near(care, benefit.care)
            yield fault_at(pack, "benefits", benefit.id, "dangling_id", message, hint, at=at)


def check_standards(pack: Pack) -> Iterator[Fault]:
    """Every standard's benefit and place of care; two of the same never hold in one month."""
    benefits = pack.entries("benefits", Benefit)
    kept: dict[tuple[str, str], list[tuple[date, date, str]]] = {}
    for key, one in pack.entries("benefit_standards", BenefitStandard).items():
        benefit = benefits.get(one.benefit)
        if benefit is None:
            continue  # the reference is judged with all others
        if one.care not in benefit.care:
            message, hint = f"「{benefit.label}」没有安置处「{one.care}」", near(one.care, benefit.care)
            yield fault_at(pack, "benefit_standards", key, "dangling_id", message, hint, at=("care",))
        first, last = one.valid_from or date.min, one.valid_to or date.max
        if last < first:
            message = f"valid_to（{last}）早于 valid_from（{first}）"
            yield fault_at(pack, "benefit_standards", key, "wrong_value", message, "改日期", at=("valid_to",))
        kept.setdefault((one.benefit, one.care), []).append((first.replace(day=1), last, key))
    for (name, care), spans in kept.items():
        for (_, last, _), (first, _, key) in pairwise(sorted(spans)):
            if first <= last:
                message = f"「{name}」「{care}」在 {first:%Y-%m} 有两个标准"
                hint = "旧标准写 valid_to，到新标准的前一个月"
                yield fault_at(pack, "benefit_standards", key, "overlap", message, hint, at=("valid_from",))
