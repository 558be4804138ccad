"""One small county whose report every test of this folder may read."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from report_plans import FONTS, plan, report, target, values

from qingmiao.content.pack import Pack
from qingmiao.report.model import Document
from qingmiao.report.write import write_report

RARE = {"unit": "‰", "noise": "poisson", "better": "lower", "decimals": 1}


@pytest.fixture(scope="session")
def county() -> Pack:
    """
    ====  ============  ==========================
    id    kind          asks
    ====  ============  ==========================
    T1    at_least 92   学前毛入园率
    T2    at_most 3.2   婴儿死亡率（‰）
    T3    every_area    接种率，各乡镇不低于 90
    T4    assigned      空气质量，上级未下达
    T5    qualitative   公众意识，没有指标
    ====  ============  ==========================
    """
    return plan(
        {
            "儿童与健康": [
                target("T2", "婴儿死亡率", "at_most", value=3.2, unit="‰", indicator=RARE),
                target("T3", "接种率", "every_area", value=90, level="township", bound="at_least"),
            ],
            "儿童与教育": [target("T1", "学前毛入园率", "at_least", value=92)],
            "儿童与环境": [
                target("T4", "空气质量", "assigned"),
                target("T5", "公众意识", "qualitative"),
            ],
        }
    )


@pytest.fixture(scope="session")
def county_values(county: Pack) -> pa.Table:
    c, yearly = county.plan.area if county.plan else "", range(2017, 2025)
    births = (1900, 1850, 1800, 1700, 1620, 1580, 1510, 1450)
    deaths = (7, 6, 7, 6, 4, 5, 3, 4)
    rows = {
        "T1": [(c, y, 1780 + 8 * i, 2000) for i, y in enumerate(yearly)],
        "T2": [(c, y, d, n) for y, d, n in zip(yearly, deaths, births, strict=True)],
        "T3": [(c, 2024, 2790, 3000), (c + "001", 2024, 960, 1000), (c + "002", 2024, 880, 1000),
            (c + "003", 2024, 950, 1000)],
    }  # fmt: skip
    return values(county, rows)


@pytest.fixture(scope="session")
def told(county: Pack, county_values: pa.Table) -> Document:
    return report(county, county_values)


@pytest.fixture(scope="session")
def files(told: Document, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {p.suffix: p for p in write_report(told, tmp_path_factory.mktemp("told"), fonts=FONTS)}
