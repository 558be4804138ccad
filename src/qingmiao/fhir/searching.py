"""A search as it was asked: each parameter read by its kind, what is not known refused (or said and left out).

`PARAMETERS` is the one list: the CapabilityStatement names it, the server answers by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from qingmiao.fhir.issues import Issue, NotTakenError
from qingmiao.fhir.moments import TimeSpan, span

Kind = Literal["string", "token", "date", "reference", "uri", "number"]
MOST = 200
"""Resources on one page at most."""
USUAL = 50
MODIFIERS: Mapping[Kind, frozenset[str]] = {
    "string": frozenset({"exact", "contains", "missing"}),
    "token": frozenset({"not", "missing"}),
    "date": frozenset({"missing"}),
    "reference": frozenset({"missing"}),
    "uri": frozenset({"missing"}),
    "number": frozenset({"missing"}),
}
EVERY: Mapping[str, Kind] = {"_id": "token", "_lastUpdated": "date"}
CONTROLS = frozenset({"_count", "_sort", "_summary", "_elements", "_total", "_format", "_after"})


@dataclass(frozen=True)
class Offered:
    """A search parameter of a type: its kind, what it asks for, and what a reference leads to."""

    kind: Kind
    words: str
    target: str = ""


_SUBJECT = Offered("reference", "谁的记录", "Patient")
PARAMETERS: Mapping[str, Mapping[str, Offered]] = {
    "Patient": {
        "identifier": Offered("token", "证件号码、出生医学证明编号或儿童编号；只能用 POST _search 查"),
        "name": Offered("string", "姓名"),
        "family": Offered("string", "姓"),
        "given": Offered("string", "名"),
        "phonetic": Offered("string", "姓名的拼音"),
        "birthdate": Offered("date", "出生日期"),
        "gender": Offered("token", "性别"),
        "active": Offered("token", "档案是否在管"),
        "organization": Offered("reference", "所在学校或单位", "Organization"),
    },
    "RelatedPerson": {
        "patient": Offered("reference", "哪个儿童的", "Patient"),
        "relationship": Offered("token", "与儿童的关系"),
        "active": Offered("token", "现在是否仍是"),
    },
    "Encounter": {
        "patient": _SUBJECT,
        "subject": _SUBJECT,
        "date": Offered("date", "日期"),
        "type": Offered("token", "健康记录的种类"),
        "status": Offered("token", "状态"),
    },
    "Observation": {
        "patient": _SUBJECT,
        "subject": _SUBJECT,
        "code": Offered("token", "项目（LOINC 或本系统代码）"),
        "category": Offered("token", "类别"),
        "date": Offered("date", "日期"),
        "encounter": Offered("reference", "哪一次健康记录", "Encounter"),
        "status": Offered("token", "状态"),
    },
    "Immunization": {
        "patient": _SUBJECT,
        "date": Offered("date", "接种日期"),
        "vaccine-code": Offered("token", "疫苗"),
        "status": Offered("token", "状态"),
    },
    "Condition": {
        "patient": _SUBJECT,
        "subject": _SUBJECT,
        "code": Offered("token", "问题"),
        "clinical-status": Offered("token", "临床状态"),
        "recorded-date": Offered("date", "记录日期"),
    },
    "ServiceRequest": {
        "patient": _SUBJECT,
        "subject": _SUBJECT,
        "status": Offered("token", "状态"),
        "authored": Offered("date", "开出日期"),
        "code": Offered("token", "请求的事项"),
    },
    "Questionnaire": {
        "url": Offered("uri", "规范地址"),
        "version": Offered("token", "版本"),
        "name": Offered("string", "名称"),
        "title": Offered("string", "标题"),
        "status": Offered("token", "状态"),
    },
    "QuestionnaireResponse": {
        "patient": _SUBJECT,
        "subject": _SUBJECT,
        "questionnaire": Offered("reference", "哪张表单", "Questionnaire"),
        "authored": Offered("date", "填写日期"),
        "status": Offered("token", "状态"),
        "encounter": Offered("reference", "哪一次健康记录", "Encounter"),
    },
    "CodeSystem": {
        "url": Offered("uri", "规范地址"),
        "name": Offered("string", "名称"),
        "title": Offered("string", "标题"),
        "status": Offered("token", "状态"),
    },
    "ValueSet": {
        "url": Offered("uri", "规范地址"),
        "name": Offered("string", "名称"),
        "title": Offered("string", "标题"),
        "status": Offered("token", "状态"),
    },
    "Organization": {
        "name": Offered("string", "名称"),
        "identifier": Offered("token", "单位编号"),
        "active": Offered("token", "是否在用"),
    },
}
"""Type → its search parameters. A number of a certificate never stands in an address."""
UNSAFE: frozenset[tuple[str, str]] = frozenset(
    {
        ("Patient", "identifier"),
        ("Patient", "name"),
        ("Patient", "family"),
        ("Patient", "given"),
        ("Patient", "phonetic"),
    }
)
"""(type, parameter) that only POST _search takes: names and numbers would stand in logs of addresses."""


@dataclass(frozen=True)
class Token:
    """`system|code`; a part that was not written is None, one written empty is "" (no system)."""

    system: str | None
    code: str | None


@dataclass(frozen=True)
class Filter:
    """One parameter; of its values one must hold, of all filters each."""

    name: str
    kind: Kind
    modifier: str
    texts: tuple[str, ...] = ()
    tokens: tuple[Token, ...] = ()
    spans: tuple[TimeSpan, ...] = ()
    missing: bool | None = None


@dataclass(frozen=True)
class Search:
    """A search of one type. `sort`: (parameter, descending); `after`: the mark where the last page ended."""

    kind: str
    filters: tuple[Filter, ...] = ()
    count: int = USUAL
    sort: tuple[tuple[str, bool], ...] = ()
    summary: str = ""
    elements: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    after: str = ""
    ignored: tuple[Issue, ...] = field(default=(), compare=False)


def read(kind: str, given: Iterable[tuple[str, str]], *, lenient: bool = False, posted: bool = False) -> Search:
    """What was asked. Raises NotTakenError for parameters that are not offered (lenient: left out and named)."""
    filters: list[Filter] = []
    controls: dict[str, str] = {}
    includes: list[str] = []
    ignored: list[Issue] = []
    for name, text in given:
        base, _, modifier = name.partition(":")
        try:
            if base == "_include":
                includes.append(_include(kind, text))
            elif base in CONTROLS:
                controls[base] = text
            elif (kind, base) in UNSAFE and not posted:
                raise NotTakenError(
                    Issue("security", f"{base} 会把个人信息留在网址里，请改用 POST {kind}/_search", name)
                )
            else:
                filters.append(_filter(kind, base, modifier, text, name))
        except NotTakenError as error:
            unknown = [i for i in error.issues if i.code in ("not-supported",)]
            if not (lenient and unknown):
                raise
            ignored += [Issue(i.code, i.words, i.where, "warning") for i in unknown]
    return Search(
        kind,
        tuple(filters),
        _count(controls.get("_count")),
        _sort(kind, controls.get("_sort", "")),
        _one_of("_summary", controls.get("_summary", ""), ("", "true", "text", "data", "count", "false")),
        tuple(filter(None, controls.get("_elements", "").split(","))),
        tuple(includes),
        controls.get("_after", ""),
        tuple(ignored),
    )


def _filter(kind: str, name: str, modifier: str, text: str, where: str) -> Filter:
    of: Kind
    if name in EVERY:
        of = EVERY[name]
    elif (offered := PARAMETERS.get(kind, {}).get(name)) is not None:
        of = offered.kind
    else:
        listed = "、".join(PARAMETERS.get(kind, {}))
        raise NotTakenError(Issue("not-supported", f"{kind} 不能按“{name[:40]}”查询（可以用：{listed}）", where[:60]))
    if of == "reference" and modifier == "Patient":
        modifier = ""
    if modifier and modifier not in MODIFIERS[of]:
        raise NotTakenError(Issue("not-supported", f"{name} 不支持修饰符“:{modifier[:20]}”", where[:60]))
    if modifier == "missing":
        if text not in ("true", "false"):
            raise NotTakenError(Issue("value", ":missing 只能是 true 或 false", where))
        return Filter(name, of, modifier, missing=text == "true")
    values = tuple(v for v in _split(text) if v)
    if not values:
        raise NotTakenError(Issue("value", f"{name} 没有写要查的值", where))
    if of == "date":
        return Filter(name, of, modifier, spans=tuple(span(v, where) for v in values))
    if of == "token":
        return Filter(name, of, modifier, values, tokens=tuple(_token(v) for v in values))
    return Filter(name, of, modifier, values)


def _split(text: str) -> list[str]:
    """Values between commas; a comma or a bar after a backslash is one of the text."""
    parts, escaped = [""], False
    for sign in text:
        if escaped:
            parts[-1] += sign
        elif sign == "\\":
            escaped = True
            continue
        elif sign == ",":
            parts.append("")
        else:
            parts[-1] += sign
        escaped = False
    return [p.strip() for p in parts]


def _token(text: str) -> Token:
    system, bar, code = text.partition("|")
    return Token(system, code or None) if bar else Token(None, text)


def _count(text: str | None) -> int:
    if text is None:
        return USUAL
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise NotTakenError(Issue("value", "_count 要是不小于 0 的整数", "_count"))
    return min(int(text), MOST)


def _sort(kind: str, text: str) -> tuple[tuple[str, bool], ...]:
    found = []
    for name in filter(None, text.split(",")):
        plain = name.removeprefix("-")
        of = EVERY.get(plain) or (PARAMETERS.get(kind, {}).get(plain) or Offered("reference", "")).kind
        if of != "date":
            raise NotTakenError(Issue("not-supported", f"不能按“{plain[:40]}”排序；可以按日期类的参数", "_sort"))
        found.append((plain, name.startswith("-")))
    if len(found) > 1:
        raise NotTakenError(Issue("not-supported", "一次只能按一个参数排序", "_sort"))
    return tuple(found)


def _one_of(name: str, text: str, known: tuple[str, ...]) -> str:
    if text not in known:
        raise NotTakenError(Issue("value", f"{name} 只能是 {'、'.join(filter(None, known))}", name))
    return text


def _include(kind: str, text: str) -> str:
    """`Type:parameter` of what is searched, whose resources come too. Raises NotTakenError for what is not offered."""
    source, _, parameter = text.partition(":")
    offered = PARAMETERS.get(source, {}).get(parameter.partition(":")[0])
    if source != kind or offered is None or offered.kind != "reference":
        raise NotTakenError(Issue("not-supported", f"不支持 _include={text[:60]}", "_include"))
    return text
