"""Targets without a number: falling, rising, a rise that is contained."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from qingmiao.assess.chance import break_probability
from qingmiao.assess.limits import ValueRange, judge, plain, precision
from qingmiao.assess.series import exact
from qingmiao.assess.verdict import Attainment, Grounds, Verdict
from qingmiao.content.plan import Qualifier, TargetKind
from qingmiao.kernel.rounding import half_up


def trend(e: Grounds) -> Attainment:
    """Falling or rising against the base year; with 持续, in every year since.

    A strict year-on-year fall of small counts is a lottery: the reason then gives the probability that chance alone
    breaks the run.
    """
    falling = e.target.kind is TargetKind.FALLING
    word = "下降" if falling else "上升"
    sustained = Qualifier.SUSTAINED in e.target.qualifiers
    bar_text = f"较 {e.base_text}{'逐年' if sustained else ''}{word}"
    digits = precision(e.target, ValueRange(), e.decimals)
    value, base = e.series.exact_at(e.year), e.base_exact
    if value is None:
        reason = f"{e.year} 年{e.series.at(e.year).why_missing}"
        return Attainment(Verdict.UNDETERMINED, "no_value", reason, bar_text=bar_text, bar_year=e.year)
    shown = half_up(value, digits)
    if e.year <= e.base_year:
        reason = f"{e.year} 年不晚于基期 {e.base_year} 年，还没有变化可言"
        return Attainment(Verdict.UNDETERMINED, "base_year", reason, shown, bar_text, e.year)
    steps = _steps(e, sustained=sustained)
    if not sustained and base is None:
        reason = f"没有 {e.base_text}的基期值，不能判断是否{word}"
        return Attainment(Verdict.UNDETERMINED, "no_baseline", reason, shown, bar_text, e.year)
    broken: list[str] = []
    unknown: list[str] = []
    boundary: list[str] = []
    clear = False
    for first, second in steps:
        a = base if first == e.base_year else e.series.exact_at(first)
        b = e.series.exact_at(second)
        given = first == e.base_year and e.base_given
        oldest = e.base_years[0] if first == e.base_year else first
        if a is None or b is None:
            lacking = first if a is None else second
            unknown.append(f"{lacking} 年{e.series.at(lacking).why_missing}")
        elif not given and not e.series.comparable(oldest, second):
            unknown.append(f"{first} 年与 {second} 年口径不同")
        else:
            edge = Fraction(half_up(a, digits))
            made = ValueRange(high=edge if falling else None, low=None if falling else edge, inclusive=False)
            step = f"{first}→{second} 年"
            if first == e.base_year and len(e.base_years) > 1:
                step = f"{e.base_text}→{second} 年"
            raw = ValueRange(high=a if falling else None, low=None if falling else a, inclusive=False)
            result = judge(made, b, decimals=digits, unrounded_limit=raw)
            clear = clear or not (result.met or result.boundary)
            if not result.met:
                broken.append(f"{step}（{half_up(a, digits)}→{result.published}{e.unit}）")
            boundary.extend(
                f"{step}：" + (_same(result.published) if text == "发布值恰等于限值" else text)
                for text in result.boundary
            )
    lottery = _lottery(e, sustained=sustained) if e.small and falling else ""
    tail = f"；{lottery}" if lottery else ""
    if broken:
        verdict, code, reason = Verdict.NOT_MET, "broken", f"没有{word}：{'、'.join(broken)}"
    elif unknown:
        verdict, code = Verdict.UNDETERMINED, "gap"
        reason = f"不能判断是否{'逐年' if sustained else ''}{word}：{'；'.join(dict.fromkeys(unknown))}"
    else:
        start = half_up(base, digits) if base is not None else ""
        verdict, code = Verdict.MET, "moved"
        reason = f"{'逐年' if sustained else ''}{word}：{e.base_text} {start}{e.unit}，{e.year} 年 {shown}{e.unit}"
    return Attainment(
        verdict,
        code,
        reason + tail,
        shown,
        bar_text,
        e.year,
        boundary=bool(boundary) and not clear and verdict is not Verdict.UNDETERMINED,
        boundary_reason="；".join(boundary),
        limit=_trend_limit(base, digits, falling=falling),
    )


def contained(e: Grounds) -> Attainment:
    """The mean yearly rise since the base year is not above the allowed one; with 持续, no single year's rise is."""
    allowed = exact(e.policy.contained_rise)
    bar_text = f"年均上升不超过 {plain(allowed)}{e.unit}（自 {e.base_text}）"
    value, base = e.series.exact_at(e.year), e.base_exact
    if value is None:
        reason = f"{e.year} 年{e.series.at(e.year).why_missing}"
        return Attainment(Verdict.UNDETERMINED, "no_value", reason, bar_text=bar_text, bar_year=e.year)
    digits = precision(e.target, ValueRange(), e.decimals)
    shown = half_up(value, digits)
    if base is None:
        reason = f"没有 {e.base_text}的基期值，不能判断上升趋势"
        return Attainment(Verdict.UNDETERMINED, "no_baseline", reason, shown, bar_text, e.year)
    if e.year <= e.base_year:
        reason = f"{e.year} 年不晚于基期 {e.base_year} 年，还没有变化可言"
        return Attainment(Verdict.UNDETERMINED, "base_year", reason, shown, bar_text, e.year)
    if not e.base_given and not e.series.comparable(e.base_years[0], e.year):
        reason = f"{e.base_text}与 {e.year} 年的指标口径不同，不能比较"
        return Attainment(Verdict.UNDETERMINED, "break", reason, shown, bar_text, e.year)
    years = e.year - e.base_year
    edge = Fraction(half_up(base, digits))
    result = judge(
        ValueRange(high=edge + allowed * years),
        value,
        decimals=digits,
        unrounded_limit=ValueRange(high=base + allowed * years),
    )
    rise = (Fraction(result.published) - edge) / years
    reason = (
        f"{e.base_text} {half_up(base, digits)}{e.unit}，{e.year} 年 {shown}{e.unit}，"
        f"年均变化 {half_up(rise, digits + 1)}{e.unit}（允许上升 {plain(allowed)}{e.unit}）"
    )
    met = result.met
    if Qualifier.SUSTAINED in e.target.qualifiers:
        for first, second in _steps(e, sustained=True):
            a, b = e.series.exact_at(first), e.series.exact_at(second)
            if (
                a is not None
                and b is not None
                and Fraction(half_up(b, digits)) > Fraction(half_up(a, digits)) + allowed
            ):
                met = False
                reason += f"；{first}→{second} 年上升超过允许值"
    return Attainment(
        Verdict.MET if met else Verdict.NOT_MET,
        "contained" if met else "rising",
        reason,
        shown,
        bar_text,
        e.year,
        boundary=bool(result.boundary) and met == result.met,
        boundary_reason="；".join(result.boundary),
        limit=ValueRange(high=edge + allowed * years),
    )


