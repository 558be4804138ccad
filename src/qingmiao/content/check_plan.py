"""Rules over the plan: ids, parents, and targets that can be decided: years, numbers, groups, areas, indicators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from qingmiao.content.check_members import check_members
from qingmiao.content.check_targets import check_target
from qingmiao.content.faults import circle, fault_at, near, unknown
from qingmiao.content.indicators import Indicator
from qingmiao.content.pack import Pack
from qingmiao.content.pack_files import shown_path
from qingmiao.content.plan import Qualifier, Target, TargetKind
from qingmiao.content.words import half_width
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.errors import Fault

LATEST_OUTLOOK = 20
"""A target may be due this many years after the plan's end (2035 远景目标), no later."""

_BY_LIMIT = (
    TargetKind.AT_LEAST,
    TargetKind.AT_MOST,
    TargetKind.EVERY_AREA,
    TargetKind.COUNT_AT_LEAST,
    TargetKind.REDUCE_BY,
    TargetKind.INCREASE_BY,
)


def check_plan(pack: Pack) -> Iterator[Fault]:
    """Ids of the plan are unique across kinds, parents exist, every target lies within the plan's years and has its
    indicator."""
    yield from _check_ids(pack)
    yield from _check_parents(pack)
    if pack.fields and pack.plan is None and not pack.lent:
        yield Fault(
            shown_path(pack.root / "plan/plan.yaml"),
            0,
            "missing_file",
            "有领域但没有 plan/plan.yaml",
            hint="写上规划名称和起止年",
        )
    twice = _doubled(pack)
    for target in pack.targets.values():
        if target.id in twice:
            continue
        yield from _check_years(pack, target)
        yield from _check_numbers(pack, target)
        yield from _check_indicators(pack, target)
        yield from check_target(pack, target)
        if target.kind is TargetKind.EVERY_AREA:
            yield from check_members(pack, target)
            yield from _check_area_groups(pack, target)
        else:
            yield from _check_groups(pack, target)


def _ids(pack: Pack) -> Iterator[tuple[str, str]]:
    """Kind and id of every element of the plan."""
    for f in pack.fields:
        for g in f.goals:
            yield "goal", g.id
            yield from (("target", t.id) for t in g.targets)
        yield from (("measure", m.id) for m in f.measures)
    yield from (("plan/systems", s) for s in pack.systems)
    yield from (("plan/duties", d) for d in pack.duties)


def _doubled(pack: Pack) -> set[str]:
    """Ids that stand for more than one element."""
    counts = Counter(id_ for _, id_ in _ids(pack))
    return {id_ for id_, n in counts.items() if n > 1}


def _check_ids(pack: Pack) -> Iterator[Fault]:
    seen: set[str] = set()
    for kind, id_ in _ids(pack):
        if id_ in seen:
            message = f"编号「{id_}」重复"
            hint = "规划里每个编号只用一次"
            yield fault_at(pack, kind, id_, "duplicate_id", message, hint, at=("id",))
        seen.add(id_)
    orders = [f.order for f in pack.fields]
    for f in pack.fields:
        if orders.count(f.order) > 1:
            message = f"领域次序 {f.order} 重复"
            yield fault_at(pack, "plan/fields", f.id, "duplicate_order", message, "改 order", at=("order",))


def _check_parents(pack: Pack) -> Iterator[Fault]:
    parents = {g.id: g.parent for g in pack.goals.values()}
    for goal in pack.goals.values():
        if goal.parent is not None and unknown(pack, pack.goals, goal.parent):
            message = f"上级目标「{goal.parent}」不存在"
            hint, at = near(goal.parent, pack.goals), ("parent",)
            yield fault_at(pack, "goal", goal.id, "dangling_id", message, hint, at=at, subject=f"plan/{goal.parent}")
        ring = circle(goal.id, parents)
        if ring:
            message = f"上级目标成环：{ring}"
            yield fault_at(pack, "goal", goal.id, "circle", message, "改 parent", at=("parent",))


def _check_years(pack: Pack, target: Target) -> Iterator[Fault]:
    """The target's year, its milestones and baselines stand in the order that the plan's years allow."""
    if pack.plan is None:
        return
    start, end = pack.plan.start, pack.plan.end
    last = target.year or end

    def fault(message: str, hint: str, *at: str | int) -> Fault:
        return fault_at(pack, "target", target.id, "out_of_range", message, hint, at=at)

    if not start <= last <= end + LATEST_OUTLOOK:
        yield fault(f"目标年 {last} 不在规划期内", "检查 year", "year")
    for where, course in (((), target), *((("strata", i), s) for i, s in enumerate(target.strata))):
        for i, milestone in enumerate(course.milestones):
            at = (*where, "milestones", i)
            if milestone.year > last and not course.is_empty:
                yield fault(f"里程碑 {milestone.year} 晚于目标年 {last}", "检查 milestones", *at)
            elif not start <= milestone.year <= end + LATEST_OUTLOOK:
                yield fault(f"里程碑 {milestone.year} 不在规划期内", "检查 milestones", *at)
    for where, baseline in (
        ((), target.baseline),
        *((("strata", i), s.baseline) for i, s in enumerate(target.strata)),
    ):
        if baseline is not None and baseline.year > last:
            yield fault(f"基期 {baseline.year} 晚于目标年 {last}", "检查 baseline", *where, "baseline")


