"""The words by which content names guards and effects of its flows: `check` knows them, the apps carry them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class FlowWords:
    """What the flows of one kind of content may name: each guard and effect with what it means, in Chinese."""

    guards: Mapping[str, str]
    effects: Mapping[str, str]


DOCUMENTS = FlowWords(
    guards={
        "score_in_range": "得分（如果填了）在 0 到 100 之间",
        "another_signs": "签报的不是记录这份文书的人",
        "another_person": "办理的不是记录这份文书的人",
        "to_outside": "文书所说的单位有外部人员的账号",
        "another_reviews": "审阅的不是签报的人",
        "has_evidence": "至少已有一个佐证材料文件",
        "not_scored_yet": "同一种类、同一单位、同一年，本人还没有评过（作废的不算）",
        "only_one": "同一种类、同一单位、同一年，还没有别人评过",
        "scored_by_two": "同一种类、同一单位、同一年，已有两人各自评过",
    },
    effects={
        "signed": "记下谁、什么时候签报",
        "sent_back": "留下理由（环节的 opinion），原来的签报作废",
        "taken_back": "签报作废，回到签报以前（由签报的一方撤回，不用理由）",
        "settled": "同一种类、同一单位、同一年的别的评分一并商定",
        "packed": "按 package 的评估方案做成脱敏数据包，作为文书的文件",
        "drawn": "按 sample 所写的栏目从数据包抽样，抽取记录作为文书的文件",
        "reviewed": "留下意见（环节的 opinion）和审阅人；评分的种类在这一步给分",
    },
)
"""What flows of kinds of documents may name (`documents/`)."""
REGISTERED: Mapping[str, FlowWords] = {"documents": DOCUMENTS}
"""By the folder of the content."""
