"""Definitions in words, for people who ask where a number comes from."""

from __future__ import annotations

from qingmiao.content.indicators import Aggregate, Combine, Definition, Indicator
from qingmiao.content.pack import Pack


def formula_of(indicator: Indicator, definition: Definition | None, origin: str) -> str:
    """How a value is made, in one line."""
    if origin == "series" or definition is None:
        return "采用公布的数值"
    if definition.combine is not None:
        return _combine(definition.combine)
    if definition.denominator is None:
        return "分子" + (f" × {indicator.multiplier:g}" if indicator.multiplier else "")
    return f"分子 × {indicator.factor:g} ÷ 分母" if indicator.factor != 1 else "分子 ÷ 分母"


def _combine(combine: Combine) -> str:
    over = (
        f"按「{combine.by}」各组"
        if combine.by is not None
        else f"各{combine.by_level.label if combine.by_level else ''}"
    )
    if combine.op == "difference":
        return f"指标 {combine.of} 的「{combine.first}」组减「{combine.second}」组（{combine.by}）"
    word = {"spread": "最高减最低", "minimum": "最低值", "maximum": "最高值"}[combine.op]
    return f"指标 {combine.of} {over}的{word}"


def side_formula(pack: Pack, definition: Definition, key: str) -> str:
    """One side of a definition: what is counted or added, where, under which condition."""
    aggregate: Aggregate | None = definition.numerator if key == "numerator" else definition.denominator
    if aggregate is None:
        return ""
    source = definition.source_of(aggregate)
    if aggregate.cells is not None:
        return f"报表 {source.removeprefix('return:')} 的单元格 {' + '.join(aggregate.cells)}".replace("+ -", "− ")
    where = f"，条件：{aggregate.where}" if aggregate.where else ""
    newest = ""
    if definition.latest is not None and source == definition.source:
        asked = f"（{definition.latest.where}）" if definition.latest.where else ""
        newest = f"，每个 {definition.latest.per} 每年只取 {definition.latest.order} 最新的一行{asked}"
    table = f"{pack.facts[source].label.zh}（{source}）" if source in pack.facts else source
    if aggregate.sum is not None:
        what = f"{aggregate.sum} 之和"
    elif aggregate.distinct is not None:
        what = f"不同 {aggregate.distinct} 的个数"
    else:
        what = "行数" if aggregate.count in ("*", None) else f"{aggregate.count} 不缺失的行数"
    return f"{table}：{what}{where}{newest}"
