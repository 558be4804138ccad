"""The flows of children's and mothers' files: the file, a health record in it, two files of one person, a charge.

Which roles take their steps is content (`children` of a role, `recorded_by` of a kind of record).
"""

from __future__ import annotations

from functools import cache

from qingmiao.flow.table import NOTHING, REASON, Ask, Flow, State, Step

Roles = frozenset[str]


_LIVES = (
    State("here", "在册", "on the register", "good"),
    State("moved_out", "已迁出", "moved out"),
    State("died", "已死亡", "died"),
)
"""Where the life of somebody with a file stands."""
_HELD = ("here", "moved_out")
"""The states in which a file is kept further."""


def _registered(keepers: Roles, known: tuple[str, ...]) -> Step:
    """A file is opened; a reason only where one may be there already."""
    asks = (Ask("reason", "仍要建档的原因", optional=True),)
    return Step("register", "建档", "register", NOTHING, "here", keepers, asks, (*known, "not_twice"), ("registered",))


@cache
def child(keepers: Roles, settlers: Roles) -> Flow:
    """A child's file, kept by one unit: registered, corrected, moved out and back, closed by death, merged."""
    why = (REASON,)
    known = ("identity_fits", "number_free")
    return Flow(
        "child",
        "儿童档案",
        states=(
            *_LIVES,
            State("merged", "已合并", "merged"),
            State("void", "已撤销建档", "taken back", final=True),
        ),
        steps=(
            _registered(keepers, known),
            *(
                Step("amend", "更正身份信息", "correct identity", s, s, keepers, why, known, ("amended",)) for s in _HELD
            ),
            *(Step("relate", "登记亲属", "relatives", s, s, keepers, guards=("relative_fits",), effects=("related",))
              for s in _HELD),
            *(Step("part", "结束亲属关系", "end a relation", s, s, keepers, why, effects=("parted",)) for s in _HELD),
            Step(
                "reside", "变更住址户籍", "new address", "here", "here", keepers, guards=("stay_fits",),
                effects=("stayed",),
            ),
            Step(
                "attend", "登记就读", "attendance", "here", "here", keepers, guards=("attendance_fits",),
                effects=("attended",),
            ),
            Step(
                "hand_over", "转交管理单位", "hand over", "here", "here", keepers, why, ("receiver_fits",),
                ("handed_over",),
            ),
            Step(
                "move_out", "迁出", "move out", "here", "moved_out", keepers, (Ask("to", "迁往何处"),), ("left_fits",),
                ("left",),
            ),
            Step(
                "return", "迁回", "back", "moved_out", "here", keepers, guards=("stay_fits",),
                effects=("returned", "stayed"),
            ),
            *(
                Step("die", "登记死亡", "died", s, "died", keepers, why, ("left_fits",), ("left",), jobs=True)
                for s in _HELD
            ),
            Step("reopen", "撤销死亡登记", "reopen", "died", "here", keepers, why, effects=("returned",), jobs=True),
            Step("merge", "并入另一份档案", "merge", "here", "merged", settlers, why, ("survivor_fits",), ("merged",)),
            Step("unmerge", "拆分", "take apart", "merged", "here", settlers, why, ("number_free",), ("unmerged",)),
            Step(
                "void", "撤销建档", "take back", "here", "void", asks=why, guards=("unused",), effects=("voided",),
                jobs=True,
            ),
        ),
    )  # fmt: skip


@cache
def mother(keepers: Roles) -> Flow:
    """A mother's file (孕产妇档案), kept by one unit: registered, corrected, moved out and back, closed by death, merged
    into another one of the same woman and taken apart again."""
    why = (REASON,)
    known = ("mother_fits", "number_free")
    return Flow(
        "mother",
        "孕产妇档案",
        states=(*_LIVES, State("merged", "已合并", "merged")),
        steps=(
            _registered(keepers, known),
            *(Step("amend", "更正身份和住址", "correct", s, s, keepers, why, known, ("amended",)) for s in _HELD),
            Step("move_out", "迁出", "move out", "here", "moved_out", keepers, (Ask("to", "迁往何处"),)),
            Step("return", "迁回", "back", "moved_out", "here", keepers, why),
            *(Step("die", "登记死亡", "died", s, "died", keepers, why) for s in _HELD),
            Step("reopen", "撤销死亡登记", "reopen", "died", "here", keepers, why),
            Step("merge", "并入另一份档案", "merge", "here", "merged", keepers, why, ("survivor_fits",), ("merged",)),
            Step("unmerge", "拆分", "take apart", "merged", "here", keepers, why, ("number_free",), ("unmerged",)),
        ),
    )  # fmt: skip


