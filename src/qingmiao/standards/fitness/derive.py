"""Fitness results as derived columns of a fact table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from qingmiao.standards.columns import Column
from qingmiao.standards.derivation import Derivation
from qingmiao.standards.fitness import sheet


def fitness_total(columns: Mapping[str, Column]) -> dict[str, Column]:
    """Total, level, pass (total >= 60) and good (total >= 80); all missing where there is no total."""
    found = sheet.score_columns(dict(columns), reasons=False)
    total = found["total"]
    absent = np.isnan(total)
    level = found["level"]
    return {
        "fitness_total": total,
        "fitness_level": level,
        "fitness_pass": np.ma.MaskedArray(level != "fail", mask=absent),
        "fitness_good": np.ma.MaskedArray((level == "excellent") | (level == "good"), mask=absent),
    }


DERIVATIONS = {
    "fitness.total": Derivation(
        name="fitness.total",
        inputs=("grade", "sex"),
        optional=(*sheet.measure_columns(), "exempt"),
        outputs={
            "fitness_total": "number",
            "fitness_level": "text",
            "fitness_pass": "boolean",
            "fitness_good": "boolean",
        },
        function=fitness_total,
        standard="国家学生体质健康标准（2014年修订）",
        description="School sheet of measurements to total, level, pass (达标) and good (优良).",
    )
}
