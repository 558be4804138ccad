"""series.csv: plain yearly values (indicator, area, year, value, numerator, denominator, source, note)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from qingmiao.collect.areas import AreaColumns
from qingmiao.collect.filled import number
from qingmiao.collect.tables import read_raw
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault
from qingmiao.kernel.year_texts import YearTextError, read_year

COLUMNS = ("indicator", "area", "year", "value", "numerator", "denominator", "source", "note")
REQUIRED = ("indicator", "area", "year", "value")
SCHEMA = pa.schema(
    [
        ("indicator", pa.string()),
        ("area", pa.string()),
        ("year", pa.int32()),
        ("value", pa.float64()),
        ("numerator", pa.float64()),
        ("denominator", pa.float64()),
        ("source", pa.string()),
        ("note", pa.string()),
        ("_file", pa.string()),
        ("_row", pa.int64()),
    ]
)


def read_series(pack: Pack, path: Path, shown: str, areas: AreaColumns) -> tuple[pa.Table, list[Fault]]:
    """The rows of series.csv, breakdown columns (dimension codes) kept, or every fault with its row."""
    raw = read_raw(path, shown)
    if isinstance(raw, list):
        return SCHEMA.empty_table(), raw
    faults: list[Fault] = []
    names = raw.table.column_names
    for name in REQUIRED:
        if name not in names:
            faults.append(
                Fault(shown, 1, "missing_column", f"缺少列「{name}」", hint="列：" + "、".join(COLUMNS))
            )
    dimensions = {d for i in pack.indicators.values() for group in i.dimensions for d in group}
    extra = [n for n in names if n not in COLUMNS]
    for name in extra:
        if name not in dimensions:
            faults.append(
                Fault(
                    shown,
                    1,
                    "unknown_column",
                    f"不认识的列「{name}」",
                    hint="列：" + "、".join(COLUMNS) + "，或指标的分组",
                )
            )
    if faults:
        return SCHEMA.empty_table(), faults
    others = {c.area for i in pack.indicators.values() for c in i.comparisons} | {
        r.area for r in pack.references
    }
    others |= {t.relative_to.area for t in pack.targets.values() if t.relative_to}
    rows: list[dict[str, Any]] = []
    seen: dict[tuple[Any, ...], int] = {}
    for line, given in zip(raw.rows.to_pylist(), raw.table.to_pylist(), strict=True):
        row = {k: (v.strip() or None) if isinstance(v, str) else v for k, v in given.items()}
        clean = _row(pack, areas, others, shown, int(line), row, faults)
        if clean is None:
            continue
        clean.update({n: row.get(n) for n in extra})
        key = (clean["indicator"], clean["area"], clean["year"], *(clean[n] for n in extra))
        if key in seen:
            message = f"指标、地区、年份重复（第 {seen[key]} 行已有）：{key[0]} {key[1]} {key[2]}"
            faults.append(Fault(shown, int(line), "duplicate_key", message, hint="只留一行"))
            continue
        seen[key] = int(line)
        rows.append({**clean, "_file": shown, "_row": int(line)})
    schema = SCHEMA
    for name in extra:
        schema = schema.append(pa.field(name, pa.string()))
    return pa.Table.from_pylist(rows, schema=schema), faults


def _row(
    pack: Pack,
    areas: AreaColumns,
    others: set[str],
    shown: str,
    line: int,
    row: dict[str, Any],
    faults: list[Fault],
) -> dict[str, Any] | None:
    before = len(faults)
    indicator = str(row.get("indicator") or "")
    if indicator not in pack.indicators:
        faults.append(
            Fault(
                shown,
                line,
                "unknown_indicator",
                f"没有指标「{indicator}」",
                place="列 indicator",
                hint="用内容包里的指标 id",
            )
        )
    given = str(row.get("area") or "")
    area = areas.code(given) or (given if given in others else None)
    if area is None:
        faults.append(Fault(shown, line, "unknown_area", f"没有行政区划代码「{given}」", place="列 area"))
    clean: dict[str, Any] = {
        "indicator": indicator,
        "area": area,
        "source": row.get("source"),
        "note": row.get("note"),
    }
    if indicator in pack.indicators:
        try:
            clean["year"] = read_year(row.get("year"), pack.indicators[indicator].period)
        except YearTextError as e:
            faults.append(Fault(shown, line, "wrong_type", e.message, place="列 year", hint=e.hint))
    for name in ("value", "numerator", "denominator"):
        try:
            value = number(row.get(name))
            clean[name] = None if value is None else float(value)
        except ValueError:
            faults.append(
                Fault(
                    shown,
                    line,
                    "wrong_type",
                    f"「{row.get(name)}」不是数",
                    place=f"列 {name}",
                    hint="没有数据就留空",
                )
            )
    return clean if len(faults) == before else None
