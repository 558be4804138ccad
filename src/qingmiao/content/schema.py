"""JSON Schemas of all content files, for editors (yaml-language-server) and for people who write packs elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from qingmiao.content.kinds import KINDS
from qingmiao.content.plan import PlanHead
from qingmiao.content.policy import Policy


def schemas() -> dict[str, dict[str, Any]]:
    """File name (``indicators.schema.json`` …) → JSON Schema; list files allow one entry or a list of them."""
    found: dict[str, dict[str, Any]] = {}
    for folder, kind in KINDS.items():
        shape: Any = kind.model | list[kind.model] if kind.many else kind.model  # type: ignore[name-defined]
        found[folder.replace("/", "-") + ".schema.json"] = _titled(
            TypeAdapter(shape).json_schema(by_alias=True), folder
        )
    indicator = found["indicators.schema.json"]
    _allow_single_definition(indicator)
    found["plan.schema.json"] = _titled(PlanHead.model_json_schema(by_alias=True), "plan/plan.yaml")
    found["policy.schema.json"] = _titled(Policy.model_json_schema(by_alias=True), "policy.yaml")
    return found


def write_schemas(folder: Path) -> list[Path]:
    """Write every schema below `folder`; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in schemas().items():
        path = folder / name
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
        written.append(path)
    return written


def _titled(schema: dict[str, Any], title: str) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": title}


def _allow_single_definition(schema: dict[str, Any]) -> None:
    """An indicator with one definition writes its keys at the top level (see Indicator._single_definition)."""
    definition = schema["$defs"]["Definition"]["properties"]
    for key, value in definition.items():
        if key not in schema["properties"] and key not in ("comparable", "reason"):
            schema["properties"][key] = value
    schema["required"] = [k for k in schema["required"] if k != "definitions"]
    schema["anyOf"] = [
        {"required": ["definitions"]},
        {"required": ["from"]},
        {"required": ["numerator"]},
        {"required": ["combine"]},
    ]
