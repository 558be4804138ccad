"""Rules of FHIR R4 between the elements of a type, by the names that the standard gives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from qingmiao.fhir.issues import Issue
from qingmiao.fhir.primitives import first_moment

Json = Mapping[str, Any]
Rule = Callable[[str, Json, str], Iterator[Issue]]
ENDED = frozenset({"resolved", "remission", "inactive"})
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def _broken(name: str, words: str, path: str) -> Issue:
    return Issue("invariant", f"{words}（{name}）", path)


def _has(value: Json, name: str) -> bool:
    return any(k == name or (k.startswith(name) and k[len(name) : len(name) + 1].isupper()) for k in value)


def extension(kind: str, value: Json, path: str) -> Iterator[Issue]:
    """ext-1: an extension has a value or extensions, not both."""
    if _has(value, "value") == ("extension" in value):
        yield _broken("ext-1", "扩展要么有 value[x]，要么有下级扩展", path)


def period(kind: str, value: Json, path: str) -> Iterator[Issue]:
    """per-1: the start is not after the end."""
    start, end = value.get("start"), value.get("end")
    if isinstance(start, str) and isinstance(end, str):
        try:
            turned = first_moment(start) > first_moment(end) and not start.startswith(end)
        except ValueError:
            return  # the walk says that it is no moment
        if turned:
            yield _broken("per-1", "开始不能晚于结束", path)


def quantity(kind: str, value: Json, path: str) -> Iterator[Issue]:
    """qty-3: a code of a unit has its system."""
    if "code" in value and "system" not in value:
        yield _broken("qty-3", "写了单位代码就要写 system", path)


def range_of(kind: str, value: Json, path: str) -> Iterator[Issue]:
    """rng-2: low is not above high."""
    low, high = (_number(value.get(n)) for n in ("low", "high"))
    if low is not None and high is not None and low > high:
        yield _broken("rng-2", "low 不能大于 high", path)


def _number(value: Any) -> Any:
    number = value.get("value") if isinstance(value, Mapping) else None
    return number if not isinstance(number, str | bool) else None


def resource(kind: str, value: Json, path: str) -> Iterator[Issue]:
    """dom-2, dom-4: contained resources hold none themselves and have no version of their own; ref-1: `#x` is there."""
    if "resourceType" not in value or kind == "Bundle" or ".contained[" in path:
        return
    listed = value.get("contained")
    contained = listed if isinstance(listed, list) else []
    for number, inner in enumerate(contained):
        if isinstance(inner, Mapping):
            place = f"{path}.contained[{number}]"
            if "contained" in inner:
                yield _broken("dom-2", "内含的资源不能再内含资源", place)
            if isinstance(inner.get("meta"), Mapping) and {"versionId", "lastUpdated"} & set(inner["meta"]):
                yield _broken("dom-4", "内含的资源没有自己的版本", place)
    there = {inner.get("id") for inner in contained if isinstance(inner, Mapping)}
    for text in _references(value):
        if text.startswith("#") and len(text) > 1 and text[1:] not in there:
            yield _broken("ref-1", f"引用 {text[:60]} 在内含的资源里没有", path)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name == "reference" and isinstance(inner, str):
                yield inner
            else:
                yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def patient_contact(kind: str, value: Json, path: str) -> Iterator[Issue]:
    """pat-1: a contact has at least its name, telecom, address or organisation."""
    if not {"name", "telecom", "address", "organization"} & set(value):
        yield _broken("pat-1", "联系人至少要有姓名、电话、地址、单位之一", path)


def observation(kind: str, value: Json, path: str) -> Iterator[Issue]:
    """obs-6, obs-7: no reason for absence beside a value; a component of the same code does not stand beside one."""
    if "dataAbsentReason" in value and _has(value, "value"):
        yield _broken("obs-6", "有了 value[x] 就不写 dataAbsentReason", path)
    if _has(value, "value") and kind == "Observation":
        own = _codes(value.get("code"))
        components = value.get("component")
        for inner in components if isinstance(components, list) else ():
            if isinstance(inner, Mapping) and own & _codes(inner.get("code")):
                yield _broken("obs-7", "分项的代码与本项相同时，本项不写 value[x]", path)


def _codes(concept: Any) -> set[tuple[Any, Any]]:
    if not isinstance(concept, Mapping) or not isinstance(concept.get("coding"), list):
        return set()
    codings = [c for c in concept["coding"] if isinstance(c, Mapping)]
    return {(str(c.get("system")), str(c.get("code"))) for c in codings if c.get("code")}


def reference_range(kind: str, value: Json, path: str) -> Iterator[Issue]:
    """obs-3: a low, a high or a text."""
    if not {"low", "high", "text"} & set(value):
        yield _broken("obs-3", "参考范围至少要有 low、high、text 之一", path)


def condition(kind: str, value: Json, path: str) -> Iterator[Issue]:
    """con-4, con-5: an abated one is not active; one entered in error has no clinical status."""
    status = {code for _, code in _codes(value.get("clinicalStatus"))}
    if _has(value, "abatement") and not status & ENDED:
        yield _broken("con-4", "已经缓解的，临床状态应是 resolved、remission 或 inactive", path)
    if "clinicalStatus" in value and (CLINICAL, "entered-in-error") in _codes(value.get("verificationStatus")):
        yield _broken("con-5", "误录的不写临床状态", path)


def question(kind: str, value: Json, path: str) -> Iterator[Issue]:
    """que-1 (groups have items, displays none), que-4, que-5, que-6, que-8, que-9."""
    of = value.get("type")
    if of == "display" and "item" in value:
        yield _broken("que-1", "说明（display）没有下级问题", path)
    if of == "group" and not value.get("item"):
        yield _broken("que-1", "分组（group）要有下级问题", path)
    if "answerOption" in value and "answerValueSet" in value:
        yield _broken("que-4", "选项只用一种方式写", path)
    listed = {"choice", "open-choice", "decimal", "integer", "date", "dateTime", "time", "string", "quantity"}
    if {"answerOption", "answerValueSet"} & set(value) and of not in listed:
        yield _broken("que-5", f"类型 {of} 没有选项", path)
    if of == "display" and {"required", "repeats"} & set(value):
        yield _broken("que-6", "说明（display）没有必填和重复", path)
    if of in ("group", "display") and "initial" in value:
        yield _broken("que-8", "分组和说明没有初始值", path)
    if of == "display" and "readOnly" in value:
        yield _broken("que-9", "说明（display）没有只读", path)


def enable_when(kind: str, value: Json, path: str) -> Iterator[Issue]:
    """que-7: `exists` is answered by true or false."""
    if value.get("operator") == "exists" and "answerBoolean" not in value:
        yield _broken("que-7", "operator 为 exists 时要写 answerBoolean", path)


def questionnaire(kind: str, value: Json, path: str) -> Iterator[Issue]:
    """que-2: no linkId stands twice."""
    seen: set[str] = set()
    for link in _links(value):
        if link in seen:
            yield _broken("que-2", f"linkId“{link[:60]}”重复", path)
        seen.add(link)


def _links(value: Json) -> Iterator[str]:
    items = value.get("item")
    for inner in items if isinstance(items, list) else ():
        if isinstance(inner, Mapping):
            if isinstance(inner.get("linkId"), str):
                yield inner["linkId"]
            yield from _links(inner)


def bundle(kind: str, value: Json, path: str) -> Iterator[Issue]:
    """bdl-1, bdl-2, bdl-3, bdl-4, bdl-7: what belongs to which kind of bundle; an address stands once."""
    of, entries = value.get("type"), value.get("entry")
    listed = [e for e in entries if isinstance(e, Mapping)] if isinstance(entries, list) else []
    if "total" in value and of not in ("searchset", "history"):
        yield _broken("bdl-1", "total 只用于查询结果和历史", path)
    if any("search" in e for e in listed) and of != "searchset":
        yield _broken("bdl-2", "search 只用于查询结果", path)
    asking = of in ("batch", "transaction", "history")
    if any(("request" in e) != asking for e in listed):
        yield _broken("bdl-3", "request 用于、也只用于批处理、事务和历史的每一条", path)
    answering = of in ("batch-response", "transaction-response", "history")
    if any(("response" in e) != answering for e in listed):
        yield _broken("bdl-4", "response 用于、也只用于应答和历史的每一条", path)
    named = [str(e["fullUrl"]) for e in listed if "fullUrl" in e] if of != "history" else []
    if len(set(named)) < len(named):
        yield _broken("bdl-7", "同一个 fullUrl 出现了两次", path)


def entry(kind: str, value: Json, path: str) -> Iterator[Issue]:
    """bdl-5, bdl-8: an entry holds something, and its address names no version."""
    if not {"resource", "request", "response"} & set(value):
        yield _broken("bdl-5", "这一条是空的", path)
    if "/_history/" in str(value.get("fullUrl", "")):
        yield _broken("bdl-8", "fullUrl 不写版本", path)


RULES: Mapping[str, tuple[Rule, ...]] = {
    "*": (resource,),
    "Extension": (extension,),
    "Period": (period,),
    **dict.fromkeys(("Quantity", "Age", "Count", "Distance", "Duration"), (quantity,)),
    "Range": (range_of,),
    "PatientContact": (patient_contact,),
    "Observation": (observation,),
    "ObservationComponent": (observation,),
    "ObservationReferenceRange": (reference_range,),
    "Condition": (condition,),
    "Questionnaire": (questionnaire,),
    "QuestionnaireItem": (question,),
    "QuestionnaireItemEnableWhen": (enable_when,),
    "Bundle": (bundle,),
    "BundleEntry": (entry,),
}
"""Type → its rules; `*` for every object."""
