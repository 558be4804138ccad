"""Who “every” means in a year: areas of a level, a named group of areas, or institutions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from qingmiao.content.areas import AreaGroup
from qingmiao.content.pack import Pack
from qingmiao.content.plan import Target
from qingmiao.kernel.areas import AreaLevel, AreaNode


@dataclass(frozen=True)
class MemberWords:
    """How those are called that a target asks something of: 3 个乡镇, 每所卫生院, 沿河各镇中每个乡镇."""

    noun: str = "地区"
    counter: str = "个"
    within: str = ""

    def counted(self, number: int) -> str:
        """3 个乡镇."""
        return f"{number} {self.counter}{self.noun}"


def words_of(pack: Pack, target: Target) -> MemberWords:
    """The words of a target over every area or institution."""
    if target.each is not None:
        return MemberWords(target.each.noun, target.each.counter)
    labels = [pack.code_label("", by, code) for by, code in target.among.items()]
    group = pack.area_groups.get(target.group or "")
    level = level_of(pack, target)
    noun = "".join(labels) + (level.noun if level is not None else "地区")
    return MemberWords(noun, within=group.label.zh if group is not None else "")


def level_of(pack: Pack, target: Target) -> AreaLevel | None:
    """The level of the areas that a target asks something of; None for institutions and unknown groups."""
    if target.level is not None:
        return AreaLevel(target.level)
    group = pack.area_groups.get(target.group or "")
    codes = _codes(group, None) if group is not None else ()
    area = pack.area_tree.get(pack.area_tree.current(codes[0])) if codes else None
    return area.level if area is not None else None


def _codes(group: AreaGroup, day: date | None) -> tuple[str, ...]:
    if day is not None:
        return group.on(day)
    return tuple(m if isinstance(m, str) else m.area for m in group.members)


def areas_of(pack: Pack, target: Target, root: str, day: date) -> tuple[AreaNode, ...]:
    """The areas that a target asks something of and that exist on a day, in the order of the pack."""
    tree, group = pack.area_tree, pack.area_groups.get(target.group or "")
    if target.level is not None:
        found = tree.under(root, AreaLevel(target.level), day)
    elif group is not None:
        members = {tree.current(code) for code in group.on(day)}
        found = tuple(a for a in tree if a.code in members and a.exists(day))
    else:
        return ()
    wanted = target.among.items()
    return tuple(a for a in found if all(tree.attribute(a.code, by) == code for by, code in wanted))


def institutions_of(pack: Pack, target: Target, indicator: str, day: date) -> dict[str, str] | None:
    """Code → name of the institutions that exist on a day; None where only the rows of the year say which."""
    if target.each is None:
        return {}
    if target.each.type:
        units = (o for o in pack.organisations.values() if o.type == target.each.type)
        return {o.id: o.label.zh for o in units if o.exists(day)}
    codes = pack.code_list(indicator, target.each.by)
    return {i.code: i.label.zh for i in codes.items} if codes is not None else None
