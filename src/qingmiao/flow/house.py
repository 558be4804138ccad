"""The flows of the house itself: returns, reports, tasks, inspections. Content may name their states and steps
(deadlines do); apps run them.

Roles are ids. What content brings (documents, programmes) is not here.
"""

from __future__ import annotations

from functools import cache

from qingmiao.flow import records
from qingmiao.flow.table import NOTHING, REASON, Ask, Flow, State, Step

COMMITTEE_OFFICE, STATISTICS = "committee_office", "statistics"
LIAISON, LEADER, SUPERVISOR, VILLAGE_DIRECTOR = "liaison", "leader", "supervisor", "village_director"
SCHOOL, HOSPITAL = "school", "hospital"
ROLES = frozenset({COMMITTEE_OFFICE, STATISTICS, LIAISON, LEADER, SUPERVISOR, VILLAGE_DIRECTOR, SCHOOL, HOSPITAL})
"""The roles of content that the house's flows and pages name, by id: here alone. A pack with roles has all of them."""
FILLERS = frozenset({LIAISON, SUPERVISOR})
"""Who fills in the returns of their own unit, and nobody else's."""
WRITERS = frozenset({COMMITTEE_OFFICE, STATISTICS})
"""Who writes reports, and opens returns."""
ANSWERING = frozenset({LIAISON, LEADER, SUPERVISOR, SCHOOL, HOSPITAL})
"""Who acts for a unit; nobody does so on another unit's behalf."""
OFFICE = frozenset({COMMITTEE_OFFICE})
SIGNERS = frozenset({LEADER})
"""Who signs for a unit."""
AUDITING = frozenset({STATISTICS})
"""Who audits, accepts and locks returns."""

RETURNS = Flow(
    "returns",
    "统计报表",
    states=(
        State("draft", "填报中", "Draft"),
        State("submitted", "待签发", "To sign", "warn"),
        State("signed", "待审核", "To audit", "warn"),
        State("sent_back", "退回待改", "Sent back", "bad"),
        State("accepted", "已验收", "Accepted", "good"),
        State("locked", "已锁定", "Locked", "good"),
    ),
    steps=(
        Step("submit", "上报", "Submit", "draft", "submitted", FILLERS, guards=("complete",), effects=("submitted",)),
        Step("sign", "签发", "Sign", "submitted", "signed", SIGNERS, guards=("another_signs",), effects=("signed",)),
        Step("recall", "撤回上报", "Take back", "submitted", "draft", FILLERS, effects=("recalled",)),
        Step("recall", "撤回签发", "Take back the signature", "signed", "submitted", SIGNERS, effects=("unsigned",)),
        Step("send_back", "退回", "Send back", "submitted", "sent_back", SIGNERS, (REASON,), effects=("sent_back",)),
        Step("accept", "验收", "Accept", "signed", "accepted", AUDITING, guards=("another_accepts",),
            effects=("accepted",)),
        Step("send_back", "退回", "Send back", "signed", "sent_back", AUDITING, (REASON,), effects=("sent_back",)),
        Step("fill", "填写", "Fill in", "draft", "draft", FILLERS),
        Step("fill", "填写", "Fill in", "sent_back", "draft", FILLERS),
        Step("dun", "催报", "Dun", "draft", "draft", WRITERS, guards=("overdue", "once_a_day"), effects=("dunned",)),
        Step("lock", "锁定", "Lock", "accepted", "locked", AUDITING, effects=("locked",)),
        Step("correct", "更正", "Correct", "accepted", "draft", FILLERS | AUDITING, (REASON,), effects=("new_version",)),
        Step(
            "abandon", "撤回更正", "Withdraw the correction", "draft", "accepted", FILLERS | AUDITING, (REASON,),
            guards=("own_correction",), effects=("version_dropped",),
        ),
        Step("correct", "更正", "Correct", "locked", "draft", AUDITING, (REASON,), effects=("new_version",)),
    ),
)  # fmt: skip

