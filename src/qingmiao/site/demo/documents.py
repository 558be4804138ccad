"""The demonstration's documents and meetings: plans and reports at every stage, one of each other kind (those of an
evaluation: `evaluation`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from qingmiao.site.apps.acting import api
from qingmiao.site.apps.directory.api import Person, Reach
from qingmiao.site.demo.accounts import MARK


def stage(office: Person, people: list[tuple[Person, Person]], on: date) -> None:
    """Plans and reports at every stage: the last units have drafts, the first are reviewed and scored."""
    year = on.year
    for i, (who, leader) in enumerate(people):
        short = who.organisation.short
        plan = record(
            who,
            "work_plan",
            date(year, 1, 20),
            f"{short}{year}年儿童工作计划",
            "围绕承担的目标安排全年工作，明确责任科室和完成时间。",
        )
        if i < 6:
            step(leader, plan, "sign", version=1)
        if i < 4:
            step(office, plan, "review", version=2, opinion="已阅，按计划落实。")
        if i < 5:
            report = record(
                who,
                "self_report",
                date(year, 1, 10),
                f"{short}{year - 1}年自查报告",
                "全年任务总体完成；短板和下一年安排见附件。",
            )
            step(leader, report, "sign", version=1)
        if i < 3:
            score = Decimal(88 + 2 * i)
            step(office, report, "review", version=2, opinion="情况属实。", score=score)
        if i < 2:
            record(
                who,
                "implementation_plan",
                date(year, 2, 15),
                f"{short}落实儿童发展规划实施方案",
                "按任务分工逐项列出措施、进度和责任人。",
            )
    if people:
        first = people[0][0]
        short = first.organisation.short
        record(
            first,
            "study",
            date(year, 5, 16),
            "基层儿童服务能力专项调查",
            "走访十个乡镇，人员培训不足是主要短板。",
        )


def hold_meetings(office: Person, people: list[Person], on: date) -> None:
    """A meeting with decisions (one is a task already), a check with demands, a training, publicity, a delivery."""
    year = on.year
    meeting = record(
        office,
        "meeting",
        date(year, 3, 18),
        "妇儿工委全体会议",
        "听取上年度监测情况，研究短板指标。",
        answers={"meeting": "plenary", "attended": "36"},
        decisions="各牵头单位一个月内报送短板指标整改措施\n统计部门按季度通报报表报送情况\n年底前完成责任单位督导检查",
    )
    if people:
        api.open_task(
            office,
            unit=people[0].organisation,
            due_date=on + timedelta(days=30),
            title=f"报送短板指标整改措施{MARK}",
            activity=meeting,
            decision=1,
        )
        record(
            office,
            "supervision",
            date(year, 6, 12),
            "上半年督导检查",
            "台账完整；两个乡镇的数据报送偏迟。",
            of=people[0].organisation_id,
            score=Decimal(91),
            decisions="一个月内补齐迟报的数据\n建立按月核对的办法",
        )
    record(
        office,
        "training",
        date(year, 4, 9),
        "监测统计业务培训",
        "指标口径、报表填报、数据质量核查。",
        answers={"training": "monitoring", "audience": "各部门联络员和统计员", "attended": "58"},
    )
    record(
        office,
        "publicity",
        date(year, 6, 1),
        "儿童节规划宣传",
        "县城和十个乡镇同步开展规划宣传。",
        answers={"channels": ["printed", "event"], "reached": "2600", "estimated": "是"},
    )
    record(
        office,
        "delivery",
        date(year, 3, 30),
        "向市妇儿工委办报送年度监测情况",
        "报送年度监测报告和预警清单。",
    )


def record(
    who: Person,
    kind: str,
    on_date: date,
    title: str,
    text: str,
    *,
    of: str = "",
    score: Decimal | None = None,
    decisions: str = "",
    answers: Mapping[str, Any] | None = None,
) -> int:
    """A document of a unit (the person's own unless told); its number."""
    return api.record_for(
        Reach(who), api.kinds()[kind], of or str(who.organisation_id), year=on_date.year, on_date=on_date,
        title=f"{title}{MARK}", text=text, score=score, decisions=decisions, answers=answers,
    )  # fmt: skip


def step(who: Person, number: int, name: str, *, version: int, opinion: str = "", score: Decimal | None = None) -> None:
    """Take a step with a document that the person sees."""
    api.move_document(Reach(who), number, name, version=version, score=score, said={"opinion": opinion})
