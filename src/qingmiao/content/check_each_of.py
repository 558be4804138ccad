"""Can a case be opened for every entry of a register? The register, its kinds and fields are there, and what they fill
in is asked where a case is opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.pack import Pack
from qingmiao.content.programme_parts import CaseField
from qingmiao.content.programmes import Programme
from qingmiao.content.register_forms import register_form
from qingmiao.content.registers import RegisterKind
from qingmiao.kernel.errors import Fault


def check_each_of(pack: Pack, one: Programme, fields: Mapping[str, CaseField]) -> Iterator[Fault]:
    """The `each_of` of a programme; without `same` nothing says which entries have their case already."""
    rule = one.each_of
    if rule is None:
        return

    def fault(message: str, hint: str, *at: str | int, code: str = "dangling_id", subject: str = "") -> Fault:
        return fault_at(pack, "programmes", one.id, code, message, hint, at=("each_of", *at), subject=subject)

    if one.same is None:
        yield fault(
            "写了 each_of，没有写 same：说不出哪些已经受理过", "写 same（什么时候是同一件事）", code="wrong_value"
        )
    registers = pack.entries("registers", RegisterKind)
    kind = registers.get(rule.entries)
    if kind is None:
        if unknown(pack, registers, rule.entries):
            hint = near(rule.entries, registers)
            yield fault(f"没有登记册「{rule.entries}」", hint, "entries", subject=f"registers/{rule.entries}")
        return
    if kind.of == "person":
        yield fault(
            f"登记册「{kind.label}」登记的是人员，不能逐条受理", "写登记地方的登记册", "entries", code="wrong_type"
        )
    theirs = {f.id for f in register_form(kind).fields}
    kinds = {o.code for o in kind.kinds}
    for n, code in enumerate(rule.kinds):
        if code not in kinds:
            yield fault(f"登记册「{kind.label}」没有类别「{code}」", near(code, kinds), "kinds", n)
    asked = [set(s.fields) for s in one.steps if s.opens and s.roles]
    for ours, called in rule.fields.items():
        if ours not in fields:
            yield fault(f"没有字段「{ours}」", near(ours, fields), "fields", ours)
        elif not any(ours in step for step in asked):
            yield fault(
                f"字段「{fields[ours].words}」不是人工受理时填的",
                "写受理环节的 asks、may 里的字段",
                "fields",
                ours,
                code="wrong_value",
            )
        if called not in theirs:
            yield fault(f"登记册「{kind.label}」没有字段「{called}」", near(called, theirs), "fields", ours)
