"""Fact tables as files that never change, one a partition, named by their hash; a snapshot is a list of names.

A run's files hold the rows in force with their derived columns. What the outbox tells since then decides which
partitions are written again: one that was only added to takes the new rows into its file; one in which rows count no
longer is read anew from what was published. A key that stands in two partitions (a correction moved the event to
another year) makes the table `crossing`: from then on it is read as one. All three ways give what reading everything
gives (tests/website/test_partitions.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qingmiao.collect.areas import LEVEL_COLUMNS, AreaColumns
from qingmiao.collect.derive import add_derived
from qingmiao.collect.snapshot import file_digest
from qingmiao.collect.unique import ordered
from qingmiao.content.pack import Pack
from qingmiao.content.reading import years_on
from qingmiao.kernel.whole_files import beside, settle
from qingmiao.measure.plan import CELLS_TABLE
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.facts.api import Shape, Told

WRITERS = 2
"""How many partitions are written at once."""
Part = tuple[str, int]
"""A table and one of its partitions."""


@dataclass(frozen=True)
class Files:
    """The files of a run's facts by table and partition, and the tables in which a key stands in two partitions."""

    tables: Mapping[str, Mapping[int, str]]
    crossing: frozenset[str] = frozenset()

    @classmethod
    def from_json(cls, tables: Mapping[str, Any], crossing: Iterable[str] = ()) -> Files:
        """From a run's row; a row of before partitions names one file a table (partition 0)."""
        found = {
            name: {0: of} if isinstance(of, str) else {int(p): file for p, file in of.items()}
            for name, of in tables.items()
        }
        return cls(found, frozenset(crossing))

    def to_json(self) -> dict[str, dict[str, str]]:
        """As a run's row keeps it."""
        return {n: {str(p): f for p, f in sorted(of.items())} for n, of in sorted(self.tables.items())}

    @property
    def whole(self) -> bool:
        """Whether any table is of before partitions: its rows were never published."""
        return any(0 in of for of in self.tables.values())

    def changed(self, before: Files) -> set[Part]:
        """The partitions whose file is another, new or gone."""
        parts = {(n, p) for files in (self, before) for n, of in files.tables.items() for p in of}
        return {(n, p) for n, p in parts if self.tables.get(n, {}).get(p) != before.tables.get(n, {}).get(p)}


@dataclass(frozen=True)
class RunSnapshot:
    """What a run saw: its id, and each table's files."""

    id: str
    tables: Mapping[str, tuple[Path, ...]]


def snapshot(folder: Path, files: Files, near: tuple[int, int] | None = None) -> RunSnapshot:
    """The snapshot of these files; its id is made of the names and hashes, so equal data have an equal id.

    `near`: only the partitions from the first to the last year.
    """
    named = {
        f"{n}-{p}" if p else n: file.split(".")[-2] for n, of in sorted(files.tables.items()) for p,
        file in sorted(of.items())
    }  # fmt: skip
    whole = hashlib.sha256("\n".join(f"{n}:{d}" for n, d in named.items()).encode()).hexdigest()
    kept = {
        name: tuple(folder / f for p, f in sorted(of.items()) if near is None or not p or near[0] <= p <= near[1])
        for name, of in sorted(files.tables.items())
    }
    return RunSnapshot(whole[:16], {name: of for name, of in kept.items() if of})


