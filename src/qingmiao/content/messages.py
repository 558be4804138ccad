"""Pydantic's errors of one entry in the words of people who write packs: one mistake, one message.

A wrong key and the missing one that it stands for are one mistake; what a model says as a whole counts only where its
parts are right; an entry that looks like another kind of content is in the wrong folder, whatever else is said about
it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from qingmiao.content.base import MisplacedError
from qingmiao.content.kinds import KINDS
from qingmiao.content.words import (
    code_word,
    described,
    half_width,
    plain_number,
    truth,
    written_date,
    written_number,
)
from qingmiao.content.yaml_source import YamlDocument
from qingmiao.kernel.errors import Fault
from qingmiao.kernel.figure_texts import same_unit

Loc = tuple[int | str, ...]

_MESSAGES = {
    "missing": ("missing_key", "缺少「{key}」", "补上 {key}"),
    "extra_forbidden": ("unknown_key", "不认识的键「{key}」", "{near}"),
    "enum": ("wrong_value", "「{input}」不是允许的值", "{allowed}"),
    "literal_error": ("wrong_value", "「{input}」不是允许的值", "{allowed}"),
    "string_pattern_mismatch": ("wrong_form", "「{input}」的写法不对", "{form}"),
    "string_too_short": ("wrong_value", "不能为空", "写上内容"),
    "too_short": ("wrong_value", "列表的项数太少", "至少写 {min_length} 项"),
    "too_long": ("wrong_value", "列表的项数太多", "最多写 {max_length} 项"),
    "greater_than": ("out_of_range", "「{input}」太小", "应大于 {gt:g}"),
    "greater_than_equal": ("out_of_range", "「{input}」太小", "应不小于 {ge:g}"),
    "less_than": ("out_of_range", "「{input}」太大", "应小于 {lt:g}"),
    "less_than_equal": ("out_of_range", "「{input}」太大", "应不大于 {le:g}"),
    "finite_number": ("out_of_range", "「{input}」不是普通的数", "写成 12.5 这样的数"),
    "string_too_long": ("wrong_value", "「{input}」太长", "最多 {max_length} 个字"),
    "int_from_float": ("wrong_type", "「{input}」不是整数", "写成整数"),
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
    "mapping": "键值对",
    "model": "键值对",
    "date": "日期（如 2024-01-31）",
}
_HINTS = {
    "列表": "每项前加「- 」，或写在 [ ] 里",
    "键值对": "写成「键: 值」，或写在 { } 里",
    "整数": "写成整数，不加引号",
    "数": "只写数，不加引号；单位写在 unit",
}
FORMS: dict[str, str] = {
    r"^[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*$": "只用字母、数字、_、-，中间可以有点，如 health.g1",
    r"^[a-z][a-z0-9_]*$": "小写字母开头，只用小写字母、数字和 _，如 health_bureau",
    r"^[A-Z][A-Z0-9_]*$": "大写字母开头，只用大写字母、数字和 _，如 SDG",
    r"^[A-Za-z0-9]+$": '只用字母和数字，如 "01"',
    r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$": "只用字母、数字、_、-、.，字母或数字开头，如 breast_milk",
    r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$": "写成 事实表.列，如 survey_responses.age",
    r"^(indicator|return|form|fact|checklist|document|record|schedule|programme|register):\S+$": (
        "写成 indicator:编号、return:编号、form:编号、fact:编号、checklist:编号、document:编号、record:编号、"
        "schedule:编号、programme:编号 或 register:编号"
    ),
    r"^(flow|document):[A-Za-z0-9_\-.]+$": "写成 flow:流程 或 document:文书，如 flow:returns",
    r"^[A-Z][0-9]{1,2}$": "一个大写字母加一两位数字，如 P01",
    r"^([a-z]+\.[a-z_]+)?$": "写成 页面组.页面，如 returns.home；没有页面就空着",
}
"""The patterns of the models in words; a test holds that each pattern of a model has its words or a mark below."""
FORMS_BY_MARK = {
    r"^\d{2}(": '2、4、6、9 或 12 位数字的代码，如 "990101"',
    r"%$|": '写成 "20%"、"1/3" 或 0.2，要大于 0',
}
_UNION_TAG = re.compile(r"(str|int|float|constrained-str|tuple|function-after|nullable|\[key\])$|[a-z-]+\[.*\]$")
"""What pydantic puts into a place where one of several types is allowed."""


def faults_of_entry(
    error: ValidationError,
    model: type[BaseModel],
    data: object,
    document: YamlDocument,
    path: tuple[str | int, ...],
    shown: str,
) -> list[Fault]:
    """What is wrong with one entry, each mistake once, with file, line, what and likely fix."""
    line = document.line(path)
    if not isinstance(data, Mapping):
        word = "这一条" if path else "这个文件"
        got = "空的" if data is None else "一句话，不是「键: 值」" if not isinstance(data, list) else "列表"
        message = f"{word}应是键值对，却是{got}"
        return [Fault(shown, line, "wrong_type", message, hint="写成「键: 值」，冒号用半角，后面空一格")]
    elsewhere = _other_kind(data, model)
    if elsewhere:
        hint = f"移到 {elsewhere}/" if elsewhere else ""
        message = f"内容像是{KINDS[elsewhere].title}，放错了文件夹"
        return [Fault(shown, line, "wrong_folder", message, hint=hint)]
    errors = _distinct(map(_placed, error.errors()), data)
    extras = [e for e in errors if e["type"] == "extra_forbidden"]
    renamed, covered = _renamed(extras, [e for e in errors if e["type"] == "missing"])
    faults = []
    for one in errors:
        loc = one["loc"]
        if loc in covered and one["type"] == "missing":
            continue
        if one["type"] == "value_error" and any(_bears_on(loc, other) for other in errors if other is not one):
            continue
        fault = _fault(one, model, document, path, shown)
        if one["type"] == "extra_forbidden" and loc in renamed:
            fault = Fault(shown, fault.line, fault.code, fault.message, fault.place, renamed[loc])
        fault = replace(fault, fix=_certain(one, model, data))
        faults.append(fault)
    return faults


def _placed(error: ErrorDetails) -> ErrorDetails:
    """With the place inside the model that its own word about itself gives."""
    said = (error.get("ctx") or {}).get("error")
    return {**error, "loc": (*error["loc"], *said.at)} if isinstance(said, MisplacedError) else error


def _certain(error: ErrorDetails, model: type[BaseModel], data: Mapping[Any, Any]) -> tuple[str, str] | None:
    """What stands there and what it must be, where no other reading is possible."""
    kind, given = error["type"], error.get("input")
    if kind == "extra_forbidden":
        key = str(error["loc"][-1])
        plain = half_width(key).lower()
        return (key, plain) if plain != key and plain in _fields_at(model, error["loc"][:-1]) else None
    if kind == "string_type" and isinstance(given, int) and not isinstance(given, bool):
        return str(given), f'"{given}"'
    if not isinstance(given, str):
        return None
    if kind in ("enum", "literal_error"):
        allowed = re.findall(r"'([^']*)'", str((error.get("ctx") or {}).get("expected", "")))
        meant = code_word(given, allowed)
        return (given, meant) if meant is not None else None
    if kind.startswith(("float", "int", "finite")) and (number := written_number(given)) is not None:
        sign, digits, unit = number
        beside = _beside(data, error["loc"], "unit")
        if sign or (unit and not (beside and same_unit(unit, str(beside)))):
            return None
        return given, digits
    if kind.startswith("date") and (day := written_date(given)) is not None:
        return given, day.isoformat()
    if kind.startswith("bool") and (value := truth(given)) is not None:
        return given, "true" if value else "false"
    if kind == "string_pattern_mismatch":
        plain = half_width(given)
        fits = plain != given and re.fullmatch(str((error.get("ctx") or {}).get("pattern", "")), plain)
        return (given, plain) if fits else None
    return None


def _beside(data: object, loc: Loc, key: str) -> object:
    """The nearest value of this key in the maps around a place, from inside out; None where there is none."""
    around = [data]
    for step in loc[:-1]:
        inner: Any = around[-1]  # whatever the file holds
        try:
            around.append(inner[step])
        except (KeyError, IndexError, TypeError):
            break
    return next((a[key] for a in reversed(around) if isinstance(a, Mapping) and key in a), None)


def first_message(error: ValidationError) -> str:
    """The first thing that is wrong, without a place."""
    one = error.errors()[0]
    code, message, hint = _MESSAGES.get(one["type"], _by_type(one["type"]))
    del code, hint
    return message.format_map(_Lenient(_values(one)))


def _distinct(errors: Iterable[ErrorDetails], data: Mapping[Any, Any]) -> list[ErrorDetails]:
    """One error a place, without the marks of unions; a list that lacks items only because they are wrong is none."""
    found: dict[tuple[Loc, bool], ErrorDetails] = {}
    for error in errors:
        loc = tuple(p for p in error["loc"] if not (isinstance(p, str) and _UNION_TAG.match(p)))
        if loc and loc[0] == "definitions" and "definitions" not in data:
            loc = tuple(p for p in loc[1:] if p != 0)
        found.setdefault((loc, error["type"] == "value_error"), {**error, "loc": loc})
    places = [e["loc"] for e in found.values()]
    return [
        e for e in found.values() if e["type"] != "too_short" or not any(_inside(e["loc"], other) for other in places)
    ]


def _inside(loc: Loc, other: Loc) -> bool:
    return len(other) > len(loc) and other[: len(loc)] == loc


def _bears_on(loc: Loc, other: ErrorDetails) -> bool:
    """A model's word about itself as a whole waits until its parts, and the keys beside it, are right."""
    if other["type"] == "value_error":
        return _inside(loc, other["loc"])
    parent = other["loc"][:-1]
    return other["loc"][: len(loc)] == loc or loc[: len(parent)] == parent