REPORT = Flow(
    "edition",
    "监测报告",
    states=(
        State("making", "生成中", "being made"),
        State("failed", "未生成", "failed", "bad"),
        State("draft", "草稿", "draft", "warn"),
        State("preparing", "定稿中", "being finished"),
        State("review", "待批准", "awaiting approval", "warn"),
        State("released", "已发布", "released", "good", final=True),
    ),
    steps=(
        Step("start", "发起", "start", NOTHING, "making", WRITERS, effects=("started", "make")),
        Step("made", "生成完成", "made", "making", "draft", effects=("written",)),
        Step("fail", "生成失败", "failed", "making", "failed", effects=("failed",)),
        Step("retry", "重新生成", "try again", "failed", "making", WRITERS, effects=("restarted", "make")),
        Step("edit", "改写", "edit", "draft", "draft", WRITERS),
        Step("submit", "送审", "submit", "draft", "preparing", WRITERS, guards=("numbers_resolve",),
            effects=("submitted", "prepare")),
        Step("prepared", "定稿完成", "finished", "preparing", "review", effects=("written",)),
        Step("break", "定稿失败", "finishing failed", "preparing", "draft", effects=("failed", "taken_back")),
        Step("send_back", "退回", "send back", "review", "draft", WRITERS, (REASON,), effects=("noted", "taken_back")),
        Step(
            "approve", "批准发布", "approve", "review", "released", WRITERS,
            guards=("another_approves", "files_are_whole", "public_is_current"), effects=("approved", "shelved"),
        ),
    ),
)  # fmt: skip

TASK = Flow(
    "task",
    "任务",
    states=(
        State("open", "待办", "to do", "warn"),
        State("answered", "待核实", "to be verified", "warn"),
        State("closed", "已办结", "closed", "good"),
        State("withdrawn", "已撤销", "withdrawn", final=True),
    ),
    steps=(
        Step("prove", "上传材料", "add evidence", "open", "open", ANSWERING, guards=("addressed",)),
        Step(
            "answer", "报送办理情况", "answer", "open", "answered", ANSWERING,
            (Ask("cause", "原因"), Ask("countermeasure", "对策")), ("addressed",), ("answered",),
        ),
        Step("recall", "撤回", "take back", "answered", "open", ANSWERING, guards=("addressed",), effects=("recalled",)),
        Step("redate", "改期限", "re-date", "open", "open", OFFICE, (REASON,), ("later",), ("redated", "noted")),
        Step(
            "close", "核实办结", "close", "answered", "closed", OFFICE, guards=("another_verifies",), effects=("closed",)
        ),
        Step("return", "退回重办", "send back", "answered", "open", OFFICE, (REASON,), effects=("noted",)),
        Step("reopen", "重新打开", "reopen", "closed", "open", OFFICE, (REASON,), effects=("noted", "reopened")),
        Step("withdraw", "撤销", "withdraw", "open", "withdrawn", OFFICE, (REASON,), effects=("noted",)),
        Step("follow", "随来源改期限", "re-dated", "open", "open", asks=(REASON,), effects=("redated", "noted")),
        Step("settle", "随来源办结", "closed by its source", "open", "closed", asks=(REASON,), effects=("settled",)),
        Step("settle", "随来源办结", "closed by its source", "answered", "closed", asks=(REASON,), effects=("settled",)),
        Step("drop", "随来源撤销", "withdrawn by its source", "open", "withdrawn", asks=(REASON,), effects=("noted",)),
        Step(
            "drop", "随来源撤销", "withdrawn by its source", "answered", "withdrawn", asks=(REASON,), effects=("noted",)
        ),
    ),
)  # fmt: skip
"""What a source does with its own task (`follow`, `settle`, `drop`) no person does by hand."""

COLLECTION = Flow(
    "collection",
    "开启填报",
    states=(State("open", "已开启", "open", "good"), State("taken_back", "已撤回", "taken back", final=True)),
    steps=(
        Step("open", "开启", "open", NOTHING, "open", WRITERS, jobs=True),
        Step(
            "take_back", "撤回开启", "take back", "open", "taken_back", WRITERS,
            guards=("nobody_began",), effects=("taken_back",),
        ),
    ),
)  # fmt: skip
"""A form that is opened for a year; opening it again sets its due date and adds missing returns. What was taken back is
gone: the form can be opened anew."""


