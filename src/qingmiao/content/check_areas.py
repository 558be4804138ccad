"""Areas that hold together: parents, the plan's own area, names, codes, and what happened to them over the years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from qingmiao.content.areas import AreaItem
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.pack import Pack
from qingmiao.kernel.area_history import AreaChange
from qingmiao.kernel.areas import AreaLevel, AreaNode, AreaTree
from qingmiao.kernel.errors import Fault


def check_areas(pack: Pack) -> Iterator[Fault]:
    """Parents exist and lie above; the plan's area exists; every area lies in it or is a reference; the history
    fits."""
    broken = list(_parents(pack))
    yield from broken
    yield from _plan_area(pack)
    changes = list(_changes_named(pack))
    yield from changes
    if broken or changes or pack.lent:  # an area that could not be read may be the missing one
        return
    tree = pack.area_tree
    yield from _outside(pack, tree)
    yield from _codes(pack, tree)
    yield from _names(pack, tree)
    yield from _history(pack, tree)
    yield from _groups(pack, tree)


def _at(pack: Pack, code: str, kind: str, message: str, hint: str, *at: str | int, of: str = "areas") -> Fault:
    return fault_at(pack, of, code, kind, message, hint, at=at)


def _parents(pack: Pack) -> Iterator[Fault]:
    former = {c for a in pack.areas.values() for x in a.history if x.is_same_area for c in x.before}
    for area in pack.areas.values():
        if area.parent is None:
            continue
        parent = pack.areas.get(area.parent)
        if parent is None and area.parent not in former and not pack.lends(area.parent):
            message, hint = f"上级地区「{area.parent}」不存在", near(area.parent, pack.areas)
            subject = f"areas/{area.parent}"
            at = ("parent",)
            yield fault_at(pack, "areas", area.code, "dangling_id", message, hint, at=at, subject=subject)
        elif parent is not None and parent.level.depth >= area.level.depth:
            message = f"上级 {parent.name}（{parent.level.label}）不高于 {area.name}（{area.level.label}）"
            yield _at(pack, area.code, "wrong_value", message, "检查 level 和 parent", "parent")


def _plan_area(pack: Pack) -> Iterator[Fault]:
    if pack.plan is None or not unknown(pack, pack.areas, pack.plan.area):
        return
    place = pack.place("plan", "plan")
    message = f"规划的地区「{pack.plan.area}」不存在"
    hint = near(pack.plan.area, pack.areas)
    subject = f"areas/{pack.plan.area}"
    yield Fault(place.file, place.at("area"), "dangling_id", message, hint=hint, subject=subject)


def _changes_named(pack: Pack) -> Iterator[Fault]:
    """Every code of a change is listed (the old code of a recoded area need not be); recoding does not go round."""
    same = {x.before[0]: x.after[0] for a in pack.areas.values() for x in a.history if x.is_same_area}
    told: set[str] = set()
    for area in pack.areas.values():
        for n, (item, change) in enumerate(zip(area.changes, area.history, strict=True)):
            for code in change.after:
                if unknown(pack, pack.areas, code):
                    message = f"{item.day} {item.kind.label}后的地区「{code}」不存在"
                    yield _at(pack, area.code, "dangling_id", message, near(code, pack.areas), "changes", n, "to")
            for code in change.before:
                if unknown(pack, pack.areas, code) and code not in same and not change.is_same_area:
                    message = f"{item.day} {item.kind.label}前的地区「{code}」没有列出"
                    hint = "在 areas 里列出它（名称、上级、当时的代码）；它的有效期由这一条变更得出"
                    yield _at(pack, area.code, "dangling_id", message, hint, "changes", n, "from")
            if not item.before and not item.after and not change.is_same_area and change.kind.value != "abolished":
                message = f"{item.kind.label}要写 from（之前的代码）或 to（之后的代码）"
                yield _at(pack, area.code, "missing_key", message, "两边都写最清楚", "changes", n)
            if change.kind.value == "moved" and change.before == change.after and (item.before or item.after):
                message = "划转后的代码与划转前相同"
                hint = "到了别的上级，代码随之改变：两个代码各列一条"
                yield _at(pack, area.code, "wrong_value", message, hint, "changes", n)
            if change.kind.value == "recoded" and change.before == change.after:
                message = "换代码要写 from（原代码）"
                yield _at(pack, area.code, "missing_key", message, 'from: ["原代码"]', "changes", n)
            ring = _ring(change.before[0], same) if change.is_same_area else set()
            if len(ring) > 1 and not ring & told:
                told |= ring
                message = f"代码变更成环：{change.before[0]} 最后又改回自己"
                yield _at(pack, area.code, "circle", message, "改 from 或 to", "changes", n)


def _ring(code: str, step: dict[str, str]) -> set[str]:
    """The codes of the circle in which recoding comes back to `code`; empty where it does not."""
    at, seen = code, {code}
    while at in step and step[at] != at:
        at = step[at]
        if at in seen:
            return seen if at == code else set()
        seen.add(at)
    return set()


def _outside(pack: Pack, tree: AreaTree) -> Iterator[Fault]:
    """An area below the plan's level lies in the plan's area; one at or above it is an ancestor, has a parent, or is a
    reference."""
    root = pack.root_area
    if root is None:
        return
    upwards = {a.code for level in AreaLevel if (a := tree.ancestor(root.code, level)) is not None}
    inside = {a.code for level in AreaLevel for a in tree.under(root.code, level)}
    linked = {
        tree.current(c)
        for x in tree.changes
        for c in (*x.before, *x.after)
        if inside & {tree.current(k) for k in (*x.before, *x.after)}
    }
    named = {r.area for r in pack.references} | {
        t.relative_to.area for t in pack.targets.values() if t.relative_to is not None
    }
    named |= {c.area for i in pack.indicators.values() for c in i.comparisons}
    for area in tree:
        if area.code in upwards or area.code in inside or area.code in linked or area.code in named:
            continue
        told = f"{area.name}（{area.level.label}）"
        if area.level.depth > root.level.depth:
            if area.parent is None:
                message = f"{told}没有上级，不在{root.name}之内，它的数不会进入任何合计"
                hint = f"写 parent（{root.name}的代码是 {root.code}，或它下面的地区）"
                yield _at(pack, area.code, "no_parent", message, hint)
            else:
                message = f"{told}不在规划的地区{root.name}（{root.code}）之内"
                yield _at(pack, area.code, "outside_plan", message, "改 parent，或删去这一条", "parent")
        elif area.parent is None and area.level is not AreaLevel.NATION and not _has_below(tree, area, named | linked):
            message = f"{told}没有上级，也没有作为参照（references、comparisons、relative_to）用到"
            yield _at(pack, area.code, "no_parent", message, "写 parent，或删去这一条")


def _has_below(tree: AreaTree, area: AreaNode, named: set[str]) -> bool:
    """Whether a reference lies below the area."""
    return any(tree.ancestor(code, area.level) is area for code in named if code in tree)


def _codes(pack: Pack, tree: AreaTree) -> Iterator[Fault]:
    """A numeric code begins with its parent's digits; where it truly does not, the area's note says why."""
    for area in pack.areas.values():
        parent = area.parent
        if parent is None or not (parent.isdigit() and area.code.isdigit()) or area.note:
            continue
        own = area.code
        if any(own.startswith(_digits(p)) for p in (parent, tree.current(parent))) or _once(tree, own, parent):
            continue
        message = f"代码 {own} 不以上级 {parent} 的前几位开头"
        hint = "检查 code 和 parent；确实如此（如代管的开发区、飞地）就在 note 写明原因"
        yield _at(pack, own, "wrong_code", message, hint, "code")


def _once(tree: AreaTree, code: str, parent: str) -> bool:
    """Whether the parent once had a code that `code` begins with (撤县设区, the townships keep their codes)."""
    return any(f.code == tree.current(parent) and code.startswith(_digits(old)) for old, f in tree.former.items())


def _digits(code: str) -> str:
    """The digits of a code that its own level decides: 140000 → 14, 141029000000 → 141029."""
    for size in (2, 4, 6, 9, 12):
        if len(code) >= size and not code[size:].strip("0"):
            return code[:size]
    return code


def _names(pack: Pack, tree: AreaTree) -> Iterator[Fault]:
    """No two areas of one level and parent have the same name at the same time."""
    named: dict[tuple[str | None, AreaLevel, str], list[AreaNode]] = defaultdict(list)
    for area in tree:
        for other in named[area.parent, area.level, area.name]:
            if _meet(area, other):
                message = f"与 {other.code} 同名、同一上级、同一时间：{area.name}"
                hint = "改名称，或写各自的 valid（从何时到何时）；换了代码的写 changes"
                yield _at(pack, area.code, "duplicate_name", message, hint, "name")
                break
        named[area.parent, area.level, area.name].append(area)


def _meet(a: AreaNode, b: AreaNode) -> bool:
    first = max(a.first or date.min, b.first or date.min)
    return first <= min(a.last or date.max, b.last or date.max)


def _history(pack: Pack, tree: AreaTree) -> Iterator[Fault]:
    """Validity and changes agree: what goes into a change exists the day before, what comes out of it on the day."""
    ended: dict[str, AreaChange] = {}
    for item in pack.areas.values():
        for n, change in enumerate(item.history):
            yield from _fits(pack, tree, item, n, change)
            for code in change.ends:
                before = ended.setdefault(code, change)
                if before != change:
                    message = f"「{code}」已在 {before.day} {before.kind.label}，又在 {change.day} {change.kind.label}"
                    yield _at(pack, item.code, "wrong_date", message, "只留一条", "changes", n)
    for area in tree:
        parent = tree.get(area.parent) if area.parent else None
        if parent is None or (parent.first is None and parent.last is None):
            continue
        if (area.last or date.max) > (parent.last or date.max):
            message = f"上级 {parent.name} 到 {parent.last} 为止，{area.name} 之后没有上级"
            hint = "写这一地区的变更（recoded、moved、merged……）或 valid.to"
            yield _at(pack, area.code, "wrong_date", message, hint, "parent")


def _fits(pack: Pack, tree: AreaTree, item: AreaItem, n: int, change: AreaChange) -> Iterator[Fault]:
    eve = change.day - timedelta(days=1)
    if change.is_same_area:
        area = tree.get(tree.current(change.after[0]))
        if area is not None and not (area.exists(change.day) and area.exists(eve)):
            message = f"{area.name} 的有效期与 {change.day} 的{change.kind.label}不符：这一天前后它都应存在"
            yield _at(pack, item.code, "wrong_date", message, "改 valid 或 date", "changes", n)
        return
    sides = ((change.before, eve, "前"), (change.after, change.day, "后"))
    for codes, day, word in sides:
        for code in codes:
            area = tree.get(tree.current(code))
            if area is not None and not area.exists(day):
                message = f"{change.day} {change.kind.label}{word}的 {area.name}（{code}）在 {day} 不存在（有效期 {_span(area)}）"
                yield _at(pack, item.code, "wrong_date", message, "改 valid 或 date", "changes", n)
    for code in change.ends:
        area = tree.get(tree.current(code))
        if area is not None and area.last is not None and area.last >= change.day:
            message = f"{area.name}（{code}）的有效期到 {area.last}，与 {change.day} 的{change.kind.label}重叠"
            yield _at(pack, item.code, "wrong_date", message, f"valid.to 写 {eve}，或不写", "changes", n)
    for code in change.begins:
        area = tree.get(tree.current(code))
        if area is not None and area.first is not None and area.first < change.day:
            message = f"{area.name}（{code}）从 {area.first} 起有效，与 {change.day} 的{change.kind.label}重叠"
            yield _at(pack, item.code, "wrong_date", message, f"valid.from 写 {change.day}，或不写", "changes", n)


def _span(area: AreaNode) -> str:
    return f"{area.first or ''}—{area.last or ''}"


def _groups(pack: Pack, tree: AreaTree) -> Iterator[Fault]:
    """The members of a named group are areas of one level."""
    for group in pack.area_groups.values():
        levels = set()
        for n, member in enumerate(group.members):
            code = member if isinstance(member, str) else member.area
            area = tree.get(tree.current(code))
            if area is None:
                message, hint = f"地区「{code}」不存在", near(code, pack.areas)
                yield _at(pack, group.id, "dangling_id", message, hint, "members", n, of="area_groups")
            else:
                levels.add(area.level)
        if len(levels) > 1:
            words = "、".join(x.label for x in sorted(levels, key=lambda x: x.depth))
            message = f"一组里的地区不是同一级：{words}"
            yield _at(pack, group.id, "wrong_value", message, "按级分成几组", "members", of="area_groups")
