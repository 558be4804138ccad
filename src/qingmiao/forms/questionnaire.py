"""A form as a FHIR R4 Questionnaire. A condition that `enableWhen` can say is said there; every other expression stands
as an extension in this project's own language, so that nothing is lost and nothing is said falsely."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from qingmiao.content.base import EvidenceMark
from qingmiao.content.expressions import Tree, arguments, date_value, function_name
from qingmiao.forms.kinds import KINDS, PlaceField
from qingmiao.forms.ready import ReadyCheck, ReadyField, ReadyForm

Json = dict[str, Any]
OWN = "urn:qingmiao:questionnaire:"
HL7 = "http://hl7.org/fhir/StructureDefinition/"
_DRAFT = (EvidenceMark.PROPOSAL, EvidenceMark.LOCAL, EvidenceMark.GENERAL_KNOWLEDGE)
_COMPUTED = {"number": "decimal", "boolean": "boolean", "date": "date"}
_SIGNS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "!=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
}  # fmt: skip
_TURNED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ANSWERS = {
    "boolean": "Boolean", "decimal": "Decimal", "integer": "Integer", "date": "Date", "time": "Time",
    "dateTime": "DateTime",
    "string": "String",
    "text": "String", "choice": "Coding",
}  # fmt: skip


def questionnaire(ready: ReadyForm) -> Json:
    """The resource; `status` is draft where the form's source is a proposal, a local setting or unverified."""
    form = ready.form
    known = {f.id: f for f in ready.every()}
    resource: Json = {
        "resourceType": "Questionnaire",
        "url": f"urn:qingmiao:form:{form.id}",
        "version": str(form.version),
        "name": "".join(part.capitalize() for part in form.id.replace("-", "_").replace(".", "_").split("_")),
        "title": form.label.zh,
        "status": "draft" if form.source.evidence in _DRAFT else "active",
        "language": "zh-CN",
    }
    if form.note:
        resource["description"] = form.note
    if extensions := [_check(c) for c in ready.checks]:
        resource["extension"] = extensions
    return resource | {"item": [_item(f, known, ready.served) for f in ready.fields]}


def item_type(one: ReadyField) -> str:
    """The FHIR type of a field's item."""
    if one.compute is not None:
        return _COMPUTED.get(str(one.reads_as), "string")
    kind = KINDS[one.type].fhir
    return "string" if kind == "choice" and not one.choices else kind


def _item(one: ReadyField, known: Mapping[str, ReadyField], served: frozenset[str]) -> Json:
    item: Json = {"linkId": one.id, "text": one.field.words, "type": item_type(one)}
    extensions = _extensions(one)
    if one.show_if is not None:
        when = enable_when(one.show_if, known)
        if when is None:
            extensions.append(_own("show-if", one.field.show_if))
        else:
            item |= when
    if one.type != "note":
        if one.field.always_required or (one.field.repeat and one.field.min):
            item["required"] = True
        if one.field.multiple or one.field.repeat:
            item["repeats"] = True
    if one.compute is not None:
        item["readOnly"] = True
        if one.id in served:
            extensions.append(_own("computed-by", "server"))
    if item["type"] == "choice":
        item["answerOption"] = [{"valueCoding": {"code": c, "display": t}} for c, t in one.choices.items()]
    if one.fields:
        item["item"] = [_item(f, known, served) for f in one.fields]
    elif isinstance(KINDS[one.type], PlaceField):
        words = dict(zip(PlaceField.names, ("北纬（度）", "东经（度）", "精度（米）"), strict=True))
        item["item"] = [{"linkId": f"{one.id}.{n}", "text": w, "type": "decimal"} for n, w in words.items()]
    if one.field.help is not None:
        extensions.append(_own("help", one.field.help.zh))
    return ({"extension": extensions} if extensions else {}) | item


def _extensions(one: ReadyField) -> list[Json]:
    found: list[Json] = []
    whole = one.type == "integer"
    for name, value in (("minValue", one.field.min), ("maxValue", one.field.max)):
        if value is None:
            continue
        if one.field.repeat:
            occurs = {"minValue": "minOccurs", "maxValue": "maxOccurs"}[name]
            found.append({"url": f"{HL7}questionnaire-{occurs}", "valueInteger": int(value)})
        elif whole:
            inward = math.ceil(value) if name == "minValue" else math.floor(value)
            found.append({"url": HL7 + name, "valueInteger": inward})
        else:
            found.append({"url": HL7 + name, "valueDecimal": int(value) if value == int(value) else value})
    if one.field.unit:
        found.append({"url": f"{HL7}questionnaire-unit", "valueCoding": {"display": one.field.unit}})
    for key in ("compute", "required_if"):
        if getattr(one.field, key) is not None:
            found.append(_own(key.replace("_", "-"), getattr(one.field, key)))
    return found + [_check(c) for c in one.checks]


def _check(ready: ReadyCheck) -> Json:
    parts = {"level": ready.check.level, "check": ready.check.check, "message": ready.check.message.zh}
    inner = [{"url": k, "valueString": v} for k, v in ({"id": ready.check.id} | parts).items()]
    return {"url": OWN + "check", "extension": inner}


def _own(name: str, text: str | None) -> Json:
    return {"url": OWN + name, "valueString": str(text)}


