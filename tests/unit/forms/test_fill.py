"""One pass from top to bottom: what is shown, stored, computed, asked and refused."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from form_build import DAY, filled, ready_of, wrong

from qingmiao.forms import fill
from qingmiao.forms.answers import cells, document, fact_values, shown
from qingmiao.forms.values import Position

SHOWING = """
- {id: p, label: {zh: 是否}, type: boolean, required: false}
- {id: why, label: {zh: 原因}, type: text, show_if: not p}
- {id: n, label: {zh: 数}, type: number, required: false, show_if: why is not null}
"""


@pytest.mark.parametrize(
    ("answers", "values", "dropped"),
    [
        ({"p": "否", "why": "甲", "n": "1.50"}, {"p": False, "why": "甲", "n": Decimal("1.5")}, ()),
        ({"p": "是", "why": "甲", "n": "1"}, {"p": True}, ("why", "n")),
        ({"why": "甲", "n": "1"}, {}, ("why", "n")),  # not known is not true
        ({}, {}, ()),
    ],
)
def test_only_what_is_true_shows_and_what_is_hidden_is_not_stored(answers, values, dropped) -> None:
    done = filled(SHOWING, answers)
    assert (done.values, done.dropped, done.faults) == (values, dropped, ())


def test_a_hidden_field_is_not_required_and_a_shown_one_is() -> None:
    assert wrong(filled(SHOWING, {"p": "否"})) == ["why: 请填写「原因」"]
    assert filled(SHOWING, {"p": "否"}).required == {"why"}
    assert filled(SHOWING, {"p": "是"}).required == set()


CHECKED = """
- {id: a, label: {zh: 甲}, type: number, required: false}
- id: b
  label: {zh: 乙}
  type: number
  required: false
  checks:
    - {id: order, check: a <= b, message: {zh: 乙不能小于甲}}
    - {id: much, level: query, check: b / a < 10, message: {zh: 乙是甲的十倍以上}}
"""


@pytest.mark.parametrize(
    ("a", "b", "faults", "queries"),
    [
        ("1", "2", 0, 0), ("2", "1", 1, 0), ("0.1", "1", 0, 1), ("0.1", "0.99", 0, 0),
        ("", "1", 0, 0), ("1", "", 0, 0), ("0", "5", 0, 0), ("0", "-5", 1, 0),
    ],
)  # fmt: skip
def test_only_what_is_false_blocks(a, b, faults, queries) -> None:
    done = filled(CHECKED, {"a": a, "b": b})
    assert (len(done.faults), len(done.queries)) == (faults, queries)


def test_a_form_s_own_checks_are_always_decided_and_see_every_field() -> None:
    checks = [{"id": "one", "check": "a is not null or b is not null", "message": {"zh": "至少填一项"}}]
    assert wrong(filled(CHECKED, {}, checks=checks)) == [": 至少填一项"]
    assert filled(CHECKED, {"b": "1"}, checks=checks).accepted


COMPUTED = """
- {id: a, label: {zh: 甲}, type: number, required: false}
- {id: b, label: {zh: 乙}, type: number, required: false}
- {id: sum, label: {zh: 和}, type: computed, compute: a + b}
- {id: rate, label: {zh: 比}, type: computed, compute: a / b * 100, decimals: 1}
- {id: same, label: {zh: 等}, type: computed, compute: sum = 0.3}
- {id: day, label: {zh: 日}, type: computed, compute: filled_on}
"""


def test_computed_values_are_decimals_and_a_division_by_zero_is_missing() -> None:
    done = filled(COMPUTED, {"a": "0.1", "b": "0.2"})
    assert done.values["sum"] == Decimal("0.3")
    assert done.values["same"] is True
    assert done.values["rate"] == Decimal("50.0")
    assert done.values["day"] == DAY
    assert filled(COMPUTED, {"a": "1", "b": "8"}).values["rate"] == Decimal("12.5")
    assert filled(COMPUTED, {"a": "1", "b": "16"}).values["rate"] == Decimal("6.3")
    assert "rate" not in filled(COMPUTED, {"a": "1", "b": "0"}).values
    assert filled(COMPUTED, {"a": "1", "b": "0"}).accepted


def test_nobody_types_a_computed_value() -> None:
    assert filled(COMPUTED, {"a": "1", "b": "1", "sum": "99"}).values["sum"] == 2


GROUPED = """
- {id: age, label: {zh: 年龄}, type: integer}
- id: carers
  label: {zh: 照护人}
  type: group
  repeat: true
  min: 1
  max: 2
  show_if: age < 18
  fields:
    - {id: name, label: {zh: 称呼}, type: text}
    - {id: days, label: {zh: 天数}, type: integer, max: 31, required: false}
    - {id: share, label: {zh: 占比}, type: computed, compute: days / age}
- {id: count, label: {zh: 人数}, type: computed, compute: how_many(carers)}
- id: home
  label: {zh: 住处}
  type: group
  show_if: count > 1
  fields:
    - {id: street, label: {zh: 街道}, type: text}
