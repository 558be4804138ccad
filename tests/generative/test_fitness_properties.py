"""Properties of the fitness scorer: equal to a plain row loop, and never worse for a better performance."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingmiao.standards import norm_tables
from qingmiao.standards.fitness import measure_columns, score_columns, score_pupil, tables

GROUPS = st.tuples(st.sampled_from(tables.grades()), st.sampled_from(tables.SEXES))
ITEMS = [table for table in tables.items() if table.item != "bmi"]


@st.composite
def measurement(draw: st.DrawFn, table: tables.ItemTable) -> float:
    steps = draw(st.integers(table.low, table.high))
    return steps / table.per_unit


@st.composite
def pupil(draw: st.DrawFn) -> tuple[str, str, dict[str, float | None]]:
    grade, sex = draw(GROUPS)
    measures: dict[str, float | None] = {
        "height_cm": draw(st.integers(900, 2000)) / 10,
        "weight_kg": draw(st.integers(100, 1200)) / 10,
    }
    for table in ITEMS:
        measures[table.item] = (
            draw(st.one_of(measurement(table), st.none())) if draw(st.booleans()) else draw(measurement(table))
        )
    return grade, sex, measures


def by_hand(grade: str, sex: str, measures: dict[str, float | None]) -> tuple[Decimal | None, int | None]:
    """The standard read row by row with exact decimals: (total, bonus)."""
    weights = {
        row["item"]: int(row["weight_percent"])
        for row in norm_tables.rows("fitness", "weights.csv")
        if (row["grade"], row["sex"]) == (grade, sex)
    }
    points = Decimal(0)
    bonus: int | None = 0
    complete = True
    for item, weight in weights.items():
        if item == "bmi":
            height, mass = Decimal(str(measures["height_cm"])), Decimal(str(measures["weight_kg"]))
            bmi = (mass * 10_000 / (height * height)).quantize(Decimal("0.1"), ROUND_HALF_UP)
            score = next(
                int(row["score"])
                for row in norm_tables.rows("fitness", "bmi.csv")
                if (row["grade"], row["sex"]) == (grade, sex)
                and Decimal(row["min_incl"] or "-1") <= bmi <= Decimal(row["max_incl"] or "9999")
            )
            if bmi > 100:
                complete = False
                continue
        else:
            rules = [
                row
                for row in norm_tables.rows("fitness", "bonus.csv")
                if row["item"] == item and grade in row["grades"].split() and row["sex"] == sex
            ]
            if measures[item] is None:
                complete = False
                bonus = None if rules else bonus
                continue
            value = Decimal(str(measures[item]))
            lines = [
                row for row in norm_tables.rows("fitness", f"{item}.csv") if (row["grade"], row["sex"]) == (grade, sex)
            ]
            sign = 1 if lines[0]["direction"] == "higher" else -1
            score = max(
                (int(row["score"]) for row in lines if sign * (value - Decimal(row["threshold"])) >= 0),
                default=0,
            )
            hundred = next(Decimal(row["threshold"]) for row in lines if row["score"] == "100")
            margin = sign * (value - hundred)
            if bonus is not None:
                bonus += max(
                    (int(row["bonus_points"]) for row in rules if margin >= Decimal(row["margin_over_100_threshold"])),
                    default=0,
                )
        points += Decimal(score * weight) / 100
    if not complete or bonus is None:
        return None, bonus
    return (points + bonus).quantize(Decimal("0.1"), ROUND_HALF_UP), bonus


@settings(max_examples=150, deadline=None)
@given(st.lists(pupil(), min_size=1, max_size=8))
def test_a_sheet_equals_each_pupil_by_hand_and_by_scalar_call(
    pupils: list[tuple[str, str, dict[str, float | None]]],
) -> None:
    sheet = {
        "grade": np.array([grade for grade, _, _ in pupils], dtype=object),
        "sex": np.array([sex for _, sex, _ in pupils], dtype=object),
    } | {
        name: np.array([np.nan if m[name] is None else m[name] for _, _, m in pupils], dtype=float)
        for name in measure_columns()
    }
    found = score_columns(sheet)
    for row, (grade, sex, measures) in enumerate(pupils):
        total, bonus = by_hand(grade, sex, measures)
        one = score_pupil(grade=grade, sex=sex, measures=measures)
        got = None if np.isnan(found["total"][row]) else found["total"][row]
        assert got == (None if total is None else float(total)) == one.total
        assert one.bonus == bonus
        assert one.level == found["level"][row]


@settings(max_examples=150, deadline=None)
@given(group=GROUPS, table=st.sampled_from(ITEMS), data=st.data())
def test_a_better_performance_never_scores_less(
    group: tuple[str, str], table: tables.ItemTable, data: st.DataObject
) -> None:
    values = sorted(data.draw(st.lists(measurement(table), min_size=2, max_size=20)))
    found = score_columns(
        {
            "grade": np.array([group[0]] * len(values), dtype=object),
            "sex": np.array([group[1]] * len(values), dtype=object),
            table.item: np.array(values),
        }
    )
    points = found[f"score_{table.item}"]
    if table.weights[tables.group(*group)] == 0:
        assert np.isnan(points).all()
    else:
        rises = np.diff(points) if table.direction == "higher" else -np.diff(points)
        assert (rises >= 0).all()
        assert ((points >= 0) & (points <= 100)).all()
