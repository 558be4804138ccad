"""Do checklists name roles, places and deadlines that there are? Do their expressions read what stands above?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from qingmiao.content.check_forms import check_form
from qingmiao.content.checklist_forms import form_of
from qingmiao.content.checklists import Checklist
from qingmiao.content.deadlines import Deadline
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.forms import FormField
from qingmiao.content.kept_out import kept_out_of_visits
from qingmiao.content.pack import Pack
from qingmiao.content.roles import all_roles
from qingmiao.kernel.errors import Fault

TABLE, ITEMS = "inspections", "inspection_items"
"""The fact tables of visits and of their items; their columns are content (`facts/`)."""
FLOW = "flow:inspection"
"""What the deadlines of a checklist are of."""
At = tuple[str | int, ...]


def check_checklists(pack: Pack) -> Iterator[Fault]:
    """Every checklist of the pack."""
    for one in pack.entries("checklists", Checklist).values():
        yield from _roles(pack, one)
        yield from _places(pack, one)
        yield from _deadlines(pack, one)
        yield from _kept_out(pack, one)
        yield from _form(pack, one)
    yield from _settings(pack)


def _settings(pack: Pack) -> Iterator[Fault]:
    """A county sets only limits that a checklist leaves to it."""
    every = {c.setting(i): i for c in pack.entries("checklists", Checklist).values() for i, _ in c.items()}
    place = pack.place("policy", "policy")
    for key, setting in pack.policy.limits.items():
        item, line = every.get(key), place.at("limits", key)
        if item is None:
            if not pack.lends(key):
                message = f"policy.yaml 的 limits 提到没有的检查项「{key}」"
                yield Fault(place.file, line, "dangling_id", message, place=key, hint=near(key, every))
            continue
        for limit in setting.written():
            if limit not in item.local:
                message = f"检查项「{key}」的 {limit} 不由县里设置"
                hint = f"由县里设置的是 {'、'.join(item.local)}" if item.local else "这一项的限值有来源，删去这一项"
                yield Fault(place.file, line, "wrong_value", message, place=key, hint=hint)


def _kept_out(pack: Pack, one: Checklist) -> Iterator[Fault]:
    """Neither a child nor whoever complained stands in a record of a visit."""
    asked: list[tuple[FormField, At]] = [(f, ("asks", n)) for n, f in enumerate(one.asks)]
    asked += [(f, ("sections", n, "asks", m)) for n, s in enumerate(one.sections) for m, f in enumerate(s.asks)]
    for field, at in asked:
        for inner in (field, *field.fields):
            for message in kept_out_of_visits(inner):
                yield _fault(pack, one, message, "删去这一问，改问制度、记录或数量", at, "wrong_value")


def _fault(pack: Pack, one: Checklist, message: str, hint: str, at: At, code: str = "dangling_id") -> Fault:
    return fault_at(pack, "checklists", one.id, code, message, hint, at=at)


def _roles(pack: Pack, one: Checklist) -> Iterator[Fault]:
    known = all_roles(pack)
    named: list[tuple[str, At]] = [(r, ("inspected_by", n)) for n, r in enumerate(one.inspected_by)]
    if one.rectified_by is not None:
        named.append((one.rectified_by, ("rectified_by",)))
    for role, at in named if pack.roles else ():
        if unknown(pack, known, role):
            hint, subject = near(role, known), f"roles/{role}"
            message = f"{at[0]} 提到没有的角色「{role}」"
            yield fault_at(pack, "checklists", one.id, "dangling_id", message, hint, at=at, subject=subject)


def _places(pack: Pack, one: Checklist) -> Iterator[Fault]:
    for table in (TABLE, ITEMS):
        if unknown(pack, pack.facts, table):
            message = f"有检查单就要有事实表「{table}」，检查结果写在里面"
            yield _fault(pack, one, message, "在 facts/ 里建立它", ("id",))
    column = pack.facts[TABLE].columns.get("place_kind") if TABLE in pack.facts else None
    codes = pack.codes.get(column.codes or "") if column is not None else None
    for n, place in enumerate(one.places if codes is not None else ()):
        if codes is not None and place not in codes.codes:
            message = f"places 提到代码表 {codes.id} 里没有的「{place}」"
            yield _fault(pack, one, message, near(place, {i.code: i for i in codes.items}), ("places", n))


def _deadlines(pack: Pack, one: Checklist) -> Iterator[Fault]:
    of_visits: Mapping[str, Deadline] = {d.id: d for d in pack.deadlines.values() if d.of == FLOW}
    for severity, id_ in one.rectify.items():
        if id_ in of_visits or pack.lends(id_):
            continue
        wrong = id_ in pack.deadlines
        message = f"时限「{id_}」的 of 是 {pack.deadlines[id_].of}，应为 {FLOW}" if wrong else f"没有时限「{id_}」"
        yield _fault(pack, one, message, near(id_, of_visits), ("rectify", severity))


def _form(pack: Pack, one: Checklist) -> Iterator[Fault]:
    """The faults of its form, each at the item or field that it was made from."""
    where = {name: at[:-1] if at[-1] == "id" else at for name, at in one.names()}
    for fault in check_form(pack, form_of(one)):
        field = fault.place.removeprefix(f"{one.id}.")
        here = pack.place("checklists", one.id)
        at = where.get(field, ())
        line = here.at(*at, "applies_if") if fault.code == "expression" and at else here.at(*at)
        yield replace(fault, file=here.file, line=line)
