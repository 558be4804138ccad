"""The sheet in the browser decides rules and computes cells exactly as the server does; its pure modules keep their
promises."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from qingmiao.collect.rules import ReturnRules
from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import parse, rule_text
from qingmiao.content.returns import Return, expand
from waiting import ENDS

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "frontend" / "tests"
NODE = shutil.which("node", path=f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}")
pytestmark = pytest.mark.skipif(NODE is None, reason="没有 node（装 nodejs，或 requirements/node.txt）")
CASES = 40
SEED = 20240601


def run(*args: str, given: str = "") -> str:
    done = subprocess.run([str(NODE), *args], input=given, capture_output=True, text=True, timeout=ENDS)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def test_the_modules_of_the_sheet() -> None:
    files = sorted(str(f) for f in TESTS.glob("*.test.js"))
    assert len(files) >= 3
    run("--test", *files)


def figure(rng: random.Random, near: Decimal | None = None) -> Decimal | None:
    """A figure as people report them: empty, zero, small, large, with decimals; sometimes equal or near to another
    one."""
    kind = rng.random()
    if kind < 0.12:
        return None
    if near is not None and kind < 0.6:
        return near * Decimal(rng.choice(["1", "1", "0.9", "1.1", "0.85", "1.15", "0.5", "1.5", "2", "1.05"]))
    if kind < 0.7:
        return Decimal(rng.choice([0, 0, 1, 2, 3, 10, 100]))
    if kind < 0.9:
        return Decimal(rng.randint(0, 50_000))
    return Decimal(rng.randint(0, 10**9)) / 100


def drawn(return_: Return, rng: random.Random) -> tuple[dict[str, Decimal | None], dict[str, Decimal | None]]:
    """Values and last year's values of the cells that are filled in."""
    last = {c: figure(rng) for c in return_.cells}
    values: dict[str, Decimal | None] = {}
    for code in return_.filled:
        near = rng.choice([last[code], *[v for v in list(values.values())[-3:] if v is not None]])
        values[code] = figure(rng, near)
    return values, last


def server(return_: Return, values: dict[str, Decimal | None], last: dict[str, Decimal | None]) -> dict[str, Any]:
    """Broken rules and computed cells by the code that accepts returns."""
    rules = ReturnRules(return_)
    cells, before = (
        {(r, c): v for (r, _, c), v in ((k.partition("."), v) for k, v in x.items())} for x in (values, last)
    )
    broken = [[b.rule, b.check] for b in rules.broken(cells, before) if b.rule]
    return {"broken": broken, "computed": {".".join(k): v for k, v in rules.computed(cells).items()}}


def sheet(return_: Return) -> dict[str, object]:
    return {
        "rows": [{"code": r.code, "label": r.label.zh, "type": r.type} for r in return_.rows],
        "columns": [{"code": c.code, "label": c.label.zh, "type": c.type} for c in return_.columns],
        "input": list(return_.filled),
        "computed": {code: g.formula for g in return_.computed for code in expand(g.cell, return_)},
        "rules": [r.model_dump() for r in return_.rules],
        "editable": True,
    }


def texts(values: dict[str, Decimal | None]) -> dict[str, str | None]:
    return {c: None if v is None else format(v, "f") for c, v in values.items()}


def calculating(pack) -> Return:
    """A made-up return with computed cells that build on each other, quotients and every star."""
    base = next(iter(pack.returns.values()))
    line = {"label": {"zh": "甲"}, "type": "number"}
    return Return.model_validate(
        base.model_dump(exclude={"rules", "computed", "rows", "columns", "blocked", "optional"})
        | {
            "rows": [{"code": c, **line} for c in ("01", "02", "03")],
            "columns": [{"code": c, **line} for c in ("1", "2", "3", "4")],
            "blocked": ["03.2"],
            "computed": [
                {"cell": "*.4", "formula": "[*.1] / [*.3] * 100"},  # reads one that stands after it
                {"cell": "*.3", "formula": "[*.1] + [*.2]"},
            ],
            "rules": [
                {
                    "id": "A",
                    "level": "error",
                    "check": "sum([*.1], [*.2], 0.5) - [*.3] <= [*.4] / 3",
                    "message": "甲",
                },
                {
                    "id": "B",
                    "level": "query",
                    "check": "abs([*.*] - last[*.*]) < 0.1 * last[*.*] or [*.*] between 3 and 300",
                    "message": "乙",
                },
                {
                    "id": "C",
                    "level": "query",
                    "check": "not ([01.*] > [02.*] and [02.*] <> last[01.*])",
                    "message": "丙",
                },
            ],
        }
    )


