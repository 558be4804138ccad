"""Many rows judged by columns are what each is by itself: every form of the packs, whatever is answered."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from qingmiao.content.load import load_pack
from qingmiao.content.records import RecordKind, VisitCheck
from qingmiao.forms import ReadyForm, fill, prepare
from qingmiao.forms.answers import document
from qingmiao.forms.coded import coded, over, together
from qingmiao.forms.column_answers import answer_texts
from qingmiao.forms.fill_columns import fill_columns
from qingmiao.forms.ready import ReadyField
from qingmiao.forms.recorded import EarlierEvent, closes, disagreements, fact_rows, follow_ups, measured, with_given
from qingmiao.forms.recorded_columns import (
    closing_rows,
    disagreement_columns,
    fact_columns,
    follow_up_rows,
    with_given_columns,
)

ROOT = Path(__file__).resolve().parents[2]
ON, ROWS = date(2026, 10, 20), 20
ODD: tuple[Any, ...] = ("", " ", "甲", "1/0", "NA", "\x00", "9" * 30, True, 1, Decimal("1.50"), ["a", "b"], [], "1e-20")
SINGLE = "content/china"


@cache
def pack() -> Any:
    return load_pack(ROOT / SINGLE)


def sensible(rng: random.Random, one: ReadyField) -> Any:
    """An answer that the field may well take."""
    low, high = one.field.min, one.field.max
    match one.type:
        case "integer" | "number":
            least, most = int(low if low is not None else 0), int(high if high is not None else 200)
            whole = rng.randint(least, most)
            return str(whole) if one.type == "integer" or rng.random() < 0.4 else f"{whole}.{rng.randint(0, 9)}"
        case "boolean":
            return rng.choice(("是", "否"))
        case "date":
            return (ON - timedelta(days=rng.choice((0, 1, 30, 400, 2000, 4500)))).isoformat()
        case "time":
            return f"{rng.randint(0, 23)}:30"
        case "datetime":
            return f"2026-03-0{rng.randint(1, 9)} 08:30"
        case "code" | "area" | "organisation" if one.choices:
            codes = list(one.choices)
            return rng.sample(codes, min(2, len(codes))) if one.field.multiple else rng.choice(codes)
        case "place":
            return "36.1, 110.8"
    return rng.choice(("演示甲", "演示乙"))


def answered(rng: random.Random, fields: tuple[ReadyField, ...], odd: float) -> dict[str, Any]:
    """A row: most fields answered, some with what no field takes."""
    found: dict[str, Any] = {}
    for one in fields:
        if one.type == "group" and not one.field.repeat:
            found |= answered(rng, one.fields, odd)
        elif one.type == "group":
            if rng.random() < 0.15:
                found[one.id] = rng.choice(([answered(rng, one.fields, odd)], "甲", []))
        elif rng.random() < 0.85:
            found[one.id] = rng.choice(ODD) if rng.random() < odd else sensible(rng, one)
    return found


def columns(rows: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row.get(name) for row in rows] for name in dict.fromkeys(n for row in rows for n in row)}


def same(ready: ReadyForm, rows: list[dict[str, Any]]) -> int:
    """Compare; how many rows are accepted."""
    made = fill_columns(ready, columns(rows), len(rows), on=ON)
    texts, accepted = answer_texts(made), 0
    for n, row in enumerate(rows):
        alone = fill(ready, row, on=ON)
        assert made.row(n) == alone, (ready.form.id, row)
        assert json.loads(texts[n]) == document(ready, alone)["answers"]
        assert texts[n] == json.dumps(document(ready, alone)["answers"], ensure_ascii=False, sort_keys=True)
        accepted += alone.accepted
    return accepted


@pytest.mark.parametrize("part", range(4))
def test_every_form_of_the_pack_is_judged_by_columns_as_row_by_row(part: int) -> None:
    """Values, faults with their words and order, queries, what is shown, required and dropped, points."""
    forms = sorted(pack().forms)
    assert len(forms) > 50
    for id_ in forms[part::4]:
        rng, ready = random.Random(id_), prepare(pack(), id_)
        rows = [answered(rng, ready.fields, rng.choice((0.0, 0.02, 0.3))) for _ in range(ROWS)]
        same(ready, [*rows, {}, *rows[:3]])


def test_a_field_that_the_form_does_not_have_and_no_rows_at_all() -> None:
    ready = prepare(pack(), "record.fitness_test")
    same(ready, [{"no_such": "甲"}, {"no_such": None, "exempt": "是"}][:1])
    assert fill_columns(ready, {}, 0, on=ON).size == 0


def test_one_true_and_a_decimal_one_are_different_cells() -> None:
    """Python holds 1, True and Decimal(1) for one key; a column does not."""
    cells = [1, True, Decimal(1), Decimal("1.0"), 1.0, "1", None, -0.0, 0.0]
    column = coded(cells)
    assert [repr(c) for c in column.cells()] == [repr(c) for c in cells]


def test_more_sets_of_values_than_one_number_holds() -> None:
    """The places of many columns of many values are numbered anew before they overflow."""
    size = 3000
    rng = random.Random(1)
    many = [coded([rng.randrange(2900) for _ in range(size)]) for _ in range(9)]
    each, firsts = together(many, size)
    rows = list(zip(*(c.cells() for c in many), strict=True))
    assert len(firsts) == len(set(rows))
    assert [rows[firsts[k]] for k in each] == rows


def test_an_expression_is_asked_once_for_each_set_of_values(monkeypatch: pytest.MonkeyPatch) -> None:
    from qingmiao.content import evaluate as engine
    from qingmiao.content.expressions import parse
    from qingmiao.forms import coded as module

    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(module, "evaluate", lambda tree, row: asked.append(row) or engine.evaluate(tree, row))
    a, b = coded([1, 2, 1, 2] * 50), coded(["x", "x", "y", "x"] * 50)
    found = over(parse("case when b = 'x' then a + 1 end"), {"a": a, "b": b}, 200)
    assert found.cells() == [2, 3, None, 3] * 50
    assert len(asked) == 3


def a_person(rng: random.Random) -> dict[str, Any]:
    """What is known of a child."""
    words: dict[str, Any] = {"sex": rng.choice("MF"), "birth_date": ON - timedelta(days=rng.randint(0, 6000))}
    words |= {"grade": rng.choice(("P1", "J1"))} if rng.random() < 0.6 else {}
    return words | ({"gestation_weeks": Decimal(rng.randint(28, 41))} if rng.random() < 0.5 else {})


def an_event(rng: random.Random, kind: RecordKind, ready: ReadyForm) -> EarlierEvent:
    """An earlier one of the same measures."""
    fields = {f.id: f for f in ready.every()}
    held = [w for w, f in kind.measures.items() if rng.random() < 0.8 and fields[f].compute is None]
    row = {kind.measures[w]: sensible(rng, fields[kind.measures[w]]) for w in held}
    return EarlierEvent(ON - timedelta(days=rng.randint(-5, 500)), measured(kind, fill(ready, row, on=ON)))


def test_what_many_events_give_away_is_what_each_gives_by_itself() -> None:
    """Checks against earlier events, rows of facts, follow-ups, what they close: every kind of record of the pack."""
    kinds, checks = pack().entries("records", RecordKind), tuple(pack().entries("record_checks", VisitCheck).values())
    told, gave, found, closing = 0, 0, 0, 0
    for kind in kinds.values():
        rng, ready, size = random.Random(kind.id), prepare(pack(), kind.form), 12
        top = tuple(f for f in ready.fields if not f.field.repeat)
        people = [a_person(rng) for _ in range(size)]
        rows = [with_given(ready, answered(rng, top, 0.02), one) for one in people]
        earlier = [tuple(an_event(rng, kind, ready) for _ in range(rng.randint(0, 3))) for _ in range(size)]
        births = [an_event(rng, kind, ready) if rng.random() < 0.5 else None for _ in range(size)]
        person = {w: coded([one.get(w) for one in people]) for w in dict.fromkeys(w for one in people for w in one)}
        beside = {word: coded([rng.choice((None, ON)) for _ in range(size)]) for word in kind.beside}
        plain = {name: coded(cells) for name, cells in columns(rows).items()}
        made = fill_columns(ready, with_given_columns(ready, plain, person, size), size, on=ON)
        faults, queries = disagreement_columns(checks, kind, made, earlier=earlier, births=births, person=person)
        facts, follow = fact_columns(kind, made, person, beside), follow_up_rows(kind, made, person)
        closed = closing_rows(kind, made, person, kinds.values())
        for n in range(size):
            filled = fill(ready, rows[n], on=ON)
            assert made.row(n) == filled
            own = disagreements(checks, kind, filled, earlier=earlier[n], birth=births[n], person=people[n])
            assert (faults.get(n, ()), queries.get(n, ())) == own
            near = {word: column.at(n) for word, column in beside.items()}
            given = [(table, {c: v.at(n) for c, v in row.items()}) for table, rows_, row in facts if rows_[n]]
            assert given == fact_rows(kind, filled, people[n], near)
            mine = [f.rule.id for f in follow_ups(kind, filled, people[n], pack().policy)]
            assert [rule.id for rule, here in follow if here[n]] == mine
            ends = closes(kind, filled, people[n], kinds.values())
            assert {k for k, here in closed.items() if here[n]} == ends
            told, gave = told + bool(own[0] or own[1]), gave + len(given)
            found, closing = found + len(mine), closing + len(ends)
    assert min(told, gave, found, closing) > 20, (told, gave, found, closing)