@cache
def inspection(roles: frozenset[str]) -> Flow:
    """The flow of an inspection whose checklist is worked through by people with these roles (`inspected_by`)."""
    mine, ordered = ("inspects",), ("inspects", "rectifies_ahead")
    opinion = Ask("opinion", "复查意见")
    return Flow(
        "inspection",
        "督导检查",
        states=(
            State("planned", "待检查", "planned", "warn"),
            State("visiting", "检查中", "on the spot", "warn"),
            State("recorded", "待核对签字", "to be confirmed", "warn"),
            State("found", "结果已定", "result stands"),
            State("ordered", "整改中", "being put right", "bad"),
            State("transferred", "已移送", "transferred", "warn"),
            State("closed", "已办结", "closed", "good", final=True),
            State("not_held", "未能检查", "could not be held", final=True),
            State("cancelled", "已取消", "cancelled", final=True),
        ),
        steps=(
            Step(
                "plan", "安排检查", "plan", NOTHING, "planned", roles,
                guards=("place_fits", "inspectors_fit", "not_crowded"), effects=("reassigned",),
            ),
            Step(
                "join", "并入联合检查", "join a joint visit", "planned", "planned", roles, guards=("joins",),
                effects=("joined",),
            ),
            Step("cancel", "取消", "cancel", "planned", "cancelled", roles, (REASON,)),
            Step("visit", "到场检查", "begin", "planned", "visiting", roles, guards=mine, effects=("visited",)),
            Step("fill", "填写检查单", "fill in", "visiting", "visiting", roles, guards=mine, effects=("filled",)),
            Step(
                "conclude", "提交检查记录", "hand in", "visiting", "recorded", roles,
                guards=("inspects", "complete"), effects=("filled", "concluded"),
            ),
            Step(
                "fail", "未能检查", "could not be held", "visiting", "not_held", roles, (REASON,), mine,
                ("noted", "published"),
            ),
            Step(
                "refuse", "拒绝检查", "refused", "visiting", "not_held", roles, (REASON,), mine, ("noted", "published")
            ),
            Step(
                "return", "退回补正", "send back", "recorded", "visiting", roles, (REASON,),
                ("inspects", "another_confirms"), ("noted", "taken_back"),
            ),
            Step(
                "confirm", "核对签字", "confirm", "recorded", "found", roles,
                guards=("inspects", "another_confirms"), effects=("confirmed", "published"),
            ),
            Step(
                "order", "下达整改通知", "order", "found", "ordered", roles, guards=(*ordered, "has_findings"),
                effects=("ordered", "published"),
            ),
            Step(
                "close", "办结", "close", "found", "closed", roles, guards=("inspects", "nothing_to_rectify"),
                effects=("closed", "published"),
            ),
            Step(
                "again", "复查后继续整改", "order again", "ordered", "ordered", roles, (opinion,), (*ordered, "some_left"),
                ("noted", "rechecked", "ordered", "published"),
            ),
            Step(
                "recheck", "复查合格", "re-checked", "ordered", "closed", roles, (opinion,),
                ("inspects", "all_rectified"), ("noted", "rechecked", "closed", "published"),
            ),
            Step(
                "extend", "批准延期", "extend once", "ordered", "ordered", frozenset({LEADER}), (REASON,),
                ("another_extends", "extends_once", "later_than_due"), ("noted", "extended"),
            ),
            *(
                Step(
                    "transfer", "移送处理", "transfer", state, "transferred", roles, (Ask("receiver", "移送哪个单位"), REASON),
                    ("inspects", "has_findings"), ("noted", "transferred", "published"),
                )
                for state in ("found", "ordered")
            ),
            Step(
                "answer", "登记移送处理结果", "result of the transfer", "transferred", "closed", roles,
                (Ask("outcome", "处理结果"),), mine, ("noted", "closed", "published"),
            ),
            *(
                Step(
                    "reassign", "更换检查人员", "change inspectors", state, state, roles, (REASON,),
                    ("inspectors_fit",), ("reassigned",),
                )
                for state in ("planned", "visiting", "recorded", "found", "ordered")
            ),
        ),
    )  # fmt: skip


INSPECTION = inspection(frozenset({LIAISON}))
"""With one role, for whoever names its states and steps (deadlines) or prints it."""


@cache
def draw(roles: frozenset[str]) -> Flow:
    """A double-random drawing: one person makes the lists, another draws; both lists and the seed are kept."""
    return Flow(
        "draw",
        "双随机抽取",
        states=(
            State("prepared", "名单已定，待抽取", "lists stand", "warn"),
            State("drawn", "已抽取", "drawn", "good", final=True),
            State("dropped", "已作废", "dropped", final=True),
        ),
        steps=(
            Step("prepare", "定名单", "make the lists", NOTHING, "prepared", roles, guards=("lists_fit",)),
            Step(
                "draw", "抽取", "draw", "prepared", "drawn", roles, (Ask("seed", "种子"),), ("another_draws", "can_draw"),
                ("drawn",),
            ),
            Step("drop", "作废", "drop", "prepared", "dropped", roles, (REASON,), effects=("dropped",)),
        ),
    )  # fmt: skip


DRAW = draw(frozenset({LIAISON}))

REQUESTS = (records.file_request(frozenset({HOSPITAL})), records.glass_review(frozenset({HOSPITAL})))
"""What a guardian asks and the review of broken glass, likewise."""
HOUSE = {flow.name: flow for flow in (RETURNS, REPORT, TASK, COLLECTION, INSPECTION, DRAW, *REQUESTS)}
"""Every flow of the house by its name."""
