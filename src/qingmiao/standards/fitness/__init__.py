"""国家学生体质健康标准（2014年修订）: scores, bonus, total and level of pupils' fitness tests."""

from qingmiao.standards.fitness.scoring import SheetScores, SprintRounding, score_arrays
from qingmiao.standards.fitness.sheet import (
    PupilScore,
    input_columns,
    measure_columns,
    output_columns,
    score_columns,
    score_pupil,
    score_table,
)

__all__ = [
    "PupilScore",
    "SheetScores",
    "SprintRounding",
    "input_columns",
    "measure_columns",
    "output_columns",
    "score_arrays",
    "score_columns",
    "score_pupil",
    "score_table",
]
