"""What was filled in with a step as plain JSON and back, whatever the programme says today: an old step reads as it was
kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from qingmiao.forms.values import Position

_KINDS = ("day", "number", "place", "rows", "codes")


def packed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Field → answer as JSON: texts, true and false as they are, everything else as ``{kind: text}``."""
    return {name: _packed(value) for name, value in values.items()}


def unpacked(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Field → answer again. Raises ValueError for what `packed` has not made."""
    return {name: _unpacked(value) for name, value in kept.items()}


def _packed(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, int | Decimal):
        return {"number": f"{'i' if isinstance(value, int) else 'd'}{value}"}
    if isinstance(value, Position):
        return {"place": {k: None if v is None else str(v) for k, v in asdict(value).items()}}
    if isinstance(value, tuple | list):
        if all(isinstance(v, Mapping) for v in value) and value:
            return {"rows": [packed(v) for v in value]}
        return {"codes": [str(v) for v in value]}
    raise TypeError(f"{type(value).__name__} is no answer of a form")


def _unpacked(kept: Any) -> Any:
    if not isinstance(kept, Mapping):
        return kept
    kind: str = next(iter(kept), "")
    said: Any = kept.get(kind)
    if kind == "day":
        return date.fromisoformat(said)
    if kind == "number":
        return int(said[1:]) if said[0] == "i" else Decimal(said[1:])
    if kind == "place":
        precision = said["precision"]
        return Position(
            Decimal(said["latitude"]), Decimal(said["longitude"]), None if precision is None else Decimal(precision)
        )  # fmt: skip
    if kind == "rows":
        return tuple(unpacked(row) for row in said)
    if kind == "codes":
        return tuple(said)
    raise ValueError(f"{kind} is none of {', '.join(_KINDS)}")
