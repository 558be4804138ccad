"""The demonstration's evaluation: a round under way, self-evaluations, two members' scores, what was found, a good
practice, an answer to a deputy."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile

from qingmiao.content.documents import DocumentKind
from qingmiao.content.evaluations import EvaluationScheme
from qingmiao.flow import house
from qingmiao.site.apps.acting import api
from qingmiao.site.apps.directory.api import Person, Reach
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.demo import accounts, papers
from qingmiao.site.demo.accounts import MARK
from qingmiao.site.demo.documents import record, step
from qingmiao.site.pack import pack

MANY = 200
"""So many rows of a table are enough for a package and a sample."""


def stage(office: Person, people: list[tuple[Person, Person]], on: date) -> None:
    """One round of the year: opened by a second person of the office, four self-evaluations, three of them signed."""
    second = next((p for p in accounts.everyone(house.COMMITTEE_OFFICE) if p.pk != office.pk), None)
    if not people or second is None or "evaluation_round" not in api.kinds():
        return
    _round(office, second, on)
    for i, (who, leader) in enumerate(people[:4]):
        number = _self_evaluation(who, on)
        if i < 3:
            step(leader, number, "sign", version=1)
        if i < 2:
            step(office, number, "review", version=2, opinion="材料齐全，数字与系统一致。")
    for kind in api.kinds().values():
        if kind.apart:
            _scores(kind, office, [str(who.organisation_id) for who, _ in people[:3]], on)
    _outside(office, second, on)
    _findings(office, people[0][0], on)
    _practice(office, *people[0], on)
    _news(office, people[0][0], on)
    _answer(*people[-1], on)


def _round(office: Person, second: Person, on: date) -> None:
    number = record(
        office, "evaluation_round", date(on.year, 3, 5), f"{on.year}年规划实施情况终期评估",
        "部门自我评估、评估组评分、第三方评估、形成报告，四步进行。",
        answers={
            "stage": "final", "from_year": str(on.year - 5), "to_year": str(on.year - 1),
            "self_due": f"{on.year}-04-10", "report_due": f"{on.year}-05-31",
            "methods": ["data", "documents", "interview", "visit"],
            "sample": "抽三个乡镇，每个乡镇两所学校、一所卫生院、十户家庭。",
        },
        decisions="各成员单位四月十日前报送自我评估\n评估组成员各自评分后商定",
    )  # fmt: skip
    step(second, number, "open", version=1, opinion="领导小组会议同意，按方案组织。")


def _self_evaluation(who: Person, on: date) -> int:
    short = who.organisation.short
    return record(
        who, "evaluation", date(on.year, 4, 8), f"{short}规划终期自我评估", "承担的目标逐项对照，结论见各项数字。",
        answers={
            "stage": "final", "done": "任务分工逐项落实，乡镇按月核对台账。", "effect": "多数目标达到预期，个别指标提升较慢。",
            "problem": "基层人员更换频繁，台账更新不及时。", "next": "列入下一年度培训计划，按季度通报进度。",
            "shown_by": "实施方案、年度自查报告和会议纪要。",
        },
    )  # fmt: skip


def _scores(kind: DocumentKind, office: Person, units: list[str], on: date) -> None:
    """Of the first unit settled, of the second scored by both, of the third by one."""
    members = [p for role in kind.recorded_by for p in accounts.everyone(role)][:2]
    if len(members) < 2 or kind.scheme is None:
        return
    items = [i.id for i in pack().entries("evaluations", EvaluationScheme)[kind.scheme].items]
    for n, unit in enumerate(units):
        made = [_score(kind, who, unit, items, on, low=3 * i) for i, who in enumerate(members[: 2 if n < 2 else 1])]
        if n == 0:
            step(office, made[1], "settle", version=1, opinion="第一项按核对后的数字商定。", score=Decimal("92.5"))


def _score(kind: DocumentKind, who: Person, unit: str, items: list[str], on: date, *, low: int) -> int:
    answers = dict.fromkeys(items, "95") | {f"{i}_why": "个别材料没有写明日期" for i in items}
    answers |= {items[0]: str(90 - low), f"{items[0]}_why": "有目标没有达标"}
    return record(
        who, kind.id, date(on.year, 4, 20), "终期评估评分", "总体落实较好，有目标没有达标。", of=unit, answers=answers
    )  # fmt: skip


def _outside(office: Person, second: Person, on: date) -> None:
    """What goes to the commissioned evaluator: a package, a sample drawn from it, an opinion taken into the report."""
    run = monitoring.current()
    makes = {id_ for id_, kind in api.kinds().items() if kind.sample is not None or kind.handed is not None}
    who = next((p for role in pack().roles.values() if role.outside for p in accounts.everyone(role.id)), None)
    if run is None or who is None or makes < {"evaluation_package", "evaluation_sample"}:
        return
    package = record(
        office, "evaluation_package", date(on.year, 3, 20), "终期评估脱敏数据包", "按委托协议用于终期评估，不得辨认任何人，到期删除。",
        of=str(who.organisation_id),
        answers={
            "data_year": str(run.run.year), "until": f"{on.year + 1}-12-31", "agreement": "终期评估委托协议（演示）",
            "deletes": "是",
        },
    )  # fmt: skip
    schemes = pack().entries("evaluations", EvaluationScheme).values()
    named = [t.fact for scheme in schemes for t in scheme.package]
    there = [t for t in named if monitoring.rows_of_year(run, t, run.run.year).num_rows > MANY]
    if there:
        step(second, package, "release", version=1, opinion="协议齐全，同意交付。")
    sample = record(
        who, "evaluation_sample", date(on.year, 3, 25), "登记抽查", "核对登记是否完整。",
        answers={
            "package": str(package), "table": there[-1] if there else named[0], "wanted": "30",
            "seed": "抽样当天当场定下的一串字",
        },
    )  # fmt: skip
    if there:
        step(who, sample, "draw", version=1)
    opinion = record(
        who, "evaluation_opinion", date(on.year, 4, 25), "终期评估第三方意见", "总体落实较好，与部门自我评估大体一致。",
        answers={
            "stage": "final", "methods": "数据分析、抽样核对，数据包和抽样记录见编号。", "data_quality": "登记完整，更正有记录。",
            "agrees": "partly", "differs_why": "个别单位自评分偏高。", "problem": "基层人员更换后台账更新较慢。",
            "advice": "建立交接清单，按季度核对。", "limits": "未入户；与委托方没有其他利益关系。",
        },
    )  # fmt: skip
    step(who, opinion, "give", version=1)
    step(office, opinion, "take", version=2, opinion="写进评估报告的突出问题部分。")


def _findings(office: Person, about: Person, on: date) -> None:
    number = record(
        office, "evaluation_finding", date(on.year, 4, 28), "基层台账更新不及时", "两个乡镇的台账晚于规定时间更新。",
        of=str(about.organisation_id),
        answers={
            "stage": "final", "cause": "人员更换后没有及时培训。", "measure": "建立交接清单，换岗一周内完成培训。",
            "next_plan": "是", "next_plan_where": "下一阶段实施方案的组织保障部分",
        },
        decisions="一个月内建立基层人员交接清单",
    )  # fmt: skip
    api.open_task(
        office, unit=about.organisation, due_date=on + timedelta(days=30), title=f"建立基层人员交接清单{MARK}",
        activity=number, decision=1,
    )  # fmt: skip


def _news(office: Person, who: Person, on: date) -> None:
    """Something that was done for children, agreed to be published with the next report."""
    number = record(who, "news", on, "乡村儿童暑期健康体检", "为乡村儿童免费体检并建立随访。")
    step(office, number, "agree", version=1)


def _practice(office: Person, who: Person, leader: Person, on: date) -> None:
    number = record(
        who, "practice", date(on.year, 8, 3), "“一户一档”跟踪做法",
        "由村级逐户建档、乡镇按月核对，漏报明显减少，可以推广。",
        answers={
            "since": str(on.year - 2), "reached": "1200", "counted": "按村级台账合计",
            "shown_by": "系统中报表退回和更正的次数逐年减少。", "limits": "要有固定的村级人员。",
        },
    )  # fmt: skip
    file = SimpleUploadedFile(f"核对记录{MARK}.pdf", papers.one_line())
    api.add_document_file(Reach(who), number, file)
    step(office, number, "spread", version=1, opinion="查看台账属实，在全县推广。")


def _answer(who: Person, leader: Person, on: date) -> None:
    found = api.figures_of(str(who.organisation_id), on.year)
    known = [f for f in found.rows if f.value] if found is not None else []
    said = "".join(f"{f.label}为{{{f.indicator}@{found.year}}}。" for f in known[:2]) if found is not None else ""
    number = record(
        who, "congress_question", date(on.year, 6, 20), "关于加强儿童工作建议的答复",
        f"承办单位研究后答复如下。{said}下一步按实施方案逐项推进。",
        answers={
            "from": "congress", "number": "第0号（演示）", "question": "全县儿童工作进展怎样，下一步怎样安排。",
            "received": f"{on.year}-05-12", "outcome": "planned",
        },
    )  # fmt: skip
    step(leader, number, "sign", version=1)
