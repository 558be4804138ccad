"""Those that a target over “every” names exist: the group of areas, the attributes, the institutions."""

from __future__ import annotations

from collections.abc import Iterator

from qingmiao.content.faults import fault_at, near
from qingmiao.content.members import level_of
from qingmiao.content.pack import Pack
from qingmiao.content.plan import Target
from qingmiao.kernel.errors import Fault


def check_members(pack: Pack, target: Target) -> Iterator[Fault]:
    """The named group, the attributes and the institutions of an every_area target are known, and its indicators give
    them."""

    def fault(code: str, message: str, hint: str, *at: str | int) -> Fault:
        return fault_at(pack, "target", target.id, code, message, hint, at=at)

    if target.group is not None and target.group not in pack.area_groups:
        message = f"没有地区组「{target.group}」"
        yield fault("dangling_id", message, near(target.group, pack.area_groups), "group")
        return
    for by, code in target.among.items():
        found = sorted({dict(a.attributes)[by] for a in pack.areas.values() if by in a.attributes})
        if code not in found:
            message = f"没有一个地区的 {by} 是「{code}」"
            hint = near(code, found) if found else f"在 areas 里写 attributes: {{{by}: {code}}}"
            yield fault("dangling_id", message, hint, "among", by)
    if target.group is not None:
        yield from _group_level(pack, target)
    each = target.each
    if each is None:
        return
    if each.type and not any(o.type == each.type for o in pack.organisations.values()):
        types = sorted({o.type for o in pack.organisations.values() if o.type})
        hint = near(each.type, types) if types else f"在 organisations 里给每一所写 type: {each.type}"
        yield fault("dangling_id", f"没有 type 是「{each.type}」的单位", hint, "each", "type")
    for indicator in pack.indicators_for(target.id):
        if (each.by,) not in indicator.dimensions:
            message = f"指标 {indicator.id} 没有分组「{each.by}」，各{each.noun}无法判定"
            has = "、".join(d[0] for d in indicator.dimensions if len(d) == 1)
            yield fault(
                "dangling_id",
                message,
                f"在指标的 by 里写 {each.by}" + (f"（现有：{has}）" if has else ""),
                "each",
                "by",
            )


def _group_level(pack: Pack, target: Target) -> Iterator[Fault]:
    try:
        level = level_of(pack, target)
    except ValueError:
        return  # the areas do not make a tree: faults of their own
    for indicator in pack.indicators_for(target.id):
        if level is not None and level not in indicator.levels:
            message = f"指标 {indicator.id} 不计算{level.noun}一级，不能逐一判定"
            hint = f"在 {indicator.id} 的 levels 里加上 {level.value}"
            yield fault_at(pack, "target", target.id, "wrong_value", message, hint, at=("group",))
