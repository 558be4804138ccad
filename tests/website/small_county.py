"""A small made-up county as a data folder, for tests that start the whole site (no Django here)."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOWNSHIPS = [f"141029{n}" for n in (*range(100, 105), *range(200, 205))]
RATES = {2018: 6.0, 2019: 5.9, 2020: 5.7, 2021: 5.6, 2022: 5.5, 2023: 5.4}
"""Infant mortality, per mille: never below the bar of 5.3; the last township lies far above the others in 2023."""


def write(folder: Path) -> Path:
    """Made-up figures of two former years: infant mortality by series, two returns of the health department."""
    (folder / "returns").mkdir(parents=True)
    series = ["indicator,area,year,value,numerator,denominator,source"]
    series += [f"health.imr,141029,{y},{v},{v * 10:.0f},10000,演示数据" for y, v in RATES.items()]
    series += [
        f"health.imr,{t},2023,{5 + 20 * (i == 9)},{5 + 20 * (i == 9)},1000,演示数据" for i, t in enumerate(TOWNSHIPS)
    ]
    (folder / "series.csv").write_text("\n".join(series) + "\n", "utf-8")
    head = "return,period,area,row,column,value"
    cold = [
        f"H103,{y},141029,{r},1,{v}"
        for y in (2022, 2023)
        for r, v in zip(("01", "02", "03", "04", "05"), (20, 18, 4, 2, 1), strict=True)
    ]
    talks = [f"H104,{y},141029,{r:02},1,{10 * r}" for y in (2022, 2023) for r in range(1, 10)]
    (folder / "returns" / "H103.csv").write_text("\n".join([head, *cold]) + "\n", "utf-8")
    (folder / "returns" / "H104.csv").write_text("\n".join([head, *talks]) + "\n", "utf-8")
    return folder
