"""Whether a resource is what FHIR R4 says: names, types, how many, required codes, choices, references, invariants.

One walk by the table of `elements`; what the table cannot say (a rule between elements) is a function of `invariants`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qingmiao.fhir.elements import RESOURCES, Element, types
from qingmiao.fhir.invariants import RULES
from qingmiao.fhir.issues import Issue
from qingmiao.fhir.primitives import fits

_EXTENSION = Element("extension", "Extension", False, False, "", False, frozenset(), frozenset(), False)


def check(resource: Any, *, kinds: frozenset[str] = RESOURCES) -> tuple[Issue, ...]:
    """Everything that is wrong with a resource as read by `texts.read`; empty where nothing is.

    `kinds`: the types that are taken at the top. Contained and bundled resources are checked too.
    """
    return tuple(_resource(resource, "", kinds))


def _resource(value: Any, path: str, kinds: frozenset[str] = RESOURCES) -> Iterator[Issue]:
    if not isinstance(value, Mapping):
        yield Issue("structure", "这里应是一个资源（JSON 对象）", path)
        return
    kind = value.get("resourceType")
    if not isinstance(kind, str) or not kind:
        yield Issue("structure", "缺少 resourceType", path)
        return
    if kind not in kinds and ".contained[" in path:
        yield Issue("not-supported", f"内含的资源“{kind[:60]}”没有核对，也不保存", path, "warning")
        return
    if kind not in kinds:
        yield Issue("not-supported", f"不接受资源类型“{kind[:60]}”", path)
        return
    yield from _content(value, kind, path or kind)


def _content(value: Mapping[str, Any], kind: str, path: str) -> Iterator[Issue]:
    """The elements of one object of a type."""
    elements = types()[kind]
    if not value:
        yield Issue("structure", "不能是空对象；没有内容就不要写", path)
    for name, given in value.items():
        if name == "resourceType":
            if kind not in RESOURCES:
                yield Issue("structure", "resourceType 只写在资源上", path)
        elif name == "fhir_comments":
            yield Issue("structure", "R4 不再有 fhir_comments", f"{path}.{name}")
        elif name.startswith("_"):
            yield from _beside(elements.get(name[1:]), given, value.get(name[1:]), f"{path}.{name}")
        elif name not in elements:
            yield Issue("structure", f"{kind} 没有“{name[:60]}”这个元素", f"{path}.{name[:60]}")
        else:
            yield from _values(elements[name], given, value.get("_" + name), f"{path}.{name}")
    yield from _there(elements, value, path)
    for rule in (*RULES.get("*", ()), *RULES.get(kind, ())):
        yield from rule(kind, value, path)


def _there(elements: Mapping[str, Element], value: Mapping[str, Any], path: str) -> Iterator[Issue]:
    """What must be there, and of a choice at most one."""
    groups: dict[str, list[str]] = {}
    for name, one in elements.items():
        there = name in value or "_" + name in value
        if one.choice:
            groups.setdefault(one.choice, [])
            if there:
                groups[one.choice].append(name)
        elif one.required and not there:
            yield Issue("required", f"缺少必填的 {name}", f"{path}.{name}")
    required = {e.choice for e in elements.values() if e.choice_required}
    for group, named in groups.items():
        if len(named) > 1:
            yield Issue("structure", f"{group}[x] 只能写一个，这里写了 {'、'.join(named)}", f"{path}.{named[1]}")
        elif not named and group in required:
            yield Issue("required", f"缺少必填的 {group}[x]", path)


def _values(one: Element, given: Any, beside: Any, path: str) -> Iterator[Issue]:
    if one.many != isinstance(given, list):
        words = "应是列表（[…]）" if one.many else "不能是列表"
        yield Issue("structure", f"{one.name} {words}", path)
        return
    if not one.many:
        yield from _value(one, given, path)
        return
    if not given:
        yield Issue("structure", "列表不能是空的；没有内容就不要写", path)
    for number, item in enumerate(given):
        place = f"{path}[{number}]"
        if item is None and one.primitive:
            if not (isinstance(beside, list) and len(beside) > number and beside[number]):
                yield Issue("structure", "空值只能用在带有扩展的基本类型列表里", place)
        else:
            yield from _value(one, item, place)


def _value(one: Element, given: Any, path: str) -> Iterator[Issue]:
    if one.of == "Resource":
        yield from _resource(given, path)
    elif not one.primitive:
        if isinstance(given, Mapping):
            yield from _content(given, one.of, path)
            if one.of == "Reference" and one.targets:
                yield from _target(one, given, path)
        else:
            yield Issue("structure", f"{one.name} 应是 JSON 对象（{one.of}）", path)
    elif not fits(one.of, given):
        yield Issue("value", f"不是合格的 {one.of} 值", path)
    elif one.codes and given not in one.codes:
        listed = "、".join(sorted(one.codes)[:12])
        yield Issue("code-invalid", f"“{str(given)[:40]}”不在规定的代码里（{listed}）", path)


def _beside(one: Element | None, given: Any, main: Any, path: str) -> Iterator[Issue]:
    """`_name`: the id and extensions of a primitive value, or of each of a list."""
    if one is None or not one.primitive:
        yield Issue("structure", "下划线开头的名字只用于基本类型的扩展", path)
        return
    listed = given if one.many and isinstance(given, list) else [given]
    if one.many and (not isinstance(given, list) or (isinstance(main, list) and len(main) != len(given))):
        yield Issue("structure", "扩展列表要与值的列表一样长", path)
        return
    for item in listed:
        if item is None and one.many:
            continue
        if not isinstance(item, Mapping) or not item or set(item) - {"id", "extension"}:
            yield Issue("structure", "这里只能写 id 和 extension", path)
        else:
            for number, extension in enumerate(item.get("extension", ())):
                yield from _value(_EXTENSION, extension, f"{path}.extension[{number}]")


def _target(one: Element, given: Mapping[str, Any], path: str) -> Iterator[Issue]:
    """A relative reference names a type; it must be one that belongs there."""
    text = given.get("reference")
    if "Resource" in one.targets or not isinstance(text, str) or text.startswith(("#", "urn:")):
        return
    kind = text.rstrip("/").split("/_history/")[0].split("/")[-2:]
    if "://" not in text and (len(kind) != 2 or not kind[0].isalpha()):
        yield Issue("value", "引用应写成 类型/编号", f"{path}.reference")
    elif len(kind) == 2 and kind[0].isalpha() and kind[0][0].isupper() and kind[0] not in one.targets:
        yield Issue("value", f"{one.name} 不能引用 {kind[0][:40]}", f"{path}.reference")
