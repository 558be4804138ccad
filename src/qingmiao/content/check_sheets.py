"""Do list layouts name a kind of record of children, fields that people answer, and codes that the fields take?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qingmiao.content.faults import fault_at, near
from qingmiao.content.form_fields import resolved_form
from qingmiao.content.forms import FormField
from qingmiao.content.pack import Pack
from qingmiao.content.records import RecordKind
from qingmiao.content.sheets import ListLayout
from qingmiao.kernel.errors import Fault

At = tuple[str | int, ...]
SEX = "sex"
"""The code list to which a column of sexes leads."""
NUMBERS = ("number", "integer")
NOT_ANSWERED = ("group", "note", "computed", "file", "photo", "signature", "place")


def check_sheets(pack: Pack) -> Iterator[Fault]:
    """Every sheet of the pack."""
    kinds = pack.entries("records", RecordKind)
    for sheet in pack.entries("sheets", ListLayout).values():
        kind = kinds.get(sheet.record)
        if kind is None or kind.form not in pack.forms:
            continue  # the reference says so
        if kind.subject != "child":
            yield _fault(pack, sheet, f"记录「{kind.id}」不是儿童的记录", ("record",))
        yield from _fields(pack, sheet, kind)


def _fields(pack: Pack, sheet: ListLayout, kind: RecordKind) -> Iterator[Fault]:
    form = resolved_form(pack.forms[kind.form], pack.facts, pack.codes)
    fields = {f.id: f for top in form.fields for f in (top, *(() if top.repeat else top.fields))}
    for field, at in _named(sheet):
        one = fields.get(field)
        if one is None:
            message = f"表单「{kind.form}」没有字段「{field}」"
            yield fault_at(pack, "sheets", sheet.id, "dangling_id", message, near(field, fields), at=at)
        elif str(one.type) in NOT_ANSWERED or one.given is not None:
            yield _fault(pack, sheet, f"字段「{field}」不由人填，不能来自这张表", at)
    sexes = pack.codes.get(SEX)
    known = {i.code for i in sexes.items} if sexes is not None else set()
    for n, column in enumerate(sheet.columns):
        taken = known if column.says == "sex" else _codes(fields, column.field)
        for text, code in column.codes.items():
            if taken and code not in taken:
                message = f"「{text}」写成的代码「{code}」不在代码表里（有：{'、'.join(sorted(taken))}）"
                yield _fault(pack, sheet, message, ("columns", n, "codes"))
        one = fields.get(column.field or "")
        if one is not None and (column.factor is not None or column.time) and str(one.type) not in NUMBERS:
            yield _fault(pack, sheet, f"字段「{one.id}」不是数，不写 factor、time", ("columns", n))
    there = {*(c.field for c in sheet.columns), *sheet.asked, *sheet.fixed}
    if kind.on not in there:
        yield _fault(pack, sheet, f"没有记录的日期「{kind.on}」：写成一列，或者写进 asked", ("asked",))


def _named(sheet: ListLayout) -> Iterator[tuple[str, At]]:
    for n, column in enumerate(sheet.columns):
        if column.field is not None:
            yield column.field, ("columns", n, "field")
    yield from ((field, ("asked", n)) for n, field in enumerate(sheet.asked))
    yield from ((field, ("fixed", field)) for field in sheet.fixed)


def _codes(fields: Mapping[str, FormField], field: str | None) -> set[str]:
    one = fields.get(field or "")
    if one is None:
        return set()
    return {"是", "否"} if str(one.type) == "boolean" else {o.code for o in one.options}


def _fault(pack: Pack, sheet: ListLayout, message: str, at: At) -> Fault:
    return fault_at(pack, "sheets", sheet.id, "wrong_sheet", message, at=at)
