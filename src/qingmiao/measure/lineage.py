"""Where a number comes from: its formula and version, the rows of its two sides with file and row, its parts."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from sqlglot import exp

from qingmiao.content.expressions import parse
from qingmiao.content.indicators import Definition, Indicator
from qingmiao.content.pack import Pack
from qingmiao.kernel.areas import AreaLevel
from qingmiao.kernel.errors import UserError
from qingmiao.kernel.periods import Period
from qingmiao.measure.compile import area_column, condition, rows_query, year_column
from qingmiao.measure.dialect import column, lower, number
from qingmiao.measure.engine import DuckDBRunner, Runner, Table, Tables, column_names, in_memory, tables_of
from qingmiao.measure.history import counted_codes
from qingmiao.measure.measurement import Measurement
from qingmiao.measure.plan import (
    CELLS_TABLE,
    SERIES_TABLE,
    CellSide,
    FactSide,
    MeasurePlan,
    Side,
    TablePass,
    make_plan,
)
from qingmiao.measure.result import FIXED_AFTER, FIXED_BEFORE, Measured, Reason
from qingmiao.measure.run import measure
from qingmiao.measure.series import breakdowns_of
from qingmiao.measure.wording import formula_of, side_formula

Dims = tuple[tuple[str, str], ...]
"""Breakdown codes by name, sorted; empty = the total."""


class NoSuchValueError(UserError):
    """There is no value for this indicator, area, year and group."""


@dataclass(frozen=True)
class SourceRow:
    """One row that a number counts: where it stands, and what it says (column → text)."""

    file: str
    row: int | None
    content: Mapping[str, str]


@dataclass(frozen=True)
class SideRows:
    """One side of a value. `total`: how many rows (cells) count; `rows`: the first of them, never more than the
    limit."""

    name: str
    formula: str
    source: str
    number: float | None
    total: int
    rows: tuple[SourceRow, ...]


@dataclass(frozen=True)
class Lineage:
    """A value with everything it comes from. `parts`: for a combined indicator the values it is made of (at most
    limit)."""

    indicator: str
    label: str
    area: str
    year: int
    dims: Dims
    value: float | None
    numerator: float | None
    denominator: float | None
    unit: str
    obs_status: str
    reason: str
    origin: str
    definition_version: int
    definition_hash: str
    snapshot: str
    formula: str
    official: str
    sides: tuple[SideRows, ...] = ()
    parts: tuple[Lineage, ...] = ()
    parts_total: int = 0
    bound: str = ""
    """What is published where no exact value is: ">99"."""
    made_of: tuple[str, ...] = ()
    """Codes whose rows are in the number, where the area was merged out of others (or moved) since that year."""


def definition_hash(indicator: Indicator, version: int) -> str:
    """SHA-256 (hex) over everything in a definition version that its values depend on; words of explanation do not
    count.

    Version 0 (a published value of a year without a version in force) has the hash of no definition.
    """
    found = next((d for d in indicator.definitions if d.version == version), None)
    part: Any = None
    if found is not None:
        part = found.model_dump(mode="json", by_alias=True, exclude={"reason", "comparable"}, exclude_none=True)
    whole = {
        "id": indicator.id,
        "period": indicator.period.value,
        "factor": indicator.factor,
        "multiplier": indicator.multiplier,
        "definition": part,
    }
    return hashlib.sha256(json.dumps(whole, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def explain(
    pack: Pack,
    tables: Tables,
    indicator: str,
    area: str,
    year: int,
    *,
    dims: Mapping[str, str] | None = None,
    limit: int = 20,
    offset: int = 0,
    measured: Measured | None = None,
    runner: Runner | None = None,
) -> Lineage:
    """Explain one value from the snapshot it was measured on. `measured`: the run's result, if at hand (else measured
    anew).

    `limit`: rows listed per side, and parts listed; `offset`: how many of each come before them (their order stands
    for one snapshot). Raises NoSuchValueError when nothing is known of this group.
    """
    if indicator not in pack.indicators:
        near = difflib.get_close_matches(indicator, pack.indicators, n=3)
        hint = f"；相近的有 {'、'.join(near)}" if near else "；指标编号见内容包的 indicators/ 或 values.csv"
        raise NoSuchValueError(f"没有指标「{indicator}」{hint}")
    result = measured if measured is not None else measure(pack, tables, indicators=[indicator])
    engine = runner if runner is not None else DuckDBRunner()
    try:
        teller = _Teller(pack, tables, engine, result, limit, offset)
        return teller.explain(indicator, area, year, tuple(sorted((dims or {}).items())))
    finally:
        if runner is None:
            engine.close()


class _Teller:
    def __init__(self, pack: Pack, tables: Tables, engine: Runner, measured: Measured, limit: int, offset: int) -> None:
        self.pack, self.engine, self.limit, self.offset = pack, engine, limit, offset
        self.snapshot = getattr(tables, "id", "") or measured.snapshot
        self.tables: Mapping[str, Table] = tables_of(tables)
        self.values = measured.values
        self.names = {name: column_names(t) for name, t in self.tables.items()}
        for name, table in self.tables.items():
            engine.register(name, table)

    def explain(self, id_: str, area: str, year: int, dims: Dims) -> Lineage:
        row = self._row(id_, area, year, dims)
        indicator = self.pack.indicators[id_]
        version = row["definition_version"]
        definition = next((d for d in indicator.definitions if d.version == version), None)
        sides: tuple[SideRows, ...] = ()
        parts: tuple[Lineage, ...] = ()
        parts_total = 0
        if row["origin"] == "series":
            sides = (self._series_side(indicator, area, year, dims, row),)
        elif definition is not None and definition.combine is not None:
            parts, parts_total = self._parts(definition, area, year)
        elif definition is not None:
            sides = self._sides(indicator, definition, area, year, dims, row)
        return Lineage(
            id_, indicator.label.zh, area, year, dims, row["value"], row["numerator"], row["denominator"],
            indicator.unit, row["obs_status"], Reason[row["reason"].upper() or "NONE"].label, row["origin"], version,
            definition_hash(indicator, version), self.snapshot, formula_of(indicator, definition, row["origin"]),
            indicator.formula, sides, parts, parts_total, row["bound"] or "",
            self._made_of(area, Period(indicator.period, year)),
        )  # fmt: skip

    def _made_of(self, area: str, period: Period) -> tuple[str, ...]:
        """The other codes whose rows an area's number of a period holds, its own with them; () for its own rows
        alone."""
        codes = counted_codes(self.pack.area_tree, area, period, whole_period=False)
        return codes if codes != (area,) else ()

    def _row(self, id_: str, area: str, year: int, dims: Dims) -> dict[str, Any]:
        found = [r for r in self._rows(id_, year) if r["area"] == area and self._dims(r) == dims]
        if not found:
            group = "、".join(f"{n}={c}" for n, c in dims)
            shown = f"{area} {year} 年{'（' + group + '）' if group else ''}"
            raise NoSuchValueError(f"指标「{id_}」没有 {shown}的数；{self._known(id_, area, dims)}")
        return found[0]

    def _known(self, id_: str, area: str, dims: Dims) -> str:
        """What there is instead: years of this area and group, else the groups, else the areas."""
        rows = self.values.filter(pa.compute.equal(self.values["indicator"], id_)).to_pylist()
        here = [r for r in rows if r["area"] == area]
        years = sorted({r["year"] for r in here if self._dims(r) == dims})
        if years:
            return f"有数的年份：{'、'.join(map(str, years))}"
        if here:
            groups = sorted({n for r in here for n, _ in self._dims(r)})
            return f"这一地区的分组有：{'、'.join(groups) or '（只有合计）'}"
        areas = sorted({str(r["area"]) for r in rows})
        return f"有数的地区：{'、'.join(areas[:12])}{'……' if len(areas) > 12 else ''}" if areas else "没有任何数"

    def _rows(self, id_: str, year: int) -> list[dict[str, Any]]:
        wanted = pa.compute.and_(
            pa.compute.equal(self.values["indicator"], id_), pa.compute.equal(self.values["year"], year)
        )
        return list(self.values.filter(wanted).to_pylist())

    def _dims(self, row: Mapping[str, Any]) -> Dims:
        names = [n for n in self.values.column_names if n not in (*FIXED_BEFORE, *FIXED_AFTER)]
        return tuple((n, row[n]) for n in sorted(names) if row[n] is not None)

    def _parts(self, definition: Definition, area: str, year: int) -> tuple[tuple[Lineage, ...], int]:
        combine = definition.combine
        assert combine is not None
        groups: list[tuple[str, Dims]] = []
        members = {area}
        if combine.by_level is not None:
            end = Period(self.pack.indicators[combine.of].period, year).end
            members = {a.code for a in self.pack.area_tree.under(area, combine.by_level, end)}
        for row in self._rows(combine.of, year):
            dims = self._dims(row)
            named = [n for n, _ in dims] == ([combine.by] if combine.by is not None else [])
            wanted = combine.op != "difference" or any(c in (combine.first, combine.second) for _, c in dims)
            if row["area"] in members and named and wanted:
                groups.append((row["area"], dims))
        listed = groups[self.offset : self.offset + self.limit]
        return tuple(self.explain(combine.of, a, year, d) for a, d in listed), len(groups)

    def _sides(
        self,
        indicator: Indicator,
        definition: Definition,
        area: str,
        year: int,
        dims: Dims,
        row: Mapping[str, Any],
    ) -> tuple[SideRows, ...]:
        plan = make_plan(self.pack, self.names, [indicator.id])
        version = next(v for v in plan.versions_of(indicator.id) if v.definition.version == definition.version)
        found = []
        for name, side, key in (
            ("分子", version.numerator, "numerator"),
            ("分母", version.denominator, "denominator"),
        ):
            if side is None:
                continue
            total, rows = self._side_rows(plan, side, area, year, dims)
            formula = side_formula(self.pack, definition, key)
            source = side.table if isinstance(side, FactSide) else f"return:{side.return_id}"
            found.append(SideRows(name, formula, source, row[key], total, rows))
        return tuple(found)

    def _side_rows(
        self, plan: MeasurePlan, side: Side, area: str, year: int, dims: Dims
    ) -> tuple[int, tuple[SourceRow, ...]]:
        if isinstance(side, CellSide):
            return self._cell_rows(side, area, year)
        if side.table not in self.tables:
            return 0, ()
        table_pass = next(p for p in plan.passes if p.fact.id == side.table)
        query = self._counted(table_pass, side, area, year, dims)
        shown = [*table_pass.fact.key, *table_pass.measurements[side.number].columns(table_pass.fact)]
        shown += [c for c in (table_pass.fact.date, table_pass.fact.year, table_pass.fact.area) if c is not None]
        return self._listed(query, tuple(dict.fromkeys(shown)))

    def _counted(self, plan: TablePass, side: FactSide, area: str, year: int, dims: Dims) -> exp.Select:
        """The rows of the group that a measurement counts."""
        measurement = plan.measurements[side.number]
        names = self.names[side.table]
        also = [
            *plan.fact.key,
            plan.fact.area,
            *(d for d, _ in dims),
            *(c for c in ("_file", "_row") if c in names),
        ]
        also += [c for c in (plan.fact.date, plan.fact.year) if c is not None]
        rows = rows_query(plan, also=tuple(c for c in dict.fromkeys(also) if c in names))
        wanted: list[exp.Expr] = [
            exp.EQ(this=column(year_column(side.kind)), expression=number(year)),
            _one_of(
                area_column(self._level(area, plan)),
                counted_codes(self.pack.area_tree, area, Period(side.kind, year), whole_period=False),
            ),
            *(exp.EQ(this=exp.cast(column(d), "text"), expression=exp.Literal.string(c)) for d, c in dims),
        ]
        where = condition(measurement, plan.latests)
        present = _present(measurement)
        wanted += [w for w in (where, present) if w is not None]
        return exp.select("*").from_(rows.subquery("_rows")).where(*wanted)

    def _level(self, area: str, plan: TablePass) -> AreaLevel:
        known = self.pack.area_tree.get(area)
        return known.level if known is not None else plan.levels[0]

    def _cell_rows(self, side: CellSide, area: str, year: int) -> tuple[int, tuple[SourceRow, ...]]:
        if CELLS_TABLE not in self.tables:
            return 0, ()
        period = Period(side.period, year)
        below = [a.code for a in self.pack.area_tree.under(area, side.level, period.end) if a.code != area]
        members = below or counted_codes(self.pack.area_tree, area, period, whole_period=True)
        cells = [
            exp.and_(_equals("row", c.partition(".")[0]), _equals("column", c.partition(".")[2])) for c, _ in side.cells
        ]
        query = (
            exp.select("*")
            .from_(exp.Table(this=exp.to_identifier(CELLS_TABLE, quoted=True)))
            .where(
                _equals("return", side.return_id),
                exp.EQ(this=column("period"), expression=number(year)),
                _one_of("area", members),
                exp.or_(*cells),
            )
        )
        return self._listed(query, ("return", "period", "area", "row", "column", "value", "reason"))

    def _series_side(self, indicator: Indicator, area: str, year: int, dims: Dims, row: Mapping[str, Any]) -> SideRows:
        """The published rows of this very group: of a group its own rows, of the total those without a group."""
        table = in_memory(self.tables[SERIES_TABLE]) if SERIES_TABLE in self.tables else None
        groups = breakdowns_of(table) if table is not None else ()
        wanted = {**dict.fromkeys(groups), **dict(dims)}
        rows_of = [
            r
            for r in (table.to_pylist() if table is not None else [])
            if (r["indicator"], r["year"]) == (indicator.id, year)
            and all(r.get(name) == code for name, code in wanted.items())
        ]
        codes = counted_codes(self.pack.area_tree, area, Period(indicator.period, year), whole_period=True)
        found = [r for r in rows_of if r["area"] == area] if area not in codes else []
        found = found or [r for r in rows_of if r["area"] in codes]
        rows = tuple(
            _source_row(r, tuple(k for k in r if not k.startswith("_")))
            for r in found[::-1][self.offset : self.offset + self.limit][::-1]
        )
        return SideRows("公布数列", "采用公布的数值", SERIES_TABLE, row["value"], len(found), rows)

    def _listed(self, query: exp.Select, shown: tuple[str, ...]) -> tuple[int, tuple[SourceRow, ...]]:
        counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(query.subquery("_counted"))
        total = int(self.engine.fetch(self.engine.dialect.sql(counted))["n"][0].as_py())
        if not total or self.limit <= 0:
            return total, ()
        sample = self.engine.fetch(self.engine.dialect.sql(query.limit(0)))
        order = [c for c in ("_file", "_row", *shown) if c in sample.column_names]
        ordered = query.order_by(*(exp.Ordered(this=column(c)) for c in order)).limit(self.limit).offset(self.offset)
        rows = self.engine.fetch(self.engine.dialect.sql(ordered)).to_pylist()
        return total, tuple(_source_row(r, tuple(c for c in shown if c in r)) for r in rows)


def _present(measurement: Measurement) -> exp.Expr | None:
    """Rows whose operand is missing are not counted."""
    if measurement.operand == "*":
        return None
    if measurement.function == "sum":
        return exp.paren(lower(parse(measurement.operand))).is_(exp.null()).not_()
    return column(measurement.operand).is_(exp.null()).not_()


def _one_of(name: str, texts: Iterable[str]) -> exp.Expr:
    return exp.In(this=column(name), expressions=[exp.Literal.string(t) for t in texts])


def _equals(name: str, text: str) -> exp.Expr:
    return exp.EQ(this=column(name), expression=exp.Literal.string(text))


def _as_written(value: Any) -> str:
    """A value of a row as people write it: whole numbers without decimals, nothing for none."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _source_row(row: Mapping[str, Any], shown: tuple[str, ...]) -> SourceRow:
    content = {c: _as_written(row[c]) for c in shown}
    return SourceRow(str(row.get("_file") or ""), row.get("_row"), content)
