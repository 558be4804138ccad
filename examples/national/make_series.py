"""Turn the published national figures into the two data folders: one row an indicator and year, every source cited.

Run from anywhere: ``python examples/national/make_series.py``. Reads source/*.csv beside this file, writes
2020/series.csv and 2030/series.csv. Nothing is estimated or filled: a year without a published figure has no row.
"""

from __future__ import annotations

import csv
from pathlib import Path

HERE = Path(__file__).parent
COLUMNS = ("indicator", "area", "year", "value", "numerator", "denominator", "source", "note")
LAST_YEAR = {"2020": 2020, "2030": 2030}
"""Figures after an outline's last year say nothing about it."""
OTHER_METHOD = {("ANAEMIA_U5", "2010"): {"2020": "national.anaemia_u5_survey"}}
"""A figure that its source note says cannot be joined with the rest of its series goes to an indicator of its own."""

Row = dict[str, str]


def read(name: str) -> list[Row]:
    """The rows of one source file."""
    with (HERE / "source" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def series(outline: str) -> list[Row]:
    """The rows of one outline's series.csv, sorted by indicator and year.

    Rows that give the same figure become one row that cites them all. Raises ValueError when sources differ.
    """
    targets = {r["indicator_id"]: r["indicator"] for r in read("mapping.csv") if r["outline"] == outline}
    found: dict[tuple[str, int], list[Row]] = {}
    for row in read("national_series.csv") + read("more_rows.csv"):
        if row["area"] != "全国" or row["indicator_id"] not in targets:
            continue
        if int(row["year"]) > LAST_YEAR[outline]:
            continue
        other = OTHER_METHOD.get((row["indicator_id"], row["year"]), {})
        name = other.get(outline, targets[row["indicator_id"]])
        found.setdefault((name, int(row["year"])), []).append(row)
    return [_one(name, year, rows) for (name, year), rows in sorted(found.items())]


def _one(name: str, year: int, rows: list[Row]) -> Row:
    values = {float(r["value"]) for r in rows}
    if len(values) > 1:
        raise ValueError(f"{name} {year}: sources differ: {sorted(values)}")
    cited = dict.fromkeys(f"{r['source_title']} {r['source_url']}".strip() for r in rows)
    direct = [r for r in rows if not r["note"].startswith("由报告")]
    notes = dict.fromkeys(r["note"] for r in (direct or rows) if r["note"])
    return {
        "indicator": name,
        "area": "CN",
        "year": str(year),
        "value": rows[0]["value"],
        "numerator": "",
        "denominator": "",
        "source": "；".join(cited),
        "note": "；".join(notes),
    }


def main() -> None:
    """Write both folders."""
    for outline in LAST_YEAR:
        path = HERE / outline / "series.csv"
        path.parent.mkdir(exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(series(outline))


if __name__ == "__main__":
    main()
