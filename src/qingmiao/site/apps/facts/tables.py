"""The tables that facts are published to: those of the pack, the cells of returns, the published yearly series."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.collect.column_kinds import ARROW
from qingmiao.collect.series import SCHEMA as SERIES_SCHEMA
from qingmiao.content.facts import Fact
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import UserError
from qingmiao.measure.plan import CELLS_TABLE, SERIES_TABLE
from qingmiao.measure.series import breakdowns_of

ORIGIN = {"_file": pa.string(), "_row": pa.int64()}
"""Where a row came from: a source and version (or a file), and its number there."""
CELL_COLUMNS = {
    "return": pa.string(), "period": pa.int32(), "area": pa.string(), "row": pa.string(), "column": pa.string(),
    "value": pa.float64(), "reason": pa.string(), **ORIGIN, "_place": pa.string(),
}  # fmt: skip


class NoSuchTableError(UserError):
    """Facts for a table that the pack does not have."""


@dataclass(frozen=True)
class Shape:
    """What rows of a table look like. `year`: the column (a date or a year) that says in which partition a row lies.

    `open`: further columns of text are allowed (the groups of the yearly series).
    """

    name: str
    columns: dict[str, pa.DataType]
    key: tuple[str, ...]
    year: str
    fact: Fact | None = None
    open: bool = False

    @property
    def version(self) -> str | None:
        """The column by which a later row of the same key is known; None without one."""
        return self.fact.version if self.fact is not None else None

    @property
    def retracted(self) -> str | None:
        """The column that takes a fact back; None without one."""
        return self.fact.retracted if self.fact is not None else None

    def partitions(self, rows: pa.Table) -> pa.ChunkedArray:
        """The partition of each row: the calendar year of its date, or its year."""
        column = rows[self.year]
        return pc.year(column) if pa.types.is_date(column.type) else column.cast(pa.int64())

    def keys(self, rows: pa.Table) -> tuple[str, ...]:
        """The columns that identify a row, with the groups of the series."""
        return (*self.key, *breakdowns_of(rows)) if self.open else self.key

    def aligned(self, rows: pa.Table) -> pa.Table:
        """Rows of an earlier version of the pack as the columns of today: new ones are empty, dropped ones go.

        Raises NoSuchTableError where a column's type has changed so that its values cannot be read.
        """
        count = rows.num_rows
        try:
            columns = {
                name: rows[name].cast(kind) if name in rows.column_names else pa.nulls(count, kind)
                for name, kind in self.columns.items()
            }
        except pa.ArrowInvalid as error:
            raise NoSuchTableError(
                f"事实表 {self.name} 已有的数据读不成现在的列类型：{error}。请在内容包里改回原来的类型，或另起一列"
            ) from error
        if self.open:
            columns |= {n: rows[n].cast(pa.string()) for n in breakdowns_of(rows)}
        return pa.table(columns)


def shape(pack: Pack, name: str) -> Shape:
    """The shape of a table. Raises NoSuchTableError for a table that the pack does not have."""
    if name == CELLS_TABLE:
        return Shape(name, CELL_COLUMNS, ("return", "period", "area", "row", "column"), "period")
    if name == SERIES_TABLE:
        columns = {f.name: f.type for f in SERIES_SCHEMA}
        return Shape(name, columns, ("indicator", "area", "year"), "year", open=True)
    fact = pack.facts.get(name)
    if fact is None:
        raise NoSuchTableError(f"内容包没有事实表「{name}」，什么都没有发布；事实表在内容包的 facts/ 里")
    columns = {n: ARROW[c.type] for n, c in fact.columns.items()} | ORIGIN
    return Shape(name, columns, fact.key, str(fact.date or fact.year), fact)
