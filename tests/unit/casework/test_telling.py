"""The sentence at the top of a case: counted by hand for what a script does, and true of every line of every script."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

import pytest
from programme_scripts import NAMES, china, lines_taken, ready

from qingmiao.casework.case import CaseFile
from qingmiao.casework.deciding import Doer, take
from qingmiao.casework.telling import NextStep, next_step, remaining
from qingmiao.content.base import Label
from qingmiao.content.roles import all_roles


@cache
def roles() -> dict[str, Label]:
    return {id_: role.label for id_, role in all_roles(china()).items()}


def told(programme: str, state: str, now: str, offered: tuple[str, ...] = ()) -> NextStep:
    """What is said of the case of a script at a moment, after the last step that left it in a state."""
    at = datetime.fromisoformat(now)
    cases = [o.case for _, line, o in lines_taken(programme) if o.case.state == state and line.at <= at]
    return next_step(ready(programme), cases[-1], at, roles(), offered)


@pytest.mark.parametrize(
    ("programme", "state", "now", "offered", "said"),
    [
        # 24 小时内移送（公安机关办理行政案件程序规定第六十一条）：3月6日9:10 接报，到 3月7日9:10；四种办法任选其一都算办了
        ("mandatory_report", "received", "2026-03-06 10:10", (),
         "等公安民警在3月7日09:10前办「治安受案」「刑事立案」「移送管辖」「不予受理（立案）」之一，还有23小时。"),
        # 三日内反馈：3月6日受案，到3月9日24时；11日是逾期两天
        ("mandatory_report", "sec_case", "2026-03-06 15:00", ("fed_back",),
         "请您在3月9日24时前办「向报告单位反馈」，还有3天。"),
        ("mandatory_report", "sec_case", "2026-03-11 15:00", ("fed_back",),
         "「向报告单位反馈」已逾期2天，请您办「向报告单位反馈」。"),
        ("mandatory_report", "sec_case", "2026-03-10 01:59", (),
         "「向报告单位反馈」已逾期2小时，等公安民警办「向报告单位反馈」。"),
        # 时限由后面的一步满足：先送交，再查访
        ("dv_warning", "served", "2026-03-09 09:00", (),
         "等公安民警办「通知」；「第一次查访」要在3月16日24时前办完，还有7天。"),
        ("legal_aid", "supplement", "2026-03-04 09:00", (), "等司法行政未成年人工作人员办「材料补齐」；「作出决定」暂停计时。"),
        ("orphan", "applied", "2026-12-31 09:00", (), "等乡镇儿童督导员办「乡镇审核」；办理时限本县未设置。"),
        ("orphan", "paying", "2026-12-31 09:00", (),
         "发放中，现在没有要办的事；情况有变化时由民政未成年人保护工作人员办「变更」「停止发放」之一。"),
        ("mandatory_report", "closed", "2026-12-31 09:00", (), "结案，没有要办的事。"),
    ],
)  # fmt: skip
def test_the_sentence(programme: str, state: str, now: str, offered: tuple[str, ...], said: str) -> None:
    assert told(programme, state, now, offered).said.zh == said


def test_a_clock_that_ends_in_another_year_says_which() -> None:
    assert told("defacto_unattended", "paying", "2026-12-30 09:00").said.zh.startswith("等乡镇儿童督导员、")
    assert "在2027年1月1日24时前" in told("defacto_unattended", "paying", "2026-12-30 09:00").said.zh


@pytest.mark.parametrize("programme", NAMES)
def test_what_is_said_is_what_may_be_taken(programme: str) -> None:
    """The steps named start where the case stands, by those named; whoever is asked to take one holds its role."""
    for _, line, outcome in lines_taken(programme):
        found = next_step(ready(programme), outcome.case, line.at, roles())
        state = ready(programme).programme.states[outcome.case.state]
        assert bool(found.steps) is not state.final, found
        for name in found.steps:
            step = ready(programme).programme.step(name, outcome.case.state)
            assert step is not None
            assert set(step.roles) & set(found.who), found
            doer = Doer(roles=frozenset(step.roles[:1]), any_relation=True)
            refused = take(ready(programme), outcome.case, name, doer, line.at, {})
            assert refused.refusal in (None, "guarded"), refused
            mine = next_step(ready(programme), outcome.case, line.at, roles(), {name})
            assert mine.mine, mine
            assert "您" in mine.said.zh, mine
            assert mine.steps == (name,)
        assert found.said.en
        assert "您" not in found.said.zh


def test_a_case_that_has_not_begun_waits_for_nothing() -> None:
    found = next_step(ready("orphan"), CaseFile("orphan"), datetime(2026, 3, 1), roles())
    assert (found.steps, found.late, found.said.zh) == ((), False, "还没有开始，没有要办的事。")


def test_what_is_to_be_done_at_once_says_so_and_never_overstates_how_late_it_is() -> None:
    moments = ("09:05", "09:10", "10:04", "10:06", "12:05")
    found = [told("mandatory_report", "reported", f"2026-03-06 {m}", ("received",)).said.zh for m in moments]
    assert found[:3] == ["请您立即办「接报」。"] * 3
    assert found[3:] == ["「立即接报」已逾期1小时，请您办「接报」。", "「立即接报」已逾期3小时，请您办「接报」。"]
    at = datetime(2026, 3, 6, 9)
    assert remaining(at, at + timedelta(minutes=1)).zh == "已逾期不到1小时"