def test_every_return_is_decided_alike(pack) -> None:
    rng = random.Random(SEED)
    every = [*pack.returns.values(), calculating(pack)]
    assert len(every) > 25
    drawings = [[drawn(return_, rng) for _ in range(CASES)] for return_ in every]
    given = [
        {"sheet": sheet(return_), "cases": [{"values": texts(v), "last": texts(last)} for v, last in cases]}
        for return_, cases in zip(every, drawings, strict=True)
    ]
    said = json.loads(run(str(TESTS / "parity.mjs"), given=json.dumps({"returns": given, "expressions": []})))["broken"]
    count = 0
    for return_, cases, answers in zip(every, drawings, said, strict=True):
        for (values, last), answer in zip(cases, answers, strict=True):
            expected = server(return_, values, last)
            assert answer["broken"] == expected["broken"], (return_.id, values, last)
            count += len(answer["broken"])
            for code, value in expected["computed"].items():
                got = answer["computed"][code]
                assert (Decimal(got) if got else None) == value, (return_.id, code)
    assert count > CASES * len(every) / 2  # the drawn figures break rules often


def expression(rng: random.Random, depth: int) -> str:
    """A random number expression over a.1, a.2, last year's and constants."""
    if depth == 0:
        return rng.choice(["[a.1]", "[a.2]", "last[a.1]", "0.1", "3", "100", "0.333"])
    one, two = expression(rng, depth - 1), expression(rng, depth - 1)
    sign = rng.choice(["+", "-", "*", "/"])
    whole = rng.choice([f"{one} {sign} {two}", f"({one} {sign} {two})", f"-({one} {sign} {two})"])
    return rng.choice([whole, whole, whole, f"abs({whole})", f"sum({one}, {two}, 1)", f"least({one}, {two})",
                       f"coalesce({one}, {two})", f"case when {one} < {two} then {one} else {two} end"])  # fmt: skip


def test_random_expressions_have_the_same_value_to_the_last_digit() -> None:
    rng = random.Random(SEED)
    asked = []
    for _ in range(400):
        text = expression(rng, rng.randint(1, 3))
        if rng.random() < 0.5:
            text = f"{text} {rng.choice(['<=', '<', '=', '<>', '>', '>='])} {expression(rng, 1)}"
        row = {name: figure(rng) for name in ("a.1", "a.2", "last.a.1")}
        asked.append((text, row))
    given = {
        "returns": [],
        "expressions": [
            {"text": t, "row": {k: None if v is None else format(v, "f") for k, v in row.items()}} for t, row in asked
        ],
    }
    said = json.loads(run(str(TESTS / "parity.mjs"), given=json.dumps(given)))["values"]
    for (text, row), got in zip(asked, said, strict=True):
        expected = evaluate(parse(rule_text(text)), row)
        if isinstance(expected, bool) or expected is None:
            assert got is expected, (text, row)
        else:
            assert Decimal(got) == Decimal(expected), (text, row, got)


FIGURES = {
    "１２．５": "12.5", "１４．０": "14", "１４": "14", " 1,234,567 ": "1234567", "1，234": "1234", "1 234 567": "1234567",
    "－5": "-5", "−5": "-5", "–5": "-5", "12。5": "12.5", "1、234": "1234", ".5": "0.5", "5.": "5", "+3": "3", "-0": "0",
    "007": "7", "\u200b8": "8", "　9　": "9", "3.3000000000000003": "3.3", "9.99999999999998": "10",
    "0.30000000000000004": "0.3",
    "12345678.910000002": "12345678.91", "5e-17": "fault", "": None, "  ": None,
    "12 34": "fault", "1,5": "fault", "1,23,456": "fault", "12人": "fault", "45%": "fault", "1e5": "fault",
    "1e400": "fault",
    "0e-200000000": "fault", "1e200000000": "fault", "inf": "fault", "NaN": "fault", "-inf": "fault", "—": "fault",
    "无": "fault",
    "/": "fault", "一": "fault", "①": "fault", "5²": "fault", "٣": "fault", "0x10": "fault", "--1": "fault",
    "1_000": "fault",
    ">99": "fault", "95以上": "fault", "约95": "fault", "2024-01-05": "fault", "999999999999": "999999999999",
    "1000000000000": "fault", "142622199001011234": "fault", "0.1234567": "fault", "0.123456": "0.123456",
    "#DIV/0!": "fault",
}  # fmt: skip
"""What people type or paste → the figure, None for nothing, fault for what is no figure."""


def test_a_figure_is_read_alike_on_the_page_in_an_uploaded_cell_and_in_a_csv() -> None:
    from qingmiao.collect.cell_figures import figure_in
    from qingmiao.site.apps.returns.sheet import fine_enough, shown, typed_number

    given = json.dumps({"returns": [], "expressions": [], "typed": list(FIGURES)})
    said = json.loads(run(str(TESTS / "parity.mjs"), given=given))["figures"]
    assert dict(zip(FIGURES, said, strict=True)) == FIGURES
    for text, expected in FIGURES.items():
        for read in (typed_number, figure_in):
            try:
                value = read(text)
                value = value if value is None else fine_enough(value)
            except ValueError:  # a FigureError is one
                got: str | None = "fault"
            else:
                got = None if value is None else shown(value)
            assert got == expected, (text, read.__name__)
