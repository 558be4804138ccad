"""Derived columns, computed once when facts are read, in the order in which the fact lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.collect.areas import LEVEL_COLUMNS, AreaColumns
from qingmiao.content.expressions import columns_of, parse
from qingmiao.content.facts import Derived, Fact, Previous, Scored
from qingmiao.measure.dialect import sql_text
from qingmiao.measure.engine import connect
from qingmiao.measure.versions import year_expression
from qingmiao.standards import derivations
from qingmiao.standards.columns import Column, Columns

SQL_TYPES = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN"}


def add_derived(fact: Fact, table: pa.Table, areas: AreaColumns) -> pa.Table:
    """`table` with the ancestors of its area and all derived columns of the fact."""
    table = _with_areas(fact, table, areas)
    pending: dict[str, Derived] = {}
    scores: dict[tuple[str, tuple[tuple[str, str], ...]], Mapping[str, Column]] = {}
    for name, derived in fact.derived.items():
        plain = derived.scored is None and derived.previous is None
        if not plain or _depends(derived, pending):
            table = _flush(fact, table, pending)
            pending = {}
        if derived.previous is not None:
            table = _add_previous(fact, table, name, derived.previous)
        elif derived.scored is not None:
            key = (derived.scored.norm, tuple(sorted(derived.scored.inputs.items())))
            if key not in scores:
                scores[key] = _score(fact, derived.scored, table)
            table = Columns(table).with_columns({name: scores[key][derived.scored.output]})
        else:
            pending[name] = derived
    return _flush(fact, table, pending)


def _depends(derived: Derived, pending: Mapping[str, Derived]) -> bool:
    """Reads a column that is not in the table yet."""
    if derived.expr is not None:
        return any(c in pending for c in columns_of(parse(derived.expr)))
    return derived.bands is not None and derived.bands.of in pending


def _with_areas(fact: Fact, table: pa.Table, areas: AreaColumns) -> pa.Table:
    """The ancestors of each row's area, and the area's attributes that derived columns ask for."""
    places = pc.index_in(table.column(fact.area), value_set=areas.table.column("code").combine_chunks())
    for column in LEVEL_COLUMNS.values():
        table = table.append_column(column, areas.table.column(column).take(places))
    for name in sorted({d.area_attribute for d in fact.derived.values() if d.area_attribute is not None}):
        known = f"attribute_{name}"
        values = (
            areas.table.column(known).take(places)
            if known in areas.table.column_names
            else pa.nulls(table.num_rows, pa.string())
        )
        table = table.append_column(f"_attribute_{name}", values)
    return table


def _flush(fact: Fact, table: pa.Table, pending: Mapping[str, Derived]) -> pa.Table:
    """Compute the waiting columns in one query. DuckDB gives batches in any order: the rows are numbered and put
    back."""
    if not pending:
        return table
    con = connect()
    con.register("t", _numbered(table))
    select = ", ".join(f'CAST({_sql(fact, d)} AS {SQL_TYPES[d.type]}) AS "{n}"' for n, d in pending.items())
    added: pa.Table = con.sql(f"SELECT {select}, _n FROM t").to_arrow_table()
    con.close()
    place = added.column("_n").to_numpy()
    if not (np.diff(place) > 0).all():
        added = added.take(np.argsort(place, kind="stable"))
    for name in pending:
        table = table.append_column(name, added.column(name))
    return table


def _numbered(table: pa.Table) -> pa.Table:
    """The table with each row's position as `_n`."""
    return table.append_column("_n", pa.array(np.arange(table.num_rows)))


def _sql(fact: Fact, derived: Derived) -> str:
    if derived.expr is not None:
        return sql_text(parse(derived.expr), "duckdb")
    if derived.area_attribute is not None:
        return f'"_attribute_{derived.area_attribute}"'
    if derived.bands is not None:
        bands = derived.bands
        cases = " ".join(
            f'WHEN "{bands.of}" >= {low} AND "{bands.of}" < {high} THEN \'{label}\''
            for low, high, label in zip(
                bands.edges, bands.edges[1:], (x.replace("'", "''") for x in bands.labels), strict=False
            )
        )
        return f"CASE {cases} END"
    raise ValueError("scored and previous columns are added elsewhere")


def _add_previous(fact: Fact, table: pa.Table, name: str, previous: Previous) -> pa.Table:
    """The newest value that the same child had in the year just before; of two on one day that of the greater key."""
    con = connect()
    con.register("t", _numbered(table))
    year = year_expression(fact, previous.period)
    order = ", ".join([f'"{fact.date}"' if fact.date else year, *(f'"{k}"' for k in fact.key)])
    before = (
        f'SELECT "{previous.per}" AS per, {year} AS y, arg_max("{previous.of}", row({order})) AS value FROM t '
        f'WHERE "{previous.of}" IS NOT NULL AND "{previous.per}" IS NOT NULL GROUP BY ALL'
    )
    query = (
        f"SELECT b.value FROM t n LEFT JOIN ({before}) b "
        f'ON b.per = n."{previous.per}" AND b.y = {year} - 1 ORDER BY n._n'
    )
    result: pa.Table = table.append_column(name, con.sql(query).to_arrow_table().column("value"))
    con.close()
    return result


def _score(fact: Fact, scored: Scored, table: pa.Table) -> Mapping[str, Column]:
    derivation = derivations()[scored.norm]
    columns = Columns(table)
    kinds = {n: c.type for n, c in fact.columns.items()} | {n: d.type for n, d in fact.derived.items()}
    inputs: dict[str, Column] = {}
    for name in (*derivation.inputs, *derivation.optional):
        column = scored.inputs.get(name, name)
        if column in table.column_names:
            inputs[name] = _form(kinds.get(column, "text"))(columns, column, table)
        elif name in derivation.inputs:
            raise KeyError(f"{fact.id}: norm {scored.norm} needs {name}")
    return derivation(inputs)


def _form(kind: str) -> Callable[[Columns, str, pa.Table], Column]:
    if kind in ("integer", "number"):
        return lambda columns, name, table: columns.floats(name)
    if kind == "boolean":
        return lambda columns, name, table: _booleans(table.column(name))
    if kind == "date":
        return lambda columns, name, table: table.column(name).to_numpy().astype("datetime64[D]")
    return lambda columns, name, table: columns.texts(name)


def _booleans(values: pa.ChunkedArray) -> Column:
    mask = values.is_null().to_numpy()
    filled = values.fill_null(False).to_numpy()
    return np.ma.MaskedArray(filled.astype(bool), mask=mask)
