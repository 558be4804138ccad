"""Small targets, series and packs for the tests of this folder. All made up (演示数据)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from qingmiao.assess.attainment import attain
from qingmiao.assess.series import Series, YearPoint
from qingmiao.assess.verdict import Attainment, Grounds
from qingmiao.content.areas import AreaItem
from qingmiao.content.indicators import Indicator
from qingmiao.content.pack import Pack
from qingmiao.content.plan import PlanField, PlanHead, Target
from qingmiao.content.policy import Policy
from qingmiao.content.references import ReferenceValue

COUNTY = "990101"
TOWNSHIPS = ("990101100", "990101101", "990101102")


def target(**given: Any) -> Target:
    return Target.model_validate({"id": "T1", "label": {"zh": "目标"}, **given})


def counts(first: int, pairs: Sequence[tuple[float, float]], factor: float = 1000) -> Series:
    """A series of events and sizes, one pair a year."""
    points = (YearPoint(first + i, n / d * factor, n, d) for i, (n, d) in enumerate(pairs))
    return Series(tuple(points), factor=factor)


def evidence(t: Target, series: Series | Mapping[int, float | None], year: int = 2024, **more: Any) -> Grounds:
    made = series if isinstance(series, Series) else Series.of(dict(series))
    return Grounds(**{"target": t, "year": year, "plan_start": 2021, "plan_end": 2025, "series": made, **more})


def verdict(t: Target, series: Series | Mapping[int, float | None], year: int = 2024, **more: Any) -> Attainment:
    return attain(evidence(t, series, year, **more))


def indicator(id_: str, targets: Sequence[str], **more: Any) -> Indicator:
    return Indicator.model_validate(
        {
            "id": id_,
            "label": {"zh": id_},
            "implements": list(targets),
            "unit": "%",
            "better": "higher",
            "noise": "none",
            "period": "calendar_year",
            "from": "series",
            "lead": "health",
            "source": {"document": "演示数据"},
            **more,
        }
    )


def pack(
    targets: Sequence[Mapping[str, Any]],
    indicators: Sequence[Indicator],
    *,
    references: Sequence[Mapping[str, Any]] = (),
    goal: Mapping[str, Any] | None = None,
    policy: Policy | None = None,
) -> Pack:
    areas = [
        ("CN", "全国", "nation", None),
        ("990000", "甲省", "province", "CN"),
        (COUNTY, "乙县", "county", "990000"),
    ]
    areas += [(c, f"{n}镇", "township", COUNTY) for c, n in zip(TOWNSHIPS, "丙丁戊", strict=True)]
    field = {
        "id": "health",
        "order": 1,
        "label": {"zh": "健康"},
        "title": "（一）",
        "goals": [
            {
                "id": "G1",
                "number": "1",
                "text": "目标",
                "targets": [{"label": {"zh": "目标"}, **t} for t in targets],
                **(goal or {}),
            }
        ],
    }
    head = {
        "id": "p",
        "title": "演示规划",
        "area": COUNTY,
        "start": 2021,
        "end": 2025,
        "source": {"document": "演示"},
    }
    return Pack(
        "p",
        "演示",
        "1",
        Path("."),
        (),
        PlanHead.model_validate(head),
        (PlanField.model_validate(field),),
        areas={
            c: AreaItem.model_validate({"code": c, "name": n, "level": level, "parent": p}) for c, n, level, p in areas
        },
        indicators={i.id: i for i in indicators},
        references=tuple(ReferenceValue.model_validate(r) for r in references),
        policy=policy or Policy(),
    )


def values(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """A measure result; each row gives indicator, year and value or numerator and denominator (factor 100)."""
    schema = pa.schema(
        [
            ("indicator", pa.string()),
            ("area", pa.string()),
            ("year", pa.int64()),
            ("residence", pa.string()),
            ("sex", pa.string()),
            ("numerator", pa.float64()),
            ("denominator", pa.float64()),
            ("value", pa.float64()),
            ("obs_status", pa.string()),
            ("origin", pa.string()),
            ("definition_version", pa.int64()),
            ("reason", pa.string()),
        ]
    )
    full = [
        {"area": COUNTY, "obs_status": "A", "origin": "series", "definition_version": 1, "reason": "", **r}
        for r in rows
    ]
    return pa.Table.from_pylist(full, schema=schema)
