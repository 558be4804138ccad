"""Made-up entries of registers: answers from the fields alone, so that every register of a pack has some to show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from qingmiao.content.registers import RegisterKind
from qingmiao.forms.ready import ReadyField
from qingmiao.identity.numbers import check_character
from qingmiao.registers.judging import ReadyRegister, judge
from qingmiao.registers.keys import credit_code_of

SOONER = (400, 20, -15)
"""Days from today on which what expires ends, in turn: far, near, past."""
ROOM = 30
"""A made-up number where a field names no range."""
SPREAD = 0.012
"""Degrees between made-up positions: more than a kilometre, so that none is taken for another."""


def made_up(
    ready: ReadyRegister,
    n: int,
    *,
    on: date,
    area: str,
    name: str,
    given: Mapping[str, Any],
    centre: tuple[float, float],
) -> dict[str, Any]:
    """The answers of the nth entry: what is `given`, else by the type of each field; what the checks refuse is tried
    again with all numbers alike."""
    fixed = {"name": name, "area": area, **given}
    dates = {x.field for x in ready.kind.expires}
    made: dict[str, Any] = {}
    unsaid = {ready.kind.public.phone} if ready.kind.public is not None else set()  # no made-up number that may ring
    said = [f for f in ready.form.fields if f.id not in unsaid]
    for level in (1.0, 0.0):
        made = {f.id: v for f in said if (v := _answer(f, n, on, dates, centre, level)) is not None}
        made |= fixed
        if "credit_code" in {f.id for f in ready.form.fields} and "credit_code" not in given:
            made["credit_code"] = credit_code_of(f"91790000MA{_number(ready.kind, n):07d}")
        if not judge(ready, made, on=on, within=1, person=1).faults:
            break
    return made


def identity_number(n: int) -> str:
    """A made-up identity number: its area exists nowhere (79…)."""
    born = date(1970, 1, 1) + timedelta(days=37 * n % 9000)
    body = f"790000{born:%Y%m%d}{n % 1000:03d}"
    return body + check_character(body)


def _number(kind: RegisterKind, n: int) -> int:
    return kind.order * 10_000 + n


def _answer(one: ReadyField, n: int, on: date, dates: set[str], centre: tuple[float, float], level: float) -> Any:
    """An answer by the field's type; None for what is not answered."""
    match one.type:
        case "code":
            codes = list(one.choices)
            return [codes[n % len(codes)]] if one.field.multiple else codes[n % len(codes)]
        case "boolean":
            return n % 7 != 3
        case "integer" | "number":
            low, high = one.field.min or 0, one.field.max
            room = min(ROOM, high - low) if high is not None else ROOM
            return str(int(low + level * ((n * 7) % (int(room) + 1) if room >= 1 else 0)))
        case "date":
            away = SOONER[n % len(SOONER)] if one.id in dates else -200 - n
            return (on + timedelta(days=away)).isoformat()
        case "place":
            row, column = divmod(n, 7)
            return {"latitude": f"{centre[0] + row * SPREAD:.4f}", "longitude": f"{centre[1] + column * SPREAD:.4f}"}
        case "text" | "long_text":
            return None if one.id in ("name", "credit_code") else f"演示{one.field.words}{n}"
    return None
