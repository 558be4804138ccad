"""Pydantic's errors in the words of people who write packs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from qingmiao.content.yaml_source import YamlDocument
from qingmiao.kernel.errors import Fault

_MESSAGES = {
    "missing": ("missing_key", "缺少「{key}」", "补上 {key}"),
    "extra_forbidden": ("unknown_key", "不认识的键「{key}」", "{near}"),
    "enum": ("wrong_value", "「{input}」不是允许的值", "可用：{expected}"),
    "literal_error": ("wrong_value", "「{input}」不是允许的值", "可用：{expected}"),
    "string_pattern_mismatch": ("wrong_form", "「{input}」的写法不对", "形式：{pattern}"),
    "string_too_short": ("wrong_value", "不能为空", "写上内容"),
    "too_short": ("wrong_value", "列表至少要有一项", "补上内容"),
    "greater_than": ("out_of_range", "「{input}」应大于 {gt}", ""),
    "greater_than_equal": ("out_of_range", "「{input}」应不小于 {ge}", ""),
    "less_than": ("out_of_range", "「{input}」应小于 {lt}", ""),
    "less_than_equal": ("out_of_range", "「{input}」应不大于 {le}", ""),
    "finite_number": ("out_of_range", "「{input}」不是普通的数", "写成 12.5 这样的数"),
    "string_too_long": ("wrong_value", "「{input}」太长", "最多 {max_length} 个字"),
    "dict_type": ("wrong_type", "「{input}」的类型不对，应为键值对", "写成「键: 值」"),
    "tuple_type": ("wrong_type", "「{input}」的类型不对，应为列表", "每项前加「- 」，或写在 [ ] 里"),
    "value_error": ("wrong_value", "{message}", ""),
}
_TYPES = {
    "string": "文字",
    "int": "整数",
    "float": "数",
    "bool": "true 或 false",
    "tuple": "列表",
    "list": "列表",
    "dict": "键值对",
    "model": "键值对",
    "date": "日期（如 2024-01-31）",
}


def fault_from_pydantic(
    error: ErrorDetails,
    model: type[BaseModel],
    data: object,
    document: YamlDocument,
    path: tuple[str | int, ...],
    shown: str,
) -> Fault:
    """One validation error as a fault with file, line, what and likely fix."""
    place = tuple(p for p in error["loc"] if not (isinstance(p, str) and _UNION_TAG.match(p)))
    if place and place[0] == "definitions" and isinstance(data, Mapping) and "definitions" not in data:
        place = tuple(p for p in place[1:] if p != 0)
    where = (*path, *place)
    context: dict[str, Any] = dict(error.get("ctx") or {})
    kind = error["type"]
    key = str(place[-1]) if place else ""
    code, message, hint = _MESSAGES.get(kind, _by_type(kind))
    values = {
        "key": key,
        "input": _short(error.get("input")),
        "near": _near(key, model, place) if kind == "extra_forbidden" else "",
        "message": str(context.get("error", error["msg"])).removeprefix("Value error, "),
        **context,
    }
    line_path = where[:-1] if kind == "missing" else where
    return Fault(
        shown,
        document.line(line_path),
        code,
        message.format_map(_Lenient(values)),
        place=".".join(str(p) for p in place),
        hint=hint.format_map(_Lenient(values)),
    )


_UNION_TAG = re.compile(r"(str|int|float|constrained-str|tuple|function-after|nullable)$|[a-z-]+\[.*\]$")
"""What pydantic puts into a place where one of several types is allowed."""


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def _by_type(kind: str) -> tuple[str, str, str]:
    for prefix, word in _TYPES.items():
        if kind.startswith(prefix):
            return "wrong_type", "「{input}」的类型不对，应为" + word, "改成" + word
    return "wrong_value", "{message}", ""


def _short(value: object) -> str:
    """A value as it is named in a message; never a whole list, nor a number too long to print."""
    if value is None:
        return "空"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "键值对"
    if isinstance(value, list | tuple):
        return "列表"
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _near(key: str, model: type[BaseModel], place: tuple[str | int, ...]) -> str:
    """ "是不是想写 X" or the list of allowed keys, at the depth where the unknown key stands."""
    fields = _fields_at(model, place[:-1])
    near = difflib.get_close_matches(key, fields, n=1, cutoff=0.6)
    if near:
        return f"是不是想写「{near[0]}」"
    return "可用的键：" + "、".join(fields) if fields else "删去它"


def _fields_at(model: type[BaseModel], place: tuple[str | int, ...]) -> list[str]:
    current: type[BaseModel] | None = model
    for step in place:
        if current is None:
            return []
        if isinstance(step, int):
            continue
        info = current.model_fields.get(step)
        if info is None:
            return []
        current = _model_in(info.annotation)
    if current is None:
        return []
    return [f.alias or name for name, f in current.model_fields.items()]


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