def keep(folder: Path, name: str, table: pa.Table) -> str:
    """Write a table under its hash and give the file's name; an equal table is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    with beside(folder / name) as part:
        pq.write_table(table, part, compression="zstd")
        final = f"{name}.{file_digest(part)[:24]}.parquet"
        settle(part, folder / final)
    return final


def everything(pack: Pack, folder: Path) -> Files:
    """The files of all that is published, read whole (first run, changed pack)."""
    writer = _PartitionWriter(pack, folder)
    tables = {name: writer.whole(name) for name in dict.fromkeys(n for n, _ in facts.partitions())}
    return Files({n: of for n, of in tables.items() if of}, frozenset(writer.crossing))


def just_collected(
    pack: Pack, folder: Path, tables: Mapping[str, pa.Table], *, earlier: Mapping[str, pa.Table]
) -> Files:
    """The files of collected tables: those of `everything` once they are published; reads no database.

    They are in force, ordered and derived already. `earlier`: the versions that are published with them and are not in
    force.
    """
    writer = _PartitionWriter(pack, folder)
    for name, table in earlier.items():
        writer.watch(facts.shape(pack, name), pa.concat_tables([table, tables[name].select(table.column_names)]))
    made = {n: writer.collected(n, table) for n, table in tables.items()}
    return Files({n: of for n, of in made.items() if of}, frozenset(writer.crossing))


def brought_up(pack: Pack, folder: Path, before: Files, told: Sequence[Told]) -> Files:
    """The files of a run with what was published since; partitions of which nothing was told keep theirs."""
    writer = _PartitionWriter(pack, folder)
    tables = {n: dict(of) for n, of in before.tables.items()}
    for name in dict.fromkeys(t.table for t in told):
        mine = [t for t in told if t.table == name]
        made = None
        if name in tables and name not in before.crossing:
            made = writer.partly(name, tables[name], mine)
        tables[name] = made if made is not None else writer.whole(name)
    return Files({n: of for n, of in tables.items() if of}, before.crossing | writer.crossing)


def with_rows(pack: Pack, folder: Path, files: Files, rows: Mapping[Part, pa.Table]) -> Files:
    """The files with other rows (in force) in some partitions, for measuring what would be if they counted."""
    writer, tables = _PartitionWriter(pack, folder), {n: dict(of) for n, of in files.tables.items()}
    for (name, partition), given in rows.items():
        of = facts.shape(pack, name)
        further = years_on(of.fact) if of.fact is not None else 0
        before = [p for p in range(partition - further - 1, partition) if further and p in files.tables.get(name, {})]
        around = [of.aligned(pq.read_table(folder / files.tables[name][p])) for p in before]
        finished = writer.finished(of, facts.in_force(of, pa.concat_tables([*around, of.aligned(given)])))
        mine = finished.filter(pc.equal(of.partitions(finished), partition)).combine_chunks()
        tables.setdefault(name, {})[partition] = keep(folder, f"{name}-{partition}", mine)
    return Files(tables, files.crossing)


def finished(pack: Pack, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Rows in force with the areas above theirs and their derived columns, to be measured; empty tables are left
    out."""
    writer = _PartitionWriter(pack, Path())
    return {n: writer.finished(facts.shape(pack, n), rows) for n, rows in tables.items() if rows.num_rows}


@dataclass(frozen=True)
class _LookedAt:
    """Those whose rows look back at one another: the values of a column."""

    column: str
    values: pa.Array

    def among(self, rows: pa.Table) -> pa.ChunkedArray:
        """Which rows are theirs; rows of nobody are where one of the values is missing."""
        return pc.is_in(rows[self.column], value_set=self.values)