@cache
def health_record(roles: Roles) -> Flow:
    """One record in a file, made by a unit whose people hold one of these roles (`recorded_by`); never deleted."""
    fits = ("person_seen", "complete", "within_life", "births_fit")
    return Flow(
        "health_record",
        "健康记录",
        states=(
            State("recorded", "已登记", "recorded", "good"),
            State("corrected", "已更正", "corrected", "good"),
            State("withdrawn", "已撤销", "withdrawn", final=True),
        ),
        steps=(
            Step("record", "登记", "record", NOTHING, "recorded", roles, guards=fits, effects=("written", "published")),
            *(
                Step("correct", "更正", "correct", s, "corrected", roles, (REASON,), fits, ("written", "published"))
                for s in ("recorded", "corrected")
            ),
            *(
                Step("withdraw", "撤销", "withdraw", s, "withdrawn", roles, (REASON,), ("person_seen", "births_fit"),
                     ("written", "published"))
                for s in ("recorded", "corrected")
            ),
        ),
    )  # fmt: skip


@cache
def twins(settlers: Roles) -> Flow:
    """Two files that may be of one child, found at registration or by comparing all: the same child, or two."""
    return _one_or_two("same_child", "疑似重复档案", ("儿童", "child", "children"), settlers)


@cache
def twice_filed(settlers: Roles) -> Flow:
    """Two files that may be of one woman, found at registration or by comparing all: the same woman, or two."""
    return _one_or_two("same_mother", "疑似重复的孕产妇档案", ("孕产妇", "woman", "women"), settlers)


def _one_or_two(id_: str, label: str, whose: tuple[str, str, str], settlers: Roles) -> Flow:
    """The flow of two files that may be of one person; `whose`: the Chinese word, the English one, its plural."""
    zh, one, many = whose
    return Flow(
        id_,
        label,
        states=(
            State("open", "待核对", "to be checked", "warn"),
            State("same", f"同一{zh}", f"the same {one}", "good", final=True),
            State("two", f"不同{zh}", f"two {many}", final=True),
        ),
        steps=(
            Step("suspect", "提示疑似重复", "suspect", NOTHING, "open", jobs=True),
            Step("join", f"认定为同一{zh}", "the same", "open", "same", settlers, (REASON,), effects=("joined",)),
            Step("tell_apart", f"认定为不同{zh}", f"two {many}", "open", "two", settlers, (REASON,)),
        ),
    )


@cache
def charge(givers: Roles) -> Flow:
    """A village or class in somebody's charge, said by who runs that person's unit."""
    return Flow(
        "charge",
        "包片和班级",
        states=(State("held", "负责中", "held", "good"), State("ended", "已结束", "ended", final=True)),
        steps=(
            Step("give", "指定负责范围", "give", NOTHING, "held", givers, guards=("charge_fits",)),
            Step("end", "结束", "end", "held", "ended", givers, effects=("ended",)),
        ),
    )


@cache
def child_list(roles: Roles) -> Flow:
    """A list of children that was uploaded: all its rows become records or none, and may be taken back together."""
    return Flow(
        "child_list",
        "导入的名单",
        states=(
            State("reading", "正在核对", "being checked", "warn"),
            State("open", "待导入", "to be imported", "warn"),
            State("written", "已导入", "imported", "good"),
            State("dropped", "已放弃", "given up", final=True),
            State("undone", "已撤销", "taken back", final=True),
        ),
        steps=(
            Step("receive", "上传", "upload", NOTHING, "reading", roles, effects=("received",)),
            Step("check", "核对完毕", "checked", "reading", "open", effects=("checked",), jobs=True),
            Step("settle", "核对", "settle", "open", "open", roles, effects=("settled",)),
            Step("import", "导入", "import", "open", "written", roles, guards=("whole",), effects=("imported",)),
            *(Step("drop", "放弃", "give up", s, "dropped", roles) for s in ("reading", "open")),
            Step("undo", "撤销导入", "take back", "written", "undone", roles, (REASON,), effects=("taken_back",)),
        ),
    )


