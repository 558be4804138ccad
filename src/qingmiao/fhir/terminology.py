"""Code lists as CodeSystem and ValueSet, and what may be asked of them: lookup, validation, expansion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qingmiao.fhir.issues import Issue, NotTakenError

Json = dict[str, Any]


@dataclass(frozen=True)
class CodedList:
    """A code list: its id, its title, and code → (Chinese, English)."""

    id: str
    title: str
    codes: Mapping[str, tuple[str, str]]
    description: str = ""

    @property
    def url(self) -> str:
        """The system of its codes."""
        return f"urn:qingmiao:codes:{self.id}"


def code_system(of: CodedList, *, draft: bool = False) -> Json:
    """The whole list with both languages."""
    return {
        "resourceType": "CodeSystem",
        "id": _id(of),
        "url": of.url,
        "name": _name(of),
        "title": of.title,
        "status": "draft" if draft else "active",
        **({"description": of.description} if of.description else {}),
        "caseSensitive": True,
        "valueSet": f"{of.url}:all",
        "content": "complete",
        "count": len(of.codes),
        "concept": [
            {"code": c, "display": zh, **({"designation": [{"language": "en", "value": en}]} if en else {})}
            for c, (zh, en) in of.codes.items()
        ],
    }


def value_set(of: CodedList, *, draft: bool = False) -> Json:
    """All codes of the list."""
    return {
        "resourceType": "ValueSet",
        "id": _id(of),
        "url": f"{of.url}:all",
        "name": _name(of),
        "title": of.title,
        "status": "draft" if draft else "active",
        "compose": {"include": [{"system": of.url}]},
    }


def expansion(of: CodedList, *, on: str, text: str = "") -> Json:
    """The value set with its codes; `text`: only those whose words hold it; `on`: the moment, an instant."""
    found = [
        {"system": of.url, "code": c, "display": zh}
        for c, (zh, en) in of.codes.items()
        if text.casefold() in zh.casefold() or text.casefold() in en.casefold()
    ]
    inside: Json = {"identifier": f"{of.url}:all", "timestamp": on, "total": len(found)}
    return value_set(of) | {"expansion": inside | ({"contains": found} if found else {})}


def looked_up(of: CodedList, code: str) -> Json:
    """The answer to `$lookup`. Raises NotTakenError for a code that is not there."""
    if code not in of.codes:
        raise NotTakenError(Issue("not-found", f"{of.title}没有代码“{code[:40]}”", "code"))
    zh, en = of.codes[code]
    parts: list[Json] = [
        {"name": "name", "valueString": _name(of)},
        {"name": "display", "valueString": zh},
    ]
    if en:
        inner = [{"name": "language", "valueCode": "en"}, {"name": "value", "valueString": en}]
        parts.append({"name": "designation", "part": inner})
    return parameters(parts)


def validated(of: CodedList, code: str, display: str = "") -> Json:
    """The answer to `$validate-code`."""
    words = of.codes.get(code)
    fine = words is not None and (not display or display in words)
    parts: list[Json] = [{"name": "result", "valueBoolean": fine}]
    if words is None:
        parts.append({"name": "message", "valueString": f"{of.title}没有代码“{code[:40]}”"})
    else:
        if not fine:
            parts.append({"name": "message", "valueString": f"代码 {code} 的名称是“{words[0]}”"})
        parts.append({"name": "display", "valueString": words[0]})
    return parameters(parts)


def parameters(parts: Sequence[Json]) -> Json:
    """A Parameters resource."""
    return {"resourceType": "Parameters", "parameter": list(parts)}


def _id(of: CodedList) -> str:
    return of.id.replace("_", "-")


def _name(of: CodedList) -> str:
    return "".join(part.capitalize() for part in of.id.replace("-", "_").replace(".", "_").split("_"))
