"""Publishing: what a source knows of a table at one version is checked whole, then appended in the caller's
transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection
from django.utils import timezone

from qingmiao.collect.areas import AreaColumns
from qingmiao.collect.facts import Finding, type_fact
from qingmiao.collect.identities import identifying
from qingmiao.collect.plausible import Bounds
from qingmiao.collect.tables import RawTable
from qingmiao.collect.unique import one_row_a_key
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault, UserError
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.facts import outbox
from qingmiao.site.apps.facts.models import Batch, Publication
from qingmiao.site.apps.facts.sources import is_known
from qingmiao.site.apps.facts.tables import Shape, shape

Rows: TypeAlias = pa.Table | Sequence[Mapping[str, Any]]


class RefusedFactsError(UserError):
    """Rows that cannot be facts: every fault with row, column and reason. Nothing was published."""


@dataclass(frozen=True)
class Published:
    """What a publication came to. `new`: False where this version of the source had been published before, with the
    same rows."""

    id: int
    rows: int
    partitions: tuple[int, ...]
    new: bool
    findings: tuple[Finding, ...] = ()


def publish(
    table: str,
    partition: int | None,
    rows: Rows,
    *,
    source: str,
    version: int,
    pack: Pack | None = None,
    on: date | None = None,
) -> Published:
    """Append what `source` knows of a table at `version`, in place of its earlier versions; no row takes all of them
    back.

    `partition`: the year in which all rows lie, None for rows of several (the table's date or year column decides).
    Must run in the writer's transaction. The same version again does nothing; an older one than the newest is kept but
    does not count. Rows are checked as files are (`collect.facts`): type, code, area, day, required, one row a key.
    `on`: today unless given. Raises RefusedFactsError listing every fault (nothing is written), NoSuchTableError for an
    unknown table.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("facts belong into the transaction of what they tell of")
    if not is_known(source) or version < 1:
        raise ValueError(
            f"a source is a registered kind, a colon and a name, a version at least 1: {source!r}, {version}"
        )
    content = pack or site_pack.pack()
    of = shape(content, table)
    given, findings = checked_rows(content, of, rows, f"{source}@{version}", on or timezone.localdate())
    lies = of.partitions(given)
    if partition is not None and not pc.all(pc.equal(lies, partition)).as_py():
        _refuse_partition(of, lies, partition, f"{source}@{version}")
    return _append(of, given, lies, source, version, findings)


@dataclass(frozen=True)
class Sheaf:
    """The rows `start` up to `stop` of a table that one source publishes at one version."""

    source: str
    version: int
    start: int
    stop: int


def load(pack: Pack, table: str, rows: pa.Table, sheaves: Sequence[Sheaf]) -> int:
    """Publish many sources at once whose rows are checked already (first start, import); how many were new.

    A source that has published anything to this table is left as it is. `rows` carry their origin (`_file`, `_row`).
    """
    if not connection.in_atomic_block:
        raise RuntimeError("facts belong into the transaction of what they tell of")
    of = shape(pack, table)
    given = of.aligned(rows)
    known = set(Publication.objects.filter(table=table).values_list("source", flat=True))
    new = [s for s in sheaves if s.source not in known and s.stop > s.start]
    at = timezone.now()
    made = Publication.objects.bulk_create(
        (Publication(table=table, source=s.source, version=s.version, rows=s.stop - s.start, at=at) for s in new),
        batch_size=2000,
    )
    batches = of_sheaves(of, given, made, new)
    outbox.tell((b.publication, b.partition, False) for b in batches)
    return len(new)


def of_sheaves(of: Shape, given: pa.Table, made: Sequence[Publication], sheaves: Sequence[Sheaf]) -> list[Batch]:
    """Append the rows of each sheaf as the batches of its publication."""
    batches, lies = [], of.partitions(given)
    for publication, sheaf in zip(made, sheaves, strict=True):
        count = sheaf.stop - sheaf.start
        if count:
            split = by_partition(of, given.slice(sheaf.start, count), lies.slice(sheaf.start, count))
            batches += batches_of(of, publication, split)
    _copy(batches)
    return batches


COLUMNS = {
    "publication_id": "int8", "table": "varchar", "partition": "int4", "rows": "int4", "takes_back": "bool",
    "digest": "varchar", "data": "bytea",
}  # fmt: skip
"""What a batch is made of, as PostgreSQL calls the types."""


def _copy(batches: Sequence[Batch]) -> None:
    """Append new batches by binary COPY: as a statement their bytes would be written out in digits and read again."""
    connection.ensure_connection()
    columns = ", ".join(f'"{c}"' for c in COLUMNS)
    with connection.cursor() as cursor, cursor.copy(f"COPY facts_batch ({columns}) FROM STDIN (FORMAT binary)") as to:
        to.set_types(list(COLUMNS.values()))
        for batch in batches:
            to.write_row([getattr(batch, c) for c in COLUMNS])


def by_file(rows: pa.Table) -> tuple[pa.Table, list[Sheaf]]:
    """A collected table in the order of its files, and each file as a source (load:facts/cases.csv)."""
    files = rows["_file"].combine_chunks()
    names = files.dictionary_encode()
    order = pc.rank(names.dictionary, sort_keys="ascending").to_numpy()
    place = order[names.indices.to_numpy(zero_copy_only=False)]
    if (np.diff(place) < 0).any():  # most tables are one file, or several one behind the other
        rows = rows.take(np.argsort(place, kind="stable"))
    sheaves, start = [], 0
    for counted in sorted(pc.value_counts(files).to_pylist(), key=lambda c: str(c["values"])):
        stop = start + int(counted["counts"])
        sheaves.append(Sheaf(f"load:{counted['values']}"[:120], 1, start, stop))
        start = stop
    return rows, sheaves


def batches_of(of: Shape, made: Publication, split: dict[int, tuple[pa.Table, bytes]]) -> list[Batch]:
    return [
        Batch(
            publication=made, table=of.name, partition=p, rows=rows.num_rows, digest=hashlib.sha256(data).hexdigest(),
            takes_back=bool(of.retracted and pc.any(rows[of.retracted]).as_py()), data=data,
        )
        for p, (rows, data) in split.items()
    ]  # fmt: skip


def _append(
    of: Shape, given: pa.Table, lies: pa.ChunkedArray, source: str, version: int, findings: Sequence[Finding]
) -> Published:
    """One publication with a batch a partition, and its line in the outbox."""
    with connection.cursor() as cursor:
        # One version of a source after the other, also the first two at once.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"facts {of.name} {source}"])
    known = {p.version: p for p in Publication.objects.filter(table=of.name, source=source)}
    split = by_partition(of, given, lies)
    if version in known:
        return _again(known[version], split, given.num_rows, source)
    counts = next((p for p in known.values() if p.superseded_by_id is None), None)
    late = counts is not None and counts.version > version
    made = Publication.objects.create(
        table=of.name, source=source, version=version, rows=given.num_rows, at=timezone.now(), superseded_by=counts
    )
    gone: set[int] = set()
    if counts is not None and not late:
        gone = set(counts.batches.values_list("partition", flat=True))
        _supersede(counts, made)
    _copy(batches_of(of, made, split))
    if not late:
        outbox.tell((made, p, p in gone) for p in sorted({*split, *gone}))
    return Published(made.pk, given.num_rows, tuple(split), True, tuple(findings))


def _supersede(before: Publication, made: Publication) -> None:
    """From now on the newer version counts; two steps, because the database lets one version of a source count at a
    time."""
    Publication.objects.filter(pk=before.pk).update(superseded_by=made)
    Publication.objects.filter(pk=made.pk).update(superseded_by=None)


def _again(known: Publication, split: dict[int, tuple[pa.Table, bytes]], rows: int, source: str) -> Published:
    """The same version once more: nothing to do, unless it says something else."""
    there = {
        p: pa.ipc.open_stream(bytes(data)).read_all() for p, data in known.batches.values_list("partition", "data")
    }
    if there.keys() != split.keys() or not all(table.equals(split[p][0]) for p, table in there.items()):
        raise RefusedFactsError(
            f"{source} 的第 {known.version} 版已经发布过，内容与这次的不同，什么都没有写入；更正请用更高的版本号"
        )
    return Published(known.pk, rows, tuple(split), False)


def by_partition(of: Shape, given: pa.Table, lies: pa.ChunkedArray) -> dict[int, tuple[pa.Table, bytes]]:
    """Partition → its rows and their Arrow stream, in order."""
    years = np.asarray(lies.to_numpy())
    found = {}
    for year in np.unique(years).tolist():
        rows = given.take(np.flatnonzero(years == year)).combine_chunks()
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, rows.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
            stream.write_table(rows)
        found[int(year)] = (rows, sink.getvalue().to_pybytes())
    return found


def checked_rows(pack: Pack, of: Shape, rows: Rows, shown: str, on: date) -> tuple[pa.Table, tuple[Finding, ...]]:
    """The rows as the table's columns with their origin. Raises RefusedFactsError."""
    given = rows if isinstance(rows, pa.Table) else _columns(of, rows)
    if not given.num_rows:
        return of.aligned(pa.table({})), ()
    if of.fact is None:
        return _plain(of, given, shown), ()
    origin = {n: given[n] for n in ("_file", "_row") if n in given.column_names}
    numbers = origin.get("_row", pa.array(np.arange(1, given.num_rows + 1)))
    areas = site_pack.area_columns() if pack is site_pack.pack() else AreaColumns(pack)
    raw = RawTable(shown, given.drop_columns(list(origin)), _one(numbers))
    read = type_fact(pack, of.fact, raw, areas, Bounds.of(pack, on))
    faults = list(read.faults)
    if read.table is not None:
        faults += one_row_a_key(of.fact, read.table, identifying(pack, of.fact)).faults
    if faults or read.table is None:
        raise RefusedFactsError(f"{of.fact.label.zh}有 {len(set(faults))} 处错误，什么都没有发布", faults)
    made = read.table
    if "_file" in origin:
        made = made.set_column(made.column_names.index("_file"), "_file", origin["_file"].cast(pa.string()))
    return of.aligned(made), tuple(read.findings)


def _plain(of: Shape, given: pa.Table, shown: str) -> pa.Table:
    """Rows of a table that is no fact table of the pack: its columns and their types; each key once."""
    if "_file" not in given.column_names:
        given = given.append_column("_file", pa.repeat(pa.scalar(shown), given.num_rows))
    if "_row" not in given.column_names:
        given = given.append_column("_row", pa.array(np.arange(1, given.num_rows + 1)))
    lacking = [n for n in (*of.key, of.year) if n not in given.column_names or given[n].null_count]
    faults = [Fault(shown, 0, "missing_value", f"缺少必填的列或值「{n}」", place=f"列 {n}") for n in lacking]
    if not faults and given.group_by(list(of.keys(given))).aggregate([]).num_rows < given.num_rows:
        faults = [Fault(shown, 0, "duplicate_key", f"主键重复（{'、'.join(of.keys(given))}）", hint="一个主键只留一行")]
    if faults:
        raise RefusedFactsError(f"{of.name} 有 {len(faults)} 处错误，什么都没有发布", faults)
    return of.aligned(given)


def _columns(of: Shape, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Records as columns; a value that its column cannot hold is a fault of its row."""
    names = list(dict.fromkeys(n for row in rows for n in row))
    columns = {name: typed_for(of, name, [row.get(name) for row in rows]) for name in names}
    return pa.table(columns) if columns else of.aligned(pa.table({}))


def typed(table: str, name: str, values: Sequence[Any]) -> pa.Array:
    """Values for a column of a table, to be published: of its type, or as text where it cannot hold them."""
    return typed_for(shape(site_pack.pack(), table), name, values)


def typed_for(of: Shape, name: str, values: Sequence[Any]) -> pa.Array:
    """The same for a table at hand."""
    try:
        return pa.array(values, of.columns.get(name))
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        # As text: reading the columns says which row cannot be read, and why.
        return pa.array([None if v is None else str(v) for v in values], pa.string())


def _one(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    return values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values


def _refuse_partition(of: Shape, lies: pa.ChunkedArray, partition: int, shown: str) -> None:
    """Rows outside the partition that the caller named."""
    wrong = np.flatnonzero(np.asarray(lies.to_numpy()) != partition)
    others = "、".join(sorted({str(y) for y in np.asarray(lies.to_numpy())[wrong].tolist()}))
    place = f"列 {of.year}"
    fault = Fault(
        shown,
        int(wrong[0]) + 1,
        "other_partition",
        f"共 {len(wrong)} 行在 {others} 年，不在 {partition} 年",
        place=place,
    )
    raise RefusedFactsError(f"{of.name} 有 {len(wrong)} 行不在要发布的年份，什么都没有发布", [fault])
