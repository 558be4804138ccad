"""Rules over a target and the indicator that decides it: one direction, numbers that can be reached, milestones on the
way."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from qingmiao.content.bars import Bar, Baseline, Course
from qingmiao.content.faults import fault_at
from qingmiao.content.indicators import Indicator
from qingmiao.content.natural_range import natural_range
from qingmiao.content.pack import Pack
from qingmiao.content.plan import Target, TargetKind
from qingmiao.content.targets import WANTED
from qingmiao.kernel.errors import Fault

At = tuple[str | int, ...]
_WORDS = {"higher": "越高越好", "lower": "越低越好"}


def check_target(pack: Pack, target: Target) -> Iterator[Fault]:
    """Every rule for one target; its indicators exist."""
    yield from _check_tolerance(pack, target)
    yield from _check_milestones(pack, target)
    for indicator in pack.indicators_for(target.id):
        yield from _check_direction(pack, target, indicator)
        yield from _check_limits(pack, target, indicator)


def courses(target: Target) -> Iterator[tuple[At, Course, Baseline | None]]:
    """The target's own course and each group's with the place where it is written and the baseline it starts from."""
    yield (), target, target.baseline
    for i, stratum in enumerate(target.strata):
        yield ("strata", i), stratum, stratum.baseline


def _fault(pack: Pack, target: Target, message: str, hint: str, *at: str | int) -> Fault:
    return fault_at(pack, "target", target.id, "wrong_value", message, hint, at=at)


def _check_direction(pack: Pack, target: Target, indicator: Indicator) -> Iterator[Fault]:
    """What the target asks for is what is better for its indicator; without a better side anything may be asked."""
    asked = [(WANTED[target.kind], target.kind.label, "kind")] if target.kind in WANTED else []
    if target.bound is not None and TargetKind(target.bound) in WANTED:
        asked.append((WANTED[TargetKind(target.bound)], TargetKind(target.bound).label, "bound"))
    if target.relative_to is not None:
        relation = target.relative_to.relation
        higher = relation in ("at_least", "above")
        asked.append(("higher" if higher else "lower", f"与上级相比 {relation}", "relative_to"))
    asked.extend((WANTED[TargetKind(a.bound)], TargetKind(a.bound).label, "assigned") for a in target.assigned[:1])
    for way, word, key in asked:
        if indicator.better != "none" and way != indicator.better:
            message = (
                f"目标的方向（{word}）与指标 {indicator.id} 相反：它的 better 是 {indicator.better}"
                f"（{_WORDS[indicator.better]}）"
            )
            hint = f"改目标的 {key}；或指标本来{_WORDS[way]}，改它的 better"
            yield _fault(pack, target, message, hint, key)


def _check_tolerance(pack: Pack, target: Target) -> Iterator[Fault]:
    given = target.tolerance
    if given is not None and given.kind == "relative" and given.value > 1:
        percent = f"{given.value:g}% 写成 {given.value / 100:g}" if given.value <= 100 else "0.1 是一成"
        message = f"允许偏差 relative 的 value 是目标值的份额，{given.value:g} 就是目标值的 {given.value:g} 倍"
        hint = f"{percent}；按指标的单位写用 kind: absolute"
        yield _fault(pack, target, message, hint, "tolerance", "value")


def _check_milestones(pack: Pack, target: Target) -> Iterator[Fault]:
    """One year has one bar; a change is counted after its base year."""
    plan = pack.plan
    last = target.year or (plan.end if plan is not None else None)
    for where, course, baseline in courses(target):
        base = baseline or target.baseline
        for i, milestone in enumerate(course.milestones):
            at = (*where, "milestones", i)
            if milestone.year == last and not course.is_empty and _numbers(milestone) != _numbers(course):
                message = f"{last} 年写了两个不同的目标值：{_told(course)}，里程碑 {_told(milestone)}"
                yield _fault(pack, target, message, "目标年的值只写在目标本身；删去这个里程碑，或改它的 year", *at)
            changes = milestone.cut is not None or milestone.points is not None
            if changes and base is not None and milestone.year <= base.year:
                message = f"里程碑 {milestone.year} 年不晚于基期 {base.year} 年，还没有变化可言"
                yield _fault(pack, target, message, "检查里程碑的 year 和 baseline", *at)


def _numbers(bar: Bar) -> tuple[object, ...]:
    return (bar.value, bar.low, bar.high, bar.cut_share, bar.points)


def _told(bar: Bar) -> str:
    names = ("value", "low", "high", "cut", "points")
    return "、".join(f"{n} {_shown(getattr(bar, n))}" for n in names if getattr(bar, n) is not None)


def _shown(number: object) -> str:
    return f"{number:g}" if isinstance(number, float | int) else str(number)


def _check_limits(pack: Pack, target: Target, indicator: Indicator) -> Iterator[Fault]:
    """No number of a target lies where the indicator's values cannot: 120 of a share, a rate below zero."""
    low, high = natural_range(indicator)

    def beyond(value: float | None) -> bool:
        return value is not None and ((low is not None and value < low) or (high is not None and value > high))

    span = "、".join(
        f"不会{word} {limit:g}{indicator.unit}" for word, limit in (("低于", low), ("高于", high)) if limit is not None
    )

    def fault(value: float | None, what: str, *at: str | int) -> Fault:
        message = f"{what} {_shown(value)} 不可能：指标 {indicator.id} 的值{span}"
        return _fault(pack, target, message, "检查这个数和单位；指标确实可以超出时改它的 natural_limit、noise", *at)

    for where, course, own in courses(target):
        baseline = own or (target.baseline if not where else None)
        bars: list[tuple[At, Bar]] = [(where, course)]
        bars += [((*where, "milestones", i), m) for i, m in enumerate(course.milestones)]
        for at, bar in bars:
            for name in ("value", "low", "high"):
                if beyond(number := getattr(bar, name)):
                    yield fault(number, "目标值", *at, name)
            reached = _reached(target, bar, baseline)
            if reached is not None and not bar.per_year and beyond(reached):
                yield fault(reached, "从基期变化这么多以后的值", *at, "cut" if bar.cut is not None else "points")
        if own is not None and beyond(own.value):
            yield fault(own.value, "基期值", *where, "baseline")
    for i, given in enumerate(target.assigned):
        if beyond(given.value):
            yield fault(given.value, "下达的值", "assigned", i, "value")


def _reached(target: Target, bar: Bar, baseline: Baseline | None) -> float | None:
    """The value that a change from the baseline's written value asks for; None where none is written."""
    kind = TargetKind(target.bound) if target.bound is not None else target.kind
    signs = {TargetKind.REDUCE_BY: -1, TargetKind.INCREASE_BY: 1}
    if kind not in signs or baseline is None or baseline.value is None:
        return None
    start = Fraction(str(baseline.value))
    change = start * bar.cut_share if bar.cut_share is not None else Fraction(str(bar.points or 0))
    return float(start + signs[kind] * change)
