"""The table of targets, the sentences on each, and the charts."""

from __future__ import annotations

from qingmiao.content.indicators import Indicator
from qingmiao.content.plan import Target
from qingmiao.content.reports import LayoutBlock
from qingmiao.figures.numbers import ChangeOf, FindingOf, SettingOf, ValueOf, WordsRef
from qingmiao.report.blocks.context import NONE, Context
from qingmiao.report.blocks.series import series_chart
from qingmiao.report.model import (
    Align,
    Block,
    Charts,
    Paragraph,
    Parts,
    Strong,
    Table,
    TableColumn,
    Text,
)

_CHANGE_UNITS = {"%": "个百分点", "‰": "个千分点", "百分点": "个百分点", "千分点": "个千分点"}


def told(c: Context, b: LayoutBlock) -> list[Block]:
    """A paragraph for each target."""
    return [Paragraph(_sentences(c, t, i)) for i, t in enumerate(c.chosen(b.where))]


def charts(c: Context, b: LayoutBlock) -> list[Block]:
    """The charts of the targets that have enough years, two in a row."""
    made = [chart for chart in (series_chart(c, t) for t in c.chosen(b.where)) if chart is not None]
    return [Charts(tuple(made[i : i + 2])) for i in range(0, len(made), 2)]


_RIGHT, _CENTER = Align.RIGHT, Align.CENTER
_COLUMNS = {
    "target": (Align.LEFT, 2.7),
    "unit": (_CENTER, 0.85),
    "base": (_RIGHT, 1.1),
    "last": (_RIGHT, 1.1),
    "now": (_RIGHT, 1.1),
    "bar": (_RIGHT, 1.8),
    "attainment": (Align.LEFT, 1.75),
    "pace": (Align.LEFT, 1.85),
    "likelihood": (Align.LEFT, 2.15),
}


def results(c: Context, b: LayoutBlock) -> list[Block]:
    """A row a target: values, the bar, the three answers."""
    w, targets = c.wording, c.chosen(b.where)
    if not targets:
        return []
    chosen = [k for k in _COLUMNS if not b.columns or k in b.columns]
    columns = tuple(TableColumn(w.text(f"column.{k}"), *_COLUMNS[k]) for k in chosen)
    rows = []
    for t in targets:
        indicator = c.indicator_of(t.id)
        cells: dict[str, Parts] = {
            "target": (WordsRef("target", t.id),),
            "unit": (WordsRef("indicator", indicator.id, "unit"),) if indicator and indicator.unit else NONE,
            "base": _base(c, t, c.base_year(t)),
            "last": c.value(t.id, c.year - 1),
            "now": c.value(t.id, c.year),
            "bar": c.bar(t),
            "attainment": c.attainment(t.id),
            "pace": c.pace(t.id),
            "likelihood": c.likelihood(t.id),
        }
        rows.append(tuple(cells[k] for k in chosen))
    if c.field and targets == c.targets:
        caption = w.compose("caption.results", field=WordsRef("field", c.field))
    else:
        caption = w.compose("caption.results_all" if targets == c.targets else "caption.results_chosen")
    return [Table(caption, columns, tuple(rows), w.compose("note.results"), size="small")]


def _base(c: Context, target: Target, base: int | None) -> Parts:
    if "baseline" in c.of_target[target.id].numbers:
        return (FindingOf(target.id, "baseline"),)
    return c.value(target.id, base) if base is not None else NONE


def _sentences(c: Context, target: Target, variant: int) -> Parts:
    """Everything to say about one target: value and verdict, change, caveats, pace, likelihood."""
    w, finding = c.wording, c.of_target[target.id]
    label: Parts = (WordsRef("target", target.id),)
    lead = Strong((*label, Text("：")))
    if finding.attainment not in ("met", "not_met"):
        reason: Parts = (Text("没有可用的数据。"),)
        if finding.attainment_reason:
            reason = (WordsRef("finding", target.id, "attainment_reason"), Text("。"))
        parts = w.compose(f"status.{finding.attainment}", variant, subject="", reason=reason)
        return (lead, *parts, *_value_only(c, target))
    now = c.value_ref(target.id, c.year)
    indicator = c.indicator_of(target.id)
    if now is None or indicator is None:
        said: Parts = w.compose("status.no_value", label=WordsRef("target", target.id))
        if finding.attainment_reason:
            said = (WordsRef("finding", target.id, "attainment_reason"),)
    else:
        said = _value(c, target, indicator, now, variant)
    goal = c.bar(target, prose=True)
    out = [lead, *w.compose(f"status.{finding.attainment}", variant, value=said, bar=goal)]
    if now is not None and indicator is not None:
        out.extend(_change(c, now, indicator))
        out.extend(_chance(c, target, indicator, now))
    if finding.boundary and finding.boundary_reason:
        out.extend(w.compose("boundary_because", reason=WordsRef("finding", target.id, "boundary_reason")))
    elif finding.boundary:
        out.extend(w.compose("boundary"))
    told = finding.attainment_reason if now is None or indicator is None else ""
    for i, caveat in enumerate(finding.caveats):
        if caveat == told:
            continue
        out.extend((WordsRef("finding", target.id, f"caveat.{i}"), Text("。")))
    out.extend(_pace(c, target))
    out.extend(_likelihood(c, target))
    return tuple(out)


