"""Vision norms: acuity notations, refraction, screening myopia (WS/T 663-2020), referral and the 0–6-year eye exams."""

from qingmiao.standards.vision.acuity import (
    from_five_mark,
    low_acuity,
    nominal_decimal,
    to_five_mark,
    warning_level,
)
from qingmiao.standards.vision.exams import EyeExam, child_exams, exam_states
from qingmiao.standards.vision.myopia import link_years, new_myopia, screening_myopia
from qingmiao.standards.vision.refraction import (
    annual_progression,
    hyperopia_reserve,
    myopia_degree,
    spherical_equivalent,
)
from qingmiao.standards.vision.sheet import VisionCheck, score_child, score_columns, score_table
from qingmiao.standards.vision.years import YearComparison, compare_years

__all__ = [
    "EyeExam",
    "VisionCheck",
    "YearComparison",
    "annual_progression",
    "child_exams",
    "compare_years",
    "exam_states",
    "from_five_mark",
    "hyperopia_reserve",
    "link_years",
    "low_acuity",
    "myopia_degree",
    "new_myopia",
    "nominal_decimal",
    "score_child",
    "score_columns",
    "score_table",
    "screening_myopia",
    "spherical_equivalent",
    "to_five_mark",
    "warning_level",
]
