"""The words of the audit trail: from the labels of the flows' steps, and a list of what is no step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from qingmiao.content.registers import RegisterKind
from qingmiao.site.apps.audit.api import EventShown
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory.api import DOORS
from qingmiao.site.pack import pack
from qingmiao.site.web.ui.language import t

Words = tuple[str, str]
"""Chinese and English."""

OTHER: dict[str, Words] = {
    "acting.evidence.add": ("上传材料", "evidence added"),
    "acting.evidence.see": ("查看材料", "evidence seen"),
    "acting.responsibility.propose": ("提出责任分工建议", "responsibilities proposed"),
    "directory.code.fail": ("动态口令错误", "wrong one-time code"),
    "directory.load": ("载入单位和地区", "units and areas loaded"),
    "directory.login.fail": ("登录失败", "login failed"),
    "directory.password.forgotten": ("申请重置口令", "asked for a new password"),
    "directory.password.fail": ("修改口令时原口令错误", "wrong password on the password page"),
    "directory.session.begin": ("登录", "logged in"),
    "directory.session.end": ("退出登录", "logged out"),
    "audit.export": ("导出审计记录", "audit trail exported"),
    "benefits.file": ("取出代发文件", "payment file taken"),
    "cases.confirm.refuse": ("没有确认等待的环节", "waiting step not confirmed"),
    "cases.document": ("上传个案材料", "file of a case added"),
    "cases.document.see": ("查看个案材料", "file of a case seen"),
    "cases.heard": ("系统依据记录自动受理", "looked at for opening by itself"),
    "cases.origin": ("自动受理所依据的记录有变化", "origin of a case said anew"),
    "cases.late": ("时限逾期，提请督办", "late clock gone up"),
    "cases.note": ("添加备注", "note added"),
    "cases.stage": ("生成演示个案", "demonstration cases made"),
    "cases.todo": ("完成待办事项", "thing to do done"),
    "cases.unseal": ("同意启封", "unsealing agreed"),
    "cases.unseal.ask": ("提出启封", "unsealing asked"),
    "cases.list": ("按名单受理个案", "cases opened from a list"),
    "cases.link": ("关联儿童档案", "child's file linked"),
    "cases.print": ("打印个案的表", "form of a case printed"),
    "cases.propose": ("提出环节，等第二人确认", "step proposed to a second person"),
    "cases.reveal": ("查看限制查看的栏目", "restricted fields read"),
    "cases.round": ("查看单位的定期名单", "list of a round seen"),
    "cases.round.staff": ("报应列入的人数", "number of a round stated"),
    "cases.see": ("查看个案", "case seen"),
    "inspections.print": ("打印检查文书", "paper of an inspection printed"),
    "inspections.photo.see": ("查看检查照片", "photograph of an inspection seen"),
    "monitoring.rows": ("查看个案数据行", "rows of records seen"),
    "monitoring.run": ("重新计算指标", "indicators measured"),
    "publishing.download": ("下载报告", "report downloaded"),
    "exchange.pack": ("做上报数据包", "package made for a partner"),
    "exchange.take": ("接收数据包", "package of a partner taken"),
    "exchange.receipt": ("收到回执", "receipt of a partner kept"),
    "shelf.put": ("公开发布", "published for everybody"),
    "publishing.edit": ("修改报告文字", "report's prose edited"),
    "records.child.block": ("档案停止使用", "file blocked"),
    "records.child.unblock": ("档案恢复使用", "file in use again"),
    "records.request.copy": ("为监护人复制档案", "copy made for a guardian"),
    "records.child.break": ("紧急查阅儿童档案", "child's file opened urgently"),
    "records.child.export": ("导出的名单里有这名儿童", "child in an exported list"),
    "records.child.reveal": ("查看完整的号码、电话或住址", "number shown in full"),
    "records.child.print": ("打印儿童档案摘要", "summary of a child's file printed"),
    "records.child.see": ("查阅儿童档案", "child's file seen"),
    "records.export": ("导出儿童名单", "list of children exported"),
    "records.keys.new": ("启用新一版密钥", "a new version of the keys"),
    "records.keys.retire": ("停用旧密钥", "an old key retired"),
    "records.keys.rotate": ("换到最新的密钥下", "sealed values rotated"),
    "records.list": ("查看儿童名单", "list of children seen"),
    "records.mother.list": ("查看孕产妇名单", "list of mothers seen"),
    "records.mother.reveal": ("查看孕产妇完整的号码、电话", "mother's number shown in full"),
    "records.mother.see": ("查阅孕产妇档案", "mother's file seen"),
    "records.search": ("查找儿童", "children searched"),
    "registers.export": ("导出登记册", "register exported"),
    "registers.import": ("导入登记册", "register imported"),
    "registers.list.receive": ("上传登记册的名单", "list for a register uploaded"),
    "registers.list.headings": ("记住名单的表头", "headings of a list remembered"),
    "registers.list.give_up": ("放弃登记册的名单", "list for a register given up"),
    "registers.print": ("打印登记册", "register printed"),
    "registers.see": ("查看登记的人员", "entry of a person seen"),
    "returns.import": ("导入历史报表", "earlier returns imported"),
    "returns.lock": ("锁定年度报表", "year locked"),
    "surveys.answer.file": ("查看答卷附件", "file of an answer seen"),
    "returns.mapping.save": ("保存表头对应关系", "headings' mapping saved"),
    "returns.open": ("开始年度填报", "year opened"),
    "returns.remind": ("发出填报提醒", "reminders made"),
    "returns.save": ("填写报表", "figures saved"),
    "start.plan": ("首次启动开始装入数据", "first loading begun"),
    "start.stage": ("首次启动装好一段数据", "stage of the first loading done"),
    "returns.stage": ("生成演示填报", "demonstration staged"),
    "returns.upload": ("上传报表文件", "file uploaded"),
    "returns.upload.apply": ("采用上传的报表文件", "uploaded file taken over"),
    "records.exchange": ("通过接口读取儿童档案", "children's files read by a program"),
    "records.outside": ("和外部系统交换健康记录", "health records exchanged with an outside server"),
    "site.export": ("导出页面表格", "tables of a page exported"),
    "task.escalate": ("逾期提请上级督办", "escalated"),
    "task.evidence": ("上传材料", "evidence added"),
    "task.evidence.see": ("查看材料", "evidence seen"),
    "task.open": ("下达任务", "task opened"),
}
"""What is appended to the trail beside the steps of flows."""
THINGS: dict[str, Words] = {
    "activity": ("材料", "document"),
    "edition": ("报告", "report"),
    "evidence": ("材料", "evidence"),
    "fund": ("经费", "fund"),
    "case": ("个案", "case"),
    "benefit_run": ("发放批次", "run of benefits"),
    "inspection": ("检查", "inspection"),
    "register": ("登记册", "register"),
    "register_entry": ("登记", "entry of a register"),
    "draw": ("双随机抽取", "double-random drawing"),
    "child": ("儿童档案", "child's file"),
    "mother": ("孕产妇档案", "mother's file"),
    "mothers": ("孕产妇名单", "list of mothers"),
    "children": ("儿童名单", "list of children"),
    "child_list": ("导入的名单", "imported list"),
    "health_record": ("健康记录", "health record"),
    "same_child": ("疑似重复档案", "possible duplicate"),
    "same_mother": ("疑似重复的孕产妇档案", "possible duplicate of a mother"),
    "charge": ("负责范围", "charge"),
    "consent": ("监护人同意", "consent"),
    "erasure": ("到期档案", "file past its time"),
    "file_request": ("监护人申请", "guardian's request"),
    "glass_review": ("紧急查阅", "urgent look"),
    "keys": ("密钥", "keys"),
    "project": ("实事", "project"),
    "responsibility": ("牵头单位", "lead unit"),
    "survey": ("调查", "survey"),
    "survey_answer": ("答卷", "answer"),
    "task": ("任务", "task"),
    "person": ("账号", "account"),
    "run": ("指标计算", "run"),
    "session": ("登录", "session"),
    "token": ("接口令牌", "interface token"),
    "trail": ("审计记录", "audit trail"),
    "page": ("页面", "page"),
    "day": ("日期", "day"),
    "year": ("年度", "year"),
    "filing": ("报表", "return"),
    "return": ("报表", "return"),
    "form": ("报表", "return"),  # as events called it before
    "indicator": ("指标", "indicator"),
    "mapping": ("表头对应关系", "mapping"),
    "pack": ("内容包", "pack"),
    "upload": ("上传的文件", "upload"),
}
"""What events are about, by the kind that they name."""


def words() -> Mapping[str, Words]:
    """Every action that has words, with them."""
    return _words(len(DOORS), pack().digest)


@cache
def _words(doors: int, digest: str) -> Mapping[str, Words]:
    found: dict[str, Words] = {}
    for door in DOORS.values():
        for flow in door.flows():
            for step in flow.steps:
                found.setdefault(f"{door.action}.{step.name}", (step.label, step.label_en))
    # as events were called before tasks were an app of their own
    earlier = {f"acting.{action}": said for action, said in (found | OTHER).items() if action.startswith("task.")}
    return earlier | found | OTHER


def thing(kind: str) -> Words:
    """What a thing of the audit is called; the kind itself where nothing has a word for it."""
    return THINGS.get(kind, (kind, kind))


JOBS = {"system": ("系统", "system"), "anonymous": ("未登录的访客", "somebody not logged in")}
"""Actors who are no people."""


@dataclass(frozen=True)
class Deed:
    """One event as people read it."""

    event: EventShown
    who: str
    unit: str
    what: str
    thing: str


def _called(id_: str) -> str:
    """What an event is about, by its number as it is; a goal or measure of the plan (field.g2/2024) by its number and
    words, with the year."""
    element, slash, year = id_.partition("/")
    plan = pack()
    if element in plan.goals:
        found = f"{plan.goals[element].number}. {plan.goals[element].text[:24]}"
    elif element in plan.measures:
        found = f"{plan.measures[element].number} {plan.measures[element].title}"
    elif element in (registers := plan.entries("registers", RegisterKind)):
        found = registers[element].label.zh
    elif element in plan.indicators:
        found = plan.indicators[element].label.zh
    else:
        return id_
    return f"{found}（{year}）" if slash else found


def deeds(events: Iterable[EventShown]) -> list[Deed]:
    """Events with names for people, units, actions and things; what has none keeps its code."""
    listed = list(events)
    names = directory.names([e.actor for e in listed] + [e.object_id for e in listed if e.object_type == "person"])
    known, units = words(), pack().organisations
    return [
        Deed(
            e,
            t(*JOBS[e.actor]) if e.actor in JOBS else names.get(e.actor, e.actor),
            units[e.unit].short or units[e.unit].label.zh if e.unit in units else e.unit,
            t(*known[e.action]) if e.action in known else e.action,
            " ".join(
                x
                for x in (
                    t(*thing(e.object_type)) if e.object_type else "",
                    names.get(e.object_id, e.object_id) if e.object_type == "person" else _called(e.object_id),
                )
                if x
            ),
        )
        for e in listed
    ]
