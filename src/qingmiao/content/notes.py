"""What a whole pack leaves to be thought about: nothing wrong, but somebody should know. `check` says it and still
exits 0."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from qingmiao.content.bars import Bar, Course
from qingmiao.content.check_targets import At, courses
from qingmiao.content.faults import fault_at
from qingmiao.content.pack import Pack
from qingmiao.content.plan import Target, TargetKind
from qingmiao.content.targets import WANTED
from qingmiao.kernel.errors import Fault
from qingmiao.kernel.rounding import decimals_of, half_up

Group = tuple[tuple[str, str], ...]
Values = Mapping[tuple[str, int, Group], float]
"""(indicator, year, group) → value of the plan's area; the group of the whole is ()."""

_FROM_BASE = (
    TargetKind.REDUCE_BY,
    TargetKind.INCREASE_BY,
    TargetKind.FALLING,
    TargetKind.RISING,
    TargetKind.CONTAINED,
)


def notes(pack: Pack) -> list[Fault]:
    """Bases that were assumed and bars that do not go one way, in the order of the plan."""
    found: list[Fault] = []
    for target in pack.targets.values():
        found.extend(_assumed_base(pack, target))
        found.extend(_not_one_way(pack, target))
    return found


def baseline_notes(pack: Pack, values: Values) -> list[Fault]:
    """A plan's written baseline that the county's own series contradicts, at the digits in which the plan writes it."""
    found: list[Fault] = []
    for target in pack.targets.values():
        for where, _, own in courses(target):
            group: Group = ((target.strata[int(where[1])].by, target.strata[int(where[1])].code),) if where else ()
            if own is None or own.value is None or (where and target.kind is TargetKind.EVERY_AREA):
                continue
            for indicator in pack.indicators_for(target.id):
                measured = _mean([values.get((indicator.id, y, group)) for y in own.all_years])
                if measured is None:
                    continue
                digits = decimals_of(own.value)
                if half_up(measured, digits) == half_up(own.value, digits):
                    continue
                years = "、".join(str(y) for y in own.all_years)
                message = (
                    f"规划写的基期值 {own.value:g}{indicator.unit} 与数据不同："
                    f"指标 {indicator.id} {years} 年是 {half_up(measured, max(digits, indicator.decimals))}{indicator.unit}"
                )
                hint = "以规划写的为准判定；若口径不同在 note 写明，若写错了改其中一个"
                at = (*where, "baseline", "value")
                found.append(fault_at(pack, "target", target.id, "baseline_differs", message, hint, at=at))
    return found


def reference_values(pack: Pack) -> Values:
    """The published values of the plan's own area that the pack carries: compared series of each indicator."""
    area = pack.plan.area if pack.plan is not None else ""
    known = {(r.series, r.area, r.year): r.value for r in pack.references if r.area == area}
    return {
        (indicator.id, year, ()): value
        for indicator in pack.indicators.values()
        for comparison in indicator.comparisons
        for (series, where, year), value in known.items()
        if (series, where) == (comparison.series, comparison.area)
    }


def _mean(values: list[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None


def _assumed_base(pack: Pack, target: Target) -> Iterator[Fault]:
    kind = TargetKind(target.bound) if target.bound is not None else target.kind
    if kind not in _FROM_BASE or target.baseline is not None or pack.plan is None:
        return
    if target.strata and all(s.baseline is not None for s in target.strata) and target.is_empty:
        return
    year = pack.plan.start - 1
    message = f"没有写基期，按规划开始的前一年（{year} 年）算"
    hint = f"规划写明了就照写 baseline: {{year: …}}；确是如此就写 baseline: {{year: {year}}}"
    subject = f"base/{year}"  # the same for the whole plan: said once
    at = ("kind",)
    yield fault_at(pack, "target", target.id, "base_assumed", message, hint, at=at, subject=subject)


def _not_one_way(pack: Pack, target: Target) -> Iterator[Fault]:
    """Milestones that go back on the way to the target."""
    kind = TargetKind(target.bound) if target.bound is not None else target.kind
    if kind not in WANTED:
        return
    end = pack.plan.end if pack.plan is not None else 9999
    grows = kind is not TargetKind.AT_MOST  # a reduction's cut grows from year to year, too
    for where, course, _ in courses(target):
        for (year, bar, _), (later, after, at) in pairwise(_by_year(course, target.year or end, where)):
            one, two = _number(bar), _number(after)
            if one is None or two is None or (two >= one if grows else two <= one):
                continue
            message = f"里程碑走了回头路：{year} 年 {_shown(bar)}，{later} 年却是 {_shown(after)}"
            yield fault_at(
                pack,
                "target",
                target.id,
                "not_monotone",
                message,
                "检查这两年的值；规划确是如此则不用改",
                at=at,
            )


def _by_year(course: Course, last: int, where: At) -> list[tuple[int, Bar, At]]:
    bars: list[tuple[int, Bar, At]] = [(m.year, m, (*where, "milestones", i)) for i, m in enumerate(course.milestones)]
    if not course.is_empty:
        bars.append((last, course, where))
    return sorted(bars, key=lambda b: b[0])


def _number(bar: Bar) -> float | None:
    if bar.cut_share is not None:
        return float(bar.cut_share)
    return bar.value if bar.value is not None else bar.points


def _shown(bar: Bar) -> str:
    return str(bar.cut) if bar.cut is not None else f"{_number(bar):g}"