def enable_when(tree: Tree, known: Mapping[str, ReadyField]) -> Json | None:
    """`enableWhen` with its behaviour, or None where FHIR cannot say the condition exactly.

    R4's ``!=`` also holds where there is no answer, so it needs ``exists`` beside it, which only "all" allows. What
    another program does not compute (a computed field, the date of filling) is no ground for a condition there.
    """
    plain = _bare(tree)
    if isinstance(plain, exp.Or):
        any_of = [_atom(x, known, wanted=True) for x in _flat(plain, exp.Or)]
        if all(
            part is not None and (len(part) == 1 or _is_in(x))
            for part, x in zip(any_of, _flat(plain, exp.Or), strict=True)
        ):
            return _when([c for part in any_of for c in part or []], "any")
        return None
    if _is_in(plain):
        one = _atom(plain, known, wanted=True)
        return None if one is None else _when(one, "any")
    found: list[Json] = []
    for x in _flat(plain, exp.And):
        part = _atom(x, known, wanted=True)
        if part is None or (_is_in(x) and len(part) > 1):
            return None
        found += part
    return _when(found, "all")


def _when(conditions: list[Json], behavior: str) -> Json:
    return {"enableWhen": conditions} | ({"enableBehavior": behavior} if len(conditions) > 1 else {})


def _bare(node: Tree) -> Tree:
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _flat(node: Tree, kind: type[exp.Connector]) -> list[Tree]:
    node = _bare(node)
    return [*_flat(node.this, kind), *_flat(node.expression, kind)] if isinstance(node, kind) else [node]


def _is_in(node: Tree) -> bool:
    return isinstance(_bare(node), exp.In)


def _atom(node: Tree, known: Mapping[str, ReadyField], *, wanted: bool) -> list[Json] | None:
    """One comparison as conditions that hold together (of an ``in``: of which one holds); None where FHIR has no words
    for it."""
    node = _bare(node)
    match node:
        case exp.Not():
            return _atom(node.this, known, wanted=not wanted)
        case exp.Column():
            return _one(node, "=", exp.true() if wanted else exp.false(), known)
        case exp.Is():
            column = _bare(node.this)
            asked = _asked(column, known)
            return None if asked is None else [_exists(asked, not wanted)]
        case exp.In():
            parts = [_one(_bare(node.this), "=" if wanted else "!=", x, known) for x in node.expressions]
            if any(p is None for p in parts):
                return None
            listed = [c for p in parts for c in p or []]
            return [c for n, c in enumerate(listed) if c not in listed[:n]]
        case exp.Between():
            if not wanted:
                return None
            low, high = (_one(_bare(node.this), s, node.args[k], known) for s, k in ((">=", "low"), ("<=", "high")))
            return None if low is None or high is None else [*low, *high]
    if function_name(node) == "has":
        column, code = arguments(node)
        return _one(_bare(column), "=" if wanted else "!=", code, known)
    if type(node) not in _SIGNS:
        return None
    sign, left, right = _SIGNS[type(node)], _bare(node.this), _bare(node.expression)
    if not isinstance(left, exp.Column):
        sign, left, right = _TURNED[sign], right, left
    if not wanted:
        sign = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}[sign]
    return _one(left, sign, right, known)


def _one(column: Tree, sign: str, constant: Tree, known: Mapping[str, ReadyField]) -> list[Json] | None:
    asked, answer = _asked(column, known), None
    if asked is not None:
        answer = _answer(asked, _bare(constant))
    if asked is None or answer is None or (item_type(asked) in ("string", "text") and sign not in ("=", "!=")):
        return None
    condition = {"question": asked.id, "operator": sign} | answer
    return [_exists(asked, True), condition] if sign == "!=" else [condition]


def _asked(column: Tree, known: Mapping[str, ReadyField]) -> ReadyField | None:
    """The field that a column names, where a person answers it."""
    one = known.get(column.name) if isinstance(column, exp.Column) else None
    return one if one is not None and item_type(one) in {*_ANSWERS, "attachment"} and KINDS[one.type].answered else None


def _exists(one: ReadyField, there: bool) -> Json:
    return {"question": one.id, "operator": "exists", "answerBoolean": there}


def _answer(one: ReadyField, constant: Tree) -> Json | None:
    kind = item_type(one)
    key = f"answer{_ANSWERS.get(kind, '')}"
    negative = isinstance(constant, exp.Neg)
    literal = _bare(constant.this) if negative else constant
    if isinstance(literal, exp.Boolean):
        return {key: bool(literal.this)} if kind == "boolean" else None
    if isinstance(literal, exp.Cast):
        return {key: date_value(literal.this.this).isoformat()} if kind == "date" else None
    if not isinstance(literal, exp.Literal):
        return None
    if literal.is_string:
        if kind == "choice":
            return {key: {"code": literal.this}}
        if kind == "time":
            return {key: f"{literal.this}:00"}
        if kind == "dateTime":
            return {key: f"{literal.this}:00+08:00"}
        return {key: literal.this} if kind in ("string", "text") else None
    number = float(literal.this) * (-1 if negative else 1)
    if kind == "integer":
        return {key: int(number)} if number == int(number) else None
    return {key: int(number) if number == int(number) else number} if kind == "decimal" else None
