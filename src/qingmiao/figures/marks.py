"""The signs of the three answers. Attainment, pace and likelihood each have a family of shapes of their own,
and each sign always stands with its words: no answer is told by colour alone, and none by another's sign.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class MarkOf(StrEnum):
    """Which of the three questions a sign answers."""

    ATTAINMENT = "attainment"
    PACE = "pace"
    LIKELIHOOD = "likelihood"

    @property
    def label(self) -> str:
        """Chinese name."""
        return {"attainment": "达标情况", "pace": "进度", "likelihood": "可能性"}[self.value]


@dataclass(frozen=True)
class Mark:
    """One sign: its answer, its code, its shape (a character that every Chinese font has) and its words."""

    answer: MarkOf
    code: str
    sign: str
    label: str


def _marks(answer: MarkOf, rows: tuple[tuple[str, str, str], ...]) -> dict[str, Mark]:
    return {code: Mark(answer, code, sign, label) for code, sign, label in rows}


ATTAINMENT = _marks(
    MarkOf.ATTAINMENT,
    (
        ("met", "■", "达标"),
        ("not_met", "□", "未达标"),
        ("undetermined", "※", "无法判定"),
        ("pending", "◇", "待下达"),
        ("by_superior", "◆", "由上级负责"),
    ),
)
PACE = _marks(
    MarkOf.PACE,
    (
        ("met", "★", "已完成"),
        ("on_track", "▲", "进度正常"),
        ("behind", "△", "进度滞后"),
        ("far_behind", "▼", "明显滞后"),
        ("away", "▽", "背离目标"),
        ("undetermined", "－", "不作判断"),
    ),
)
LIKELIHOOD = _marks(
    MarkOf.LIKELIHOOD,
    (
        ("likely", "●", "预计可达标"),
        ("uncertain", "◎", "不确定"),
        ("unlikely", "○", "预计难达标"),
        ("none", "－", "数据不足"),
        ("not_applicable", "／", "不适用"),
    ),
)
