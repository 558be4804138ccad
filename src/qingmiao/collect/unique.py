"""One key is one row of the whole table, whatever files, formats and folders it came in.

Two rows with the same key and version are a fault that names both places, equal or not; so are identifiers that differ
only in case. The rows are put in the order of their keys, so that neither a file's name nor the order of rows decides
anything.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qingmiao.collect.tables import LISTED
from qingmiao.content.facts import Fact
from qingmiao.kernel.errors import Fault
from qingmiao.measure.engine import connect
from qingmiao.measure.versions import current_rows

CLOCK = "_clock"
"""Microseconds of the day of a row's version, where the file gave a time: of two corrections on one day the later
counts."""
FILE, ROW, NUMBER = "_file", "_row", "_n"


@dataclass
class Unique:
    """The rows in force in the order of their keys, or the faults that stand against it."""

    table: pa.Table | None
    faults: list[Fault] = field(default_factory=list)
    earlier: pa.Table | None = None
    """The other versions in the order of their keys: corrected since, or of a fact taken back (None: no such rows).

    Of corrections with the same version, told apart by the clock alone, only the last is kept.
    """


def one_row_a_key(fact: Fact, table: pa.Table, identifying: set[str]) -> Unique:
    """The rows in force of a fact's files put together (`_file`, `_row`, perhaps `_clock`); `identifying`: text columns
    that identify."""
    faults = [f for name in sorted(identifying) for f in _case_faults(fact, table, name)]
    version = [fact.version] if fact.version is not None else []
    clock = [CLOCK] if version and CLOCK in table.column_names else []
    table = ordered(table, [*fact.key, *version, *clock])
    again = _same_as_above(table, list(fact.key))
    clash = again & _same_as_above(table, version) if version else again
    if clock and clash.any():
        clash = clash & _no_later(table[CLOCK])
    if clash.any():
        faults.extend(_clash_faults(fact, table, np.flatnonzero(clash)))
    if faults:
        return Unique(None, faults)
    if CLOCK in table.column_names:
        table = table.drop_columns([CLOCK])
    taken_back = fact.retracted is not None and pc.any(table[fact.retracted]).as_py()
    if not again.any() and not taken_back:
        return Unique(table)
    last = np.ones(table.num_rows, dtype=bool)
    last[:-1] = ~(again & _same_as_above(table, version))[1:]
    numbered = table.filter(pa.array(last)).append_column(NUMBER, pa.array(np.arange(np.count_nonzero(last))))
    kept = current_rows(numbered, fact)
    other = np.ones(numbered.num_rows, dtype=bool)
    other[kept[NUMBER].to_numpy()] = False
    earlier = numbered.filter(pa.array(other)).drop_columns([NUMBER]) if other.any() else None
    return Unique(kept.drop_columns([NUMBER]), earlier=earlier)


def ordered(table: pa.Table, names: list[str]) -> pa.Table:
    """The rows in the order of these columns, missing first; rows that are equal in all of them stay as they are."""
    if _is_ordered(table, names):
        return table
    con = connect()
    con.register("t", table.select(names).append_column("_n", pa.array(np.arange(table.num_rows))))
    order = ", ".join(f"{_quoted(n)} NULLS FIRST" for n in names)
    places = con.sql(f"SELECT _n FROM t ORDER BY {order}, _n").to_arrow_table()["_n"]
    con.close()
    return table.take(places)


def _is_ordered(table: pa.Table, names: list[str]) -> bool:
    if table.num_rows < 2:
        return True
    equal = np.ones(table.num_rows - 1, dtype=bool)
    for name in names:
        column = table[name]
        if column.null_count:
            return False
        low, high = column.slice(0, table.num_rows - 1), column.slice(1)
        if (equal & _numpy(pc.greater(low, high))).any():
            return False
        equal &= _numpy(pc.equal(low, high))
    return True


def _same_as_above(table: pa.Table, names: list[str]) -> NDArray[np.bool_]:
    """Which rows have the values of the row above in these columns (two missing values are the same)."""
    same = np.ones(table.num_rows, dtype=bool)
    same[:1] = False
    for name in names if len(same) else ():
        low, high = table[name].slice(0, table.num_rows - 1), table[name].slice(1)
        equal = pc.equal(low, high)
        if table[name].null_count:
            equal = pc.or_(pc.fill_null(equal, False), pc.and_(pc.is_null(low), pc.is_null(high)))
        same[1:] &= _numpy(equal)
    return same


def _no_later(clock: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Rows whose time of day does not tell them from the row above: the same, or one of the two has none."""
    same = np.ones(len(clock), dtype=bool)
    same[1:] = ~_numpy(pc.fill_null(pc.greater(clock.slice(1), clock.slice(0, len(clock) - 1)), False))
    return same


