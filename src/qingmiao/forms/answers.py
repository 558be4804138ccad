"""What a filled form gives away: a JSON document to store, a row of its fact table, cells of a flat file, words to
read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qingmiao.forms.fill import Filled
from qingmiao.forms.kinds import KINDS, FileField
from qingmiao.forms.ready import ReadyField, ReadyForm


def document(ready: ReadyForm, filled: Filled) -> dict[str, Any]:
    """The answers as JSON with the form's id and version; filling the same version with them again gives the same."""
    return {
        "form": filled.form,
        "version": filled.version,
        "filled_on": filled.on.isoformat(),
        "answers": _stored(ready.fields, filled.values),
    }


def fact_values(ready: ReadyForm, filled: Filled) -> dict[str, dict[str, Any]]:
    """Fact table → column → value of every answered field outside repeated groups that names a column."""
    found: dict[str, dict[str, Any]] = {}
    for one in _flat(ready.fields):
        if one.field.column is not None and one.id in filled.values:
            table, _, column = one.field.column.partition(".")
            found.setdefault(table, {})[column] = filled.values[one.id]
    return found


def cells(ready: ReadyForm, filled: Filled) -> dict[str, str]:
    """Header → cell of one line of a flat file; a repeated group's rows are counted (they go to a file of their
    own)."""
    found: dict[str, str] = {}
    for one in _flat(ready.fields):
        if one.id not in filled.values:
            continue
        value = filled.values[one.id]
        found |= {one.id: str(len(value))} if one.type == "group" else KINDS[one.type].export(one, value)
    return found


def shown(ready: ReadyForm, filled: Filled) -> list[tuple[str, str]]:
    """(label, answer in words) of every answered field in order; a repeated group's rows are numbered."""
    lines: list[tuple[str, str]] = []
    for one in _flat(ready.fields):
        if one.id not in filled.values:
            continue
        value = filled.values[one.id]
        if one.type != "group":
            lines.append((one.field.words, KINDS[one.type].show(one, value)))
            continue
        for n, row in enumerate(value, start=1):
            lines += [
                (f"{one.field.words} {n} {x.field.words}", KINDS[x.type].show(x, row[x.id]))
                for x in one.fields
                if x.id in row
            ]
    return lines


def kept_files(ready: ReadyForm, filled: Filled) -> list[tuple[str, str]]:
    """(label, key) of every file that an answer holds, in order; a repeated group's rows are numbered."""
    found: list[tuple[str, str]] = []
    for one in _flat(ready.fields):
        value = filled.values.get(one.id)
        if one.type == "group":
            rows = enumerate(value or (), start=1)
            found += [
                (f"{one.field.words} {n} {x.field.words}", row[x.id])
                for n, row in rows
                for x in one.fields
                if row.get(x.id) and isinstance(KINDS[x.type], FileField)
            ]
        elif value and isinstance(KINDS[one.type], FileField):
            found.append((one.field.words, value))
    return found


def texts(kept: Any) -> Iterator[str]:
    """Every text of stored answers, also in rows."""
    if isinstance(kept, str):
        yield kept
    for inner in kept.values() if isinstance(kept, dict) else kept if isinstance(kept, list) else ():
        yield from texts(inner)


def _flat(fields: tuple[ReadyField, ...]) -> list[ReadyField]:
    """Fields in order; a plain group stands for what is in it."""
    return [x for f in fields for x in (f.fields if f.fields and not f.field.repeat else (f,))]


def _stored(fields: tuple[ReadyField, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in _flat(fields):
        if one.id in values:
            value = values[one.id]
            rows = one.type == "group"
            found[one.id] = [_stored(one.fields, r) for r in value] if rows else KINDS[one.type].stored(value)
    return found
