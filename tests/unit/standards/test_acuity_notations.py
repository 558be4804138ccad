"""One eye has one answer whatever the notation: every line of the table and every value between, at every cut-off."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from qingmiao.standards import norm_tables, vision
from qingmiao.standards.columns import Columns, Floats
from qingmiao.standards.vision.referral import acuity_referral

LINES = norm_tables.rows("vision", "acuity_conversion.csv")
SNELLEN = {
    "4.0": "20/200", "4.1": "20/160", "4.2": "20/125", "4.3": "20/100", "4.4": "20/80", "4.5": "20/63", "4.6": "20/50",
    "4.7": "20/40", "4.8": "20/32", "4.9": "20/25", "5.0": "20/20", "5.1": "20/16", "5.2": "20/12.5", "5.3": "20/10",
}  # fmt: skip


def answers(notation: Any, right: Any, left: Any) -> list[Any]:
    """Every answer that a sheet gives at every age with a cut-off of its own, both eyes short-sighted by refraction."""
    found = []
    for age in (36, 47, 48, 59, 60, 71, 72, 83, 84, 120):
        for preschool in (False, True):
            result = vision.score_columns(
                {
                    "age_months": np.full(len(right), float(age)), "va_right": right, "va_left": left,
                    "sphere_right": np.full(len(right), -0.75), "cylinder_right": np.zeros(len(right)),
                    "sphere_left": np.zeros(len(right)), "cylinder_left": np.zeros(len(right)),
                },
                notation=notation, preschool_rule=preschool,
            )  # fmt: skip
            columns = [
                result[n].tolist() for n in ("screening_myopia", "low_acuity", "refer_acuity", "worse_eye", "state")
            ]
            level = vision.warning_level(result["worse_acuity"], np.full(len(right), float(age))).tolist()
            found.append([*columns, level])
    return found


def pairs(values: list[Any]) -> tuple[list[Any], list[Any]]:
    return [a for a in values for _ in values], [b for _ in values for b in values]


def as_numbers(values: list[str]) -> Floats:
    return np.array([float(value) for value in values])


def test_every_line_in_every_notation_at_every_cut_off() -> None:
    lines = [row["five_mark"] for row in LINES]
    assert len(lines) == 14
    right, left = pairs(lines)
    want = answers("five_mark", as_numbers(right), as_numbers(left))
    by_line = {row["five_mark"]: row for row in LINES}
    for column in ("decimal_nominal", "decimal_exact", "decimal_preferred"):
        got = answers(
            "decimal",
            as_numbers([by_line[x][column] for x in right]),
            as_numbers([by_line[x][column] for x in left]),
        )
        assert got == want, column
    exact = [10 ** (float(x) - 5) for x in right], [10 ** (float(x) - 5) for x in left]
    assert answers("decimal", np.array(exact[0]), np.array(exact[1])) == want
    logmar = (
        as_numbers([by_line[x]["logmar"] for x in right]),
        as_numbers([by_line[x]["logmar"] for x in left]),
    )
    assert answers("logmar", *logmar) == want
    fractions = (
        np.array([SNELLEN[x] for x in right], dtype=object),
        np.array([SNELLEN[x] for x in left], dtype=object),
    )
    assert answers("snellen", *fractions) == want
    metres = [np.array([f.replace("20/", "").strip() for f in side]) for side in fractions]
    six = [np.array([f"6/{float(x) * 0.3:g}" for x in side], dtype=object) for side in metres]
    assert answers("snellen", *six) == want


def test_values_between_lines_in_every_notation_at_every_cut_off() -> None:
    """Every thousandth of a decimal: its five-mark value, given as five-mark or logMAR, has the same answers."""
    decimals = np.arange(10, 2001) / 1000
    five = vision.to_five_mark(decimals, "decimal")
    assert not np.isnan(five).any()
    assert (np.diff(five) >= 0).all(), "a better decimal never gives a worse five-mark value"
    best = np.full(len(five), 5.3)
    want = answers("five_mark", five, best)
    assert answers("decimal", decimals, np.full(len(five), 2.0)) == want
    assert answers("logmar", 5 - five, 5 - best) == want


@pytest.mark.parametrize(
    ("decimal", "five"), [(0.9, 4.954243), (0.95, 4.977724), (0.7, 4.845098), (1.1, 5.041393), (0.05, 3.69897),
        (0.801, 4.903633)]
)  # fmt: skip
def test_between_lines_a_decimal_has_its_exact_value(decimal: float, five: float) -> None:
    assert vision.to_five_mark(np.array([decimal]), "decimal")[0] == five


def test_an_eye_of_nine_tenths_is_below_the_line_of_five() -> None:
    by_decimal = vision.score_child(
        va=(0.9, 1.0), sphere=(-0.75, 0.0), cylinder=(0.0, 0.0), age_months=120, notation="decimal"
    )
    by_mark = vision.score_child(va=(4.95, 5.0), sphere=(-0.75, 0.0), cylinder=(0.0, 0.0), age_months=120)
    assert by_decimal.screening_myopia is True
    assert by_mark.screening_myopia is True
    assert (by_decimal.low_acuity, by_mark.low_acuity) == ("mild", "mild")


def test_what_is_no_fraction_is_unread() -> None:
    found = vision.score_columns(
        Columns(
            {
                "va_right": np.array(["20/20", "20/0", "4.9", "指数", None], dtype=object),
                "va_left": np.array(["２０／２５"] * 5, dtype=object),
            },
            lenient=True,
        ),
        notation="snellen",
    )
    assert found["reason"].tolist() == [
        None,
        "va_right:unreadable",
        "va_right:unreadable",
        "va_right:unreadable",
        None,
    ]
    assert found["state"].tolist() == ["missing_refraction", *["unreadable"] * 3, "missing_acuity"]


def test_the_referral_limits_are_lines() -> None:
    ages = np.array([50.0, 50.0, 70.0, 70.0])
    found = acuity_referral((np.array([4.8, 4.801, 4.9, 4.901]), np.array([4.9, 4.9, 5.0, 5.0])), ages)
    assert found.tolist() == [True, False, True, False]
