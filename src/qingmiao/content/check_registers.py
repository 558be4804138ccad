"""Do registers name roles, units, fields, registers and indicators that there are? Does their form hold together?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from qingmiao.content.check_forms import check_form
from qingmiao.content.faults import circle, fault_at, near, unknown
from qingmiao.content.forms import LEVELS, FormField
from qingmiao.content.pack import Pack
from qingmiao.content.register_forms import common_fields, register_form
from qingmiao.content.registers import PERSON, WITHIN, RegisterKind
from qingmiao.content.roles import all_roles
from qingmiao.kernel.errors import Fault

TABLE, MINIMUMS = "register_entries", "register_minimums"
"""The fact tables of entries by year, and of minimums; their columns are content (`facts/`)."""
LAYOUT_WORDS = (WITHIN, "number", "state")
"""What a column of a layout may hold beside a field."""
TOLD = ("text", "code", "boolean", "integer", "number", "computed", "date", "time")
"""Types of columns that everybody may be told."""
OF_PEOPLE = ("contact_post", "credit_code")
"""Common fields that lead to a person."""
COUNTS_PEOPLE = ("人", "人次", "户", "名")
"""Units of numbers that count people: those go through `disclosure` alone."""
At = tuple[str | int, ...]


def check_registers(pack: Pack) -> Iterator[Fault]:
    """Every register of the pack."""
    every = pack.entries("registers", RegisterKind)
    yield from _settings(pack, every)
    above = {k.id: k.within.register_ if k.within is not None else None for k in every.values()}
    for kind in every.values():
        yield from _tables(pack, kind)
        yield from _roles(pack, kind)
        yield from _names(pack, kind)
        yield from _others(pack, kind)
        if ring := circle(kind.id, above):
            yield _fault(pack, kind, f"within 绕成了圈：{ring}", "去掉一处", ("within",), "wrong_value")
        yield from _form(pack, kind)


def _settings(pack: Pack, every: Mapping[str, RegisterKind]) -> Iterator[Fault]:
    """What the county turns to, and sets, is there (what indicators wait for: `load`)."""
    place = pack.place("policy", "policy")
    local = {f"{k.id}.{m.id}": m.local for k in every.values() for m in k.minimums}
    for key, named, known in (
        ("from_registers", pack.policy.from_registers, every), ("minimums", pack.policy.minimums, local)
    ):  # fmt: skip
        for id_ in named if not pack.lent else ():
            line = place.at(key, id_)
            if id_ not in known:
                message = f"policy.yaml 的 {key} 提到没有的「{id_}」"
                yield Fault(place.file, line, "dangling_id", message, place=id_, hint=near(id_, known))
            elif key == "minimums" and not local[id_]:
                message = f"最低要求「{id_}」有文件依据，不由县里设置"
                yield Fault(place.file, line, "wrong_value", message, place=id_, hint="删去这一项")


def _fault(
    pack: Pack, kind: RegisterKind, message: str, hint: str, at: At, code: str = "dangling_id", subject: str = ""
) -> Fault:
    return fault_at(pack, "registers", kind.id, code, message, hint, at=at, subject=subject)


def _tables(pack: Pack, kind: RegisterKind) -> Iterator[Fault]:
    for table in (TABLE, MINIMUMS):
        if unknown(pack, pack.facts, table):
            yield _fault(pack, kind, f"有登记册就要有事实表「{table}」", "在 facts/ 里建立它", ("id",))
    fact = pack.facts.get(TABLE)
    for column in kind.publishes if fact is not None else ():
        if column not in fact.columns:  # type: ignore[union-attr]
            message = f"事实表 {TABLE} 没有列「{column}」"
            hint = near(column, fact.columns)  # type: ignore[union-attr]
            yield _fault(pack, kind, message, hint, ("publishes", column))


def _roles(pack: Pack, kind: RegisterKind) -> Iterator[Fault]:
    known = all_roles(pack)
    for key in ("kept_by", "entered_by", "excused_by"):
        for n, role in enumerate(getattr(kind, key) if pack.roles else ()):
            if unknown(pack, known, role):
                message = f"{key} 提到没有的角色「{role}」"
                yield _fault(pack, kind, message, near(role, known), (key, n), subject=f"roles/{role}")


def _names(pack: Pack, kind: RegisterKind) -> Iterator[Fault]:
    """Every field that the register names is on its form, of the type that is needed there."""
    fields = {f.id: f for f in register_form(kind).all_fields()}

    def asked(name: str, at: At, types: tuple[str, ...], more: tuple[str, ...] = ()) -> Iterator[Fault]:
        if name in more:
            return
        if name not in fields:
            yield _fault(pack, kind, f"没有字段「{name}」", near(name, [*fields, *more]), at)
        elif types and not _fits(fields[name], types):
            yield _fault(pack, kind, f"字段「{name}」应是 {'、'.join(types)}", "换一个字段", at, "wrong_value")

    numbers = ("integer", "number", "computed")
    for n, name in enumerate(kind.without):
        if name not in common_fields(kind):
            yield _fault(pack, kind, f"没有公共字段「{name}」", near(name, common_fields(kind)), ("without", n))
    for n, rule in enumerate(kind.unique):
        for m, name in enumerate(rule):
            yield from asked(name, ("unique", n, m), (), (WITHIN, PERSON))
    for n, one in enumerate(kind.expires):
        yield from asked(one.field, ("expires", n, "field"), ("date",))
    for key in ("places", "used") if kind.capacity is not None else ():
        yield from asked(getattr(kind.capacity, key), ("capacity", key), numbers)
    yield from _public(pack, kind, fields)
    for n, column in enumerate(kind.layout):
        yield from asked(column.field, ("layout", n, "field"), (), LAYOUT_WORDS)
    for column_name, name in kind.publishes.items():
        yield from asked(name, ("publishes", column_name), ())
    for n, minimum in enumerate(kind.minimums):
        at: At = ("minimums", n)
        for key in ("of", "have"):
            if (name := getattr(minimum, key)) is not None and not (key == "of" and minimum.of_within):
                yield from asked(name, (*at, key), numbers)
        for name in minimum.ratios:
            yield from asked(name, (*at, "ratios", name), numbers)
        if minimum.where is not None:
            yield from asked(minimum.where, (*at, "where"), ("boolean", "computed"))
        for m, code in enumerate(minimum.kinds):
            if code not in {k.code for k in kind.kinds}:
                yield _fault(
                    pack, kind, f"没有类别「{code}」", near(code, [k.code for k in kind.kinds]), (*at, "kinds", m)
                )


def _public(pack: Pack, kind: RegisterKind, fields: Mapping[str, FormField]) -> Iterator[Fault]:
    """What is told to everybody says nothing of a person and counts nobody."""
    told = kind.public
    named: list[tuple[str, At, tuple[str, ...]]] = []
    named += [(name, ("columns", n), TOLD) for n, name in enumerate(told.columns)] if told is not None else []
    named += [(told.phone, ("phone",), ("text",))] if told is not None and told.phone is not None else []
    for name, where, types in named:
        at: At = ("public", *where)
        if name not in fields:
            yield _fault(pack, kind, f"没有字段「{name}」", near(name, fields), at)
        elif name in OF_PEOPLE or fields[name].type not in types or fields[name].unit in COUNTS_PEOPLE:
            yield _fault(pack, kind, f"字段「{name}」不能公开", "公开的栏目不写人、人数和附件", at, "wrong_value")
        elif fields[name].sensitivity in LEVELS[2:]:
            yield _fault(pack, kind, f"字段「{name}」是{fields[name].sensitivity}级", "换一个字段", at, "wrong_value")
    if told is not None and told.position and "position" not in fields and kind.within is None:
        at = ("public", "position")
        yield _fault(pack, kind, "登记册没有位置，也不属于有位置的场所", "去掉 position", at, "wrong_value")


def _fits(field: FormField, types: tuple[str, ...]) -> bool:
    return field.type in types or field.column is not None


def _others(pack: Pack, kind: RegisterKind) -> Iterator[Fault]:
    """Other registers, and the codes of their kinds, that minimums count."""
    every = pack.entries("registers", RegisterKind)
    named: list[tuple[str, At]] = []
    if kind.within is not None:
        named.append((kind.within.register_, ("within", "register")))
    for n, minimum in enumerate(kind.minimums):
        yield from _of_within(pack, kind, n)
        if (counted := minimum.counted) is None:
            continue
        named.append((counted.register_, ("minimums", n, "counted", "register")))
        other = every.get(counted.register_)
        for m, code in enumerate(counted.kinds if other is not None else ()):
            codes = [k.code for k in other.kinds] if other is not None else []
            if code not in codes:
                at: At = ("minimums", n, "counted", "kinds", m)
                yield _fault(pack, kind, f"登记册 {counted.register_} 没有类别「{code}」", near(code, codes), at)
        for key in ("sum", "where"):
            name = getattr(counted, key)
            if other is not None and name is not None and name not in {f.id for f in register_form(other).all_fields()}:
                at = ("minimums", n, "counted", key)
                yield _fault(pack, kind, f"登记册 {other.id} 没有字段「{name}」", "写它的一个字段", at)
        if other is not None and minimum.per == "entry":
            above = kind.within.register_ if counted.beside and kind.within is not None else kind.id
            if other.within is None or other.within.register_ != above:
                at = ("minimums", n, "counted", "register")
                message = f"登记册 {other.id} 的 within 不是 {above}，数不出一条登记有多少"
                yield _fault(pack, kind, message, f"在 {other.id} 写 within: {{register: {above}}}", at, "wrong_value")
    for id_, at in named:
        if unknown(pack, every, id_):
            yield _fault(pack, kind, f"没有登记册「{id_}」", near(id_, every), at)


def _of_within(pack: Pack, kind: RegisterKind, n: int) -> Iterator[Fault]:
    """A number of what an entry belongs to is a field of that register."""
    minimum = kind.minimums[n]
    beside = minimum.counted is not None and minimum.counted.beside
    if kind.within is None and (minimum.of_within or beside):
        at: At = ("minimums", n)
        yield _fault(pack, kind, "登记册没有 within，不能写 of_within、beside", "写 within", at, "wrong_value")
    every = pack.entries("registers", RegisterKind)
    above = every.get(kind.within.register_) if kind.within is not None and minimum.of_within else None
    fields = {f.id for f in register_form(above).all_fields()} if above is not None else {minimum.of}
    if minimum.of is not None and minimum.of not in fields:
        at = ("minimums", n, "of")
        yield _fault(pack, kind, f"没有字段「{minimum.of}」", near(minimum.of, [f for f in fields if f]), at)


def _form(pack: Pack, kind: RegisterKind) -> Iterator[Fault]:
    """The faults of its form, each at the field that it was made from."""
    at: dict[str, At] = {f.id: ("fields", n) for n, f in enumerate(kind.fields)}
    for fault in check_form(pack, register_form(kind)):
        here = pack.place("registers", kind.id)
        field = fault.place.removeprefix(f"register.{kind.id}.")
        yield replace(fault, file=here.file, line=here.at(*at.get(field, ())))