@cache
def consent(keepers: Roles) -> Flow:
    """A guardian's consent to one purpose: written down by a unit that keeps files, and withdrawn at any time."""
    return Flow(
        "consent",
        "监护人同意",
        states=(State("given", "已同意", "given", "good"), State("withdrawn", "已撤回", "withdrawn", final=True)),
        steps=(
            Step("give", "登记同意", "consent", NOTHING, "given", keepers, guards=("consent_fits",)),
            Step("withdraw", "登记撤回同意", "withdraw", "given", "withdrawn", keepers, (REASON,), effects=("ended",)),
        ),
    )


@cache
def file_request(answering: Roles) -> Flow:
    """What a guardian asks about a child's file: received, the guardian identified, decided, carried out."""
    why, open_ = (REASON,), ("received", "identified", "granted")
    return Flow(
        "file_request",
        "监护人申请",
        states=(
            State("received", "待核实身份", "identity to be checked", "warn"),
            State("identified", "待决定", "to be decided", "warn"),
            State("granted", "已同意，办理中", "granted", "warn"),
            State("done", "已办结", "done", "good"),
            State("refused", "不予办理", "refused", final=True),
            State("withdrawn", "申请人撤回", "withdrawn", final=True),
            State("lifted", "已恢复使用", "in use again", final=True),
        ),
        steps=(
            Step("receive", "受理申请", "receive", NOTHING, "received", answering, guards=("request_fits",)),
            Step(
                "identify", "核实申请人", "identify", "received", "identified", answering,
                (Ask("document", "核对了哪些证件和监护关系材料"),), ("no_number",), ("identified",),
            ),
            Step(
                "turn_away", "无法核实身份，不予办理", "not identified", "received", "refused", answering, why,
                effects=("decided",),
            ),
            Step("grant", "同意办理", "grant", "identified", "granted", answering, why, effects=("decided", "passed_on")),
            Step(
                "refuse", "不予办理", "refuse", "identified", "refused", answering, why, ("ground_fits",),
                ("decided", "grounded"),
            ),
            Step(
                "carry_out", "办结", "done", "granted", "done", answering, (Ask("result", "办理结果"),),
                ("carried_out",), ("finished", "carried"),
            ),
            *(
                Step("withdraw", "申请人撤回", "withdraw", s, "withdrawn", answering, why, effects=("decided",))
                for s in open_
            ),
            Step(
                "lift", "恢复使用", "use again", "done", "lifted", answering, why, ("is_blocked",), ("noted", "lifted"),
            ),
        ),
    )  # fmt: skip


@cache
def glass_review(judging: Roles) -> Flow:
    """Whether broken glass was justified: judged by the unit that keeps the file, or who guards the site."""
    return Flow(
        "glass_review",
        "紧急查阅复核",
        states=(
            State("open", "待复核", "to be reviewed", "warn"),
            State("justified", "理由成立", "justified", "good", final=True),
            State("unjustified", "理由不成立", "not justified", "bad", final=True),
        ),
        steps=(
            Step("ask", "提请复核", "ask", NOTHING, "open", jobs=True),
            Step(
                "justify", "认定理由成立", "justified", "open", "justified", judging, (REASON,), ("another_judges",),
                ("judged",),
            ),
            Step(
                "object", "认定理由不成立", "not justified", "open", "unjustified", judging, (REASON,),
                ("another_judges",), ("judged",),
            ),
        ),
    )  # fmt: skip


@cache
def erasure(keepers: Roles) -> Flow:
    """A file past its times: found by the job, erased by a person's word, or kept for a reason."""
    return Flow(
        "erasure",
        "到期档案",
        states=(
            State("listed", "已到保存期限", "past its time", "warn"),
            State("kept", "继续保存", "kept on"),
            State("erased", "已删除", "erased", final=True),
        ),
        steps=(
            Step("list", "列入到期", "list", NOTHING, "listed", jobs=True),
            Step("keep", "继续保存", "keep", "listed", "kept", keepers, (REASON,), effects=("judged",)),
            Step("list_again", "重新列入", "list again", "kept", "listed", keepers, (REASON,), effects=("judged",)),
            Step(
                "erase", "删除内容", "erase", "listed", "erased", keepers, (REASON,), ("times_over",),
                ("judged", "erased"),
            ),
        ),
    )  # fmt: skip
