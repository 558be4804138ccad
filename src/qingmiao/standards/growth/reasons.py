"""Why a score is missing: one coded list for every growth norm."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class ScoreReason(IntEnum):
    """Code in a reason column (``int8``); 0 = there is a score."""

    SCORED = 0
    SEX_MISSING = 1
    SEX_UNKNOWN = 2
    AGE_MISSING = 3
    AGE_OUT_OF_RANGE = 4
    VALUE_MISSING = 5
    VALUE_IMPLAUSIBLE = 6
    """Zero, negative or a million and more."""
    LENGTH_OUT_OF_RANGE = 7
    """Length or height outside the weight-for-length/height table."""
    OEDEMA = 8
    """Weight-based scores are not given with oedema; prevalence counts the child as below -3 SD."""
    GESTATION_OUT_OF_RANGE = 9
    NOT_UNDERSTOOD = 10
    """A cell that the score needs holds something that could not be read (a file's table): not the same as missing."""


LABELS: Final = {
    ScoreReason.SCORED: "已评分",
    ScoreReason.SEX_MISSING: "缺性别",
    ScoreReason.SEX_UNKNOWN: "性别代码不认识",
    ScoreReason.AGE_MISSING: "缺年龄",
    ScoreReason.AGE_OUT_OF_RANGE: "年龄不在标准范围内",
    ScoreReason.VALUE_MISSING: "缺测量值",
    ScoreReason.VALUE_IMPLAUSIBLE: "测量值不可能（零、负数或一百万以上）",
    ScoreReason.LENGTH_OUT_OF_RANGE: "身长或身高不在表内",
    ScoreReason.OEDEMA: "水肿，体重类指标不评分",
    ScoreReason.GESTATION_OUT_OF_RANGE: "出生胎龄不在标准范围内",
    ScoreReason.NOT_UNDERSTOOD: "有没读懂的格",
}