def _value_only(c: Context, target: Target) -> Parts:
    now, indicator = c.value_ref(target.id, c.year), c.indicator_of(target.id)
    if now is None or indicator is None:
        return ()
    return (*_value(c, target, indicator, now, 0), Text("。"))


def _value(c: Context, target: Target, indicator: Indicator, now: ValueOf, variant: int) -> Parts:
    return c.wording.compose(
        "status.value",
        variant,
        year=str(c.year),
        label=WordsRef("indicator", indicator.id),
        number=now,
        unit=c.unit(target.id),
    )


def _change(c: Context, now: ValueOf, indicator: Indicator) -> Parts:
    earlier = ValueOf(now.indicator, now.area, now.year - 1, now.dims, decimals=now.decimals)
    definitions = indicator.definition_for(now.year), indicator.definition_for(now.year - 1)
    if not c.book.has(earlier) or definitions[0] is not definitions[1]:
        return ()
    before, after = c.book.number(earlier), c.book.number(now)
    if before is None or after is None or not (before.exact and after.exact):
        return ()
    if before.value == after.value:
        return c.wording.compose("change.same")
    unit: Parts = (WordsRef("indicator", indicator.id, "unit_shown"),) if indicator.unit else ()
    if indicator.unit in _CHANGE_UNITS:
        unit = (Text(_CHANGE_UNITS[indicator.unit]),)
    key = "change.rose" if after.value > before.value else "change.fell"
    return c.wording.compose(key, change=ChangeOf(now, earlier), unit=unit)


def _chance(c: Context, target: Target, indicator: Indicator, now: ValueOf) -> Parts:
    """Counts, interval and pooled figure of what chance moves much."""
    w, finding = c.wording, c.of_target[target.id]
    numbers, span = finding.numbers, finding.pooled_years
    out: Parts = ()
    cell = c.book.cell(now)
    if indicator.noise == "poisson" and cell and cell.numerator is not None and cell.denominator is not None:
        parts = {
            part: ValueOf(now.indicator, now.area, now.year, now.dims, part) for part in ("numerator", "denominator")
        }
        out += w.compose("counted", **parts)
    if "interval_low" in numbers and "interval_high" in numbers:
        low, high = FindingOf(target.id, "interval_low"), FindingOf(target.id, "interval_high")
        level = SettingOf("interval_level", percent=True)
        out += w.compose("interval", level=level, low=low, high=high, unit=c.unit(target.id))
    if span is not None:
        years = f"{span[0]}—{span[1]}年"
        if "pooled" in numbers:
            pooled = FindingOf(target.id, "pooled")
            out += w.compose("pooled", pooled=pooled, years=years, unit=c.unit(target.id))
        elif "pooled_total" in numbers and "pooled_mean" in numbers:
            total, mean = (FindingOf(target.id, f"pooled_{n}") for n in ("total", "mean"))
            out += w.compose("pooled_count", years=years, total=total, mean=mean, unit=c.unit(target.id))
    return out


def _pace(c: Context, target: Target) -> Parts:
    finding = c.of_target[target.id]
    base = c.base_year(target)
    needed = {"time_share", "progress"} if finding.pace != "away" else {"time_share"}
    if finding.pace not in ("on_track", "behind", "far_behind", "away") or base is None:
        return ()
    if not needed <= set(finding.numbers):
        return ()
    time, done = FindingOf(target.id, "time_share"), FindingOf(target.id, "progress")
    return c.wording.compose(f"pace.{finding.pace}", from_year=str(base), time=time, progress=done)


def _likelihood(c: Context, target: Target) -> Parts:
    finding = c.of_target[target.id]
    if finding.likelihood in ("none", "not_applicable"):
        key = f"likelihood.{finding.likelihood}"
        if not finding.likelihood_reason:
            return c.wording.compose(key)
        reason = WordsRef("finding", target.id, "likelihood_reason")
        return c.wording.compose(f"{key}_because", reason=reason)
    if "probability" not in finding.numbers or finding.likelihood not in ("likely", "uncertain", "unlikely"):
        return ()
    year = finding.likelihood_year or target.year or (c.pack.plan.end if c.pack.plan else c.year)
    probability = FindingOf(target.id, "probability")
    grade = finding.grade or "—"
    return c.wording.compose(f"likelihood.{finding.likelihood}", year=str(year), probability=probability, grade=grade)
