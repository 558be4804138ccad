"""Properties of the vision norms: table and scalar agree, swapping the eyes changes nothing, worse is never better."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qingmiao.standards import vision
from qingmiao.standards.vision.sheet import score_child

ACUITY = st.one_of(st.none(), st.integers(40, 53).map(lambda tenth: tenth / 10))
POWER = st.one_of(st.none(), st.integers(-40, 24).map(lambda quarter: quarter / 4))
CHILD = st.fixed_dictionaries(
    {
        "va": st.tuples(ACUITY, ACUITY),
        "sphere": st.tuples(POWER, POWER),
        "cylinder": st.tuples(POWER, POWER),
        "age_months": st.one_of(st.none(), st.integers(0, 220)),
        "ortho_k": st.booleans(),
        "cycloplegia": st.booleans(),
    }
)


def told(child: dict[str, Any], name: str, place: int) -> float:
    known = child[name][place]
    return np.nan if known is None else known


@settings(max_examples=200, deadline=None)
@given(st.lists(CHILD, min_size=1, max_size=6))
def test_a_sheet_equals_each_child(children: list[dict[str, object]]) -> None:
    sheet = {
        f"{name}_{eye}": np.array([told(c, name, place) for c in children])
        for name in ("va", "sphere", "cylinder")
        for place, eye in enumerate(("right", "left"))
    }
    for name in ("ortho_k", "cycloplegia"):
        sheet[name] = np.array([child[name] for child in children])
    sheet["age_months"] = np.array(
        [np.nan if c["age_months"] is None else c["age_months"] for c in children], dtype=float
    )
    found = vision.score_columns(sheet)
    for row, child in enumerate(children):
        one = score_child(**child)  # type: ignore[arg-type]
        assert found["screening_myopia"].tolist()[row] is one.screening_myopia
        assert found["referral"].tolist()[row] is one.referral
        assert found["state"][row] == one.state


@settings(max_examples=200, deadline=None)
@given(CHILD)
def test_eyes_may_be_swapped(child: dict[str, object]) -> None:
    swapped = child | {name: child[name][::-1] for name in ("va", "sphere", "cylinder")}  # type: ignore[index]
    one, two = score_child(**child), score_child(**swapped)  # type: ignore[arg-type]
    assert (one.screening_myopia, one.state, one.referral, one.worse_acuity) == (
        two.screening_myopia, two.state, two.referral, two.worse_acuity,
    )  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(CHILD, st.sampled_from(["acuity", "power"]))
def test_a_blurrier_or_more_short_sighted_eye_is_never_less_myopic(child: dict[str, object], what: str) -> None:
    before = score_child(**child).screening_myopia  # type: ignore[arg-type]
    right, left = child["va"] if what == "acuity" else child["sphere"]  # type: ignore[misc]
    worse = None if right is None else max(4.0, right - 0.1) if what == "acuity" else right - 0.25
    changed = child | {"va" if what == "acuity" else "sphere": (worse, left)}
    after = score_child(**changed).screening_myopia  # type: ignore[arg-type]
    if before is True:
        assert after is True
    if before is None:
        assert after is not False


@given(st.floats(3.0, 5.3))
def test_notations_are_inverse(five: float) -> None:
    at = np.array([five])
    back = vision.to_five_mark(vision.from_five_mark(at, "logmar"), "logmar")
    assert abs(back[0] - five) < 1e-5
