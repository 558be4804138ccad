"""Do the outcomes and the rows that a programme's cases publish to further fact tables fit those tables?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qingmiao.content.expressions import TYPE_WORDS, ExpressionError, Type, check_types, parse
from qingmiao.content.facts import Fact
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.form_fields import EXPRESSION_TYPES
from qingmiao.content.outcomes import TABLE as OUTCOMES_TABLE
from qingmiao.content.outcomes import CaseOutcome
from qingmiao.content.pack import Pack
from qingmiao.content.programme_codes import CASES_TABLE, CLOCKS_TABLE
from qingmiao.content.programme_forms import case_text
from qingmiao.content.programmes import Programme
from qingmiao.content.records import PublishedRow
from qingmiao.kernel.errors import Fault

GIVEN_OF_CASE = ("sex", "area_code")
"""Columns that the house fills of a case, beside the first of the key, the day (of opening), version and retraction."""
Slip = tuple[str, str, str, tuple[str | int, ...]]


def check_published(pack: Pack, one: Programme, types: Mapping[str, Type]) -> Iterator[Fault]:
    """Every row that a programme publishes: its table and columns are there, every required one is filled; every
    outcome reads what there is."""
    for n, outcome in enumerate(one.outcomes):
        for kind, message, hint, at in _outcome(one, outcome, types):
            yield fault_at(pack, "programmes", one.id, kind, message, hint, at=("outcomes", n, *at))
    for n, given in enumerate(one.publishes):
        for kind, message, hint, at in _slips(pack, given, types):
            yield fault_at(pack, "programmes", one.id, kind, message, hint, at=("publishes", n, *at))


def _outcome(one: Programme, outcome: CaseOutcome, types: Mapping[str, Type]) -> Iterator[Slip]:
    wanted: dict[str, tuple[str | None, Type]] = {
        "holds": (outcome.holds, "boolean"), "amount": (outcome.amount, "number"),
        "only_if": (outcome.only_if, "boolean"), "on": (outcome.on, "date"),
    }  # fmt: skip
    for key, (text, kind) in wanted.items():
        if text is not None:
            yield from _expression(text, kind, types, (key,))
    steps = {s.do for s in one.steps}
    for name in outcome.steps:
        if name not in steps:
            yield "dangling_id", f"没有环节「{name}」", near(name, steps), ("each",)


def _slips(pack: Pack, given: PublishedRow, types: Mapping[str, Type]) -> Iterator[Slip]:
    fact = pack.facts.get(given.fact)
    if given.fact in (CASES_TABLE, CLOCKS_TABLE, OUTCOMES_TABLE):
        yield "wrong_value", f"每个个案都发布到 {given.fact}，不用写", "删去", ("fact",)
        return
    if fact is None:
        if unknown(pack, pack.facts, given.fact):
            yield "dangling_id", f"没有事实表「{given.fact}」", near(given.fact, pack.facts), ("fact",)
        return
    if given.when is not None:
        yield from _expression(given.when, "boolean", types, ("when",))
    for name, text in given.row.items():
        if name not in fact.columns:
            yield "unknown_column", f"事实表 {fact.id} 没有列「{name}」", near(name, fact.columns), ("row", name)
        else:
            yield from _expression(text, EXPRESSION_TYPES[fact.columns[name].type], types, ("row", name))
    own = {*given.row, *GIVEN_OF_CASE, *_house(fact)}
    if lacking := [n for n, c in fact.columns.items() if c.required and n not in own]:
        message = f"事实表 {fact.id} 的必填列「{'、'.join(lacking)}」没有东西来填"
        yield "missing_value", message, "写进 row", ("row",)


def _house(fact: Fact) -> set[str]:
    return {c for c in (fact.key[0], fact.area, fact.date, fact.version, fact.retracted) if c is not None}


def _expression(text: str, wanted: Type, types: Mapping[str, Type], at: tuple[str | int, ...]) -> Iterator[Slip]:
    try:
        kind = check_types(parse(case_text(text)), types)
    except ExpressionError as e:
        yield "expression", e.message, e.hint, at
        return
    if kind not in (wanted, "null"):
        yield "expression", f"「{text}」的结果是{TYPE_WORDS[kind]}，应为{TYPE_WORDS[wanted]}", "", at


def check_turned(pack: Pack) -> Iterator[Fault]:
    """The programmes to which a county turns are there (for which indicators wait: `load`)."""
    every, place = pack.entries("programmes", Programme), pack.place("policy", "policy")
    for id_ in pack.policy.from_programmes if not pack.lent else ():
        if id_ not in every:
            message, line = f"policy.yaml 的 from_programmes 提到没有的「{id_}」", place.at("from_programmes", id_)
            yield Fault(place.file, line, "dangling_id", message, place=id_, hint=near(id_, every))
