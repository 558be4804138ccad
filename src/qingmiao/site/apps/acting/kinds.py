"""The kinds of activities that a county records beside its figures; one row a kind.

A kind with `signed` is a unit's document: the unit's leader signs it, the committee office reviews it. All others are recorded by
whoever held them and stand at once.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """`by`: "unit" (a unit records its own), "office" (the committee office or statistics). `numbers`: the count that is asked for."""

    id: str
    label: str
    label_en: str
    by: str
    text: str
    """What the text is called."""
    signed: bool = False
    scored: bool = False
    people: str = ""
    """What the count means; empty: not asked."""
    about_unit: bool = False
    """It concerns another unit than the one that records it (a check)."""
    decides: bool = False
    """It has decisions (议定事项, 整改要求), one a line, each of which may become a task."""


KINDS = (
    Kind("implementation_plan", "部门实施方案", "Implementation plans", "unit", "方案要点", signed=True),
    Kind("work_plan", "年度工作计划", "Yearly work plans", "unit", "计划要点", signed=True),
    Kind(
        "self_report",
        "年度自查报告",
        "Annual self-reports",
        "unit",
        "实施情况和下一年安排",
        signed=True,
        scored=True,
    ),
    Kind("evaluation", "评估材料", "Evaluation papers", "unit", "自我评估结论", signed=True),
    Kind(
        "supervision",
        "督导检查",
        "Supervision checks",
        "office",
        "发现的问题",
        scored=True,
        about_unit=True,
        decides=True,
    ),
    Kind("meeting", "会议纪要", "Meetings", "office", "会议纪要", people="参加人数", decides=True),
    Kind("study", "调查研究和专项调查", "Studies", "unit", "结论和建议"),
    Kind("training", "培训", "Training", "unit", "内容", people="参加人数"),
    Kind("publicity", "宣传", "Publicity", "unit", "内容", people="覆盖人数"),
    Kind("practice", "好做法和对策建议", "Good practice", "unit", "做法、成效、可推广之处"),
    Kind("delivery", "报送、反馈和发布", "Deliveries", "office", "送给谁、送了什么"),
)
BY_ID = {k.id: k for k in KINDS}
