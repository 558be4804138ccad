"""Whatever is sent as answers: a form never breaks, says in words what is wrong, and what it stores fills again to the
same."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from qingmiao.forms import fill, prepare
from qingmiao.forms.answers import cells, document, shown

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "unit" / "forms"))

from form_build import ready_of  # noqa: E402
from test_exports import CHECKS, EVERYTHING, PACK  # noqa: E402

READY = [
    ready_of(EVERYTHING, checks=CHECKS),
    prepare(PACK, "evidence.item"),
    prepare(PACK, "survey.lifestyle"),
]
TYPED = st.sampled_from(
    ["", " ", "甲", "a", "b", "是", "否", "1", "２", "0", "-1", "0.10", "1e14", "1e-20", "1/0", "2020-02-29", "2024年1月3日",
     "8:30", "36,110", "p.jpg", "NA", "甲、乙", "男", "P3", "从不", "\x00", "0e-200000000"]
)  # fmt: skip
SCALAR = st.one_of(TYPED, st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), st.text(max_size=8))
VALUE = st.one_of(SCALAR, st.lists(SCALAR, max_size=3), st.dictionaries(TYPED, SCALAR, max_size=2))


@st.composite
def answered(draw: st.DrawFn) -> tuple[int, dict[str, Any]]:
    n = draw(st.integers(0, len(READY) - 1))
    answers: dict[str, Any] = {}
    for one in READY[n].every():
        if draw(st.booleans()):
            answers[one.id] = draw(VALUE)
        if one.field.repeat and draw(st.booleans()):
            answers[one.id] = draw(
                st.lists(st.fixed_dictionaries({}, optional={f.id: VALUE for f in one.fields}), max_size=3)
            )
    return n, answers


@settings(max_examples=400, deadline=None, derandomize=True)
@given(answered())
def test_any_answers_are_judged(case: tuple[int, dict[str, Any]]) -> None:
    n, answers = case
    done = fill(READY[n], answers, on=date(2026, 3, 10))
    assert all(f.message and f.message.isprintable() for f in (*done.faults, *done.queries))
    stored = json.loads(json.dumps(document(READY[n], done)["answers"]))
    again = fill(READY[n], stored, on=date(2026, 3, 10))
    if not any("一行一行" in f.message for f in done.faults):  # rows that are none are missing, not no rows
        assert again.values == done.values
        assert set(again.shown) == set(done.shown)
    assert len(shown(READY[n], done)) >= len(done.values) - len(READY[n].fields)
    assert all(isinstance(v, str) for v in cells(READY[n], done).values())
