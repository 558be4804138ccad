"""Late corrections and retractions, resolved before anything is measured: only the newest version of a row counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
import pyarrow as pa

from qingmiao.content.facts import Fact
from qingmiao.kernel.periods import PeriodKind
from qingmiao.measure.dialect import DUCKDB, column, year_of
from qingmiao.measure.engine import connect


def year_expression(fact: Fact, kind: PeriodKind) -> str:
    """DuckDB text for the year in which a row of `fact` counts: its `year` column, or its date by the rule of
    `kind`."""
    tree = column(fact.year) if fact.year is not None else year_of(column(fact.date or ""), kind)
    return DUCKDB.sql(tree)


def current_rows(table: pa.Table, fact: Fact, as_of: int | date | datetime | str | None = None) -> pa.Table:
    """The rows in force: per key the one with the highest `version`, without the keys whose newest row is retracted.

    `as_of` ignores versions above it (what was known then). A missing version is older than any other; of two rows with
    the same version the later one in the table wins. A fact without version and retracted columns is returned as it is.
    Columns and the order of the rows are kept.
    """
    if fact.version is None and fact.retracted is None:
        return table
    return newest_rows(table, fact.key, version=fact.version, retracted=fact.retracted, as_of=as_of)


def newest_rows(
    table: pa.Table,
    key: Sequence[str],
    *,
    version: str | None,
    retracted: str | None,
    as_of: int | date | datetime | str | None = None,
) -> pa.Table:
    """Per key the row of the highest `version` (the last in the table of equal ones, or without that column), unless it
    is retracted.

    The rule and `as_of` are those of `current_rows`; columns and the order of the rows are kept.
    """
    con = connect()
    try:
        con.register("given", table.append_column("_position", pa.array(np.arange(table.num_rows, dtype=np.int64))))
        order = f"{_quoted(version)} DESC NULLS LAST, " if version else ""
        known = ""
        parameters: list[object] = []
        if as_of is not None and version is not None:
            known = f"WHERE {_quoted(version)} IS NULL OR {_quoted(version)} <= ?"
            parameters = [as_of]
        kept = f"WHERE {_quoted(retracted)} IS NOT TRUE" if retracted else ""
        newest = (
            f"SELECT * FROM given {known} "
            f"QUALIFY row_number() OVER (PARTITION BY {', '.join(map(_quoted, key))} "
            f"ORDER BY {order}_position DESC) = 1"
        )
        query = f"SELECT _position FROM ({newest}) {kept} ORDER BY _position"
        positions = con.sql(query, params=parameters).to_arrow_table()["_position"]
    finally:
        con.close()
    return table.take(positions)


def _quoted(name: str | None) -> str:
    return '"' + (name or "").replace('"', '""') + '"'
