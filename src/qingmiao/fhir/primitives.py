"""The forms of FHIR's primitive values: what their texts and numbers look like, and what the calendar allows."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_YEAR = r"([0-9]([0-9]([0-9][1-9]|[1-9]0)|[1-9]00)|[1-9]000)"
_MONTH = r"(0[1-9]|1[0-2])"
_DAY = r"(0[1-9]|[1-2][0-9]|3[0-1])"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
_ZONE = r"(Z|(\+|-)((0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_TEXTS = {
    "id": r"[A-Za-z0-9\-\.]{1,64}",
    "code": r"[^\s]+(\s[^\s]+)*",
    "uri": r"\S+",
    "url": r"\S+",
    "canonical": r"\S+",
    "oid": r"urn:oid:[0-2](\.(0|[1-9][0-9]*))+",
    "uuid": r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "base64Binary": r"(\s*([0-9a-zA-Z+/=]){4}\s*)+",
    "time": _CLOCK,
    "date": rf"{_YEAR}(-{_MONTH}(-{_DAY})?)?",
    "dateTime": rf"{_YEAR}(-{_MONTH}(-{_DAY}(T{_CLOCK}{_ZONE})?)?)?",
    "instant": rf"{_YEAR}-{_MONTH}-{_DAY}T{_CLOCK}{_ZONE}",
    "string": r"[ \r\n\t\S]+",
    "markdown": r"[ \r\n\t\S]+",
    "xhtml": r"[ \r\n\t\S]+",
}
_PATTERNS = {name: re.compile(text) for name, text in _TEXTS.items()}
_LARGEST = 2**31 - 1
_LEAST = {"integer": -_LARGEST - 1, "unsignedInt": 0, "positiveInt": 1}
LONGEST = 1024 * 1024
"""Characters of one text at most, by the standard."""


def fits(kind: str, value: Any) -> bool:
    """Whether a value of JSON (numbers with a point as Decimal) is one of that primitive type."""
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "decimal":
        return isinstance(value, int | Decimal) and not isinstance(value, bool)
    if kind in _LEAST:
        return isinstance(value, int) and not isinstance(value, bool) and _LEAST[kind] <= value <= _LARGEST
    if not isinstance(value, str) or len(value) > LONGEST or not _PATTERNS[kind].fullmatch(value):
        return False
    extra: Callable[[str], bool] | None = {
        "date": _on_the_calendar, "dateTime": _on_the_calendar, "instant": _on_the_calendar, "xhtml": _narrative,
    }.get(kind)  # fmt: skip
    return extra is None or extra(value)


def _on_the_calendar(text: str) -> bool:
    day = text[:10]
    if len(day) < 10:
        return True
    try:
        date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _narrative(text: str) -> bool:
    """A div in XHTML's namespace without anything that acts."""
    low = text.lower()
    return low.lstrip().startswith("<div") and not re.search(
        r"<(script|object|iframe|form|input|link|base)\b|\son\w+=|javascript:", low
    )


def first_moment(text: str) -> str:
    """The beginning of a partial date or moment, as a text that sorts (for periods whose end must not come first)."""
    if len(text) <= 10:
        return text + "0001-01-01"[len(text) :]
    moment = datetime.fromisoformat(text.replace("Z", "+00:00").replace(":60", ":59"))
    return (moment - (moment.utcoffset() or (moment - moment))).replace(tzinfo=None).isoformat()
