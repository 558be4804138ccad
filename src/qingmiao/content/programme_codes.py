"""The code lists that follow from what a pack has: each programme, and each clock and outcome of each, each register,
each checklist, in the words of its file."""

from __future__ import annotations

from collections.abc import Mapping

from qingmiao.content.base import Label
from qingmiao.content.checklists import Checklist
from qingmiao.content.codes import CodeItem, CodeList
from qingmiao.content.outcomes import CODES as OUTCOMES
from qingmiao.content.outcomes import outcome_code
from qingmiao.content.programmes import Programme
from qingmiao.content.registers import RegisterKind

PROGRAMMES, CLOCKS = "programme", "programme_clock"
REGISTERS, CHECKLISTS = "register", "checklist"
CASES_TABLE, CLOCKS_TABLE = "programme_cases", "case_clocks"
"""The fact tables to which the cases of every programme are published, where the pack has them."""


def clock_code(programme: str, clock: str) -> str:
    """How facts name a clock: as a county's settings do."""
    return f"{programme}.{clock}"


def with_programmes(codes: Mapping[str, CodeList], programmes: Mapping[str, Programme]) -> dict[str, CodeList]:
    """The code lists of a pack with those of its programmes; a list of the pack's own of that name stays."""
    called = [CodeItem(code=id_, label=one.label) for id_, one in programmes.items()]
    clocks = [
        CodeItem(code=clock_code(id_, d.id), label=Label(zh=f"{one.label.zh}：{d.label.zh}", en=_en(one, d.label)))
        for id_, one in programmes.items()
        for d in one.deadlines
    ]
    outcomes = [
        CodeItem(code=outcome_code(id_, o.id), label=Label(zh=f"{one.label.zh}：{o.label.zh}", en=_en(one, o.label)))
        for id_, one in programmes.items()
        for o in one.outcomes
    ]
    made = {}
    if outcomes:
        made[OUTCOMES] = CodeList(id=OUTCOMES, label=Label(zh="个案的办理结果", en="outcome"), items=tuple(outcomes))
    if called:
        made[PROGRAMMES] = CodeList(id=PROGRAMMES, label=Label(zh="服务项目", en="programme"), items=tuple(called))
    if clocks:
        made[CLOCKS] = CodeList(id=CLOCKS, label=Label(zh="服务项目的时限", en="clock"), items=tuple(clocks))
    return made | dict(codes)


def with_named(
    codes: Mapping[str, CodeList], registers: Mapping[str, RegisterKind], checklists: Mapping[str, Checklist]
) -> dict[str, CodeList]:
    """The code lists of a pack with those of its registers and of its checklists, likewise."""
    made = {}
    lists: tuple[tuple[str, Label, Mapping[str, RegisterKind | Checklist]], ...] = (
        (REGISTERS, Label(zh="登记册", en="register"), registers),
        (CHECKLISTS, Label(zh="检查单", en="checklist"), checklists),
    )
    for id_, label, entries in lists:
        if entries:
            items = tuple(CodeItem(code=code, label=one.label) for code, one in entries.items())
            made[id_] = CodeList(id=id_, label=label, items=items)
    return made | dict(codes)


def _en(one: Programme, label: Label) -> str:
    return f"{one.label.en}: {label.en}" if one.label.en and label.en else ""
