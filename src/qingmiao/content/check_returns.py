"""Rules over returns: formulas and rules parse, and name cells that exist."""

from __future__ import annotations

from collections.abc import Iterator

from qingmiao.content.expressions import (
    TYPE_WORDS,
    ExpressionError,
    Type,
    check_types,
    expand_rule,
    parse,
    rule_cells,
    rule_text,
)
from qingmiao.content.pack import Pack
from qingmiao.content.returns import Return, expand
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.errors import Fault


def check_returns(pack: Pack) -> Iterator[Fault]:
    """Every return of the pack."""
    for return_ in pack.returns.values():
        has_level = any(a.level is AreaLevel(return_.level) for a in pack.areas.values())
        if pack.plan is not None and not has_level and not pack.lent:
            message = f"没有{AreaLevel(return_.level).label}地区可填报"
            yield _fault(pack, return_, ("level",), "wrong_value", message, "检查 level")
        types: dict[str, Type] = dict.fromkeys(return_.cells, "number")
        types |= {f"last.{c}": "number" for c in return_.cells}
        for index, computed in enumerate(return_.computed):
            if not expand(computed.cell, return_):
                yield _fault(pack, return_, ("computed", index), "unknown_cell", f"计算格「{computed.cell}」不存在")
            yield from _expression(pack, return_, ("computed", index), computed.formula, types, "number")
        for index, rule in enumerate(return_.rules):
            yield from _expression(pack, return_, ("rules", index), rule.check, types, "boolean")


def _expression(
    pack: Pack, return_: Return, at: tuple[str, int], text: str, types: dict[str, Type], wanted: Type
) -> Iterator[Fault]:
    place = f"{at[0]}[{at[1] + 1}]"
    unknown = [c for c in rule_cells(text) if not expand(c, return_)]
    if unknown:
        yield _fault(
            pack, return_, at, "unknown_cell", f"{place} 提到没有的单元格 {'、'.join(unknown)}", "检查行、列代码"
        )
        return
    try:
        for one in expand_rule(text, [r.code for r in return_.rows], [c.code for c in return_.columns]):
            kind = check_types(parse(rule_text(one)), types)
            if kind not in (wanted, "null"):
                yield _fault(
                    pack,
                    return_,
                    at,
                    "wrong_type",
                    f"{place}「{one}」的结果应为{TYPE_WORDS[wanted]}，却是{TYPE_WORDS[kind]}",
                )
                return
    except ExpressionError as e:
        yield _fault(pack, return_, at, "expression", f"{place}：{e.message}", e.hint)


def _fault(pack: Pack, return_: Return, at: tuple[str | int, ...], code: str, message: str, hint: str = "") -> Fault:
    where = pack.place("returns", return_.id)
    return Fault(where.file, where.at(*at), code, message, place=return_.id, hint=hint)
