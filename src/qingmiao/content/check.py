"""Is a pack whole? Every reference resolves, every expression fits its columns, every target can be decided.

`check_pack` finds all faults of meaning in one go; faults of form come from loading (`read_pack`). Each rule is one
small function over the pack; add a rule by adding a function to `RULES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from qingmiao.content.causes import named, settled
from qingmiao.content.check_areas import check_areas
from qingmiao.content.check_deadlines import check_deadlines
from qingmiao.content.check_facts import check_facts
from qingmiao.content.check_forms import check_forms
from qingmiao.content.check_indicators import check_indicators
from qingmiao.content.check_plan import check_plan
from qingmiao.content.check_returns import check_returns
from qingmiao.content.check_roles import check_roles
from qingmiao.content.faults import circle, fault_at, near, unknown
from qingmiao.content.load import read_pack
from qingmiao.content.pack import Pack
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.errors import Fault

Rule = Callable[[Pack], Iterator[Fault]]


def check_path(root: Path) -> tuple[Pack | None, list[Fault]]:
    """Load a pack and find every fault of form and of meaning, sorted by file and line."""
    pack, faults = read_pack(root)
    if pack is not None:
        faults = [named(pack, f) for f in faults] + check_pack(pack)
    return pack, sorted(set(faults))


def check_pack(pack: Pack) -> list[Fault]:
    """Every fault of meaning in a loaded pack."""
    return settled(pack, [fault for rule in RULES for fault in rule(pack)])


def check_codes(pack: Pack) -> Iterator[Fault]:
    """A code's parent is a code of the same list and lies above it."""
    for codes in pack.codes.values():
        parents = {i.code: i.parent for i in codes.items}
        for n, item in enumerate(codes.items):
            at = ("items", n, "parent")
            if item.parent is not None and item.parent not in parents:
                message, hint = f"上级代码「{item.parent}」不存在", near(item.parent, parents)
                yield fault_at(pack, "codes", codes.id, "dangling_id", message, hint, at=at)
            elif ring := circle(item.code, parents):
                yield fault_at(pack, "codes", codes.id, "circle", f"上级代码成环：{ring}", "改 parent", at=at)


def check_organisations(pack: Pack) -> Iterator[Fault]:
    """Every unit, lead and reference value refers to what exists; dated leads have no gap and no overlap."""
    for unit in pack.organisations.values():
        if unknown(pack, pack.areas, unit.area):
            yield fault_at(
                pack,
                "organisations",
                unit.id,
                "dangling_id",
                f"地区「{unit.area}」不存在",
                near(unit.area, pack.areas),
                at=("area",),
                subject=f"areas/{unit.area}",
            )
        if unit.parent is not None and unknown(pack, pack.organisations, unit.parent):
            yield fault_at(
                pack,
                "organisations",
                unit.id,
                "dangling_id",
                f"上级单位「{unit.parent}」不存在",
                near(unit.parent, pack.organisations),
                at=("parent",),
                subject=f"organisations/{unit.parent}",
            )
        ring = circle(unit.id, {u.id: u.parent for u in pack.organisations.values()}) if unit.parent else ""
        if ring:
            yield fault_at(
                pack, "organisations", unit.id, "circle", f"上级单位成环：{ring}", "改 parent", at=("parent",)
            )
    elements = set(pack.elements())
    by_element: dict[str, list[tuple[str, str]]] = {}
    for lead in pack.leads:
        where = _lead_place(pack, lead.of)
        if unknown(pack, elements, lead.of):
            message = f"分工表提到没有的目标或措施「{lead.of}」"
            yield replace(_with(where, message, near(lead.of, elements)), subject=f"plan/{lead.of}")
        for unit_id in (lead.lead, *lead.with_units):
            if unknown(pack, pack.organisations, unit_id):
                message = f"分工表提到没有的单位「{unit_id}」"
                yield replace(
                    _with(where, message, near(unit_id, pack.organisations)),
                    subject=f"organisations/{unit_id}",
                )
        begins = lead.valid_from.isoformat() if lead.valid_from else "0000-00-00"
        by_element.setdefault(lead.of, []).append(
            (begins, lead.valid_to.isoformat() if lead.valid_to else "9999-99-99")
        )
    for element, spans in by_element.items():
        yield from _span_faults(replace(_lead_place(pack, element), code="date_gap"), sorted(set(spans)))


def _lead_place(pack: Pack, of: str) -> Fault:
    """A fault still without words, at the (last) entry that says who leads `of`."""
    place = pack.place("leads", of)
    return Fault(place.file, place.line, "dangling_id", "", place=of)


def _with(fault: Fault, message: str, hint: str) -> Fault:
    return replace(fault, message=message, hint=hint)


def _span_faults(where: Fault, spans: list[tuple[str, str]]) -> Iterator[Fault]:
    for (_, ends), (begins, _) in pairwise(spans):
        if ends == "9999-99-99" or begins == "0000-00-00" or begins <= ends:
            yield _with(
                where,
                f"分工的有效期重叠（{ends} 与 {begins}）",
                "给前一条写 valid_to，后一条写次日的 valid_from",
            )
        elif date.fromisoformat(begins) != date.fromisoformat(ends) + timedelta(days=1):
            yield _with(
                where,
                f"分工的有效期有空档（{ends} 之后到 {begins} 之前没有牵头单位）",
                "补上这一段，或把日期接上",
            )


def _serves(pack: Pack, kind: str, id_: str, serves: Iterable[str]) -> Iterator[Fault]:
    elements = set(pack.elements())
    for wanted in serves:
        if elements and unknown(pack, elements, wanted):
            message, hint = f"serves 提到没有的「{wanted}」", near(wanted, elements)
            yield fault_at(pack, kind, id_, "dangling_id", message, hint, at=("serves",), subject=f"plan/{wanted}")


def check_serving(pack: Pack) -> Iterator[Fault]:
    """What facts, forms and returns serve exists in the plan."""
    for fact in pack.facts.values():
        yield from _serves(pack, "facts", fact.id, fact.serves)
        if fact.owner is not None and pack.organisations and unknown(pack, pack.organisations, fact.owner):
            message, hint = f"owner「{fact.owner}」不存在", near(fact.owner, pack.organisations)
            yield fault_at(
                pack,
                "facts",
                fact.id,
                "dangling_id",
                message,
                hint,
                at=("owner",),
                subject=f"organisations/{fact.owner}",
            )
    for form in pack.forms.values():
        yield from _serves(pack, "forms", form.id, form.serves)
    for deadline in pack.deadlines.values():
        yield from _serves(pack, "deadlines", deadline.id, deadline.serves)
    for table in pack.returns.values():
        yield from _serves(pack, "returns", table.id, table.serves)
        if pack.organisations and unknown(pack, pack.organisations, table.reporter):
            message, hint = f"填报单位「{table.reporter}」不存在", near(table.reporter, pack.organisations)
            at, wanted = ("reporter",), f"organisations/{table.reporter}"
            yield fault_at(pack, "returns", table.id, "dangling_id", message, hint, at=at, subject=wanted)
        has_level = any(a.level is AreaLevel(table.level) for a in pack.areas.values())
        if pack.plan is not None and not has_level and not pack.lent:
            message = f"没有{AreaLevel(table.level).label}地区可填报"
            yield fault_at(pack, "returns", table.id, "wrong_value", message, "检查 level", at=("level",))


RULES: tuple[Rule, ...] = (
    check_plan,
    check_areas,
    check_codes,
    check_organisations,
    check_roles,
    check_facts,
    check_forms,
    check_indicators,
    check_returns,
    check_deadlines,
    check_serving,
)