def _renamed(extras: list[ErrorDetails], missing: list[ErrorDetails]) -> tuple[dict[Loc, str], set[Loc]]:
    """Unknown keys that stand for a missing one: the fix for each, and the places of the missing ones."""
    hints: dict[Loc, str] = {}
    covered: set[Loc] = set()
    for extra in extras:
        parent, key = extra["loc"][:-1], str(extra["loc"][-1])
        beside = [e["loc"] for e in missing if e["loc"][:-1] == parent and e["loc"] not in covered]
        moved = next((e["loc"] for e in missing if e["loc"][-1] == half_width(key)), None)
        if moved is not None and moved[:-1] != parent:
            hints[extra["loc"]] = f"「{moved[-1]}」写在了别的层；检查缩进，它应与上一层的键对齐"
            covered.add(moved)
            continue
        names = {str(loc[-1]): loc for loc in beside}
        close = difflib.get_close_matches(half_width(key).lower(), names, n=1, cutoff=0.5)
        if close or (len(beside) == 1 and len([e for e in extras if e["loc"][:-1] == parent]) == 1):
            name = close[0] if close else str(beside[0][-1])
            hints[extra["loc"]] = f"是不是想写「{name}」（它必须写）"
            covered.add(names[name])
    return hints, covered


def _other_kind(data: Mapping[Any, Any], model: type[BaseModel]) -> str:
    """The folder of the one other kind of content that this entry wholly is; empty where it is none or may be ours."""
    keys = {str(k) for k in data}
    own = _keys(model)
    if not keys - own and _required(model) <= keys:
        return ""
    if len(keys & own) > len(keys) - 2:
        return ""
    fitting = [
        folder
        for folder, kind in KINDS.items()
        if (other := kind.model) is not model and keys <= _keys(other) and _required(other) <= keys
    ]
    return fitting[0] if fitting else ""


