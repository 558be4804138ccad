"""A return's sheet as its page shows it: lines of cells with last year's figure and the change, and the data for the
grid's script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import reverse

from qingmiao.collect.return_words import column_unit, row_unit
from qingmiao.content.indicators import Indicator
from qingmiao.content.returns import Return, ReturnLine
from qingmiao.kernel.rounding import half_up
from qingmiao.site.apps.returns import api
from qingmiao.site.apps.returns.api import Sheet, shown


@dataclass(frozen=True)
class CellView:
    """One cell. `kind`: input, computed or blocked; `level`: the worst mark on it; `typed`: what was typed but not
    saved."""

    code: str
    label: str
    kind: str
    text: str
    last: str
    change: str
    level: str
    note: str
    fault: str = ""

    @property
    def grouped(self) -> str:
        """The figure with thousands separators, for reading."""
        return _grouped(self.text)

    @property
    def last_grouped(self) -> str:
        """Last year's figure with thousands separators."""
        return _grouped(self.last)


@dataclass(frozen=True)
class LineView:
    """One row of the return."""

    line: ReturnLine
    unit: str
    cells: tuple[CellView, ...]


def lines(
    sheet: Sheet, *, typed: Mapping[str, str] | None = None, faults: Mapping[str, str] | None = None
) -> list[LineView]:
    """The rows of the return with their cells."""
    typed, faults = typed or {}, faults or {}
    return_ = sheet.rules.return_
    level: dict[str, str] = {}
    for mark in reversed(sheet.marks):
        for code in mark.cells if mark.rule != "empty" else ():
            level[code] = "explained" if mark.explained else mark.level
    found = []
    for row in return_.rows:
        cells = []
        for column in return_.columns:
            code = f"{row.code}.{column.code}"
            key = (row.code, column.code)
            kind = "blocked" if key in sheet.rules.blocked else "computed" if key in sheet.rules.formulas else "input"
            value = sheet.computed.get(code) if kind == "computed" else sheet.values.get(key)
            last = sheet.last.get(code)
            note = sheet.notes[code].text if code in sheet.notes else ""
            text = typed[code] if code in faults and code in typed else shown(value)
            cells.append(
                CellView(
                    code, f"{row.label.zh} · {column.label.zh}", kind, text, shown(last), change(value, last),
                    level.get(code, ""),
                    note, faults.get(code, ""),
                )
            )  # fmt: skip
        found.append(LineView(row, row_unit(return_, row), tuple(cells)))
    return found


def heads(return_: Return) -> list[tuple[ReturnLine, str]]:
    """The columns, each with the unit that its head names."""
    return [(c, column_unit(return_, c)) for c in return_.columns]


def change(value: Decimal | None, last: Decimal | None) -> str:
    """The change since last year in per cent, one decimal: "+4.2%"; "" where either is missing; "新增" from zero."""
    if value is None or last is None:
        return ""
    if last == 0:
        return "持平" if value == 0 else "新增"
    share = half_up(Fraction(value - last) / abs(Fraction(last)) * 100, 1)
    return "持平" if share == 0 else f"{share:+}%"


@dataclass(frozen=True)
class EffectView:
    """A published number before and after a correction, as it is printed."""

    label: Any
    area_label: str
    was_shown: str
    now_shown: str
    moves: bool


def effect_views(found: list[api.ChangedNumber]) -> list[EffectView]:
    """The effects of a correction at the published precision."""
    return [
        EffectView(e.indicator.label, api.area_name(e.area), _published(e.indicator, e.was),
            _published(e.indicator, e.now), e.moves)
        for e in found
    ]  # fmt: skip


def _published(indicator: Indicator, value: float | None) -> str:
    return "—" if value is None else f"{half_up(value, indicator.decimals):,}{indicator.unit}"


def data(sheet: Sheet, username: str, *, editable: bool) -> dict[str, Any]:
    """What the grid's script needs: the return, the figures, the rules, and where to save.

    Keys: name (of the autosaved work), url, state, revision, version, editable, rows, columns (code, label, unit,
    type, min, max), input, computed (cell → formula, with *), blocked, last, rules, values, notes, explanations, marks.
    """
    return_ = sheet.rules.return_
    return {
        "name": work_name(sheet.filing.pk, sheet.filing.version, username),
        "url": reverse("returns.cells", args=[sheet.filing.pk]),
        "revision": sheet.filing.revision,
        "state": sheet.filing.state,
        "version": sheet.filing.version,
        "editable": editable,
        "rows": [_line(r) for r in return_.rows],
        "columns": [_line(c) for c in return_.columns],
        "input": list(return_.filled),
        "required": [".".join(k) for k in sheet.rules.required],
        "computed": {c.cell: c.formula for c in return_.computed},
        "blocked": [".".join(k) for k in sorted(sheet.rules.blocked)],
        "last": {c: shown(v) for c, v in sheet.last.items()},
        "rules": [{"id": r.id, "level": r.level, "check": r.check, "message": r.message} for r in return_.rules],
        "values": {".".join(k): shown(v) for k, v in sheet.values.items()},
        "notes": {c: n.text for c, n in sheet.notes.items()},
        "explanations": {k: e.text for k, e in sheet.explanations.items()},
        "marks": [m.as_json() for m in sheet.marks],
    }


def work_name(number: int, version: int, username: str) -> str:
    """The name of somebody's work on one version of a return: what a page saves is taken only under it."""
    return f"returns/{number}/{version}/{username}"


def _line(line: ReturnLine) -> dict[str, Any]:
    return {
        "code": line.code, "label": line.label.zh, "label_en": line.label.en, "unit": line.unit, "type": line.type,
        "min": line.min, "max": line.max,
    }  # fmt: skip


def answer(
    sheet: Sheet, codes: frozenset[str], faults: Mapping[str, str], conflicts: Mapping[str, api.SheetEntry]
) -> dict[str, Any]:
    """What a save answers: the new revision, each cell that changed, computed cells, marks; faults and conflicts where
    there are any.

    `conflict` names who changed something since and when, each conflicting cell its own who and when.
    """
    cells = {
        c: {"value": shown(sheet.cells[c].value if c in sheet.cells else None), "fault": faults.get(c, "")}
        for c in codes | set(faults)
        if ":" not in c
    }  # fmt: skip
    for cell in cells.values():
        cell["text"] = _grouped(cell["value"])
    for code, said in conflicts.items():
        if code in cells:
            cells[code] = cells[code] | _who(said)
    told: dict[str, Any] = {
        "revision": sheet.filing.revision,
        "state": sheet.filing.state,
        "cells": cells,
        "notes": {c: n.text for c, n in sheet.notes.items()},
        "explanations": {k: e.text for k, e in sheet.explanations.items()},
        "computed": {c: shown(v) for c, v in sheet.computed.items()},
        "marks": [m.as_json() for m in sheet.marks],
    }
    if faults:
        told["faults"] = dict(faults)
    if conflicts:
        latest = max(conflicts.values(), key=lambda s: s.changed_at)
        told["conflict"] = _who(latest)
    return told


def _who(said: api.SheetEntry) -> dict[str, str]:
    return {
        "who": said.changed_by or "系统",
        "when": said.changed_at.isoformat(timespec="seconds"),
    }


def _grouped(text: str) -> str:
    whole, dot, part = text.lstrip("-").partition(".")
    if not (whole.isascii() and whole.isdigit()):
        return text
    return ("-" if text.startswith("-") else "") + f"{int(whole):,}" + dot + part
