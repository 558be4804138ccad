"""A form's stored answers as JSON Schema (2020-12). Conditions stand beside it as x-show-if …, for no two validators
agree on them. A value of a published norm is computed by the server: ``x-computed-by`` says so."""

from __future__ import annotations

from typing import Any

from qingmiao.forms.kinds import KINDS
from qingmiao.forms.ready import ReadyCheck, ReadyField, ReadyForm

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(ready: ReadyForm) -> Schema:
    """The schema of `answers.document(…)["answers"]`; required is what must be answered whatever else was."""
    form = ready.form
    schema: Schema = {
        "$schema": DIALECT, "$id": f"urn:qingmiao:form:{form.id}:{form.version}", "title": form.label.zh,
        **_object(ready, ready.fields), "x-form": form.id, "x-version": form.version,
    }  # fmt: skip
    return schema | _checks(ready.checks)


def _object(ready: ReadyForm, fields: tuple[ReadyField, ...]) -> Schema:
    properties: dict[str, Schema] = {}
    required: list[str] = []
    _into(ready, fields, properties, required, hidden="")
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | ({"required": required} if required else {})


def _into(
    ready: ReadyForm,
    fields: tuple[ReadyField, ...],
    properties: dict[str, Schema],
    required: list[str],
    hidden: str,
) -> None:
    for one in fields:
        condition = (
            f"({hidden}) and ({one.field.show_if})" if hidden and one.field.show_if else hidden or one.field.show_if
        )
        if one.type == "note":
            continue
        if one.fields and not one.field.repeat:
            _into(ready, one.fields, properties, required, condition or "")
            continue
        schema = _rows(ready, one) if one.fields else KINDS[one.type].json_schema(one)
        properties[one.id] = schema | _annotations(one, condition)
        if one.id in ready.served:
            properties[one.id] |= {"x-computed-by": "server"}
        needed = one.field.always_required or bool(one.field.repeat and one.field.min)
        if needed and condition is None:
            required.append(one.id)


def _rows(ready: ReadyForm, one: ReadyField) -> Schema:
    limits = {"minItems": max(1, int(one.field.min or 0))}
    if one.field.max is not None:
        limits["maxItems"] = int(one.field.max)
    return {"type": "array", "items": _object(ready, one.fields), **limits}


def _annotations(one: ReadyField, condition: str | None) -> Schema:
    said = {
        "title": one.field.words,
        "description": one.field.help.zh if one.field.help is not None else None,
        "x-unit": one.field.unit or None,
        "x-sensitivity": one.field.sensitivity,
        "x-column": one.field.column,
        "x-show-if": condition,
        "x-required-if": one.field.required_if,
        "x-compute": one.field.compute,
        "x-decimals": one.field.decimals,
    }
    return {k: v for k, v in said.items() if v is not None} | _checks(one.checks)


def _checks(checks: tuple[ReadyCheck, ...]) -> Schema:
    listed = [
        {"id": c.check.id, "level": c.check.level, "check": c.check.check, "message": c.check.message.zh}
        for c in checks
    ]
    return {"x-checks": listed} if listed else {}
