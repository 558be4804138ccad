"""Screening myopia of students (WS/T 663-2020) and new myopia between two years' checks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qingmiao.standards.columns import Codes, Floats, Texts

STUDENT_FROM_MONTHS = 72
"""The rule is for students; under 6 years no official rule was seen (see ``myopia_rules.csv``)."""
ACUITY_BELOW = 5.0
EQUIVALENT_BELOW = -0.50

STATES = (
    "screened", "ortho_k", "missing_acuity", "missing_refraction", "missing_eye", "out_of_range", "cycloplegic",
    "under_six", "unreadable",
)  # fmt: skip
"""How a child's answer came about, by code; :func:`screening_myopia` explains each."""
(
    SCREENED,
    ORTHO_K,
    MISSING_ACUITY,
    MISSING_REFRACTION,
    MISSING_EYE,
    OUT_OF_RANGE,
    CYCLOPLEGIC,
    UNDER_SIX,
    UNREADABLE,
) = range(9)

NEW_MYOPIA_STATES = (
    "new",
    "still_clear",
    "already_myopic",
    "not_examined_again",
    "not_examined_before",
    "unknown",
)

Truths = np.ma.MaskedArray[Any, np.dtype[np.bool_]]
_NOISE = 1e-9


def screening_myopia(
    *,
    acuity: tuple[Floats, Floats],
    equivalent: tuple[Floats, Floats],
    ortho_k: NDArray[np.bool_] | None = None,
    cycloplegia: NDArray[np.bool_] | None = None,
    out_of_range: NDArray[np.bool_] | None = None,
    age_months: Floats | None = None,
    misread: NDArray[np.bool_] | None = None,
    unreadable: NDArray[np.bool_] | None = None,
    unreadable_ortho_k: NDArray[np.bool_] | None = None,
    preschool_rule: bool = False,
) -> tuple[Truths, Codes]:
    """Myopia of n children by screening, masked where it cannot be said, and the state (:data:`STATES`).

    An eye is positive when its uncorrected acuity is below 5.0 (five-mark) **and** its spherical equivalent without
    cycloplegia is below -0.50 D; both limits themselves are negative (WS/T 663-2020). A child is positive when an
    eye is. An eye with a missing acuity or refraction gives no answer, unless the other eye is already positive: the
    answer is then missing (``missing_acuity``, ``missing_refraction``, ``missing_eye`` when one whole eye has
    neither), never "not myopic". Arguments are (right, left) pairs, NaN where missing.

    * ``ortho_k``: a wearer of night lenses counts as myopic whatever the reading (unverified rule of the sources).
    * ``cycloplegia``: a reading under cycloplegia is not a screening reading: no answer, state ``cycloplegic``.
    * ``out_of_range``: some reading was implausible; the child's state says so where the answer is missing.
    * ``age_months``: under 72 no answer, state ``under_six``, unless ``preschool_rule`` asks for the rule of one
      public implementation there (acuity below 4.9 and equivalent at or below -0.50 D). A missing age is a student.
    * ``misread``: a cell with a reading could not be read; the state is ``unreadable`` where the answer is missing.
    * ``unreadable``: an age, a date or the cycloplegia cell could not be read: no answer, state ``unreadable``, for the
      rule may not apply. ``unreadable_ortho_k``: the same, unless the readings are positive whatever it says.
    """
    young = np.zeros(acuity[0].shape, dtype=bool)
    if age_months is not None:
        with np.errstate(invalid="ignore"):
            young = age_months < STUDENT_FROM_MONTHS
    positive = np.zeros(young.shape, dtype=bool)
    known = np.ones(young.shape, dtype=bool)
    with np.errstate(invalid="ignore"):
        for sharpness, power in zip(acuity, equivalent, strict=True):
            blurred = np.where(young, sharpness < 4.9 - _NOISE, sharpness < ACUITY_BELOW - _NOISE)
            short = np.where(young, power <= EQUIVALENT_BELOW + _NOISE, power < EQUIVALENT_BELOW - _NOISE)
            positive |= blurred & short
            known &= ~np.isnan(sharpness) & ~np.isnan(power)

    no_acuity, no_power = (tuple(np.isnan(eye) for eye in pair) for pair in (acuity, equivalent))
    one_eye = (no_acuity[0] & no_power[0]) ^ (no_acuity[1] & no_power[1])
    other_eye_full = ~(no_acuity[0] | no_power[0]) | ~(no_acuity[1] | no_power[1])
    state = np.select(
        [positive | known, one_eye & other_eye_full, no_acuity[0] | no_acuity[1]],
        [SCREENED, MISSING_EYE, MISSING_ACUITY],
        default=MISSING_REFRACTION,
    ).astype(np.int8)
    unknown = ~(positive | known)
    if out_of_range is not None:
        state[unknown & out_of_range] = OUT_OF_RANGE
    if misread is not None:
        state[unknown & misread] = UNREADABLE
    if cycloplegia is not None:
        state[cycloplegia], unknown = CYCLOPLEGIC, unknown | cycloplegia
    if not preschool_rule:
        state[young], unknown = UNDER_SIX, unknown | young
    if unreadable is not None:
        state[unreadable], unknown = UNREADABLE, unknown | unreadable
    if unreadable_ortho_k is not None:
        some = unreadable_ortho_k & ~(positive & ~unknown)
        state[some], unknown = UNREADABLE, unknown | some
    if ortho_k is not None:
        state[ortho_k], positive, unknown = ORTHO_K, positive | ortho_k, unknown & ~ortho_k
    return np.ma.MaskedArray(positive, mask=unknown), state


def new_myopia(myopic: Truths, myopic_before: Truths) -> tuple[Truths, Codes]:
    """New myopia of children seen in two years, by position, and the state (:data:`NEW_MYOPIA_STATES`).

    True for a child clear before and myopic now, False for one clear both times; masked for every other child: who was
    myopic already is not at risk, who was not examined in one of the years cannot be counted. The incidence is so the
    mean of the unmasked values (a ratio over children clear at the start and examined again).
    """
    now, before = np.ma.getmaskarray(myopic), np.ma.getmaskarray(myopic_before)
    is_now, was = np.ma.getdata(myopic).astype(bool), np.ma.getdata(myopic_before).astype(bool)
    state = np.select([now & before, before, was, now, is_now], [5, 4, 2, 3, 0], default=1).astype(np.int8)
    return np.ma.MaskedArray(state == 0, mask=state > 1), state


def link_years(ids: Texts, ids_before: Texts, myopic_before: Truths) -> Truths:
    """Last year's answer for each child of ``ids``, masked for a child not found or without an id.

    A child listed twice last year keeps the last row that has an answer (give rows in order of date).
    """
    answered = ~np.ma.getmaskarray(myopic_before)
    before = pa.array(ids_before[answered], type=pa.string()).dictionary_encode()
    named = np.asarray(before.is_valid())
    last = np.zeros(len(before.dictionary) + 1, dtype=bool)
    place_before = before.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    last[place_before[named]] = np.ma.getdata(myopic_before).astype(bool)[answered][
        named
    ]  # the last row of a child stays
    place = pc.index_in(pa.array(ids, type=pa.string()), value_set=before.dictionary)
    found = place.fill_null(-1).to_numpy(zero_copy_only=False)
    return np.ma.MaskedArray(last[found], mask=found < 0)