def _clash_faults(fact: Fact, table: pa.Table, places: NDArray[np.int64]) -> list[Fault]:
    """A file that repeats another one whole is one fault; the other clashes are listed, then counted."""
    later, earlier = table.take(pa.array(places)), table.take(pa.array(places - 1))
    content = [n for n in table.column_names if n not in (FILE, ROW, CLOCK)]
    equal = np.ones(len(places), dtype=bool)
    for name in content:
        a, b = later[name], earlier[name]
        both = pc.and_(pc.is_null(a), pc.is_null(b))
        equal &= _numpy(pc.or_(pc.fill_null(pc.equal(a, b), False), both))
    pairs = list(zip(earlier[FILE].to_pylist(), later[FILE].to_pylist(), strict=True))
    size = {c["values"]: c["counts"] for c in table[FILE].value_counts().to_pylist()}
    copies = {
        pair: n
        for pair, n in Counter(p for p, e in zip(pairs, equal.tolist(), strict=True) if e).items()
        if pair[0] != pair[1] and n > 1 and n == size[pair[1]]
    }
    faults = [
        Fault(copy, 0, "duplicate_key", f"{n} 行全部与 {of} 里的相同，同一份数据放了两次", hint="只留一个文件")
        for (of, copy), n in sorted(copies.items())
    ]
    rest = [i for i, pair in enumerate(pairs) if pair not in copies]
    names = [*fact.key, *([fact.version] if fact.version else [])]
    for i in rest[:LISTED]:
        shown = "、".join(f"{n}={later[n][i].as_py()}" for n in names)
        what = "内容相同" if equal[i] else "内容不同"
        hint = "删去重复的行" if equal[i] or not fact.version else f"更正请写更晚的 {fact.version}，其余删去"
        first = f"{earlier[FILE][i].as_py()} 第 {earlier[ROW][i].as_py()} 行"
        faults.append(
            Fault(
                later[FILE][i].as_py(),
                int(later[ROW][i].as_py()),
                "duplicate_key",
                f"主键重复，{first}已有，{what}：{shown}",
                hint=hint,
            )
        )
    if len(rest) > LISTED:
        told = f"主键重复共 {len(rest)} 处，以上列出 {LISTED} 处"
        faults.append(Fault(f"facts/{fact.id}", 0, "duplicate_key", told, hint="检查是否放了两份数据"))
    return faults


def _case_faults(fact: Fact, table: pa.Table, name: str) -> list[Fault]:
    """Identifiers of a column that differ only in case: one thing under two names would be counted twice."""
    different = pc.unique(table[name].drop_null())
    low = pc.utf8_lower(different)
    if pc.all(pc.equal(low, different)).as_py() is not False or len(pc.unique(low)) == len(low):
        return []
    counts = low.value_counts()
    twice = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    faults = []
    label = fact.columns[name].label.zh
    for folded in twice.slice(0, LISTED):
        forms = sorted(different.filter(pc.equal(low, folded)).to_pylist())
        where = [pc.index(table[name], pa.scalar(form)).as_py() for form in forms[:2]]
        (one, line), (other, row) = sorted((table[FILE][w].as_py(), int(table[ROW][w].as_py())) for w in where)
        shown = "、".join(f"「{form}」" for form in forms)
        faults.append(
            Fault(
                other,
                row,
                "id_case",
                f"{label}{shown}只差大小写，{one} 第 {line} 行已有另一种写法",
                place=f"列 {name}",
                hint="同一个编号只用一种写法",
            )
        )
    if len(twice) > LISTED:
        told = f"{label}只差大小写的共 {len(twice)} 组，以上列出 {LISTED} 组"
        faults.append(Fault(f"facts/{fact.id}", 0, "id_case", told, place=f"列 {name}"))
    return faults


def _numpy(values: pa.Array | pa.ChunkedArray) -> NDArray[np.bool_]:
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    found: NDArray[np.bool_] = np.asarray(whole.to_numpy(zero_copy_only=False), dtype=bool)
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
