"""What is in force: the batches that count, read as Arrow columns; of each key the newest row.

Whether records or departments say what a year holds is a line of the policy (`from_records`): in each partition one of
the two sides counts, never both.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from django.utils import timezone

from qingmiao.collect.unique import ordered
from qingmiao.content.pack import Pack
from qingmiao.measure.versions import newest_rows
from qingmiao.site.apps.facts.models import Batch
from qingmiao.site.apps.facts.sources import of_records
from qingmiao.site.apps.facts.tables import Shape, shape


def partitions(table: str = "") -> tuple[tuple[str, int], ...]:
    """The tables and partitions in which anything counts, in order; of one table when it is named."""
    found = Batch.objects.filter(publication__superseded_by=None)
    if table:
        found = found.filter(table=table)
    return tuple(found.order_by("table", "partition").values_list("table", "partition").distinct())


NEVER = 9999
"""The year from which records count in a table that the policy does not name."""
_SIDE = "(split_part(p.source, ':', 1) = ANY(%s)) = (b.partition >= %s)"
"""Rows of records from the year on that the policy names, rows of everybody else before it."""


def _side(pack: Pack, table: str, *, other: bool = False) -> tuple[str, list[object]]:
    """The condition of the side that counts (or of the `other` one), and its values."""
    values: list[object] = [list(of_records()), pack.policy.from_records.get(table, NEVER)]
    return (f"NOT ({_SIDE})" if other else _SIDE), values


def not_counting(pack: Pack, table: str, partition: int) -> pa.Table:
    """What the other side says of a partition: what departments bring where records count."""
    of = shape(pack, table)
    side, values = _side(pack, table, other=True)
    where = f'b."table" = %s AND b.partition = %s AND p.superseded_by_id IS NULL AND {side}'
    return in_force(of, _read(of, where, [table, partition, *values]))


def published(
    pack: Pack, table: str, partition: int | None = None, *, publications: Iterable[int] | None = None
) -> pa.Table:
    """Every row that counts (of one partition; of some publications), in the order of publication: all versions of a
    key."""
    of = shape(pack, table)
    side, given = _side(pack, table)
    where, values = f"b.table = %s AND p.superseded_by_id IS NULL AND {side}", list[object]([table, *given])
    if partition is not None:
        where, values = f"{where} AND b.partition = %s", [*values, partition]
    if publications is not None:
        where, values = f"{where} AND b.publication_id = ANY(%s)", [*values, list(publications)]
    return _read(of, where.replace("b.table", 'b."table"'), values)


def known(pack: Pack, table: str, day: date, *, near: tuple[int, int] | None = None) -> pa.Table:
    """The rows in force as they were known at the end of a day: of each source the newest version published by then,
    of each key the newest row recorded by then.

    `near`: only the partitions from the first to the last year. A source that came later (a site's first load) counts
    by the days of its rows; where rows bear none, it was not known yet.
    """
    of = shape(pack, table)
    side, given = _side(pack, table)
    end = datetime.combine(day + timedelta(days=1), time(0), timezone.get_current_timezone())
    dated = of.version is not None
    newest = (
        'SELECT DISTINCT ON (source) id FROM facts_publication WHERE "table" = %s AND (at < %s OR %s) ORDER BY source,'
        " (at < %s) DESC, CASE WHEN at < %s THEN -version ELSE version END"
    )
    where = f'b."table" = %s AND p.id IN ({newest}) AND {side}'
    values: list[object] = [table, table, end, dated, end, end, *given]
    if near is not None:
        where, values = f"{where} AND b.partition BETWEEN %s AND %s", [*values, *near]
    rows = _read(of, where, values)
    if of.version is not None:
        rows = rows.filter(pc.fill_null(pc.less_equal(rows[of.version], pa.scalar(day)), True))
    return in_force(of, rows)


def taken_back(pack: Pack, table: str) -> pa.Table:
    """The rows that count of all batches in which a fact is taken back."""
    of = shape(pack, table)
    side, values = _side(pack, table)
    where = f'b."table" = %s AND b.takes_back AND p.superseded_by_id IS NULL AND {side}'
    return _read(of, where, [table, *values])


def _read(of: Shape, where: str, values: list[object]) -> pa.Table:
    query = (
        "SELECT b.data FROM facts_batch b JOIN facts_publication p ON p.id = b.publication_id "
        f"WHERE {where} ORDER BY b.publication_id, b.partition"
    )
    connection.ensure_connection()
    # Binary, so that a batch crosses as the bytes that it is.
    with psycopg.Cursor(connection.connection) as cursor:
        batches = cursor.execute(query, values, binary=True)
        parts = [of.aligned(pa.ipc.open_stream(data).read_all()) for (data,) in batches]
    return pa.concat_tables(parts, promote_options="default") if parts else of.aligned(pa.table({}))


def in_force(of: Shape, rows: pa.Table) -> pa.Table:
    """The newest row of each key in the order of the keys, without what was taken back; of one version the later in
    `rows` counts."""
    keys = of.keys(rows)
    return ordered(newest_rows(rows, keys, version=of.version, retracted=of.retracted), list(keys))


def current(pack: Pack, table: str, partition: int | None = None) -> pa.Table:
    """The rows in force of a table, or of one partition by itself."""
    return in_force(shape(pack, table), published(pack, table, partition))