def _check_numbers(pack: Pack, target: Target) -> Iterator[Fault]:
    falls = TargetKind.REDUCE_BY in (target.kind, target.bound)
    for course in (target, *target.strata):
        for bar in course.bars:
            share = bar.cut_share
            if share is not None and (share <= 0 or (falls and share > 1)):
                message = f"变化幅度 cut「{bar.cut}」应大于 0{'、不超过 100%' if falls else ''}"
                hint = '百分数要带百分号，如 "20%"'
                yield fault_at(pack, "target", target.id, "wrong_value", message, hint, at=("cut",))
    if Qualifier.ABOUT in target.qualifiers and target.kind not in _BY_LIMIT:
        message = "「左右」只用于有上限或下限的目标"
        yield fault_at(pack, "target", target.id, "wrong_value", message, at=("qualifiers",))


def _check_indicators(pack: Pack, target: Target) -> Iterator[Fault]:
    """Every target that is ours has its indicator, in the same unit and for the level at which it is judged."""
    indicators = pack.indicators_for(target.id)
    if not indicators and not pack.left_to(pack.goal_of(target.id).id) and not pack.lends(target.id):
        message = f"目标「{target.label}」没有指标"
        hint = f"在一个指标里写 implements: [{target.id}]；没有数值的用问卷或证据指标；由上级负责的目标在 goal 里写 left_to"
        yield fault_at(pack, "target", target.id, "target_without_indicator", message, hint)
    for indicator in indicators:
        if target.unit and target.unit != indicator.unit and half_width(indicator.unit) == target.unit:
            message, hint = f"单位「{indicator.unit}」用了全角字符", f"写成「{target.unit}」"
            at: tuple[str | int, ...] = ("unit",)
            fault = fault_at(pack, "indicators", indicator.id, "wrong_value", message, hint, at=at)
            yield replace(fault, place=f"{indicator.id}.unit", fix=(indicator.unit, f'"{target.unit}"'))
        elif target.unit and target.unit != indicator.unit:
            message = f"单位「{target.unit}」与指标 {indicator.id} 的单位「{indicator.unit}」不同"
            hint = "改成同一个单位；数值也要按这个单位写"
            yield fault_at(pack, "target", target.id, "wrong_value", message, hint, at=("unit",))
        listed = any(a.level == target.level for a in pack.areas.values())
        if target.level is not None and listed and AreaLevel(target.level) not in indicator.levels:
            message = f"指标 {indicator.id} 不计算{AreaLevel(target.level).noun}一级，不能逐一判定"
            hint = f"在 {indicator.id} 的 levels 里加上 {target.level}"
            yield fault_at(pack, "target", target.id, "wrong_value", message, hint, at=("level",))


def _check_groups(pack: Pack, target: Target) -> Iterator[Fault]:
    """A group's breakdown is one of the indicator's, and its code is known."""
    for i, stratum in enumerate(target.strata):
        at = ("strata", i)
        for indicator in pack.indicators_for(target.id):
            if (stratum.by,) not in indicator.dimensions:
                message = f"指标 {indicator.id} 没有分组「{stratum.by}」，各组无法判定"
                hint = f"在 {indicator.id} 的 by 里加上 {stratum.by}"
                yield fault_at(pack, "target", target.id, "dangling_id", message, hint, at=at)
            else:
                yield from _check_code(pack, target, indicator, i)


def _check_code(pack: Pack, target: Target, indicator: Indicator, i: int) -> Iterator[Fault]:
    stratum = target.strata[i]
    codes = pack.code_list(indicator.id, stratum.by)
    if codes is not None and stratum.code not in codes.codes:
        message = f"分组 {stratum.by} 没有代码「{stratum.code}」"
        hint = near(stratum.code, {i.code: i for i in codes.items})
        yield fault_at(pack, "target", target.id, "dangling_id", message, hint, at=("strata", i, "code"))


def _check_area_groups(pack: Pack, target: Target) -> Iterator[Fault]:
    """Where areas' bars differ by an attribute, the attribute's codes are used and every area has a bar."""
    if not target.strata or target.level is None or pack.plan is None or pack.plan.area not in pack.areas:
        return
    if pack.lent or _tree_is_broken(pack):
        return
    tree = pack.area_tree
    by = target.strata[0].by
    areas = [
        a
        for a in tree.under(pack.plan.area, AreaLevel(target.level))
        if a.last is None or a.last >= date(pack.plan.start, 1, 1)
    ]
    found = {a.code: tree.attribute(a.code, by) for a in areas}
    used = sorted({c for c in found.values() if c is not None})
    for i, stratum in enumerate(target.strata):
        if areas and stratum.code not in used:
            message = f"没有一个{AreaLevel(target.level).noun}的 {by} 是「{stratum.code}」"
            hint = near(stratum.code, used) if used else f"在 areas 里写 attributes: {{{by}: {stratum.code}}}"
            yield fault_at(pack, "target", target.id, "dangling_id", message, hint, at=("strata", i, "code"))
    if target.bars:
        return
    codes = {s.code for s in target.strata}
    bare = [a.name for a in areas if found[a.code] not in codes]
    if bare:
        message = f"{'、'.join(bare[:8])}{'等' if len(bare) > 8 else ''}没有适用的目标值"
        hint = f"在 areas 里写 attributes 的 {by}，或给目标本身写一个其余地区的值"
        yield fault_at(pack, "target", target.id, "missing_key", message, hint, at=("strata",))


def _tree_is_broken(pack: Pack) -> bool:
    """Areas with unknown or circular parents are faults of their own (check_areas)."""
    try:
        return not pack.area_tree.areas
    except ValueError:
        return True
