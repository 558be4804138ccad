"""Resources from and to JSON. Numbers keep their digits (12.30 stays 12.30); what is not JSON is refused, and what says
one name twice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from qingmiao.fhir.issues import Issue, NotTakenError

DEEPEST = 60
"""Levels of nesting at most."""
_ENCODER = msgspec.json.Encoder(decimal_format="number")


def read(data: bytes) -> dict[str, Any]:
    """One JSON object. Raises NotTakenError where it is none, is too deep, holds a NUL, or names something twice."""
    try:
        found = json.loads(
            data.decode("utf-8"), parse_float=_number, parse_constant=_no_number, object_pairs_hook=_once
        )
    except UnicodeDecodeError as error:
        raise NotTakenError(Issue("structure", "内容不是 UTF-8 文字，请用 UTF-8 重新发送")) from error
    except json.JSONDecodeError as error:
        place = f"第 {error.lineno} 行第 {error.colno} 个字符"
        raise NotTakenError(Issue("structure", f"内容不是 JSON（{place}），请检查括号、引号和逗号")) from error
    except RecursionError as error:
        raise NotTakenError(Issue("too-costly", "内容嵌套太深，请检查")) from error
    except ValueError as error:  # an integer of too many digits
        raise NotTakenError(Issue("value", "内容里有位数过多的数，请检查")) from error
    if not isinstance(found, dict):
        raise NotTakenError(Issue("structure", "内容应是一个 JSON 对象（{…}）"))
    _within(found, 0)
    return found


def write(resource: Mapping[str, Any]) -> bytes:
    """A resource as JSON, names in their order, numbers as they were given."""
    return _ENCODER.encode(resource)


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite() or abs(number.adjusted()) > 300:
        raise NotTakenError(Issue("value", "内容里有太大或太小的数，请检查"))
    return number


def _no_number(text: str) -> Any:
    raise NotTakenError(Issue("structure", f"{text} 不是 JSON 的数"))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = sorted({n for n, _ in pairs if [k for k, _ in pairs].count(n) > 1})
        raise NotTakenError(Issue("structure", f"同一个对象里重复写了 {'、'.join(twice)}，只留一个"))
    return found


def _within(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise NotTakenError(Issue("too-costly", f"内容嵌套超过 {DEEPEST} 层，请检查"))
    if isinstance(value, str) and any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value):
        raise NotTakenError(Issue("value", "文字里有空字符（NUL）或不成对的代理字符，请去掉"))
    if isinstance(value, dict):
        for name, inner in value.items():
            _within(name, depth)
            _within(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _within(inner, depth + 1)