class _PartitionWriter:
    def __init__(self, pack: Pack, folder: Path) -> None:
        self.pack, self.folder, self.areas = pack, folder, AreaColumns(pack)
        self.crossing: set[str] = set()

    def whole(self, name: str) -> dict[int, str]:
        """Partition → file of a table, all of it read anew."""
        of = facts.shape(self.pack, name)
        given = facts.published(self.pack, name)
        self.watch(of, given)
        return self.split(of, self.finished(of, facts.in_force(of, given)))

    def watch(self, of: Shape, given: pa.Table) -> None:
        """A table in whose rows (all versions) a key stands in two partitions is crossing."""
        if of.year not in of.key:
            lies = pa.table({**{k: given[k] for k in of.key}, "_partition": of.partitions(given)})
            counts = lies.group_by(list(of.key)).aggregate([("_partition", "count_distinct")])
            if pc.any(pc.greater(counts["_partition_count_distinct"], 1)).as_py():
                self.crossing.add(of.name)

    def collected(self, name: str, table: pa.Table) -> dict[int, str]:
        """Partition → file of a table as collected: in force, in the order of its keys, with its derived columns."""
        of = facts.shape(self.pack, name)
        rows = of.aligned(table)
        for made in table.column_names:
            if made not in rows.column_names:
                rows = rows.append_column(made, table[made])
        return self.split(of, rows)

    def split(self, of: Shape, rows: pa.Table) -> dict[int, str]:
        """Partition → file of rows that are finished."""
        lies = np.asarray(of.partitions(rows).to_numpy())
        years = np.unique(lies).tolist()

        def kept(year: int) -> str:
            return keep(self.folder, f"{of.name}-{year}", rows.take(np.flatnonzero(lies == year)).combine_chunks())

        with ThreadPoolExecutor(WRITERS) as writers:  # packing, hashing and the disk: outside the interpreter's lock
            return dict(zip(years, writers.map(kept, years), strict=True))

    def partly(self, name: str, files: dict[int, str], told: Sequence[Told]) -> dict[int, str] | None:
        """The files with the told partitions written again; None where the table must be read as one."""
        of = facts.shape(self.pack, name)
        back = facts.taken_back(self.pack, name) if of.retracted else None
        made: dict[int, pa.Table] = {}
        fresh: list[tuple[int, pa.Table]] = []
        whole = False
        for partition in sorted({t.partition for t in told}):
            mine = [t for t in told if t.partition == partition]
            added = facts.published(self.pack, name, partition, publications={t.publication for t in mine})
            again = partition not in files or any(t.replaced for t in mine)
            if not again and back is not None:
                again = _shared(of, added, back)
            whole |= again
            if again:
                given = facts.published(self.pack, name, partition)
                made[partition] = self.finished(of, facts.in_force(of, given))
                fresh.append((partition, given))
            else:
                old = pq.read_table(self.folder / files[partition])
                rows = pa.concat_tables([old, self.finished(of, added)], promote_options="default")
                made[partition] = facts.in_force(of, rows)
                fresh.append((partition, added))
        if of.year not in of.key and self._crosses(of, files, made, fresh, back):
            return None
        further = years_on(of.fact) if of.fact is not None else 0
        tables = made
        if further:
            looked = self._looked_at(of, files, made, fresh, whole=whole)
            tables = self._with_previous(of, files, made, further, looked)
        kept = {p: f for p, f in files.items() if p not in tables}
        kept |= {p: keep(self.folder, f"{name}-{p}", t.combine_chunks()) for p, t in tables.items() if t.num_rows}
        return kept

    def _crosses(
        self, of: Shape, files: Mapping[int, str], made: Mapping[int, pa.Table],
        fresh: Sequence[tuple[int, pa.Table]], back: pa.Table | None,
    ) -> bool:  # fmt: skip
        """Whether a key among the new rows stands in another partition, in force or taken back."""
        keys = list(of.key)
        for partition, added in fresh:
            others = [made[p].select(keys) for p in made if p != partition]
            others += [
                pq.read_table(self.folder / f, columns=keys)
                for p, f in files.items()
                if p != partition and p not in made
            ]
            if back is not None:
                elsewhere = pc.not_equal(of.partitions(back), partition)
                others.append(back.filter(elsewhere).select(keys))
            if any(_shared(of, added, other) for other in others):
                return True
        return False

    def _looked_at(
        self, of: Shape, files: Mapping[int, str], made: Mapping[int, pa.Table],
        fresh: Sequence[tuple[int, pa.Table]], *, whole: bool,
    ) -> _LookedAt | None:  # fmt: skip
        """Whose rows may look back at the added rows, or at rows that these replace; None: any row may."""
        assert of.fact is not None
        per = {d.previous.per for d in of.fact.derived.values() if d.previous is not None}
        if whole or len(per) != 1:
            return None
        (column,), keys = per, list(of.key)
        known = [added[column].combine_chunks() for _, added in fresh]
        for partition, added in fresh:
            if partition in files:
                old = pq.read_table(self.folder / files[partition], columns=list(dict.fromkeys((*keys, column))))
                known.append(old.join(added.select(keys), keys, join_type="left semi")[column].combine_chunks())
        return _LookedAt(column, pc.unique(pa.chunked_array(known)))

    def _with_previous(
        self, of: Shape, files: Mapping[int, str], made: Mapping[int, pa.Table], further: int, looked: _LookedAt | None
    ) -> dict[int, pa.Table]:
        """The changed partitions and the later ones that look back at them, their derived columns made anew: of all
        rows, or of those of whom `looked` says.

        A school or health year begins in one calendar year and ends in the next: one more year on both sides.
        """
        held: dict[int, pa.Table] = dict(made)

        def base(partition: int) -> pa.Table | None:
            if partition not in held and partition in files:
                held[partition] = pq.read_table(self.folder / files[partition])
            if partition not in held:
                return None
            rows = held[partition]
            return of.aligned(rows if looked is None else rows.filter(looked.among(rows)))

        found = {}
        for partition in sorted({p + n for p in made for n in range(further + 2)} & {*files, *made}):
            around = [b for p in range(partition - further - 1, partition + 1) if (b := base(p)) is not None]
            rows = self.finished(of, facts.in_force(of, pa.concat_tables(around)))
            mine = rows.filter(pc.equal(of.partitions(rows), partition))
            if looked is not None:
                others = held[partition].filter(pc.invert(looked.among(held[partition])))
                mine = ordered(pa.concat_tables([others, mine.select(others.column_names)]), list(of.keys(mine)))
            found[partition] = mine
        return found

    def finished(self, of: Shape, rows: pa.Table) -> pa.Table:
        """Rows with the areas above theirs and the fact's derived columns."""
        if of.fact is not None:
            return add_derived(of.fact, rows, self.areas)
        if of.name != CELLS_TABLE:
            return rows
        tree = self.areas.tree
        coded = rows["area"].combine_chunks().dictionary_encode()
        codes = [tree.current(c) for c in coded.dictionary.to_pylist()]
        rows = rows.set_column(
            rows.column_names.index("area"), "area", pa.array(codes, pa.string()).take(coded.indices)
        )
        for level, column in LEVEL_COLUMNS.items():
            above = [a.code if (a := tree.ancestor(c, level)) else None for c in codes]
            rows = rows.append_column(column, pa.array(above, pa.string()).take(coded.indices))
        return rows


def _shared(of: Shape, rows: pa.Table, others: pa.Table) -> bool:
    """Whether two tables have a key in common."""
    if not rows.num_rows or not others.num_rows:
        return False
    keys = list(of.key)
    return bool(others.select(keys).join(rows.select(keys), keys, join_type="left semi").num_rows)
