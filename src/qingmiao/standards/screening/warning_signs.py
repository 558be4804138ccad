"""Warning signs of development and autism first screen: any one sign is positive (国卫办妇幼发〔2022〕12号, as quoted).

Signs by age: ``warning_signs.csv``, eleven ages with four signs each, from 3 months to under 7 years.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qingmiao.standards import norm_tables
from qingmiao.standards.columns import Codes, Floats

SIGNS = 4
STATES = ("screened", "incomplete", "age_not_covered", "missing_age")
"""State of one child's screen, by code."""


@cache
def ages() -> tuple[tuple[int, int], ...]:
    """First month and month from which no longer valid of each of the eleven tables."""
    found = dict.fromkeys(
        (int(row["age_month"]), int(row["valid_until_month_excl"]))
        for row in norm_tables.rows("child_health", "warning_signs.csv")
    )
    return tuple(found)


def age_table(age_months: Floats) -> NDArray[np.intp]:
    """Place among :func:`ages` of the table for an age in completed months; -1 where none applies or it is missing."""
    place = np.full(age_months.shape, -1, dtype=np.intp)
    with np.errstate(invalid="ignore"):
        for number, (start, stop) in enumerate(ages()):
            place[(age_months >= start) & (age_months < stop)] = number
    return place


def signs(age_months: float) -> tuple[str, ...]:
    """The four signs to ask about at an age, in Chinese; empty where no table applies."""
    place = int(age_table(np.array([age_months], dtype=np.float64))[0])
    if place < 0:
        return ()
    start = ages()[place][0]
    return tuple(
        row["sign_zh"]
        for row in norm_tables.rows("child_health", "warning_signs.csv")
        if int(row["age_month"]) == start
    )


def screen(
    age_months: Floats, present: np.ma.MaskedArray[Any, np.dtype[np.bool_]]
) -> tuple[np.ma.MaskedArray[Any, np.dtype[np.bool_]], Codes]:
    """Result of n children's screens and its state (:data:`STATES`).

    ``present`` is ``[n, 4]``: each sign of the child's age seen or not, masked where not asked. Any one sign is
    positive, even if others were not asked; without one, four answers are needed for negative. Masked where it cannot
    be said.
    """
    seen = present.filled(False).any(axis=1)
    asked = ~np.ma.getmaskarray(present).any(axis=1)
    place = age_table(age_months)
    state = np.select([np.isnan(age_months), place < 0, ~seen & ~asked], [3, 2, 1], default=0).astype(np.int8)
    return np.ma.MaskedArray(seen, mask=state != 0), state


def screen_child(age_months: float | None, present: Sequence[bool | None]) -> tuple[bool | None, str]:
    """One child's screen: positive, negative or ``None``, and the state; the same code as :func:`screen`."""
    if len(present) != SIGNS:
        raise ValueError(f"警示征象应有 {SIGNS} 项回答，给了 {len(present)} 项")
    answers = np.ma.MaskedArray(
        np.array([[bool(sign) for sign in present]]), mask=np.array([[sign is None for sign in present]])
    )
    result, state = screen(np.array([np.nan if age_months is None else age_months], dtype=np.float64), answers)
    return result.tolist()[0], STATES[state[0]]
