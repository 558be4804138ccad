"""What several types of resources are made of: moments, codings, references, quantities."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from qingmiao.content.base import Label
from qingmiao.fhir.issues import Issue, NotTakenError
from qingmiao.site.web.api.fhir.served import Json

LOINC = "http://loinc.org"
WST = "urn:oid:2.16.156.10011.2.2.1"
"""Data elements of WS 363 (as public implementations write it)."""
UCUM = "http://unitsofmeasure.org"
UNITS = {
    "千克": "kg", "公斤": "kg", "kg": "kg", "克": "g", "g": "g", "厘米": "cm", "cm": "cm", "毫米": "mm", "mm": "mm", "米": "m",
    "m": "m", "周": "wk", "天": "d", "日": "d", "月": "mo", "岁": "a", "小时": "h", "分钟": "min", "秒": "s", "s": "s",
    "g/L": "g/L", "mmHg": "mm[Hg]", "℃": "Cel", "°C": "Cel", "%": "%", "mL": "mL", "毫升": "mL", "D": "[diop]",
    "°": "deg",
    "次/分": "/min", "次/分钟": "/min", "IU": "[iU]", "μg/L": "ug/L", "mmol/L": "mmol/L", "U/L": "U/L", "dB": "dB",
    "kg/m²": "kg/m2",
}  # fmt: skip
"""Units as forms write them → UCUM."""
REASON = "urn:qingmiao:reason"
"""The extension in which a caller says why something is corrected, or a child registered who may be there already."""


def instant(at: datetime) -> str:
    """A moment as FHIR writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def meta(version: int, at: datetime) -> Json:
    """The version and moment of a resource."""
    return {"versionId": str(version), "lastUpdated": instant(at)}


def reference(kind: str, id: int | str, display: str = "") -> Json:
    """A reference to a resource of this server."""
    found: Json = {"reference": f"{kind}/{str(id).replace('_', '-')}"}
    return found | ({"display": display} if display else {})


def concept(system: str, code: str, label: Label, text: str = "") -> Json:
    """A coded concept in both languages' code, Chinese words."""
    return {"coding": [{"system": system, "code": code, "display": label.zh}], "text": text or label.zh}


def quantity(value: int | Decimal, unit: str) -> Json:
    """A number with its unit; with UCUM's code where the unit is known."""
    found: Json = {"value": value}
    if unit:
        found["unit"] = unit
    if unit in UNITS:
        found |= {"system": UCUM, "code": UNITS[unit]}
    return found


def number_of(id: str) -> int:
    """The number that an id of ours is; 0 for what is none."""
    return int(id) if id.isascii() and id.isdigit() and len(id) < 19 else 0


def referred(value: Any, kind: str, where: str) -> int:
    """The number of the resource that a reference names. Raises NotTakenError."""
    text = str(value.get("reference", "")) if isinstance(value, dict) else ""
    of, _, id_ = text.rpartition("/")
    if of.rpartition("/")[2] != kind or not number_of(id_):
        raise NotTakenError(Issue("value", f"请引用 {kind}/编号", where))
    return number_of(id_)


def said_reason(resource: Json) -> str:
    """Why, as the caller says it in the extension; "" where nothing is said."""
    for one in resource.get("extension", ()):
        if one.get("url") == REASON:
            return str(one.get("valueString", ""))
    return ""
