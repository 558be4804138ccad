"""Rules over fact tables: code lists exist, expressions fit, norms and their inputs exist."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from qingmiao.content.expressions import TYPE_WORDS, ExpressionError, Type, check_types, parse
from qingmiao.content.facts import Derived, Fact
from qingmiao.content.faults import near
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault
from qingmiao.standards import derivations

_TYPES: dict[str, Type] = {
    "text": "text",
    "code": "text",
    "area": "text",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
}


def column_types(fact: Fact) -> dict[str, Type]:
    """The expression type of every stored and derived column."""
    types = {n: _TYPES[c.type] for n, c in fact.columns.items()}
    return types | {n: _TYPES[d.type] for n, d in fact.derived.items()}


def check_facts(pack: Pack) -> Iterator[Fault]:
    """Every fact table's code lists, derived columns and row checks."""
    for fact in pack.facts.values():
        types = {n: _TYPES[c.type] for n, c in fact.columns.items()}
        for name, derived in fact.derived.items():
            yield from _check_derived(pack, fact, name, derived, types)
            types[name] = _TYPES[derived.type]
        for n, check in enumerate(fact.checks):
            yield from _expression(pack, fact, f"checks.{check.id}", check.check, types, "boolean", n)


def _check_derived(pack: Pack, fact: Fact, name: str, derived: Derived, types: dict[str, Type]) -> Iterator[Fault]:
    place = f"derived.{name}"
    if derived.expr is not None:
        yield from _expression(pack, fact, place, derived.expr, types, _TYPES[derived.type])
    elif derived.bands is not None:
        if types.get(derived.bands.of) != "number":
            yield _fault(
                pack,
                fact,
                place,
                "unknown_column",
                f"bands 的列「{derived.bands.of}」不存在或不是数",
                near(derived.bands.of, types),
            )
    elif derived.previous is not None:
        for column in (derived.previous.of, derived.previous.per):
            if column not in types:
                yield _fault(pack, fact, place, "unknown_column", f"没有列「{column}」", near(column, types))
    elif derived.scored is not None:
        yield from _check_norm(pack, fact, place, derived, types)


def _check_norm(pack: Pack, fact: Fact, place: str, derived: Derived, types: dict[str, Type]) -> Iterator[Fault]:
    assert derived.scored is not None
    scored = derived.scored
    norms = derivations()
    if scored.norm not in norms:
        yield _fault(pack, fact, place, "dangling_id", f"没有标准「{scored.norm}」", near(scored.norm, norms))
        return
    norm = norms[scored.norm]
    if scored.output not in norm.outputs:
        yield _fault(
            pack,
            fact,
            place,
            "dangling_id",
            f"标准 {scored.norm} 没有结果「{scored.output}」",
            near(scored.output, norm.outputs),
        )
    elif _TYPES[norm.outputs[scored.output]] != _TYPES[derived.type]:
        yield _fault(pack, fact, place, "wrong_type", f"结果 {scored.output} 的类型应写 {norm.outputs[scored.output]}")
    for wanted in norm.inputs:
        column = scored.inputs.get(wanted, wanted)
        if column not in types:
            yield _fault(
                pack,
                fact,
                place,
                "unknown_column",
                f"标准 {scored.norm} 要 {wanted}，没有列「{column}」",
                f"写 inputs: {{{wanted}: 列名}}",
            )
    for given in scored.inputs:
        if given not in (*norm.inputs, *norm.optional):
            yield _fault(
                pack,
                fact,
                place,
                "unknown_key",
                f"标准 {scored.norm} 没有输入「{given}」",
                near(given, (*norm.inputs, *norm.optional)),
            )
        elif scored.inputs[given] not in types:
            yield _fault(
                pack,
                fact,
                place,
                "unknown_column",
                f"没有列「{scored.inputs[given]}」",
                near(scored.inputs[given], types),
            )


def _expression(
    pack: Pack,
    fact: Fact,
    place: str,
    text: str,
    types: dict[str, Type],
    wanted: Type,
    row: int | None = None,
) -> Iterator[Fault]:
    """`row` is the position of a row check in its list."""
    at = place.split(".") if row is None else ["checks", row]
    line = pack.place("facts", fact.id).at(*at)
    try:
        kind = check_types(parse(text), types)
    except ExpressionError as e:
        yield replace(_fault(pack, fact, place, "expression", e.message, e.hint), line=line)
        return
    if kind not in (wanted, "null"):
        message, hint = f"表达式「{text}」的结果类型不对", f"应为{TYPE_WORDS[wanted]}，却是{TYPE_WORDS[kind]}"
        yield replace(_fault(pack, fact, place, "wrong_type", message, hint), line=line)


def _fault(pack: Pack, fact: Fact, place: str, code: str, message: str, hint: str = "", *, subject: str = "") -> Fault:
    where = pack.place("facts", fact.id)
    line = where.at(*place.split("."))
    return Fault(where.file, line, code, message, place=f"{fact.id}.{place}", hint=hint, subject=subject)
