"""Turn a raw file into a typed fact table, or say everything that is wrong with it.

Errors refuse the file: missing or unknown columns, cells that cannot be read, unknown codes and areas, days that cannot
be, missing required values, rows of totals and notes, a row check of level error. Identifiers that were put right,
implausible values (outside min–max) and row checks of level query are findings. Keys are a matter of the whole table:
see `unique`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qingmiao.collect.area_dates import FAR
from qingmiao.collect.areas import AreaColumns
from qingmiao.collect.column_kinds import RefusedRows
from qingmiao.collect.columns import missing_column, read_column
from qingmiao.collect.headings import column_faults
from qingmiao.collect.identities import identifying
from qingmiao.collect.not_rows import not_rows
from qingmiao.collect.plausible import Bounds, implausible_days
from qingmiao.collect.tables import LISTED, RawTable
from qingmiao.collect.unique import CLOCK
from qingmiao.collect.years import read_years, year_kind
from qingmiao.content.expressions import parse
from qingmiao.content.facts import Fact
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault
from qingmiao.kernel.periods import Period, PeriodKind
from qingmiao.kernel.year_texts import FIRST, LAST
from qingmiao.measure.dialect import sql_text
from qingmiao.measure.engine import connect


@dataclass(frozen=True)
class Finding:
    """Something to explain rather than refuse: a data-quality finding about rows of a file."""

    table: str
    file: str
    code: str
    message: str
    count: int
    rows: tuple[int, ...] = ()
    basis: str = ""
    """Which rule it broke, as the content writes it."""


@dataclass
class ReadFact:
    """A typed table (stored columns, `_file`, `_row`, perhaps `_clock`) with its faults and findings."""

    fact: Fact
    table: pa.Table | None
    faults: list[Fault] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def type_fact(pack: Pack, fact: Fact, raw: RawTable, areas: AreaColumns, bounds: Bounds) -> ReadFact:
    """Type and check one file of a fact table; `bounds` are the days and years that its rows may have."""
    result = ReadFact(fact, None)
    result.faults.extend(column_faults(pack, fact, raw))
    if result.faults:
        return result
    raw = _without_totals(fact, raw, result)
    raw, wrong_years = read_years(pack, fact, raw)
    result.faults.extend(wrong_years)
    rows = raw.rows.to_numpy(zero_copy_only=False)
    needed = {fact.area, fact.date or fact.year, *fact.key}
    identities = identifying(pack, fact)
    columns: dict[str, pa.Array] = {}
    clock: pa.Array | None = None
    for name, column in fact.columns.items():
        if name not in raw.table.column_names:
            columns[name] = missing_column(column, raw.table.num_rows).values
            continue
        read = read_column(
            column,
            raw.table[name],
            identity=name in identities,
            codes=pack.codes.get(column.codes or ""),
            areas=areas,
        )
        place, label = f"列 {name}", column.label.zh
        if read.wrong_column:
            hint = "换一种类型重新导出"
            result.faults.append(Fault(raw.shown, 1, "wrong_type", f"{label}的类型是 {read.wrong_column}", place, hint))
            continue
        refused = [*read.refused, *implausible_days(fact, name, read.values, bounds)]
        result.faults.extend(_told(raw.shown, rows, label, place, refused))
        if column.required or name in needed:
            empty = _empty(read.values, refused)
            if len(empty):
                blank = RefusedRows("missing_value", "必填，但是空的", "补上，或删去这一行", empty)
                result.faults.extend(_told(raw.shown, rows, label, place, [blank]))
        if len(read.changed):
            message = f"{label}（列 {name}）的写法改成了通行的（全角、空白、小写 x、小数存的整数）"
            result.findings.append(_finding(fact, raw, "id_rewritten", message, rows[read.changed]))
        if name == fact.version:
            clock = read.clock
        columns[name] = read.values
    _at_their_time(pack, fact, raw, columns, areas, result)
    if not result.faults:
        table = pa.table({n: columns[n] for n in fact.columns}).append_column("_row", raw.rows)
        _row_checks(fact, raw, table, result)
        if not result.faults:
            if clock is not None:
                table = table.append_column(CLOCK, clock)
            result.table = table.append_column("_file", pa.repeat(pa.scalar(raw.shown), table.num_rows))
    return result


def _at_their_time(
    pack: Pack, fact: Fact, raw: RawTable, columns: dict[str, pa.Array], areas: AreaColumns, result: ReadFact
) -> None:
    """The area that each row counts in, by the code of its day; other columns of areas get the present code."""
    if not areas.tree.has_history:
        return
    rows = raw.rows.to_numpy(zero_copy_only=False)
    for name in (n for n, c in fact.columns.items() if c.type == "area" and n in columns):
        days = _days(pack, fact, columns) if name == fact.area else np.full(len(rows), -2 * FAR)
        read = areas.at_their_time(columns[name], days)
        columns[name] = read.codes
        label = fact.columns[name].label.zh
        refused = [RefusedRows("old_code", message, hint, at) for message, hint, at in read.refused]
        result.faults.extend(_told(raw.shown, rows, label, f"列 {name}", refused))
        result.findings.extend(_finding(fact, raw, "old_code", message, rows[at]) for message, at in read.noted)


def _days(pack: Pack, fact: Fact, columns: dict[str, pa.Array]) -> NDArray[np.int64]:
    """The day (since 1970) on which each row counts: its date, or the last day of its year; −2·FAR where it is not
    known."""
    given = columns.get(fact.date or str(fact.year))
    if given is None:
        return np.full(len(columns[fact.area]), -2 * FAR, dtype=np.int64)
    if fact.date is not None:
        days = given.cast(pa.int32()).cast(pa.int64())
    else:
        kind = year_kind(pack, fact) or PeriodKind.CALENDAR_YEAR
        coded = given.dictionary_encode()
        ends = [(Period(kind, y).end - date(1970, 1, 1)).days for y in _years(coded.dictionary.to_pylist())]
        days = pa.array(ends, pa.int64()).take(coded.indices)
    return np.asarray(days.fill_null(-2 * FAR).to_numpy(zero_copy_only=False), dtype=np.int64)


def _years(given: list[int]) -> list[int]:
    """Years that a period may have; others are faults already."""
    return [min(max(y, FIRST), LAST) for y in given]


def _without_totals(fact: Fact, raw: RawTable, result: ReadFact) -> RawTable:
    """The file without its rows of totals and notes, each of which is a fault of its own."""
    found = not_rows(fact, raw.table)
    if not found:
        return raw
    rows = raw.rows.to_numpy(zero_copy_only=False)
    result.faults.extend(_told(raw.shown, rows, "", "", found))
    keep = np.ones(raw.table.num_rows, dtype=bool)
    for refused in found:
        keep[refused.rows] = False
    return RawTable(raw.shown, raw.table.filter(pa.array(keep)), raw.rows.filter(pa.array(keep)))


def _empty(values: pa.Array, refused: list[RefusedRows]) -> NDArray[np.int64]:
    """Rows without a value, but for those that were refused already."""
    empty = values.is_null().to_numpy(zero_copy_only=False)
    for r in refused:
        empty[r.rows] = False
    return np.flatnonzero(empty)


def _told(shown: str, rows: NDArray[np.int64], label: str, place: str, refused: list[RefusedRows]) -> list[Fault]:
    """One fault a reason at its first row, with how many rows it is about; of one kind at most `LISTED` reasons are
    listed."""
    faults = []
    kinds: dict[str, list[RefusedRows]] = {}
    for r in refused:
        kinds.setdefault(r.code, []).append(r)
    for code, same in kinds.items():
        same.sort(key=lambda r: int(r.rows.min()))
        for r in same[:LISTED]:
            lines = np.sort(rows[r.rows])
            also = ""
            if len(lines) > 1:
                some = "、".join(str(n) for n in lines[1:6].tolist())
                also = f"（共 {len(lines)} 行，还有第 {some}{' 行等' if len(lines) > 6 else ' 行'}）"
            text = f"{label}{'' if not label or r.message[0] in '「的没必' else '：'}{r.message}{also}"
            faults.append(Fault(shown, int(lines[0]), code, text, place=place, hint=r.hint))
        if len(same) > LISTED:
            total = sum(len(r.rows) for r in same)
            text = f"{label}的同类错误共 {len(same)} 种、{total} 行，以上列出 {LISTED} 种"
            faults.append(Fault(shown, 0, code, text, place=place))
    return faults


def _finding(fact: Fact, raw: RawTable, code: str, message: str, lines: NDArray[np.int64]) -> Finding:
    lines = np.sort(lines)
    return Finding(fact.id, raw.shown, code, message, len(lines), tuple(int(n) for n in lines[:LISTED]))


def _row_checks(fact: Fact, raw: RawTable, table: pa.Table, result: ReadFact) -> None:
    """Values outside their plausible range and the fact's own checks of a row."""
    for name, column in fact.columns.items():
        if column.type not in ("integer", "number") or (column.min is None and column.max is None):
            continue
        beyond = pa.array(np.zeros(table.num_rows, dtype=bool))
        for limit, test in ((column.min, pc.less), (column.max, pc.greater)):
            if limit is not None:
                beyond = pc.or_(beyond, pc.fill_null(test(table[name], limit), False))
        if pc.any(beyond).as_py():
            lines = table["_row"].filter(beyond).to_numpy()
            span = f"{column.min}—{column.max} {column.unit}".rstrip()
            message = f"{column.label}超出合理范围（{span}）"
            result.findings.append(_finding(fact, raw, "implausible", message, lines))
    if not fact.checks:
        return
    con = connect()
    con.register("typed", table)
    for check in fact.checks:
        condition = f"NOT ({sql_text(parse(check.check), 'duckdb')})"
        found = con.sql(f"SELECT _row FROM typed WHERE {condition} ORDER BY _row").to_arrow_table()
        lines = found["_row"].to_numpy()
        if not len(lines):
            continue
        if check.level == "query":
            result.findings.append(_finding(fact, raw, check.id, check.message, lines))
            continue
        place = f"规则 {check.id}"
        result.faults.extend(Fault(raw.shown, int(n), "error_rule", check.message, place=place) for n in lines[:LISTED])
        if len(lines) > LISTED:
            text = f"规则 {check.id} 不符的共 {len(lines)} 行，以上列出 {LISTED} 行"
            result.faults.append(Fault(raw.shown, 0, "error_rule", text, place=place))
    con.close()
