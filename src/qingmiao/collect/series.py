"""series.csv: plain yearly values (indicator, area, year, value, unit, numerator, denominator, source, note, groups).

Each row is held against itself (value, numerator, denominator, unit, what the indicator can be), then against the
others (`series_checks`). A value may be a bound: ``>99``, ``≤1.68``, ``95以上``; it is kept as value and `bound`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from qingmiao.collect.areas import AreaColumns
from qingmiao.collect.cell_figures import SIGNS
from qingmiao.collect.facts import Finding
from qingmiao.collect.nearest import area_hint
from qingmiao.collect.plausible import Bounds
from qingmiao.collect.series_checks import (
    SeriesRow,
    bound_findings,
    duplicates,
    group_faults,
    group_findings,
    row_faults,
)
from qingmiao.collect.tables import LISTED, read_raw
from qingmiao.content.indicators import Indicator
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault
from qingmiao.kernel.figure_texts import FigureError, ReadFigure, plain_figure, quoted, read_figure, same_unit
from qingmiao.kernel.periods import Period
from qingmiao.kernel.year_texts import YearTextError, read_year

COLUMNS = ("indicator", "area", "year", "value", "unit", "numerator", "denominator", "source", "note")
REQUIRED = ("indicator", "area", "year", "value")
SCHEMA = pa.schema(
    [
        ("indicator", pa.string()),
        ("area", pa.string()),
        ("year", pa.int32()),
        ("value", pa.float64()),
        ("bound", pa.string()),
        ("numerator", pa.float64()),
        ("denominator", pa.float64()),
        ("source", pa.string()),
        ("note", pa.string()),
        ("_file", pa.string()),
        ("_row", pa.int64()),
    ]
)
_NO_DATA_ROW = (
    "合计",
    "总计",
    "小计",
    "全县",
    "平均",
    "注",
    "备注",
    "说明",
    "资料来源",
    "数据来源",
    "单位",
    "填表",
    "制表",
    "审核",
    "indicator",
    "指标",
    "#",
    "*",
    "—",
)


@dataclass
class ReadSeries:
    """The rows as a table, the faults that keep them from being used, and what is to be explained."""

    table: pa.Table
    faults: list[Fault] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_series(pack: Pack, path: Path, shown: str, areas: AreaColumns, bounds: Bounds | None = None) -> ReadSeries:
    """The rows of series.csv, breakdown columns (dimension codes) kept, or every fault with its row.

    A file of only a heading is no fault: nothing is known yet. `bounds`: the day of collecting and the first year
    counted.
    """
    raw = read_raw(path, shown)
    if isinstance(raw, list):
        return ReadSeries(SCHEMA.empty_table(), [f for f in raw if f.code != "no_rows"])
    names = raw.table.column_names
    dimensions = {d for i in pack.indicators.values() for group in i.dimensions for d in group}
    extra = [n for n in names if n not in COLUMNS]
    faults = _columns(shown, names, [n for n in extra if n not in dimensions])
    if faults:
        return ReadSeries(SCHEMA.empty_table(), faults)
    reader = _SeriesReader(pack, areas, bounds, shown, tuple(extra), _others(pack), faults)
    rows = [
        row
        for line, given in zip(raw.rows.to_pylist(), raw.table.to_pylist(), strict=True)
        if (row := reader.row(int(line), given)) is not None
    ]
    faults += duplicates(rows, shown)
    schema = SCHEMA
    for name in extra:
        schema = schema.append(pa.field(name, pa.string()))
    codes = [
        Finding("series", shown, "old_code", note, len(lines), tuple(lines[:LISTED]))
        for note, lines in reader.noted.items()
    ]
    table = pa.Table.from_pylist([_record(r, shown) for r in rows], schema=schema)
    return ReadSeries(table, faults, [*group_findings(pack, rows, shown), *bound_findings(rows, shown), *codes])


def _columns(shown: str, names: list[str], unknown: list[str]) -> list[Fault]:
    known = "列：" + "、".join(COLUMNS)
    missing = [n for n in REQUIRED if n not in names]
    return [
        *(Fault(shown, 1, "missing_column", f"缺少列「{n}」", hint=known) for n in missing),
        *(Fault(shown, 1, "unknown_column", f"不认识的列{quoted(n)}", hint=known + "，或指标的分组") for n in unknown),
    ]


def _others(pack: Pack) -> frozenset[str]:
    """Areas outside the plan that indicators or targets are compared with."""
    compared = {c.area for i in pack.indicators.values() for c in i.comparisons}
    relative = {t.relative_to.area for t in pack.targets.values() if t.relative_to}
    return frozenset(compared | {r.area for r in pack.references} | relative)


def _record(row: SeriesRow, shown: str) -> dict[str, Any]:
    def double(x: Decimal | None) -> float | None:
        return None if x is None else float(x)

    return {
        "indicator": row.indicator.id, "area": row.area, "year": row.year, "value": double(row.value),
        "bound": row.bound or None, "numerator": double(row.numerator), "denominator": double(row.denominator),
        "source": row.source, "note": row.note, "_file": shown, "_row": row.line, **dict(row.groups),
    }  # fmt: skip


@dataclass
class _SeriesReader:
    """Reads one row after the other; what is wrong goes to `faults`."""

    pack: Pack
    areas: AreaColumns
    bounds: Bounds | None
    shown: str
    extra: tuple[str, ...]
    others: frozenset[str]
    faults: list[Fault]
    line: int = 0
    noted: dict[str, list[int]] = field(default_factory=dict)
    """What is to be explained about codes of areas, with the lines."""

    def fault(self, code: str, message: str, column: str = "", hint: str = "") -> None:
        place = f"列 {column}" if column else ""
        self.faults.append(Fault(self.shown, self.line, code, message, place=place, hint=hint))

    def row(self, line: int, given: dict[str, Any]) -> SeriesRow | None:
        """One row, or None with its faults."""
        before, self.line = len(self.faults), line
        row = {k: (v.strip() or None) if isinstance(v, str) else v for k, v in given.items()}
        indicator = self._indicator(row)
        if indicator is None:
            return None
        year = self._year(row.get("year"), indicator)
        area = self._area(str(row.get("area") or ""), None if year is None else Period(indicator.period, year))
        figure = self._value(row, indicator)
        parts = {n: self._part(row, n) for n in ("numerator", "denominator")}
        groups = tuple((n, str(row[n])) for n in self.extra if row.get(n) is not None)
        self.faults += group_faults(self.pack, indicator, groups, self.shown, line)
        if len(self.faults) > before or area is None or year is None:
            return None
        value = figure.value if figure is not None else None
        bound = figure.bound if figure is not None else ""
        made = SeriesRow(
            line,
            indicator,
            area,
            year,
            value,
            bound,
            parts["numerator"],
            parts["denominator"],
            groups,
            row.get("source"),
            row.get("note"),
        )
        wrong = list(row_faults(made, self.shown))
        self.faults += wrong
        return None if wrong else made

    def _area(self, said: str, period: Period | None) -> str | None:
        """The area that a code means in a year: its present code, or the code of an area that is only compared with."""
        found = self.areas.in_year(said, period)
        if found.problem:
            self.fault("old_code", found.problem, "area", found.hint)
        elif found.note:
            self.noted.setdefault(found.note, []).append(self.line)
        elif found.code is None and said not in self.others:
            hint = area_hint(said, self.areas.tree, self.areas.given)
            self.fault("unknown_area", f"没有行政区划代码{quoted(said)}", "area", hint)
        return found.code or (said if said in self.others else None)

    def _indicator(self, row: dict[str, Any]) -> Indicator | None:
        id_ = str(row.get("indicator") or "")
        found = self.pack.indicators.get(id_)
        if found is not None:
            return found
        if id_.startswith(_NO_DATA_ROW) or all(v is None for k, v in row.items() if k != "indicator"):
            hint = "合计由系统计算，说明写在 note 列；这里只放数据行"
            self.fault(
                "not_a_data_row",
                f"{quoted(id_)}不是数据行：series.csv 一行一个指标、地区、年份",
                "indicator",
                hint,
            )
            return None
        named = [i.id for i in self.pack.indicators.values() if i.label.zh == id_]
        hint = f"写编号 {named[0]}" if named else "用内容包里的指标 id"
        self.fault("unknown_indicator", f"没有指标{quoted(id_)}", "indicator", hint)
        return None

    def _year(self, given: Any, indicator: Indicator) -> int | None:
        try:
            year = read_year(given, indicator.period)
        except YearTextError as e:
            self.fault("wrong_type", e.message, "year", e.hint)
            return None
        if self.bounds is None:
            return year
        period = Period(indicator.period, year)
        if self.bounds.on is not None and period.start > self.bounds.on:
            message = f"{period} 还没有开始（{period.start} 起，采集日 {self.bounds.on}）"
            self.fault("future_period", message, "year", "核对年份；目标值写在规划里，不写在这里")
        elif year < self.bounds.first_counted:
            message = f"{period} 比规划早得太多（最早 {self.bounds.first_counted} 年）"
            self.fault("implausible_year", message, "year", "核对年份")
        return year

    def _value(self, row: dict[str, Any], indicator: Indicator) -> ReadFigure | None:
        unit = row.get("unit")
        if unit is not None and not same_unit(str(unit), indicator.unit):
            hint = f"改成用「{indicator.unit}」的数，或核对指标"
            self.fault(
                "wrong_unit",
                f"单位{quoted(unit)}不对，{indicator.id} 的单位是「{indicator.unit}」",
                "unit",
                hint,
            )
        try:
            figure = read_figure(str(row.get("value") or ""))
        except FigureError as e:
            self.fault(e.code, e.message, "value", e.hint)
            return None
        if figure is None or not figure.unit:
            return figure
        if not same_unit(figure.unit, indicator.unit):
            hint = f"value 只填数；{indicator.id} 的单位是「{indicator.unit}」"
            self.fault("wrong_unit", f"{quoted(row['value'])}的单位不对", "value", hint)
        elif figure.unit not in SIGNS:
            hint = f"只填 {figure.value:f}，单位写在 unit 列"
            self.fault("wrong_type", f"{quoted(row['value'])}不是数：带着单位", "value", hint)
        return figure

    def _part(self, row: dict[str, Any], name: str) -> Decimal | None:
        try:
            value = plain_figure(str(row.get(name) or ""))
        except FigureError as e:
            self.fault(e.code, e.message, name, e.hint)
            return None
        if value is not None and (value < 0 or (value == 0 and name == "denominator")):
            what = "分母" if name == "denominator" else "分子"
            why = "为零，算不出数" if value == 0 else "是负数"
            hint = "分母为零的那一年没有率：value、分子、分母都留空，note 写明" if value == 0 else "核对这个数"
            self.fault("impossible_figure", f"{what} {value:f} {why}", name, hint)
        return value
