"""The printed forms of a programme, filled with what a case holds: as data, for whoever sets them on paper."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qingmiao.casework.case import CaseFile
from qingmiao.casework.ready import ReadyProgramme
from qingmiao.content.programme_parts import PrintedForm
from qingmiao.forms.kinds import KINDS
from qingmiao.forms.ready import ReadyField
from qingmiao.kernel.errors import UserError

NOT_ANSWERED = "—"
WIDE = 24
"""Characters from which an answer takes a whole line of the form."""


@dataclass(frozen=True)
class PrintedBox:
    """One field on the form: its name and its answer in words; empty where it has none."""

    field: str
    label: str
    text: str
    wide: bool


@dataclass(frozen=True)
class PrintedRows:
    """The rows of a repeated group on the form."""

    label: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class PrintedCase:
    """A form filled with a case. `number`: its own number, None where the form has none, empty where none was given."""

    form: PrintedForm
    boxes: tuple[PrintedBox, ...]
    rows: tuple[PrintedRows, ...]
    number: str | None


def printable(ready: ReadyProgramme, case: CaseFile) -> tuple[PrintedForm, ...]:
    """The forms that can be printed where a case stands, in the programme's order."""
    return tuple(p for p in ready.programme.prints if not p.states or case.state in p.states)


def printed(ready: ReadyProgramme, case: CaseFile, form: str, withheld: Collection[str] = ()) -> PrintedCase:
    """One form filled with a case. `withheld`: fields that whoever prints it may not read; they are left out, not
    blanked, so that a form does not tell that there is something.

    Fields of a group that does not print are never on it, whatever the form says. Raises UserError for a form that the
    programme does not have, or not where the case stands.
    """
    found = next((p for p in printable(ready, case) if p.id == form), None)
    if found is None:
        known = "、".join(p.label.zh for p in printable(ready, case)) or "没有"
        raise UserError(f"现在不能打印这张表；可以打印：{known}")
    every = ready.shown
    boxes: list[PrintedBox] = []
    rows: list[PrintedRows] = []
    for name in found.fields:
        one = every[name]
        if name in withheld or name not in ready.printing:
            continue
        value = case.values.get(name)
        if one.type == "group" and one.field.repeat:
            rows.append(_rows(one, value or ()))
        elif one.type != "note":
            text = shown_value(one, value)
            wide = one.type in ("long_text", "group") or len(text) > WIDE
            boxes.append(PrintedBox(name, one.field.words, text, wide))
    number = None
    if found.number is not None and found.number not in withheld:
        number = shown_value(every[found.number], case.values.get(found.number))
    return PrintedCase(found, tuple(boxes), tuple(rows), number)


def shown_value(one: ReadyField, value: Any) -> str:
    """An answer in words; empty where there is none."""
    if value is None:
        return ""
    if one.type == "group":
        rows = value if one.field.repeat else (value,)
        return "；".join(
            "，".join(f"{x.field.words}：{shown_value(x, row[x.id])}" for x in one.fields if row.get(x.id) is not None)
            for row in rows
            if isinstance(row, Mapping)
        )
    return moment_words(str(value)) if one.type == "datetime" else KINDS[one.type].show(one, value)


def moment_words(text: str) -> str:
    """A day and time as official papers write it: ``2026年3月7日9时05分``."""
    at = datetime.fromisoformat(text)
    return f"{at.year}年{at.month}月{at.day}日{at.hour}时{at.minute:02d}分"


def _rows(one: ReadyField, rows: Any) -> PrintedRows:
    fields = [x for x in one.fields if x.type != "note"]
    return PrintedRows(
        one.field.words,
        tuple(x.field.words for x in fields),
        tuple(tuple(shown_value(x, row.get(x.id)) or NOT_ANSWERED for x in fields) for row in rows),
    )
