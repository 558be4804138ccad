"""Rules over indicators: what they implement exists, their facts, columns, cells, leads, breakdowns and references
resolve."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from qingmiao.content.check_facts import column_types
from qingmiao.content.expressions import TYPE_WORDS, ExpressionError, Type, check_types, parse
from qingmiao.content.facts import Fact
from qingmiao.content.faults import near, unknown
from qingmiao.content.indicators import Aggregate, Definition, Indicator
from qingmiao.content.pack import Pack
from qingmiao.content.reading import RETURN_PREFIX
from qingmiao.content.returns import Return
from qingmiao.kernel.errors import Fault


def check_indicators(pack: Pack) -> Iterator[Fault]:
    """Every indicator of the pack."""
    elements = set(pack.elements())
    for indicator in pack.indicators.values():
        for wanted in indicator.implements:
            if unknown(pack, pack.targets, wanted):
                yield _fault(
                    pack,
                    indicator,
                    "implements",
                    "dangling_id",
                    f"implements 提到没有的目标「{wanted}」",
                    near(wanted, pack.targets),
                    subject=f"plan/{wanted}",
                )
        for wanted in (*indicator.informs, *indicator.serves):
            if elements and unknown(pack, elements, wanted):
                yield _fault(
                    pack,
                    indicator,
                    "serves" if wanted in indicator.serves else "informs",
                    "dangling_id",
                    f"informs/serves 提到没有的「{wanted}」",
                    near(wanted, elements),
                    subject=f"plan/{wanted}",
                )
        if indicator.nature in ("survey", "evidence") and indicator.form is None:
            yield _fault(
                pack,
                indicator,
                "",
                "missing_key",
                "问卷或证据指标要写 form",
                "在 forms/ 里建立表单并写上它的 id",
            )
        for definition in indicator.definitions:
            yield from _check_definition(pack, indicator, definition)
        yield from _check_compared_units(pack, indicator)
        known = {(r.series, r.area) for r in pack.references}
        for comparison in indicator.comparisons:
            if (comparison.series, comparison.area) not in known and not pack.lends(comparison.series):
                shown = f"{comparison.series}/{comparison.area}"
                yield _fault(
                    pack,
                    indicator,
                    "comparisons",
                    "dangling_id",
                    f"对比序列「{shown}」没有数值",
                    near(comparison.series, {s for s, _ in known}),
                    subject=f"references/{comparison.series}",
                )


def _check_compared_units(pack: Pack, indicator: Indicator) -> Iterator[Fault]:
    """A published series is compared in the indicator's own unit."""
    units = {(r.series, r.area): r.unit for r in pack.references if r.unit}
    for n, comparison in enumerate(indicator.comparisons):
        unit = units.get((comparison.series, comparison.area), indicator.unit)
        if unit != indicator.unit:
            message = f"对比序列「{comparison.series}」的单位「{unit}」与指标的单位「{indicator.unit}」不同"
            hint = "改成同一个单位；数值也要按这个单位写"
            at = f"comparisons.{n}"
            yield _fault(pack, indicator, at, "wrong_value", message, hint)


def _check_definition(pack: Pack, indicator: Indicator, definition: Definition) -> Iterator[Fault]:
    if definition.combine is not None:
        yield from _check_combine(pack, indicator, definition)
        return
    if definition.source == "series":
        return
    sources: set[str] = set()
    for part, aggregate in (("numerator", definition.numerator), ("denominator", definition.denominator)):
        if aggregate is None:
            continue
        source = aggregate.source or definition.source or ""
        sources.add(source)
        yield from _check_aggregate(pack, indicator, part, source, aggregate)
    for source in sorted(sources):
        fact = pack.facts.get(source)
        if fact is None:
            if source.startswith(RETURN_PREFIX) and indicator.dimensions:
                yield _fault(pack, indicator, "by", "wrong_value", "来自报表的指标没有分组 by", "删去 by，或改用事实表")
            continue
        types = column_types(fact)
        for group in indicator.dimensions:
            for name in group:
                if name not in types:
                    yield _fault(
                        pack,
                        indicator,
                        "by",
                        "unknown_column",
                        f"分组「{name}」不是 {source} 的列",
                        near(name, types),
                    )
                elif types[name] in ("date",):
                    yield _fault(
                        pack,
                        indicator,
                        "by",
                        "wrong_type",
                        f"分组「{name}」是日期",
                        "用 bands 派生一个分组列",
                    )
        if definition.latest is not None and (source == definition.source):
            for name in (definition.latest.per, definition.latest.order):
                if name not in types:
                    yield _fault(
                        pack,
                        indicator,
                        "latest",
                        "unknown_column",
                        f"latest 的列「{name}」不存在",
                        near(name, types),
                    )
            if definition.latest.where is not None:
                yield from _expression(pack, indicator, "latest.where", definition.latest.where, types, "boolean")