def _same(published: Decimal) -> str:
    return "两年发布值相同" + ("（均为 0，无从再降）" if published == 0 else "")


def _trend_limit(base: Fraction | None, digits: int, *, falling: bool) -> ValueRange | None:
    if base is None:
        return None
    edge = Fraction(half_up(base, digits))
    return ValueRange(high=edge if falling else None, low=None if falling else edge, inclusive=False)


def _steps(e: Grounds, *, sustained: bool) -> list[tuple[int, int]]:
    if not sustained:
        return [(e.base_year, e.year)]
    return [(y, y + 1) for y in range(e.base_year, e.year)]


def _lottery(e: Grounds, *, sustained: bool) -> str:
    """What chance alone does to the run of small counts; empty where counts are large or unknown."""
    years = [y for pair in _steps(e, sustained=sustained) for y in pair]
    points = [e.series.at(y) for y in sorted(set(years))]
    counts = [p.numerator for p in points]
    sizes = [p.denominator for p in points]
    known = [c for c in counts if c is not None]
    if len(known) < len(points) or len(points) < 2 or min(known) >= e.policy.small_numerator:
        return ""
    if any(s is None or s <= 0 for s in sizes):
        return ""
    chance, step = break_probability([c for c in counts if c is not None], [s for s in sizes if s is not None])
    gap = (points[-1].year - points[0].year) / (len(points) - 1)
    yearly = (1 + step) ** (1 / gap) - 1
    shown = f"{half_up(chance * 100, 0)}%" if chance < 0.995 else "99% 以上"
    what = "逐年严格下降" if sustained else "两年之间的升降"
    fall = half_up(max(0.0, -yearly) * 100, 1)
    risk = f"按拟合趋势每年下降 {fall}%" if fall else "没有变化"
    return (
        f"人数很少（{'、'.join(plain(exact(c)) for c in known)}），{what}近于抽签："
        f"即使真实风险{risk}，"
        f"仅凭偶然就有 {shown} 的可能{'中断' if sustained else '不降'}"
    )
