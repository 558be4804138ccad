"""Streams, calendar, flaws and scenario levels of the demonstration county."""

from __future__ import annotations

import numpy as np
import pytest

from qingmiao.content.facts import Fact
from qingmiao.demo.flaws import spoil
from qingmiao.demo.people import months_later
from qingmiao.demo.scenario import Scenario, ScenarioError, level_of
from qingmiao.demo.streams import Streams

FACT = Fact.model_validate(
    {
        "id": "weighings",
        "label": {"zh": "演示称重"},
        "grain": "event",
        "key": ["id"],
        "area": "area",
        "date": "day",
        "version": "recorded",
        "retracted": "retracted",
        "columns": {
            "id": {"type": "integer", "label": {"zh": "编号"}, "required": True},
            "area": {"type": "area", "label": {"zh": "地区"}, "required": True},
            "day": {"type": "date", "label": {"zh": "日期"}, "required": True},
            "kg": {"type": "number", "label": {"zh": "体重"}},
            "recorded": {"type": "date", "label": {"zh": "登记"}, "required": True},
            "retracted": {"type": "boolean", "label": {"zh": "撤销"}},
        },
    }
)


def draft(count: int) -> dict[str, np.ndarray]:
    day = np.full(count, np.datetime64("2024-03-01"))
    return {
        "id": np.arange(count),
        "day": day,
        "kg": np.full(count, 12.5),
        "recorded": day + 5,
        "retracted": np.full(count, -1, dtype=np.int8),
    }


def test_a_stream_depends_on_seed_name_and_parts_only() -> None:
    first = Streams(7).rng("births", 2024).random(3)
    other_table_drawn = Streams(7)
    other_table_drawn.rng("deaths", 2024).random(100)
    assert (other_table_drawn.rng("births", 2024).random(3) == first).all()
    assert (Streams(7).rng("births", 2023).random(3) != first).any()
    assert (Streams(8).rng("births", 2024).random(3) != first).any()


@pytest.mark.parametrize(
    ("birth", "months", "day"),
    [
        ("2024-01-15", 1, "2024-02-15"),
        ("2024-01-31", 1, "2024-03-01"),  # completed on the 1st after a month without a 31st
        ("2023-12-31", 2, "2024-03-01"),
        ("2024-01-31", 0, "2024-01-31"),
    ],
)
def test_months_are_completed_as_the_measuring_engine_completes_them(birth: str, months: int, day: str) -> None:
    assert months_later(np.array([birth], dtype="datetime64[D]"), months)[0] == np.datetime64(day)


def test_a_correction_repeats_the_key_with_a_later_version_and_the_right_value() -> None:
    rules = [{"corrected": "kg", "by": 2, "days": 60, "share": 0.2}]
    spoiled = spoil(FACT, draft(1000), rules, np.random.default_rng(1))
    extra = len(spoiled["id"]) - 1000
    assert 150 < extra < 250
    wrong = spoiled["kg"][:1000] == 12.5 * 2
    assert wrong.sum() == extra
    later = {int(i): n for n, i in enumerate(spoiled["id"][1000:], start=1000)}
    assert set(later) == set(np.flatnonzero(wrong).tolist())
    assert (spoiled["kg"][1000:] == 12.5).all()
    assert (spoiled["recorded"][1000:] > np.datetime64("2024-03-06")).all()


def test_flaws_hit_disjoint_rows() -> None:
    rules = [
        {"missing": "kg", "share": 0.3},
        {"retracted": 30, "share": 0.3},
        {"times": "kg", "by": 2, "share": 0.3},
    ]
    spoiled = spoil(FACT, draft(1000), rules, np.random.default_rng(2))
    taken_back = spoiled["id"][spoiled["retracted"] == 1]
    kg = spoiled["kg"][:1000]
    assert (kg[taken_back] == 12.5).all()
    assert np.isnan(kg).sum() + (kg == 25).sum() + len(taken_back) == pytest.approx(900, abs=40)


def test_a_level_is_linear_between_years_and_flat_outside() -> None:
    scenario = Scenario({"rate": {2016: 10.0, 2020: 6.0}, "flat": 3}, 2016, 2025)
    assert scenario.level("rate", 2018) == 10 + (6 - 10) * 2 / 4
    assert (scenario.levels("rate", np.array([2010, 2025])) == [10.0, 6.0]).all()
    assert scenario.level("flat", 1999) == 3
    assert level_of({2016: 10.0, 2020: 6.0}, 2019) == 10 + (6 - 10) * 3 / 4


def test_a_missing_or_wrong_parameter_is_named() -> None:
    scenario = Scenario({"a": {"b": "多"}, "c": 1}, 2016, 2025)
    with pytest.raises(ScenarioError, match=r"a\.missing"):
        scenario.number("a.missing")
    with pytest.raises(ScenarioError, match=r"a\.b"):
        scenario.number("a.b")
    assert scenario.unused() == ("c",)