"""


def test_a_repeated_group_has_rows_that_read_what_stands_above() -> None:
    rows = [{"name": "奶奶", "days": "30"}, {"name": "爷爷"}]
    done = filled(GROUPED, {"age": "10", "carers": rows, "street": "虚构街"})
    assert done.accepted
    assert done.values["carers"] == ({"name": "奶奶", "days": 30, "share": Decimal(3)}, {"name": "爷爷"})
    assert done.values["count"] == 2
    assert done.values["street"] == "虚构街"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"age": "10"}, ["carers: 「照护人」有 0 行，应为 1 到 2 行"]),
        ({"age": "10", "carers": [{"name": "甲"}] * 3, "street": "街"}, ["carers: 「照护人」有 3 行，应为 1 到 2 行"]),
        ({"age": "10", "carers": [{"name": "甲"}, {"name": " ", "days": "32"}], "street": "街"},
            ["name#2: 请填写「称呼」", "days#2: 32 大于允许的 31"]),
        ({"age": "10", "carers": [{"name": "甲", "nick": "乙"}]}, ["nick#1: 「照护人」里没有字段「nick」"]),
        ({"age": "10", "carers": "甲"}, ["carers: 「照护人」应是一行一行的"]),
        ({"age": "10", "carers": [{"name": "甲"}], "nick": "乙"}, ["nick: 表单里没有字段「nick」"]),
        ({"age": "20"}, []),
    ],
)  # fmt: skip
def test_faults_of_rows_name_field_and_row(answers, said) -> None:
    assert wrong(filled(GROUPED, answers)) == said


def test_a_hidden_group_is_dropped_whole_and_said() -> None:
    done = filled(GROUPED, {"age": "20", "carers": [{"name": "甲"}], "street": "街"})
    assert done.values == {"age": 20}
    assert done.dropped == ("carers", "street")


SCORED = """
- {id: q1, label: {zh: 一}, type: code, codes: result, correct: [home, away], score: 0.1}
- {id: q2, label: {zh: 二}, type: code, codes: result, multiple: true, correct: [home, away], score: 0.2}
"""


@pytest.mark.parametrize(
    ("q1", "q2", "score"),
    [("home", ["home", "away"], "0.3"), ("away", ["away"], "0.1"), ("moved", ["away", "home"], "0.2"),
     ("moved", ["away", "home", "moved"], "0")],
)  # fmt: skip
def test_points(q1, q2, score) -> None:
    done = filled(SCORED, {"q1": q1, "q2": q2}, pass_score=0.3)
    assert done.score == Decimal(score)
    assert done.passed is (score == "0.3")


def test_a_form_with_faults_has_no_score() -> None:
    assert filled(SCORED, {"q1": "home"}, pass_score=0.3).score is None
    assert filled(SCORED, {"q1": "home"}, pass_score=0.3).passed is None


FACTS = """
- {id: minutes, column: visits.minutes}
- {id: result, column: visits.result, only: [home, away]}
- {id: spot, label: {zh: 位置}, type: place, required: false}
- {id: kinds, label: {zh: 种类}, type: code, codes: result, multiple: true, required: false}
"""


def test_a_field_inherits_from_its_column() -> None:
    ready = ready_of(FACTS)
    minutes, result = ready.fields[0].field, ready.fields[1]
    assert (minutes.type, minutes.unit, minutes.min, minutes.max, minutes.words, minutes.sensitivity) == (
        "integer", "分钟", 0, 600, "时长", "敏感",
    )  # fmt: skip
    assert result.choices == {"home": "在家", "away": "外出"}
    assert ready.fields[2].field.sensitivity == "内部"
    assert wrong(fill(ready, {"minutes": "601", "result": "搬走"}, on=DAY)) == [
        "minutes: 601分钟 大于允许的 600分钟",
        "result: 没有选项「搬走」（可用：在家、外出）",
    ]


def test_stored_answers_keep_the_version_and_fill_again_to_the_same() -> None:
    ready = ready_of(FACTS)
    given = {"minutes": "３０", "result": "外出", "spot": "36.10, 110.8,15", "kinds": "搬走、在家"}
    done = fill(ready, given, on=DAY)
    stored = document(ready, done)
    assert stored == {
        "form": "made.up", "version": 3, "filled_on": "2026-03-10",
        "answers": {
            "minutes": 30, "result": "away", "kinds": ["home", "moved"],
            "spot": {"latitude": "36.1", "longitude": "110.8", "precision": "15"},
        },
    }  # fmt: skip
    assert fill(ready, stored["answers"], on=DAY) == done
    assert done.values["spot"] == Position(Decimal("36.10"), Decimal("110.8"), Decimal(15))
    assert fact_values(ready, done) == {"visits": {"minutes": 30, "result": "away"}}
    assert cells(ready, done) == {
        "minutes": "30", "result": "away", "spot.latitude": "36.1", "spot.longitude": "110.8",
        "spot.precision": "15", "kinds.home": "1", "kinds.away": "0", "kinds.moved": "1",
    }  # fmt: skip
    assert ("时长", "30 分钟") in shown(ready, done)
    assert ("种类", "在家、搬走") in shown(ready, done)


def test_what_was_computed_is_stored_again_to_the_same() -> None:
    ready = ready_of(GROUPED)
    rows = [{"name": "奶奶", "days": "30"}, {"name": "爷爷"}]
    done = fill(ready, {"age": "7", "carers": rows, "street": "街"}, on=date(2026, 1, 1))
    again = fill(ready, document(ready, done)["answers"], on=date(2026, 1, 1))
    assert again == done
