"""What a form's field inherits from the fact column that it names, and of what type expressions see it."""

from __future__ import annotations

from collections.abc import Mapping

from qingmiao.content.codes import CodeList
from qingmiao.content.expressions import Type
from qingmiao.content.facts import Column, Fact
from qingmiao.content.forms import Form, FormField, Option

EXPRESSION_TYPES: dict[str, Type] = {
    "text": "text", "long_text": "text", "integer": "number", "number": "number", "boolean": "boolean",
    "date": "date", "time": "text", "datetime": "text", "code": "text", "area": "text",
    "organisation": "text", "person": "text",
    "child": "text", "photo": "text", "file": "text", "signature": "text", "place": "place", "group": "list",
}  # fmt: skip
"""Field type → what an expression reads: a time is text ("08:30"), several codes and a repeated group are lists."""

FITTING: dict[str, tuple[str, ...]] = {
    "text": (
        "text", "long_text", "organisation", "person", "child", "photo", "file", "signature", "time", "datetime",
        "computed",
    ),
    "integer": ("integer", "computed"),
    "number": ("integer", "number", "computed"),
    "boolean": ("boolean", "computed"),
    "date": ("date", "computed"),
    "code": ("code", "computed"),
    "area": ("area",),
}  # fmt: skip
"""Type of a fact column → the field types that can fill it."""


def column_of(field: FormField, facts: Mapping[str, Fact]) -> Column | None:
    """The fact column that a field names; None where it names none or nothing defines it."""
    if field.column is None:
        return None
    table, _, name = field.column.partition(".")
    return facts[table].columns.get(name) if table in facts else None


def own_columns(fact: Fact) -> tuple[str, ...]:
    """The columns that a survey fills by itself: the key (the receipt), area, day, version, retraction."""
    return tuple(dict.fromkeys(c for c in (*fact.key[:1], fact.area, fact.date, fact.version, fact.retracted) if c))


def resolved(field: FormField, facts: Mapping[str, Fact], codes: Mapping[str, CodeList]) -> FormField:
    """The field with everything that it inherits: type, label, unit, range, options, sensitivity. What it says itself
    wins."""
    column = column_of(field, facts)
    said: dict[str, object] = {}
    if column is not None:
        kind = field.type or column.type
        said["type"] = kind
        said["label"] = field.label or column.label
        said["unit"] = field.unit or column.unit
        said["sensitivity"] = field.sensitivity or column.sensitivity
        if kind in ("integer", "number"):
            said["min"] = column.min if field.min is None else field.min
            said["max"] = column.max if field.max is None else field.max
        if kind == "code":
            said["codes"] = field.codes or column.codes
        if column.required and field.required is None and field.required_if is None:
            said["required"] = None if kind == "computed" else True
    else:
        said["sensitivity"] = field.sensitivity or "内部"
    listed = codes.get(str(said.get("codes", field.codes)))
    if listed is not None and not field.options and said.get("type", field.type) == "code":
        items = [i for i in listed.items if not field.only or i.code in field.only]
        said["options"] = tuple(Option.model_construct(code=i.code, label=i.label) for i in items)
    if field.fields:
        said["fields"] = tuple(resolved(f, facts, codes) for f in field.fields)
    return field.model_copy(update=said)


def resolved_form(form: Form, facts: Mapping[str, Fact], codes: Mapping[str, CodeList]) -> Form:
    """The form with every field resolved."""
    return form.model_copy(update={"fields": tuple(resolved(f, facts, codes) for f in form.fields)})


def expression_type(field: FormField) -> Type | None:
    """What an expression reads of a resolved field; None for a note, a plain group and a computed field (see
    `check_types`)."""
    if field.type in (None, "note", "computed") or (field.type == "group" and not field.repeat):
        return None
    if field.type == "code" and field.multiple:
        return "list"
    return EXPRESSION_TYPES[field.type]
