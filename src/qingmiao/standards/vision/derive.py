"""Vision results as derived columns of a fact table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qingmiao.standards.columns import Column, Columns
from qingmiao.standards.derivation import Derivation
from qingmiao.standards.vision import myopia, sheet


def screening(columns: Mapping[str, Column]) -> dict[str, Column]:
    """Screening myopia and its state; missing where a needed reading is missing."""
    found = sheet.score_columns(dict(columns))
    return {"myopic": found["screening_myopia"], "vision_state": found["state"]}


def new(columns: Mapping[str, Column]) -> dict[str, Column]:
    """New myopia from this year's and last year's answer of the same child."""
    table = Columns(dict(columns))
    answers = []
    for name in ("myopic", "myopic_last_year"):
        codes = table.codes(name, sheet.TRUTH)
        answers.append(np.ma.MaskedArray(codes == 1, mask=codes <= 0))
    found, state = myopia.new_myopia(answers[0], answers[1])
    return {
        "new_myopia": found,
        "new_myopia_state": np.array(myopia.NEW_MYOPIA_STATES, dtype=object).take(state),
    }


DERIVATIONS = {
    "vision.screening_myopia": Derivation(
        name="vision.screening_myopia",
        inputs=("va_right", "va_left", "sphere_right", "cylinder_right", "sphere_left", "cylinder_left"),
        optional=("ortho_k", "cycloplegia", "age_months", "birth_date", "check_date"),
        outputs={"myopic": "boolean", "vision_state": "text"},
        function=screening,
        standard="WS/T 663-2020",
        description="Readings of both eyes (five-mark acuity, D) to screening myopia of a student.",
    ),
    "vision.new_myopia": Derivation(
        name="vision.new_myopia",
        inputs=("myopic", "myopic_last_year"),
        outputs={"new_myopia": "boolean", "new_myopia_state": "text"},
        function=new,
        standard="WS/T 663-2020",
        description="Clear last year and myopic now; missing for a child not at risk or not examined twice.",
    ),
}