def _keys(model: type[BaseModel]) -> set[str]:
    names = {f.alias or name for name, f in model.model_fields.items()}
    inner = model.model_fields.get("definitions")
    found = _model_in(inner.annotation) if inner is not None else None
    return names | ({f.alias or n for n, f in found.model_fields.items()} if found else set())


def _required(model: type[BaseModel]) -> set[str]:
    return {f.alias or n for n, f in model.model_fields.items() if f.is_required()} - {"definitions"}


def _fault(
    error: ErrorDetails,
    model: type[BaseModel],
    document: YamlDocument,
    path: tuple[str | int, ...],
    shown: str,
) -> Fault:
    place = error["loc"]
    where = (*path, *place)
    kind = error["type"]
    key = str(place[-1]) if place else ""
    code, message, hint = _MESSAGES.get(kind, _by_type(kind))
    values = _values(error)
    if kind == "extra_forbidden":
        values["near"] = _near(key, model, place)
    line_path = where[:-1] if kind == "missing" else where
    return Fault(
        shown,
        document.line(line_path),
        code,
        message.format_map(_Lenient(values)),
        place=".".join(str(p + 1) if isinstance(p, int) else p for p in place),
        hint=_fitting(error, model) or hint.format_map(_Lenient(values)),
    )


def _values(error: ErrorDetails) -> dict[str, Any]:
    context: dict[str, Any] = dict(error.get("ctx") or {})
    allowed = re.findall(r"'([^']*)'", str(context.get("expected", "")))
    meant = code_word(str(error.get("input")), allowed)
    near = difflib.get_close_matches(str(error.get("input")), allowed, n=1, cutoff=0.6)
    pick = meant or (near[0] if near else "")
    listed = "可用：" + "、".join(described(a) for a in allowed)
    return {
        **context,
        "key": str(error["loc"][-1]) if error["loc"] else "",
        "input": _short(error.get("input")),
        "allowed": f"写成 {pick}；{listed}" if pick else listed,
        "form": _form(str(context.get("pattern", ""))),
        "message": str(context.get("error", "")) or "这个值不能用",
    }


