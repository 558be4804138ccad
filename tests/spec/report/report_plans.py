"""Small plans for the report's specification: some fields, an area with areas below it, yearly counts. All made up
(演示数据)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from qingmiao.assess.run import assess_pack
from qingmiao.content.areas import AreaItem
from qingmiao.content.indicators import Indicator
from qingmiao.content.organisations import OrganisationItem
from qingmiao.content.pack import Pack
from qingmiao.content.plan import PlanField, PlanHead
from qingmiao.report.build import build_report
from qingmiao.report.model import Document

YEAR = 2024
FONTS = Path(__file__).parents[3] / "var/fonts"
COLUMNS = {
    "indicator": pa.string(), "area": pa.string(), "year": pa.int64(), "sex": pa.string(), "numerator": pa.float64(),
    "denominator": pa.float64(), "value": pa.float64(), "obs_status": pa.string(), "origin": pa.string(),
    "definition_version": pa.int64(), "reason": pa.string(),
}  # fmt: skip

Row = tuple[str, int, float, float]
"""Area, year, numerator, denominator."""


def plan(
    fields: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    area: tuple[str, str, str] = ("990101", "示例县", "county"),
    below: tuple[str, Sequence[str]] = ("township", ("甲镇", "乙镇", "丙镇")),
    layers: tuple[Path, ...] = (),
) -> Pack:
    """A plan 2021–2025 of an area. A target is {id, label, kind, …}; under "indicator" stands what its indicator
    changes."""
    source = {"document": "演示规划（虚构）", "evidence": "proposal"}
    built, indicators = [], {}
    for order, (name, targets) in enumerate(fields.items(), start=1):
        plain = [{k: v for k, v in t.items() if k != "indicator"} for t in targets]
        for t in targets:
            if t.get("kind") == "qualitative":
                continue
            own = {
                "id": f"i.{t['id']}", "label": {"zh": f"{t['label']['zh']}指标"}, "implements": [t["id"]], "unit": "%",
                "decimals": 1,
                "better": "higher", "noise": "binomial", "period": "calendar_year", "from": "series", "lead": "office",
                "levels": [area[2], below[0]], "source": source, **t.get("indicator", {}),
            }  # fmt: skip
            indicators[own["id"]] = Indicator.model_validate(own)
        goal = {"id": f"g{order}", "number": "1", "text": "演示目标", "targets": plain}
        head = {"id": f"f{order}", "order": order, "label": {"zh": name}, "title": name, "goals": [goal]}
        built.append(PlanField.model_validate(head))
    code, shown, level = area
    areas = [AreaItem.model_validate({"code": code, "name": shown, "level": level})]
    areas += [
        AreaItem.model_validate(
            {
                "code": f"{code}{i:0{3 if level == 'county' else 2}d}",
                "name": n,
                "level": below[0],
                "parent": code,
            }
        )
        for i, n in enumerate(below[1], start=1)
    ]
    office = {"id": "office", "label": {"zh": f"{shown}妇儿工委办"}, "kind": "committee", "area": code}
    head = {
        "id": "p",
        "title": f"{shown}儿童发展规划",
        "area": code,
        "start": 2021,
        "end": 2025,
        "source": source,
    }
    return Pack(
        id="p", title=shown, version="1", root=Path(), layers=layers, plan=PlanHead.model_validate(head),
        fields=tuple(built),
        areas={a.code: a for a in areas}, organisations={"office": OrganisationItem.model_validate(office)},
        indicators=indicators,
    )  # fmt: skip


def target(id_: str, label: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": id_, "label": {"zh": label}, "kind": kind, "unit": "%", **more}


def values(pack: Pack, rows: Mapping[str, Sequence[Row]]) -> pa.Table:
    """A measure result: rows by target id."""
    made = [
        {
            "indicator": f"i.{t}", "area": area, "year": year, "sex": None, "numerator": n, "denominator": d,
            "value": n / d * pack.indicators[f"i.{t}"].factor, "obs_status": "A", "origin": "series",
            "definition_version": 1, "reason": "",
        }
        for t, given in rows.items()
        for area, year, n, d in given
    ]  # fmt: skip
    return pa.Table.from_pylist(made, schema=pa.schema(list(COLUMNS.items())))


def report(
    pack: Pack, table: pa.Table, *, year: int = YEAR, layout: str = "annual", field: str = "", language: str = "zh"
) -> Document:
    """The report of a run over these values: assessed and told by the real parts."""
    return build_report(
        pack, table, assess_pack(pack, table, year=year), year=year, demo=True, snapshot_id="snap", run_id="run",
        generated_on=date(2025, 3, 1), layout=layout, field=field, language=language,
    )  # fmt: skip
