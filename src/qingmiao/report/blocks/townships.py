"""The lower areas (townships of a county, counties of a city) side by side, with the limits that chance alone
explains; a plan whose area has none below it has nothing to compare."""

from __future__ import annotations

from qingmiao.content.indicators import Indicator
from qingmiao.content.plan import TargetKind
from qingmiao.content.reports import LayoutBlock
from qingmiao.figures.book import bar_in_force
from qingmiao.figures.numbers import LimitOf, PlanNumberOf, ValueOf, WordsRef
from qingmiao.kernel.areas import AreaLevel
from qingmiao.report.blocks.context import NONE, Context, joined
from qingmiao.report.model import (
    Align,
    Block,
    ChartPoint,
    Charts,
    DotChart,
    Inline,
    Paragraph,
    Parts,
    Table,
    TableColumn,
    TargetLine,
    Text,
)

PER_TABLE = 6
"""Indicators beside each other in one table; more make a further table."""


def compared(c: Context) -> tuple[Indicator, ...]:
    """The indicators by which the lower areas are compared; none where no area lies below or none has values."""
    return _compared(c, c.lower_areas(), c.lower_level) if c.lower_level is not None else ()


def tables(c: Context, b: LayoutBlock) -> list[Block]:
    """All compared indicators, some beside each other."""
    found, townships = compared(c), c.lower_areas()
    return [_table(c, found[i : i + PER_TABLE], townships) for i in range(0, len(found), PER_TABLE)]


def told(c: Context, b: LayoutBlock) -> list[Block]:
    """Sentences on each indicator: who lies outside the limits, who inside, who has no value."""
    w, indicators, townships, each = c.wording, compared(c), c.lower_areas(), _each(c)
    out: list[Block] = [Paragraph(s) for i in indicators if (s := _outside(c, i, townships))]
    calm = tuple(i.id for i in indicators if _limited(c, i, townships) and not _breaches(c, i, townships))
    if calm:
        labels = joined([WordsRef("indicator", i) for i in calm])
        out.append(Paragraph(w.compose("townships.inside", each=each, labels=labels)))
    lacking = _lacking(c, indicators, townships)
    if lacking:
        out.append(Paragraph(w.compose("townships.missing", each=each, labels=lacking)))
    return out


def charts(c: Context, b: LayoutBlock) -> list[Block]:
    """Dot charts of the indicators in which the areas differ, two in a row, and how to read them."""
    townships = c.lower_areas()
    made = [_dots(c, i, townships) for i in compared(c) if _differs(c, i, townships)]
    out: list[Block] = [Charts(tuple(made[i : i + 2])) for i in range(0, len(made), 2)]
    return [*out, Paragraph(c.wording.compose("note.dots"), role="note")] if made else []


def _compared(c: Context, townships: tuple[str, ...], level: AreaLevel) -> tuple[Indicator, ...]:
    """Indicators that decide a target and have values in at least half of the areas."""
    return tuple(
        i
        for i in c.pack.indicators.values()
        if i.implements
        and level in i.levels
        and townships
        and 2 * sum(c.book.has(ValueOf(i.id, t, c.year)) for t in townships) >= len(townships)
    )


def _table(c: Context, indicators: tuple[Indicator, ...], townships: tuple[str, ...]) -> Table:
    w = c.wording
    columns = (
        TableColumn(w.text("column.township"), width=1.4),
        *(TableColumn("", Align.RIGHT) for _ in indicators),
    )
    head = tuple(
        (WordsRef("indicator", i.id), Text("（"), WordsRef("indicator", i.id, "unit"), Text("）")) for i in indicators
    )
    rows: list[tuple[Parts, ...]] = []
    for area in (*townships, c.area):
        cells: list[Parts] = []
        for i in indicators:
            ref = ValueOf(i.id, area, c.year)
            limits = c.book.limits(i.id, area, c.year)
            mark: Parts = (Text("＊"),) if limits and limits.outside else ()
            cells.append((ref, *mark) if c.book.has(ref) else NONE)
        rows.append(((WordsRef("area", area),), *cells))
    caption = w.compose("caption.townships", year=str(c.year), each=_each(c))
    return Table(caption, columns, tuple(rows), w.compose("note.townships"), size="small", head=((), *head))