def _check_aggregate(pack: Pack, indicator: Indicator, part: str, source: str, aggregate: Aggregate) -> Iterator[Fault]:
    if source.startswith(RETURN_PREFIX):
        return_ = pack.returns.get(source.removeprefix(RETURN_PREFIX))
        if return_ is None and pack.lends(source.removeprefix(RETURN_PREFIX)):
            return
        if return_ is None:
            wanted = source.removeprefix(RETURN_PREFIX)
            yield _fault(
                pack,
                indicator,
                f"{part}.from" if aggregate.source else "from",
                "dangling_id",
                f"{part} 的统计报表「{wanted}」不存在",
                near(wanted, pack.returns),
                subject=f"returns/{wanted}",
            )
        elif aggregate.cells is None:
            yield _fault(pack, indicator, part, "wrong_value", f"{part} 来自报表，要写 cells", 'cells: ["01.1"]')
        else:
            yield from _check_cells(pack, indicator, part, return_, aggregate.cells)
        return
    fact: Fact | None = pack.facts.get(source)
    if fact is None and pack.lends(source):
        return
    if fact is None:
        options = [*pack.facts, *(RETURN_PREFIX + r for r in pack.returns), "series"]
        yield _fault(
            pack,
            indicator,
            f"{part}.from" if aggregate.source else "from",
            "dangling_id",
            f"{part} 的数据来源「{source}」不存在",
            near(source, options),
            subject=f"facts/{source}",
        )
        return
    if aggregate.cells is not None:
        yield _fault(
            pack,
            indicator,
            part,
            "wrong_value",
            f"{part} 来自事实表，不能写 cells",
            "用 count、distinct 或 sum",
        )
        return
    types = column_types(fact)
    for name in (aggregate.count, aggregate.distinct):
        if name is not None and name != "*" and name not in types:
            yield _fault(
                pack,
                indicator,
                part,
                "unknown_column",
                f"{part} 的列「{name}」不在 {source} 里",
                near(name, types),
            )
    if aggregate.sum is not None:
        yield from _expression(pack, indicator, f"{part}.sum", aggregate.sum, types, "number")
    if aggregate.where is not None:
        yield from _expression(pack, indicator, f"{part}.where", aggregate.where, types, "boolean")


def _check_cells(pack: Pack, indicator: Indicator, part: str, return_: Return, cells: Iterable[str]) -> Iterator[Fault]:
    known = set(return_.cells)
    for cell in cells:
        if cell.removeprefix("-") not in known:
            yield _fault(
                pack,
                indicator,
                f"{part}.cells",
                "unknown_cell",
                f"{part} 的单元格「{cell}」不在报表 {return_.id} 里",
                near(cell, return_.cells),
            )


def _check_combine(pack: Pack, indicator: Indicator, definition: Definition) -> Iterator[Fault]:
    combine = definition.combine
    assert combine is not None
    of = pack.indicators.get(combine.of)
    if of is None and pack.lends(combine.of):
        return
    if of is None:
        yield _fault(
            pack,
            indicator,
            "combine.of",
            "dangling_id",
            f"combine 的指标「{combine.of}」不存在",
            near(combine.of, pack.indicators),
            subject=f"indicators/{combine.of}",
        )
        return
    if combine.by is not None and (combine.by,) not in of.dimensions:
        yield _fault(
            pack,
            indicator,
            "combine.by",
            "dangling_id",
            f"指标 {of.id} 没有分组「{combine.by}」",
            f"在 {of.id} 的 by 里加上它",
        )
    if combine.by_level is not None and combine.by_level not in of.levels:
        yield _fault(
            pack,
            indicator,
            "combine.by_level",
            "dangling_id",
            f"指标 {of.id} 不计算{combine.by_level.noun}一级",
            f"在 {of.id} 的 levels 里加上它",
        )
    seen = {indicator.id}
    step: Indicator | None = of
    while step is not None:
        if step.id in seen:
            yield _fault(pack, indicator, "combine", "circle", f"combine 成环：{step.id}")
            return
        seen.add(step.id)
        inner = next((d.combine for d in step.definitions if d.combine is not None), None)
        step = pack.indicators.get(inner.of) if inner is not None else None


def _expression(
    pack: Pack, indicator: Indicator, place: str, text: str, types: dict[str, Type], wanted: Type
) -> Iterator[Fault]:
    try:
        kind = check_types(parse(text), types)
    except ExpressionError as e:
        yield _fault(pack, indicator, place, "expression", f"{place}：{e.message}", e.hint)
        return
    if kind not in (wanted, "null"):
        message = f"{place}「{text}」的结果应为{TYPE_WORDS[wanted]}，却是{TYPE_WORDS[kind]}"
        yield _fault(pack, indicator, place, "wrong_type", message)


def _fault(
    pack: Pack,
    indicator: Indicator,
    at: str,
    code: str,
    message: str,
    hint: str = "",
    *,
    definition: int = 0,
    subject: str = "",
) -> Fault:
    where = pack.place("indicators", indicator.id)
    path = tuple(at.split(".")) if at else ()
    line = where.at("definitions", definition, *path) if len(indicator.definitions) > 1 else where.at(*path)
    return Fault(
        where.file,
        max(line, where.at(*path)),
        code,
        message,
        place=f"{indicator.id}.{at}" if at else indicator.id,
        hint=hint,
        subject=subject,
    )