def _form(pattern: str) -> str:
    return FORMS.get(pattern) or next((w for mark, w in FORMS_BY_MARK.items() if mark in pattern), "")


def _fitting(error: ErrorDetails, model: type[BaseModel]) -> str:
    """A fix that fits this very value: a number with its unit or sign, a Chinese date or truth value, a name for a
    label."""
    kind, given = error["type"], error.get("input")
    if kind == "string_type" and isinstance(given, int | float) and not isinstance(given, bool):
        return f'加引号："{given}"（原来以 0 开头的把 0 补上）'
    if kind.startswith("model") and isinstance(given, str) and _is_label(model, error["loc"]):
        return f"写成 {{zh: {_short(given)}}}"
    if not isinstance(given, str):
        return ""
    if kind.startswith(("float", "int", "finite")):
        plain = plain_number(given)
        if plain is not None:
            return f"只写数，不加引号：{plain}"
        number = written_number(given)
        if number is None:
            return ""
        sign, digits, unit = number
        return (
            f"只写 {digits}"
            + (f"；「{sign}」由 kind 表示（如 at_least、at_most）" if sign else "")
            + (f"；「{unit}」写在 unit" if unit else "")
        )
    if kind.startswith("date") and (day := written_date(given)) is not None:
        return f"写成 {day.isoformat()}"
    if kind.startswith("bool") and (value := truth(given)) is not None:
        return f"写成 {'true' if value else 'false'}"
    if kind == "string_pattern_mismatch":
        plain = half_width(given)
        if re.fullmatch(str((error.get("ctx") or {}).get("pattern", "")), plain):
            return f"用半角写：{plain}"
    if kind.startswith(("tuple", "list")):
        return f"写成 [{_short(given)}]"
    return ""


def _is_label(model: type[BaseModel], place: Loc) -> bool:
    inner = _model_at(model, place)
    return inner is not None and set(inner.model_fields) == {"zh", "en"}


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def _by_type(kind: str) -> tuple[str, str, str]:
    for prefix, word in _TYPES.items():
        if kind.startswith(prefix):
            return "wrong_type", "「{input}」的类型不对，应为" + word, _HINTS.get(word, "改成" + word)
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


_KEYS_IN_CHINESE = {
    "名称": ("label", "name", "title"), "名字": ("name", "label"), "编号": ("id", "number", "code"),
    "代码": ("code", "codes"), "单位": ("unit",), "种类": ("kind",), "类型": ("type", "kind"), "数值": ("value",),
    "目标值": ("value",), "牵头": ("lead",), "牵头单位": ("lead",), "来源": ("source",), "原文": ("quote", "text"),
    "年份": ("year",), "年": ("year",), "上级": ("parent",), "级别": ("level",), "地区": ("area",), "说明": ("note",),
    "备注": ("note",), "文件": ("document",), "基期": ("baseline",), "小数": ("decimals",), "期间": ("period",),
}  # fmt: skip


def _near(key: str, model: type[BaseModel], place: Loc) -> str:
    """ "是不是想写 X" or the list of allowed keys, at the depth where the unknown key stands."""
    fields = _fields_at(model, place[:-1])
    meant = next((n for n in _KEYS_IN_CHINESE.get(key, ()) if n in fields), None)
    near = [meant] if meant else difflib.get_close_matches(half_width(key).lower(), fields, n=1, cutoff=0.6)
    if near:
        return f"是不是想写「{near[0]}」"
    return "可用的键：" + "、".join(fields) if fields else "删去它"


def _model_at(model: type[BaseModel], place: Loc) -> type[BaseModel] | None:
    current: type[BaseModel] | None = model
    for step in place:
        if current is None:
            return None
        if isinstance(step, int):
            continue
        info = next((f for n, f in current.model_fields.items() if step in (n, f.alias)), None)
        if info is None:
            definitions = current.model_fields.get("definitions")
            inner = _model_in(definitions.annotation) if definitions is not None else None
            info = inner.model_fields.get(step) if inner is not None else None
        if info is None:
            continue  # a name of the writer's own: a column, a row
        current = _model_in(info.annotation)
    return current


def _fields_at(model: type[BaseModel], place: Loc) -> list[str]:
    current = _model_at(model, place)
    if current is None:
        return []
    names = [f.alias or name for name, f in current.model_fields.items()]
    return names if current is not model else list(dict.fromkeys([*names, *sorted(_keys(model))]))


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for inner in get_args(annotation):
        found = _model_in(inner)
        if found is not None:
            return found
    return None