def _each(c: Context) -> str:
    return c.lower_level.each if c.lower_level else ""


def _limited(c: Context, indicator: Indicator, townships: tuple[str, ...]) -> bool:
    return any(c.book.limits(indicator.id, t, c.year) for t in townships)


def _dots(c: Context, indicator: Indicator, townships: tuple[str, ...]) -> DotChart:
    w = c.wording
    points = []
    for t in townships:
        ref, limits = ValueOf(indicator.id, t, c.year), c.book.limits(indicator.id, t, c.year)
        if c.book.is_exact(ref):
            low = limits.low if limits else None
            high = limits.high if limits else None
            points.append(ChartPoint(c.pack.area_tree[t].name, ref, low=low, high=high))
    county = ValueOf(indicator.id, c.area, c.year)
    line = TargetLine(county, c.pack.area_tree[c.area].name) if c.book.is_exact(county) else None
    words: Parts = (WordsRef("indicator", indicator.id),)
    unit: Parts = (WordsRef("indicator", indicator.id, "unit"),)
    return DotChart(
        caption=w.compose("caption.dots", label=words, unit=unit, each=_each(c), whole=c.pack.area_tree[c.area].name),
        unit=indicator.unit,
        label=indicator.label.zh,
        points=tuple(points),
        county=line,
        target=_bars(c, indicator),
        description=w.compose("description.dots", label=words, each=_each(c), whole=c.pack.area_tree[c.area].name),
    )


def _bars(c: Context, indicator: Indicator) -> tuple[TargetLine, ...]:
    """The bar that every township must reach."""
    for target_id in indicator.implements:
        target = c.pack.targets.get(target_id)
        if (
            target
            and target.kind is TargetKind.EVERY_AREA
            and target.level is not None
            and not target.among
            and not target.strata
            and bar_in_force(c.pack, target, c.year)[0].value is not None
        ):
            return (TargetLine(PlanNumberOf(target_id, "value", c.year), "目标值"),)
    return ()


def _breaches(c: Context, indicator: Indicator, townships: tuple[str, ...]) -> tuple[str, ...]:
    found = ((t, c.book.limits(indicator.id, t, c.year)) for t in townships)
    return tuple(t for t, limits in found if limits and limits.outside)


def _outside(c: Context, indicator: Indicator, townships: tuple[str, ...]) -> Parts:
    """Who lies beyond the limits; nothing to say gives nothing."""
    names: Parts = ()
    for i, t in enumerate(_breaches(c, indicator, townships)):
        low, high = (LimitOf(indicator.id, t, c.year, e) for e in ("low", "high"))
        parts: Parts = (
            WordsRef("area", t),
            Text("（"),
            ValueOf(indicator.id, t, c.year),
            *_unit(indicator),
        )
        if c.book.has(low) and c.book.has(high):
            parts += (Text("，界限"), low, Text("–"), high)
        names += ((Text("、"),) if i else ()) + parts + (Text("）"),)
    label: Parts = (WordsRef("indicator", indicator.id),)
    return c.wording.compose("townships.outside", label=label, names=names) if names else ()


def _lacking(c: Context, indicators: tuple[Indicator, ...], townships: tuple[str, ...]) -> Parts:
    """Each indicator with the areas that have no value, in brackets."""
    found: list[Inline] = []
    for i in indicators:
        missing = [WordsRef("area", t) for t in townships if not c.book.has(ValueOf(i.id, t, c.year))]
        if missing:
            found += [Text("；")] if found else []
            found += [WordsRef("indicator", i.id), Text("（"), *joined(missing), Text("）")]
    return tuple(found)


def _differs(c: Context, indicator: Indicator, townships: tuple[str, ...]) -> bool:
    """Whether a dot chart shows anything: limits, and not the same value everywhere."""
    if not _limited(c, indicator, townships):
        return False
    found = (c.book.number(ValueOf(indicator.id, t, c.year)) for t in townships)
    return len({f.value for f in found if f is not None and f.exact}) > 1


def _unit(indicator: Indicator) -> Parts:
    return (WordsRef("indicator", indicator.id, "unit_shown"),) if indicator.unit else ()
