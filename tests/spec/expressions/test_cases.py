"""One table of cases says what an expression means; Python, SQL, the naive oracle and the browser all give its
answers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import FUNCTIONS, VARIADIC, Type, check_types, parse
from qingmiao.forms.browser import browser_tree
from qingmiao.measure.dialect import sql_text
from qingmiao.measure.naive_expression import value_of
from waiting import ENDS

ROOT = Path(__file__).resolve().parents[3]
NODE = shutil.which("node", path=f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")
TABLE = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text("utf-8"))
COLUMNS: dict[str, Type] = TABLE["columns"]
CASES: list[dict[str, Any]] = TABLE["cases"]
NAMES = [f"{n}: {c['expr']} {c.get('with', '')}" for n, c in enumerate(CASES)]
SQL_TYPES = {"number": "double", "text": "varchar", "date": "date", "boolean": "boolean", "list": "varchar[]"}
each = pytest.mark.parametrize("case", CASES, ids=NAMES)


def exact(value: Any) -> Any:
    """A number as a decimal, digit for digit as the table writes it."""
    return Decimal(repr(value)) if isinstance(value, float) else value


def row(case: dict[str, Any]) -> dict[str, Any]:
    given = case.get("with", {})
    assert set(given) <= set(COLUMNS)
    return {name: exact(given.get(name)) for name in COLUMNS}


def same(got: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool) or wanted is None or isinstance(wanted, str | date):
        return type(got) is type(wanted) and bool(got == wanted)
    return not isinstance(got, bool | str | type(None)) and float(got) == pytest.approx(float(wanted), abs=1e-11)


def in_doubles(case: dict[str, Any]) -> Any:
    return case.get("in_doubles", case.get("gives"))


def test_the_table_has_every_function_and_kind_of_column() -> None:
    text = " ".join(c["expr"] for c in CASES)
    assert len(CASES) >= 80
    assert not [f for f in (*FUNCTIONS, *(VARIADIC - {"add_all"})) if f + "(" not in text]
    assert set(COLUMNS.values()) == set(SQL_TYPES)
    assert sum("gives" not in c for c in CASES) >= 25  # what is missing is tried as much as what is not


@each
def test_types(case: dict[str, Any]) -> None:
    kind = check_types(parse(case["expr"]), COLUMNS)
    wanted = exact(case.get("gives"))
    if wanted is not None:
        words = {bool: "boolean", int: "number", Decimal: "number", str: "text", date: "date"}
        assert kind == words[type(wanted)]


@each
def test_python(case: dict[str, Any]) -> None:
    assert same(evaluate(parse(case["expr"]), row(case)), exact(case.get("gives")))


@each
def test_naive_oracle(case: dict[str, Any]) -> None:
    doubles = {k: float(v) if isinstance(v, Decimal) else v for k, v in row(case).items()}
    assert same(value_of(parse(case["expr"]), doubles), in_doubles(case))


@each
def test_sql(case: dict[str, Any]) -> None:
    columns = ", ".join(f'cast(? as {SQL_TYPES[kind]}) as "{name}"' for name, kind in COLUMNS.items())
    query = f"select {sql_text(parse(case['expr']), 'duckdb')} from (select {columns})"
    values = [float(v) if isinstance(v, Decimal) else v for v in row(case).values()]
    found = duckdb.execute(query, values).fetchone()
    assert found is not None
    got = bool(found[0]) if isinstance(found[0], bool) else found[0]
    assert same(got, in_doubles(case)), query


@pytest.mark.skipif(NODE is None, reason="没有 node（装 nodejs，或 requirements/node.txt）")
def test_browser() -> None:
    def plain(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | Decimal | date):
            return value
        return value.isoformat() if isinstance(value, date) else str(value)

    cases = [{"tree": browser_tree(parse(c["expr"])), "row": {k: plain(v) for k, v in row(c).items()}} for c in CASES]
    done = subprocess.run(
        [str(NODE), str(ROOT / "frontend" / "tests" / "cases.mjs")],
        input=json.dumps({"columns": COLUMNS, "cases": cases}),
        capture_output=True, text=True, timeout=ENDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for case, got in zip(CASES, json.loads(done.stdout), strict=True):
        value = Decimal(got["number"]) if isinstance(got, dict) else got
        assert same(value, plain_date(exact(case.get("gives")))), (case, got)


def plain_date(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
