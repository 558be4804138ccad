"""What a reader takes along: CSV, JSON-stat 2.0, and a Data Package that says what the columns mean."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from qingmiao.sdmx import SUPPRESSED
from qingmiao.site.web.portal.publication import EditionInLanguage, PublicIndicator, PublicYear

COLUMNS = ("indicator", "area", "area_name", "year", "value", "unit", "numerator", "denominator", "obs_status",
           "definition_version", "edition")  # fmt: skip
ABOUT = {
    "indicator": ("string", "指标的代码", "code of the indicator"),
    "area": ("string", "地区代码（GB/T 2260）", "code of the area (GB/T 2260)"),
    "area_name": ("string", "地区名称", "name of the area"),
    "year": ("year", "统计年度", "year"),
    "value": ("number", "由取整后的数算出；空＝不显示", "computed from rounded counts; empty = suppressed"),
    "unit": ("string", "单位", "unit"),
    "numerator": ("integer", "取整到5；空＝不显示", "rounded to 5; empty = suppressed"),
    "denominator": ("integer", "取整到5；空＝不显示或没有", "rounded to 5; empty = suppressed or none"),
    "obs_status": ("string", "A 正常，Q 为保护个人不显示（SDMX）", "A normal, Q suppressed (SDMX)"),
    "definition_version": ("integer", "指标定义的版本", "version of the definition"),
    "edition": ("integer", "公开的版次", "public edition"),
}
"""Column → type of a Table Schema, what it is in Chinese and in English."""


def _rows(edition: EditionInLanguage, indicator: PublicIndicator) -> Iterator[list[object]]:
    places: list[tuple[str, str, tuple[PublicYear, ...]]] = [(edition.code, edition.county, indicator.years)]
    places += [(t.code, t.name, t.years) for t in indicator.towns]
    for code, name, years in places:
        for y in years:
            yield [
                indicator.id, code, name, y.year, y.value, indicator.unit, _number(y.numerator),
                _number(y.denominator), "A" if y.value else SUPPRESSED, y.version, edition.number,
            ]  # fmt: skip


def _number(count: int | None) -> str:
    return "" if count is None else str(count)


def as_csv(edition: EditionInLanguage, indicators: Iterable[PublicIndicator]) -> bytes:
    """Indicators as one CSV, UTF-8 with a mark so that a Chinese Excel reads it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for indicator in indicators:
        writer.writerows(_rows(edition, indicator))
    return out.getvalue().encode("utf-8-sig")


def as_json_stat(edition: EditionInLanguage, indicator: PublicIndicator) -> bytes:
    """One indicator as a JSON-stat 2.0 dataset of area × year; what is not shown is null with the status Q."""
    areas = {edition.code: edition.county, **{t.code: t.name for t in indicator.towns}}
    years = [y.year for y in indicator.years]
    by_place = {edition.code: indicator.years, **{t.code: t.years for t in indicator.towns}}
    cells = [
        next((y.value for y in by_place[area] if y.year == year), "") for area in areas for year in years
    ]  # fmt: skip
    dataset: dict[str, Any] = {
        "version": "2.0",
        "class": "dataset",
        "label": indicator.label.text,
        "source": f"{edition.county} · {edition.title}",
        "updated": edition.released_at.isoformat(),
        "id": ["area", "year"],
        "size": [len(areas), len(years)],
        "role": {"geo": ["area"], "time": ["year"]},
        "dimension": {
            "area": {"label": "area", "category": {"index": list(areas), "label": areas}},
            "year": {"label": "year", "category": {"index": [str(y) for y in years]}},
        },
        "value": [float(c) if c else None for c in cells],
        "status": {str(n): SUPPRESSED for n, c in enumerate(cells) if not c},
        "extension": {"indicator": indicator.id, "unit": indicator.unit, "edition": edition.number,
                      "demonstration": edition.is_demo},
    }  # fmt: skip
    return json.dumps(dataset, ensure_ascii=False, indent=1).encode()


def data_package(edition: EditionInLanguage) -> bytes:
    """The Data Package of an edition: each indicator's CSV with its schema, and the files of SDMX."""
    fields = [{"name": n, "type": kind, "description": f"{zh} / {en}"} for n, (kind, zh, en) in ABOUT.items()]
    package = {
        "name": f"children-{edition.code}-{edition.number}",
        "title": f"{edition.county} {edition.plan}",
        "version": str(edition.number),
        "created": edition.released_at.isoformat(),
        "resources": [
            {
                "name": i.id.replace("_", "-"),
                "path": f"{i.id}.csv",
                "title": i.label.text,
                "description": i.formula,
                "profile": "tabular-data-resource",
                "encoding": "utf-8",
                "format": "csv",
                "mediatype": "text/csv",
                "schema": {"fields": fields, "missingValues": [""], "primaryKey": ["indicator", "area", "year"]},
            }
            for i in edition.indicators.values()
        ]
        + [
            {
                "name": f"sdmx-{name.replace('.', '-')}",
                "path": f"sdmx/{name}",
                "title": title,
                "format": name[-3:],
                "mediatype": media,
                "encoding": "utf-8",
            }
            for name, title, media in (
                ("structure.xml", "SDMX-ML 3.0 structure", "application/xml"),
                ("data.csv", "SDMX-CSV 2.0", "text/csv"),
                ("data.xml", "SDMX-ML 3.0 data", "application/xml"),
            )
        ],
    }
    return json.dumps(package, ensure_ascii=False, indent=1).encode()
