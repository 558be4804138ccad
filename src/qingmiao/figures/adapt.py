"""Turns the assessment of a run into what the report tells: one finding a target, limits of the lower areas,
warnings."""

from __future__ import annotations

from qingmiao.assess import AssessedRow, Assessment, FoundWarning, TargetVerdict, Verdict, WarningKind
from qingmiao.assess.areas import MIN_AREAS, AreaCount, funnel
from qingmiao.content import Pack
from qingmiao.content.indicators import Indicator
from qingmiao.content.plan import TargetKind
from qingmiao.figures.book import Book
from qingmiao.figures.findings import (
    AreaLimits,
    FindingNumber,
    Findings,
    Interval,
    Notice,
    ShownForecast,
    TargetAnswers,
)
from qingmiao.figures.numbers import ValueOf
from qingmiao.kernel.periods import Period
from qingmiao.kernel.rounding import decimals_of

_COMPUTED = "按基期算出的目标值"
_COMPARED = {
    TargetKind.FALLING: "基期值，要求低于此数",
    TargetKind.RISING: "基期值，要求高于此数",
    TargetKind.CONTAINED: "按允许的升幅算出的本年上限",
    TargetKind.RELATIVE_TO: "按对比地区同年数值算出的要求",
    TargetKind.ASSIGNED: "上级下达的本年指标",
}
"""What the number is that a value was compared with."""
OF_TARGETS = (WarningKind.NOT_MET, WarningKind.BEHIND, WarningKind.UNLIKELY)
"""Warnings about a target, by whose name they are called; the others are about an indicator or a table."""


def findings_from(assessment: Assessment, pack: Pack, book: Book) -> Findings:
    """The findings of an assessment; `book` gives the measured counts of the lower areas."""
    root = pack.root_area.code if pack.root_area else ""
    targets = tuple(
        _finding(pack, verdict, [r for r in assessment.rows if r.target == t and r.area == root])
        for t, verdict in assessment.targets.items()
    )
    notices = tuple(_notice(pack, w, i) for i, w in enumerate(assessment.warnings, start=1))
    return Findings(targets, _limits(pack, book, assessment.year), notices)


def _finding(pack: Pack, verdict: TargetVerdict, rows: list[AssessedRow]) -> TargetAnswers:
    """The row that decided the verdict stands for the target; the others are told in the reason."""
    main = next(
        (r for r in rows if r.attainment is not None and r.attainment.verdict is verdict.verdict),
        rows[0] if rows else None,
    )
    code = verdict.verdict.value
    if main is None or main.attainment is None:
        return TargetAnswers(
            target=verdict.target,
            attainment=code,
            attainment_reason=verdict.reason,
            likelihood="not_applicable",
            likelihood_reason="没有判定这一目标的指标" if verdict.verdict is Verdict.UNDETERMINED else "",
        )
    caveats: list[str] = []
    if len(verdict.indicators) > 1 or (
        verdict.verdict is Verdict.NOT_MET and (main.attainment.failing or main.attainment.missing)
    ):
        caveats.append(verdict.reason)
    else:
        caveats.extend(main.attainment.told)
    chance = main.likelihood
    forecasts: tuple[ShownForecast, ...] = ()
    if chance.forecast is not None and chance.year is not None:
        forecasts = (ShownForecast(chance.year, chance.forecast, chance.low, chance.high),)
    return TargetAnswers(
        target=verdict.target,
        indicator=main.indicator,
        area=main.area,
        year=main.year,
        attainment=code,
        attainment_reason=verdict.reason,
        boundary=verdict.boundary,
        boundary_reason=main.attainment.boundary_reason,
        pace=main.pace.name if main.pace else "undetermined",
        pace_reason=main.pace.reason if main.pace else "",
        likelihood=chance.band if chance.applies else "not_applicable",
        likelihood_reason=chance.reason,
        likelihood_year=chance.year or 0,
        grade=chance.grade,
        bar_sign=_sign(main),
        decimals=_decimals(main),
        numbers=_numbers(pack, main),
        pooled_years=(row_years[0], row_years[-1]) if (row_years := _pooled_years(main)) else None,
        intervals=(Interval(main.year, *main.interval),) if main.interval else (),
        forecasts=forecasts,
        caveats=tuple(caveats),
    )


def _pooled_years(row: AssessedRow) -> tuple[int, ...]:
    return row.pooled.years if row.pooled is not None else ()


def _sign(row: AssessedRow) -> str:
    """Which side of the bar counts as reached."""
    limit = row.attainment.limit if row.attainment else None
    if limit is None or limit.is_open:
        return ""
    signs = ("≤", "≥") if limit.inclusive else ("＜", "＞")
    return signs[0] if limit.high is not None else signs[1]


def _decimals(row: AssessedRow) -> int:
    """The precision at which the value was compared."""
    published = row.attainment.published if row.attainment else None
    if published is None:
        return row.decimals
    exponent = published.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else row.decimals


