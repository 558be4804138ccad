"""The CapabilityStatement: what this server does, from the same tables that it answers by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qingmiao.fhir.searching import EVERY, PARAMETERS

READS = ("read", "vread", "history-instance", "search-type")
WRITES = ("create", "update")


def statement(
    *, address: str, version: str, on: str, writes: Mapping[str, Sequence[str]], plain: Sequence[str] = ()
) -> dict[str, Any]:
    """`address`: of /fhir; `on`: the day of the program; `writes`: type → what of create and update; `plain`: types
    without versions of their own (read and search only)."""
    kinds = []
    for kind, parameters in PARAMETERS.items():
        does = ("read", "search-type") if kind in plain else READS
        one: dict[str, Any] = {
            "type": kind,
            "interaction": [{"code": c} for c in (*does, *writes.get(kind, ()))],
            "versioning": "no-version" if kind in plain else "versioned-update",
            "readHistory": kind not in plain,
            "updateCreate": False,
            "conditionalCreate": "create" in writes.get(kind, ()),
            "conditionalRead": "not-supported",
            "conditionalUpdate": False,
            "searchInclude": [f"{kind}:{n}" for n, p in parameters.items() if p.kind == "reference"],
            "searchParam": [
                *({"name": n, "type": t} for n, t in EVERY.items()),
                *({"name": n, "type": p.kind, "documentation": p.words} for n, p in parameters.items()),
            ],
        }
        if not one["searchInclude"]:
            del one["searchInclude"]
        if kind == "Patient":
            one["operation"] = [_operation("everything", "Patient-everything")]
        kinds.append(one)
    kinds.sort(key=lambda k: str(k["type"]))
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": on,
        "kind": "instance",
        "software": {"name": "青苗 Qingmiao", "version": version},
        "implementation": {"description": "青苗：县域儿童发展信息系统的健康档案接口", "url": address},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "documentation": "姓名和证件号码只能用 POST 类型/_search 查询，不写进网址。",
                "security": {
                    "description": "请求头 Authorization: Bearer 令牌；令牌由 qingmiao token 发放，有范围和期限。"
                },
                "resource": kinds,
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
                "operation": [_operation("validate", "Resource-validate")],
            }
        ],
    }


def _operation(name: str, definition: str) -> dict[str, str]:
    return {"name": name, "definition": f"http://hl7.org/fhir/OperationDefinition/{definition}"}
