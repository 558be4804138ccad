"""Functions of norms: one table of cases that Python and the browser pass; every other engine refuses in words."""

from __future__ import annotations

import json
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from qingmiao.content.evaluate import evaluate
from qingmiao.content.expressions import ExpressionError, Type, check_types, norm_answers, parse
from qingmiao.content.norms import NORMS
from qingmiao.content.norms_page import page
from qingmiao.forms.browser import browser_tree
from qingmiao.kernel.days import completed_months
from qingmiao.standards.growth import score_child
from spec.expressions.test_cases import NODE, ROOT, exact, plain_date, same
from unit.forms.test_browser_agrees import answer
from waiting import ENDS

TABLE = yaml.safe_load((Path(__file__).parent / "norms.yaml").read_text("utf-8"))
COLUMNS: dict[str, Type] = TABLE["columns"]
CASES: list[dict[str, Any]] = TABLE["cases"]
NAMES = [f"{n}: {c['expr']} {c.get('with', '')}" for n, c in enumerate(CASES)]
each = pytest.mark.parametrize("case", CASES, ids=NAMES)
KEYS = {"h": {"who2006": "lenhei_cm", "wst423": "lenhei_cm", "who2007": "height_cm"}, "w": "weight_kg", "c": "headc_cm"}


def row(case: dict[str, Any]) -> dict[str, Any]:
    assert set(case["with"]) <= set(COLUMNS)
    return {name: exact(case["with"].get(name)) for name in COLUMNS}


def test_every_function_has_its_cases() -> None:
    assert not [name for name in NORMS if not any(c["expr"].startswith(name + "(") and "gives" in c for c in CASES)]
    assert sum("gives" not in c for c in CASES) >= 8  # what is missing, outside the norm or implausible
    answers = {c["gives"] for c in CASES if isinstance(c.get("gives"), str)}
    assert answers <= {code for norm in NORMS.values() for code in norm.answers}


@each
def test_python(case: dict[str, Any]) -> None:
    assert same(evaluate(parse(case["expr"]), row(case)), exact(case.get("gives")))


@pytest.mark.parametrize("case", [c for c in CASES if "norm" in c], ids=lambda c: c["expr"])
def test_what_a_form_computes_is_what_the_norm_gives_a_child(case: dict[str, Any]) -> None:
    """The same arguments put to `standards` directly, by the names that its own tables use."""
    norm, output = case["norm"]
    given = case["with"]
    measured: dict[str, Any] = {"sex": given["s"], "age_days": (given["d"] - given["b"]).days}
    for name, column in KEYS.items():
        if name in given:
            measured[column[norm] if isinstance(column, dict) else column] = given[name]
    if "m" in given:
        measured["measure"] = given["m"].lower()
    assert same(exact(score_child(norm, **measured)[output]), exact(case["gives"]))


@each
def test_types_in_forms(case: dict[str, Any]) -> None:
    kind = check_types(parse(case["expr"]), COLUMNS, norms=True)
    wanted = exact(case.get("gives"))
    if wanted is not None:
        assert kind == {bool: "boolean", int: "number", Decimal: "number", str: "text"}[type(wanted)]


@each
def test_measuring_and_returns_refuse_in_words(case: dict[str, Any]) -> None:
    with pytest.raises(ExpressionError, match="只能写在表单里") as told:
        check_types(parse(case["expr"]), COLUMNS)
    assert "scored" in told.value.hint


@pytest.mark.skipif(NODE is None, reason="没有 node（装 nodejs，或 requirements/node.txt）")
def test_browser() -> None:
    """The browser asks for every call, and with what the server answers comes to the server's value."""
    cases = [{"tree": browser_tree(parse(c["expr"])), "row": {k: _json(v) for k, v in row(c).items()}} for c in CASES]
    first = _walk(cases, [])
    calls = [call for found in first for call in found["asks"]]
    assert len(calls) == len(CASES)
    assert all(found["value"] in (None, {"number": "0"}, False) for found in first)  # nothing is known yet
    second = _walk(cases, [[call, answer(*call)] for call in calls])
    assert [found["asks"] for found in second] == [[] for _ in CASES]
    for case, found in zip(CASES, second, strict=True):
        got = found["value"]
        value = Decimal(got["number"]) if isinstance(got, dict) else got
        assert same(value, plain_date(exact(case.get("gives")))), (case, got)


def _walk(cases: list[dict[str, Any]], served: list[Any]) -> list[dict[str, Any]]:
    done = subprocess.run(
        [str(NODE), str(ROOT / "frontend" / "tests" / "norms.mjs")],
        input=json.dumps({"columns": COLUMNS, "cases": cases, "served": served}),
        capture_output=True, text=True, timeout=ENDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _json(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | date):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


@pytest.mark.parametrize(
    ("expr", "told"),
    [
        ("fitness_score('run_5m', g, s, x)", "item 没有「run_5m」"),
        ("vaccine_dose_state('BCGG', 1, s, b, d, v, e, v, f, null, null, null, null, null, null)", "vaccine 没有「BCGG」"),
        ("who2006_weight_z(s, b, d, w)", "要 5 个参数"),
        ("who2006_weight_z(s, b, w, d, o)", "应为日期"),
        ("who2006_weight(s, b, d, w)", "不允许函数「who2006_weight」"),
    ],
)  # fmt: skip
def test_slips_are_named(expr: str, told: str) -> None:
    with pytest.raises(ExpressionError, match=told):
        check_types(parse(expr), COLUMNS, norms=True)


def test_the_reference_page_is_the_one_printed() -> None:
    assert (ROOT / "docs/reference/functions.md").read_text("utf-8") == page(), "stale: python tools/norm_docs.py"


def test_only_a_plain_call_has_words_for_its_codes() -> None:
    words = norm_answers(parse("(wst586_grade(s, b, d, h, w))"))
    assert {code: label.zh for code, label in words.items()} == {
        "normal": "正常",
        "overweight": "超重",
        "obese": "肥胖",
    }
    assert not norm_answers(parse("coalesce(wst586_grade(s, b, d, h, w), 'normal')"))


@pytest.mark.parametrize("key", ["wst586_grade", "wst456_grade", "wst612_grade"])
def test_school_ages_count_by_the_calendar(key: str) -> None:
    """Born on 31 August: the half year is completed on the last day of February, never a day of 30.4 later."""
    norm, born = NORMS[key], date(2015, 8, 31)
    values = {"height_cm": Decimal(125), "weight_kg": Decimal(24)}
    for on in (date(2023, 2, 27), date(2023, 2, 28)):
        asked = [values[a.name] for a in norm.arguments[3:]]
        months = completed_months(born, on)
        given = {a.name: float(values[a.name]) for a in norm.arguments[3:]}
        direct = score_child(key.partition("_")[0], sex="M", age_months=months, **given)
        assert norm("M", born, on, *asked) == direct[key]
