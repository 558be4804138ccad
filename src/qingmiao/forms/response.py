"""A filled form as the items of a FHIR R4 QuestionnaireResponse, and such items as answers to be filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from qingmiao.forms.fill import Filled
from qingmiao.forms.kinds import KINDS, PlaceField
from qingmiao.forms.questionnaire import Json, item_type
from qingmiao.forms.ready import ReadyField, ReadyForm
from qingmiao.forms.values import Position


def response_items(ready: ReadyForm, filled: Filled) -> list[Json]:
    """The items of every answered field in the order of the form; computed values too."""
    return _items(ready.fields, filled.values)


def answers_of(ready: ReadyForm, items: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Field → answer as `fill` takes it, and the linkIds that the form does not have. Computed values are left out."""
    unknown: list[str] = []
    return _answers({f.id: f for f in ready.fields}, items, unknown), tuple(unknown)


def coded_value(one: ReadyField, value: Any) -> Json:
    """`value[x]` of an answer: one of boolean, decimal, integer, date, time, string, Coding."""
    kind = item_type(one)
    if isinstance(value, bool):
        return {"valueBoolean": value}
    if kind == "choice" or one.choices:
        return {"valueCoding": {"code": str(value), "display": one.choices.get(str(value), str(value))}}
    if isinstance(value, int):
        return {"valueInteger": value} if kind == "integer" else {"valueDecimal": value}
    if isinstance(value, Decimal):
        return {"valueDecimal": int(value) if value == value.to_integral_value() and kind == "integer" else value}
    if kind == "date":
        return {"valueDate": value.isoformat()}
    if kind == "time":
        return {"valueTime": f"{value}:00"}
    if kind == "dateTime":
        return {"valueDateTime": f"{value}:00+08:00"}
    if kind == "attachment":
        return {"valueAttachment": {"title": str(value)}}
    return {"valueString": value.isoformat() if hasattr(value, "isoformat") else str(value)}


def _items(fields: tuple[ReadyField, ...], values: Mapping[str, Any]) -> list[Json]:
    found: list[Json] = []
    for one in fields:
        item: Json = {"linkId": one.id, "text": one.field.words}
        if one.fields and not one.field.repeat:
            inner = _items(one.fields, values)
            found += [item | {"item": inner}] if inner else []
        elif one.id not in values:
            continue
        elif one.fields:
            found += [item | {"item": rows} for row in values[one.id] if (rows := _items(one.fields, row))]
        elif isinstance(KINDS[one.type], PlaceField):
            found.append(item | {"item": _place(one, values[one.id])})
        else:
            given = values[one.id]
            several = given if isinstance(given, tuple) else (given,)
            found.append(item | {"answer": [coded_value(one, v) for v in several]})
    return found


def _place(one: ReadyField, position: Position) -> list[Json]:
    parts = {n: getattr(position, n) for n in PlaceField.names}
    return [{"linkId": f"{one.id}.{n}", "answer": [{"valueDecimal": v}]} for n, v in parts.items() if v is not None]


def _answers(
    fields: Mapping[str, ReadyField], items: Iterable[Mapping[str, Any]], unknown: list[str]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in items:
        link = str(item.get("linkId", ""))
        one = fields.get(link)
        inside = item.get("item", ())
        if one is None:
            unknown.append(link)
        elif one.fields:
            row = _answers({f.id: f for f in one.fields}, inside, unknown)
            if one.field.repeat:
                found.setdefault(one.id, []).append(row)
            else:
                found |= row
        elif isinstance(KINDS[one.type], PlaceField):
            found[one.id] = {
                str(i["linkId"]).rpartition(".")[2]: _value(a) for i in inside for a in i.get("answer", ())
            }
        elif one.compute is None:
            given = [_value(a) for a in item.get("answer", ())]
            if given:
                found[one.id] = given if one.field.multiple else given[0]
                if len(given) > 1 and not one.field.multiple:
                    found[one.id] = given  # the field's type says that it takes one
    return found


def _value(answer: Mapping[str, Any]) -> Any:
    for name, value in answer.items():
        if name == "valueCoding":
            return value.get("code") or value.get("display") or ""
        if name == "valueQuantity":
            return value.get("value")
        if name == "valueTime":
            return str(value)[:5]
        if name in ("valueAttachment", "valueReference"):
            return value.get("title") or value.get("reference") or ""
        if name.startswith("value"):
            return value
    return None
