"""The rows of the facts as records of the children's files: which kind, which answers. Said by the pack (`events`).

One row of a fact table is one record; what it answers is computed column by column in DuckDB, never row by row.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from qingmiao.content.expressions import ExpressionError, parse
from qingmiao.content.facts import Fact
from qingmiao.demo.scenario import Scenario, ScenarioError
from qingmiao.kernel.errors import Fault
from qingmiao.measure.engine import connect

PLACE = "events"


@dataclass(frozen=True)
class RecordedRows:
    """How some rows of a fact table are recorded. `on`, `when`, `answers`, `watch`: expressions over the table's
    columns and `months`, the full months of age on the day; `ordinary`: what every one of them answers."""

    kind: str
    table: str
    on: str
    unit: str
    by: str
    when: str
    watch: str
    ordinary: Mapping[str, Any]
    answers: Mapping[str, str]


def recorded_rows(scenario: Scenario) -> tuple[RecordedRows, ...]:
    """What the scenario says under `events`, in its order. Raises ScenarioError for an entry that lacks one."""
    found = []
    for n, said in enumerate(scenario.items(PLACE), start=1):
        lacking = [w for w in ("kind", "table", "on", "unit", "by") if not isinstance(said.get(w), str)]
        if lacking:
            fault = Fault("demo", 0, "missing", f"第 {n} 条缺少 {'、'.join(lacking)}", place=PLACE)
            raise ScenarioError(f"演示参数 {PLACE} 第 {n} 条缺少 {'、'.join(lacking)}", [fault])
        found.append(
            RecordedRows(
                said["kind"], said["table"], said["on"], said["unit"], said["by"], str(said.get("when", "true")),
                str(said.get("watch", "false")), said.get("ordinary", {}),
                {str(k): str(v) for k, v in said.get("answers", {}).items()},
            )
        )  # fmt: skip
    return tuple(found)


SCHEMA = ("key", "child", "area", "school", "on_date", "recorded", "number", "newest", "watched", "answers")
"""Columns of `records_of`: key of the fact (text), child's number, township, school, day, day of recording, version of
the record from 1, whether it is the newest, whether it is to be followed up, answers as JSON."""


def records_of(
    rows: RecordedRows,
    fact: Fact,
    newest: pa.Table,
    earlier: pa.Table | None,
    children: pa.Table,
    many: Collection[str],
) -> pa.Table:
    """The records (`SCHEMA`) of the rows of a fact table whose children are in the register, by day and key; none after
    the day on which a child died or left. A version of the row that changes no answer is no version of the record.

    `earlier`: versions of the same keys that are no longer in force. `many`: the fields that hold several codes, given
    as a text with commas. Raises ScenarioError for an expression that the table cannot answer.
    """
    version = fact.version or "recorded_at"
    connection = connect({"threads": 2, "memory_limit": "1GB", "preserve_insertion_order": False})
    try:
        _source(connection, "TABLE", rows, fact, newest, earlier, children)
        types = {n: str(t) for n, t, *_ in connection.execute("DESCRIBE source").fetchall()}
        school = "school_id" if "school_id" in types else "''"
        answers = _answers(rows, set(many), connection)
        told = (
            "SELECT key_ AS key, child_ AS child, CAST(area_code AS VARCHAR) AS area, "
            f"CAST({school} AS VARCHAR) AS school, "
            f"CAST({_sql(rows.on, rows)} AS DATE) AS on_date, {version} AS recorded, newest_, "
            f"coalesce({_sql(rows.watch, rows)}, false) AS watched, {answers} AS answers "
            f"FROM source WHERE {_sql(rows.when, rows)} AND coalesce({_sql(rows.on, rows)} <= left_, true) "
            f"QUALIFY answers IS DISTINCT FROM lag(answers) OVER (PARTITION BY key_ ORDER BY {version}, newest_)"
        )
        order = "PARTITION BY key ORDER BY recorded"
        return connection.sql(
            "SELECT key, child, area, school, on_date, recorded, "
            f"row_number() OVER ({order}, newest_) AS number, "
            f"row_number() OVER ({order} DESC, newest_ DESC) = 1 AS newest, watched, answers "
            f"FROM ({told}) ORDER BY on_date, key, number"
        ).to_arrow_table()
    except duckdb.Error as e:
        raise _unanswered(rows, e) from None
    finally:
        connection.close()


def keys_of(
    rows: RecordedRows, fact: Fact, newest: pa.Table, earlier: pa.Table | None, children: pa.Table
) -> pa.ChunkedArray:
    """The keys of `records_of`, each once, by their first day: what a record's number is counted by, known before a
    record is written. Raises ScenarioError as it does."""
    connection = connect({"threads": 2, "memory_limit": "1GB", "preserve_insertion_order": False})
    try:
        _source(connection, "VIEW", rows, fact, newest, earlier, children)
        on = f"CAST({_sql(rows.on, rows)} AS DATE)"
        return connection.sql(
            f"SELECT key_ AS key FROM source WHERE {_sql(rows.when, rows)} AND coalesce({on} <= left_, true) "
            f"GROUP BY key_ ORDER BY min({on}), key_"
        ).to_arrow_table()["key"]
    except duckdb.Error as e:
        raise _unanswered(rows, e) from None
    finally:
        connection.close()


def _unanswered(rows: RecordedRows, error: duckdb.Error) -> ScenarioError:
    return ScenarioError(f"演示参数 {PLACE} 的 {rows.kind} 算不出来：{str(error).splitlines()[0]}")


def _source(
    connection: duckdb.DuckDBPyConnection, made: str, rows: RecordedRows, fact: Fact, newest: pa.Table,
    earlier: pa.Table | None, children: pa.Table,
) -> None:  # fmt: skip
    """Make `source`, a TABLE or a VIEW: the rows of the children of the register, with their key, child and age."""
    connection.register("newest_rows", newest)
    connection.register("register", children.select(["child", "child_id", "left_date"]))
    source = "SELECT *, true AS newest_ FROM newest_rows"
    if earlier is not None and earlier.num_rows:
        connection.register(
            "earlier_rows", earlier.select([c for c in newest.column_names if c in earlier.column_names])
        )
        keys = ", ".join(f'"{k}"' for k in fact.key)
        source += (
            f" UNION ALL BY NAME SELECT *, false AS newest_ FROM earlier_rows SEMI JOIN newest_rows USING ({keys})"
        )
    key = " || '|' || ".join(f'CAST(f."{k}" AS VARCHAR)' for k in fact.key)
    connection.execute(
        f"CREATE TEMP {made} source AS SELECT f.*, r.child AS child_, r.left_date AS left_, {key} AS key_, "
        f"datesub('month', f.birth_date, CAST({_sql(rows.on, rows)} AS DATE)) AS months "
        f"FROM ({source}) f JOIN register r USING (child_id)"
    )


def _sql(text: str, rows: RecordedRows) -> str:
    try:
        return f"({parse(text).sql(dialect='duckdb')})"
    except ExpressionError as e:
        raise ScenarioError(f"演示参数 {PLACE} 的 {rows.kind}：{e}") from None


def _answers(rows: RecordedRows, many: set[str], connection: duckdb.DuckDBPyConnection) -> str:
    """The answers of a row as JSON: what is always said, then what the row says; nothing for what it leaves open."""
    always = json.dumps(dict(rows.ordinary), ensure_ascii=False, separators=(",", ":"))[1:-1].replace("'", "''")
    parts = [f"'{always}'" if always else "''"]
    for field, text in rows.answers.items():
        said = _sql(text, rows)
        kind = connection.execute(f"SELECT typeof({said}) FROM source LIMIT 1").fetchall()
        parts.append(_part(field, said, str(kind[0][0]) if kind else "VARCHAR", many=field in many))
    return "'{' || ltrim(" + " || ".join(parts) + ", ',') || '}'"


def _part(field: str, said: str, kind: str, *, many: bool) -> str:
    """The JSON of one answer with a comma before it, or nothing."""
    if many:
        value = f"'[\"' || replace({said}, ',', '\",\"') || '\"]'"
    elif kind == "BOOLEAN":
        value = f"CASE WHEN {said} THEN 'true' ELSE 'false' END"
        return f"coalesce(CASE WHEN {said} IS NOT NULL THEN ',\"{field}\":' || {value} END, '')"
    elif kind in ("DOUBLE", "FLOAT") or kind.startswith("DECIMAL"):
        value = f"'\"' || regexp_replace(CAST({said} AS VARCHAR), '\\.0+$', '') || '\"'"
    else:
        value = f"'\"' || CAST({said} AS VARCHAR) || '\"'"
    return f"coalesce(',\"{field}\":' || {value}, '')"