def _numbers(pack: Pack, row: AssessedRow) -> dict[str, FindingNumber]:
    """Every number that the report may quote of a row, by name."""
    found: dict[str, FindingNumber] = {}
    digits, unit = row.decimals, row.unit
    answer, pace, chance = row.attainment, row.pace, row.likelihood
    target = pack.targets.get(row.target)
    if answer is not None and answer.limit is not None:
        edge = answer.limit.high if answer.limit.high is not None else answer.limit.low
        if edge is not None:
            places = answer.limit.written if answer.limit.written is not None else _decimals(row)
            what = _COMPARED.get(target.kind, _COMPUTED) if target is not None else _COMPUTED
            found["bar"] = FindingNumber(float(edge), places, what, unit)
    if target is not None and target.baseline is not None and target.baseline.value is not None:
        value = target.baseline.value
        found["baseline"] = FindingNumber(value, max(digits, decimals_of(value)), "规划写明的基期值", unit)
    if answer is not None and answer.base_mean is not None:
        found["baseline"] = FindingNumber(float(answer.base_mean), digits, "基期几年的平均值", unit)
    if pace is not None:
        if pace.achieved is not None:
            found["progress"] = FindingNumber(100 * pace.achieved, 1, "所需变化已完成的比例", "%")
        if pace.used is not None:
            found["time_share"] = FindingNumber(100 * pace.used, 0, "已用时间的比例", "%")
    if chance.probability is not None:
        policy, shown = pack.policy, ""
        if chance.raw is not None and chance.raw < policy.shown_low:
            shown = f"≤{policy.shown_low:.2f}"
        elif chance.raw is not None and chance.raw > policy.shown_high:
            shown = f"≥{policy.shown_high:.2f}"
        found["probability"] = FindingNumber(chance.probability, 2, f"{chance.year}年达标的概率", "", shown)
    if chance.forecast is not None and chance.year is not None:
        found[f"forecast_{chance.year}"] = FindingNumber(chance.forecast, digits, f"{chance.year}年预测值", unit)
    if row.interval is not None:
        found["interval_low"] = FindingNumber(row.interval[0], digits, "本年值的区间下限", unit)
        found["interval_high"] = FindingNumber(row.interval[1], digits, "本年值的区间上限", unit)
    if row.pooled is not None:
        many, span = row.pooled, f"{row.pooled.years[0]}—{row.pooled.years[-1]}年"
        if many.of_counts:
            found["pooled_total"] = FindingNumber(many.events, 0, f"{span}合计", unit)
            found["pooled_mean"] = FindingNumber(many.rate, max(1, digits), f"{span}年均", unit)
        else:
            found["pooled"] = FindingNumber(many.rate * row.factor, digits, f"{span}合并值", unit)
    return found


def _notice(pack: Pack, warning: FoundWarning, number: int) -> Notice:
    about = ""
    if warning.target in pack.targets and warning.kind in OF_TARGETS:
        about = pack.targets[warning.target].label.zh
    elif warning.indicator in pack.indicators:
        about = pack.indicators[warning.indicator].label.zh
    else:
        about = warning.subject
    named = {about, pack.indicators[warning.indicator].label.zh if warning.indicator in pack.indicators else about}
    told = _plainly(warning, tuple(named))
    area = pack.areas.get(warning.area)
    root = pack.root_area
    if area is not None and (root is None or area.code != root.code):
        about = f"{area.name}：{about}" if about else area.name
    return Notice(
        id=f"w{number}",
        kind=warning.kind.value,
        about=about or "—",
        told=told,
        data_used=warning.brief or warning.data_used,
        would_change=warning.what_would_change,
        target=warning.target,
        indicator=warning.indicator,
        area=warning.area,
        severity=warning.severity,
        reason="；".join(filter(None, (warning.reason, warning.data_used if warning.kind.of_data else ""))),
        quality=warning.kind.of_data,
    )


def _plainly(warning: FoundWarning, named: tuple[str, ...]) -> str:
    """What is so, without the name that stands beside it: 2024 年为 95.2%，未达到 ≥ 96%."""
    head, _, rest = warning.told.partition("：")
    return rest if rest and head.endswith(named) else warning.told


def _limits(pack: Pack, book: Book, year: int) -> tuple[AreaLimits, ...]:
    """Funnel limits of every indicator that has counts in three lower areas or more."""
    root = pack.root_area
    if root is None:
        return ()
    found: list[AreaLimits] = []
    for indicator in pack.indicators.values():
        if indicator.noise != "none" and indicator.implements:
            found.extend(_funnel(pack, book, indicator, root.code, year))
    return tuple(found)


def _funnel(pack: Pack, book: Book, indicator: Indicator, root: str, year: int) -> list[AreaLimits]:
    counts = []
    level = pack.area_tree.level_below(root)
    end = Period(indicator.period, year).end
    for area in pack.area_tree.under(root, level, end) if level else ():
        cell = book.cell(ValueOf(indicator.id, area.code, year))
        if cell and cell.value is not None and cell.numerator is not None and cell.denominator:
            counts.append(AreaCount(area.code, area.name, cell.numerator, cell.denominator))
    if len(counts) < MIN_AREAS:
        return []
    limit, factor = pack.policy.funnel_level, indicator.factor
    made = funnel(
        counts,
        noise=indicator.noise,
        better=indicator.better,
        level=limit,
        suspect=pack.policy.funnel_suspect,
    )
    return [
        AreaLimits(indicator.id, p.area.code, year, p.low * factor, p.high * factor, bool(p.breach), p.worse)
        for p in made.points
    ]
