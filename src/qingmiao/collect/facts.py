"""Turn a raw file into a typed fact table, or say everything that is wrong with it.

Errors refuse the file: missing or unknown columns, wrong types, unknown codes and areas, missing required values,
repeated keys, a row check of level error. Implausible values (outside min–max) and row checks of level query are findings.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from qingmiao.collect.areas import AreaColumns
from qingmiao.collect.tables import LISTED, RawTable
from qingmiao.collect.years import read_years
from qingmiao.content.expressions import parse
from qingmiao.content.facts import Column, Fact
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault
from qingmiao.measure.dialect import sql_text

SQL_TYPES = {
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "code": "VARCHAR",
    "area": "VARCHAR",
}
RAW = "_raw_"
_WORDS = {
    "integer": "整数",
    "number": "数",
    "boolean": "真假（true/false、1/0、是/否）",
    "date": "日期（如 2024-01-31）",
}


@dataclass(frozen=True)
class Finding:
    """Something to explain rather than refuse: a data-quality finding about rows of a file."""

    table: str
    file: str
    code: str
    message: str
    count: int
    rows: tuple[int, ...] = ()


@dataclass
class ReadFact:
    """A typed table (stored columns, `_file`, `_row`) with its faults and findings."""

    fact: Fact
    table: pa.Table | None
    faults: list[Fault] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def type_fact(pack: Pack, fact: Fact, raw: RawTable, areas: AreaColumns) -> ReadFact:
    """Type and check one file of a fact table."""
    result = ReadFact(fact, None)
    result.faults.extend(_column_faults(fact, raw))
    if result.faults:
        return result
    raw, wrong_years = read_years(pack, fact, raw)
    result.faults.extend(wrong_years)
    con = duckdb.connect()
    areas.register(con)
    con.register("raw", raw.table.append_column("_row", raw.rows))
    select = ["_row"]
    for name, column in fact.columns.items():
        select.append(f"{_cast(name, column, _given(raw, name))} AS {_q(name)}")
    select += [f"CAST({_q(n)} AS VARCHAR) AS {_q(RAW + n)}" for n in _doubtful(fact, raw)]
    con.execute(f"CREATE TEMP TABLE typed AS SELECT {', '.join(select)} FROM raw")
    _cell_faults(con, pack, fact, raw, result)
    if not result.faults:
        _key_faults(con, fact, raw, result)
        _row_checks(con, fact, raw, result)
    if not result.faults:
        columns = ", ".join(_q(n) for n in fact.columns)
        table: pa.Table = con.sql(f"SELECT {columns}, _row FROM typed ORDER BY _row").to_arrow_table()
        for place, (name, column) in enumerate(fact.columns.items()):
            if column.type == "area":
                table = table.set_column(place, name, areas.normalised(table.column(name)))
        file = pa.repeat(pa.scalar(raw.shown, pa.string()), table.num_rows)
        result.table = table.append_column("_file", file)
    con.close()
    return result


def _given(raw: RawTable, name: str) -> pa.DataType | None:
    if name not in raw.table.column_names:
        return None
    given = raw.table.schema.field(name).type
    return given.value_type if pa.types.is_dictionary(given) else given


def _doubtful(fact: Fact, raw: RawTable) -> list[str]:
    """The columns whose values may fail to become their type (text in a CSV, another type in Parquet)."""
    sure: dict[str, Callable[[pa.DataType], bool]] = {
        "integer": pa.types.is_integer,
        "number": lambda t: pa.types.is_integer(t) or pa.types.is_decimal(t),
        "boolean": pa.types.is_boolean,
        "date": lambda t: pa.types.is_date(t) or pa.types.is_timestamp(t),
    }
    doubtful = []
    for name, column in fact.columns.items():
        given = _given(raw, name)
        if given is not None and column.type in sure and not sure[column.type](given):
            doubtful.append(name)
    return doubtful


def _q(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _column_faults(fact: Fact, raw: RawTable) -> list[Fault]:
    faults = []
    names = raw.table.column_names
    needed = {fact.area, fact.date or fact.year, *fact.key} | {
        n for n, c in fact.columns.items() if c.required
    }
    for name in fact.columns:
        if name in needed and name not in names:
            near = difflib.get_close_matches(name, [n for n in names if n not in fact.columns], n=1)
            hint = (
                f"「{near[0]}」是不是「{name}」" if near else f"补上列 {name}（{fact.columns[name].label}）"
            )
            faults.append(Fault(raw.shown, 1, "missing_column", f"缺少列「{name}」", hint=hint))
    for name in names:
        if name not in fact.columns and not name.startswith("_"):
            near = difflib.get_close_matches(name, [c for c in fact.columns if c not in names], n=1)
            hint = f"是不是「{near[0]}」" if near else "删去这一列，或在事实表定义里加上它"
            faults.append(Fault(raw.shown, 1, "unknown_column", f"不认识的列「{name}」", hint=hint))
    return faults


def _cast(name: str, column: Column, given: pa.DataType | None) -> str:
    """SQL that turns the raw column into its type; null where it cannot."""
    kind = SQL_TYPES[column.type]
    if given is None:
        return f"CAST(NULL AS {kind})"
    q = _q(name)
    text = f"nullif(trim(CAST({q} AS VARCHAR)), '')"
    if column.type in ("text", "code", "area"):
        if pa.types.is_floating(given):
            return f"nullif(trim(CAST(TRY_CAST({q} AS BIGINT) AS VARCHAR)), '')"
        return text
    if column.type == "boolean":
        if pa.types.is_boolean(given):
            return q
        low = f"lower({text})"
        return f"CASE WHEN {low} IN ('true','t','1','y','yes','是') THEN true WHEN {low} IN ('false','f','0','n','no','否') THEN false END"
    if column.type == "date":
        if pa.types.is_date(given) or pa.types.is_timestamp(given):
            return f"CAST({q} AS DATE)"
        formats = "['%Y-%m-%d', '%Y/%m/%d', '%Y年%m月%d日', '%Y%m%d', '%Y-%m-%d %H:%M:%S']"
        return f"CAST(try_strptime({text}, {formats}) AS DATE)"
    if column.type == "integer":
        if pa.types.is_integer(given):
            return f"CAST({q} AS BIGINT)"
        number = f"TRY_CAST({text} AS DOUBLE)"
        return (
            f"CASE WHEN {number} = trunc({number}) AND abs({number}) < 9e15 THEN CAST({number} AS BIGINT) END"
        )
    if pa.types.is_integer(given) or pa.types.is_floating(given) or pa.types.is_decimal(given):
        number = f"CAST({q} AS DOUBLE)"
    else:
        number = f"TRY_CAST({text} AS DOUBLE)"
    return f"CASE WHEN isfinite({number}) THEN {number} END"


def _cell_faults(
    con: duckdb.DuckDBPyConnection,
    pack: Pack,
    fact: Fact,
    raw: RawTable,
    result: ReadFact,
) -> None:
    present = set(raw.table.column_names)
    needed = {fact.area, fact.date or fact.year, *fact.key}
    doubtful = _doubtful(fact, raw)
    tests: list[tuple[str, str, str, str]] = []  # (code, column, condition, message)
    for name, column in fact.columns.items():
        q = _q(name)
        blank = f"nullif(trim({_q(RAW + name)}), '') IS NULL" if name in doubtful else f"{q} IS NULL"
        if name in doubtful:
            tests.append(("wrong_type", name, f"{q} IS NULL AND NOT ({blank})", f"不是{_WORDS[column.type]}"))
        if column.required or name in needed:
            tests.append(("missing_value", name, blank, "必填，但是空的"))
        if column.type == "code" and column.codes in pack.codes:
            codes = ", ".join("'" + c.replace("'", "''") + "'" for c in pack.codes[column.codes].codes)
            tests.append(("unknown_code", name, f"{q} NOT IN ({codes})", f"不在代码表 {column.codes} 里"))
        if column.type == "area":
            known = f"{q} IS NOT NULL AND {q} NOT IN (SELECT given FROM area_codes)"
            tests.append(("unknown_area", name, known, "没有这个行政区划代码"))
    if not tests:
        return
    counts = con.execute(
        "SELECT " + ", ".join(f"count(*) FILTER (WHERE {test[2]})" for test in tests) + " FROM typed"
    ).fetchall()[0]
    for (code, name, condition, message), count in zip(tests, counts, strict=True):
        if not count:
            continue
        shown_column = _q(RAW + name) if name in doubtful else f"CAST({_q(name)} AS VARCHAR)"
        found = con.execute(
            f"SELECT _row, {shown_column} FROM typed WHERE {condition} ORDER BY _row LIMIT {LISTED}"
        ).fetchall()
        label = fact.columns[name].label.zh
        for row, value in found:
            shown = f"「{value}」" if value is not None else ""
            result.faults.append(
                Fault(raw.shown, int(row), code, f"{label}{shown}{message}", place=f"列 {name}")
            )
        if count > LISTED:
            result.faults.append(
                Fault(raw.shown, 0, code, f"同类错误共 {count} 处，以上列出 {LISTED} 处", place=f"列 {name}")
            )
    for name, column in fact.columns.items():
        if (
            name not in present
            or (column.min is None and column.max is None)
            or column.type not in ("integer", "number")
        ):
            continue
        low = f"{_q(name)} < {column.min}" if column.min is not None else "false"
        high = f"{_q(name)} > {column.max}" if column.max is not None else "false"
        _finding(
            con,
            fact,
            raw,
            result,
            "implausible",
            f"{low} OR {high}",
            f"{column.label}超出合理范围（{column.min}—{column.max}）",
        )


def _finding(
    con: duckdb.DuckDBPyConnection,
    fact: Fact,
    raw: RawTable,
    result: ReadFact,
    code: str,
    condition: str,
    message: str,
) -> None:
    rows = con.execute(
        f"SELECT count(*), list(_row ORDER BY _row)[1:{LISTED}] FROM typed WHERE {condition}"
    ).fetchall()[0]
    if rows[0]:
        result.findings.append(Finding(fact.id, raw.shown, code, message, int(rows[0]), tuple(rows[1])))


def _key_faults(con: duckdb.DuckDBPyConnection, fact: Fact, raw: RawTable, result: ReadFact) -> None:
    names = [*fact.key, *([fact.version] if fact.version else [])]
    key = ", ".join(_q(n) for n in names)
    found = con.execute(
        f"SELECT {key}, count(*), min(_row), max(_row) FROM typed GROUP BY {key} HAVING count(*) > 1 "
        f"ORDER BY min(_row) LIMIT {LISTED}"
    ).fetchall()
    for *values, count, first, last in found:
        shown = "、".join(f"{n}={v}" for n, v in zip(names, values, strict=True))
        hint = "更正请写更晚的版本" if fact.version else "删去重复的行"
        result.faults.append(
            Fault(
                raw.shown,
                int(last),
                "duplicate_key",
                f"主键重复 {count} 次（首次在第 {first} 行）：{shown}",
                hint=hint,
            )
        )


def _row_checks(con: duckdb.DuckDBPyConnection, fact: Fact, raw: RawTable, result: ReadFact) -> None:
    for check in fact.checks:
        condition = f"NOT ({sql_text(parse(check.check), 'duckdb')})"
        if check.level == "query":
            _finding(con, fact, raw, result, check.id, condition, check.message)
            continue
        found = con.execute(
            f"SELECT _row FROM typed WHERE {condition} ORDER BY _row LIMIT {LISTED + 1}"
        ).fetchall()
        for (row,) in found[:LISTED]:
            result.faults.append(
                Fault(raw.shown, int(row), "error_rule", check.message, place=f"规则 {check.id}")
            )
        if len(found) > LISTED:
            result.faults.append(
                Fault(raw.shown, 0, "error_rule", f"规则 {check.id} 还有更多行不符", place=f"规则 {check.id}")
            )
