"""Programmes (服务项目): casework as content. One file a programme; the engine is `qingmiao.casework`.

A case goes through states by steps; what is asked, who may, which clocks run and what is handed to whom stand in the
file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from qingmiao.content.base import Content, Id, Label, MisplacedError, Name, Source
from qingmiao.content.forms import LEVELS, Sensitivity
from qingmiao.content.outcomes import CaseOutcome
from qingmiao.content.programme_openings import OpeningRule
from qingmiao.content.programme_parts import (
    ANY_OPEN,
    AlarmRule,
    CaseCount,
    CaseField,
    CaseTask,
    EachOfRule,
    FieldGroup,
    PrintedForm,
    ProgrammeDeadline,
    ProgrammeState,
    ProgrammeStep,
    RoundRule,
    SameRule,
    SecrecyRule,
    SupervisionRule,
)
from qingmiao.content.records import PublishedRow
from qingmiao.flow import NOTHING, Flow, FlowError, State, Step

CaseSubject = Literal["child", "person", "family", "place", "organisation", "event", "none"]


class Programme(Content):
    """One programme. `card`: the number under which the county's handbook lists it. `eligible`: what must be true to
    open a case, with the words told where it is not. `red_if`: the case is at once at the highest risk.

    `risk`: the field that holds the grade of risk. `alarm`: when it is one for 110. `round`: the clock by
    which units check everybody again. `same`: when two cases are about one event; only then are many opened at once,
    from a list or from the entries of a register (`each_of`). `publishes_names`: whether decisions are posted in the
    village by rule; an attribute of the programme, never a choice.
    """

    id: Name
    card: Annotated[str, Field(pattern=r"^[A-Z][0-9]{1,2}$")] | None = None
    label: Label
    subject: CaseSubject
    secrecy: Sensitivity
    secrecy_if: tuple[SecrecyRule, ...] = ()
    eligible: str | None = None
    eligible_words: Label | None = None
    fields: tuple[CaseField, ...] = ()
    groups: Mapping[Name, FieldGroup] = Field(default_factory=dict)
    states: Annotated[Mapping[Name, ProgrammeState], Field(min_length=2)]
    steps: Annotated[tuple[ProgrammeStep, ...], Field(min_length=1)]
    deadlines: tuple[ProgrammeDeadline, ...] = ()
    counts: Mapping[Name, CaseCount] = Field(default_factory=dict)
    risk: Name | None = None
    red_if: str | None = None
    alarm: AlarmRule | None = None
    round: RoundRule | None = None
    same: SameRule | None = None
    each_of: EachOfRule | None = None
    supervision: SupervisionRule | None = None
    publishes_names: bool = False
    order: Annotated[int, Field(ge=0, le=9999)] = 100
    """Where it stands among those that are offered, low first; then by its card."""
    opened_by: tuple[OpeningRule, ...] = ()
    publishes: tuple[PublishedRow, ...] = ()
    outcomes: tuple[CaseOutcome, ...] = ()
    prints: tuple[PrintedForm, ...] = ()
    serves: tuple[Id, ...] = ()
    source: Source
    more_sources: tuple[Source, ...] = ()
    failures: tuple[Label, ...] = ()
    """How it goes wrong in practice: told to whoever learns the work."""
    note: str = ""

    @model_validator(mode="after")
    def _works(self) -> Self:
        for what, ids in (
            ("字段", [f.id for f in self.fields]), ("时限", [d.id for d in self.deadlines]),
            ("打印表", [p.id for p in self.prints]), ("办理结果", [o.id for o in self.outcomes]),
        ):  # fmt: skip
            if twice := sorted({i for i in ids if ids.count(i) > 1}):
                raise ValueError(f"{what}的 id 重复：{'、'.join(twice)}")
        for n, rule in enumerate(self.secrecy_if):
            if LEVELS.index(rule.level) <= LEVELS.index(self.secrecy):
                raise MisplacedError("secrecy_if 只写比 secrecy 高的密级", at=("secrecy_if", n, "level"))
        if (self.eligible is None) != (self.eligible_words is None):
            raise MisplacedError("eligible 和 eligible_words（不符合时怎么说）要一起写", at=("eligible",))
        if not any(s.opens for s in self.steps):
            raise MisplacedError("没有受理新个案的环节：至少一个环节不写 from", at=("steps",))
        for id_, state in self.states.items():
            if not state.final and not state.owners:
                raise MisplacedError(f"状态「{state.label}」没有写由谁办（owners）", at=("states", id_))
        for n, step in enumerate(self.steps):
            for word, key in ((step.to, "to"), *((s, "from") for s in self.starts_from(step))):
                if word is not None and word not in self.states:
                    raise MisplacedError(f"环节「{step.do}」用了没有的状态 {word}", at=("steps", n, key))
        try:
            self.flow  # noqa: B018
        except FlowError as e:
            of_step = ("steps", self.lines()[e.step][0]) if e.step is not None else None
            raise MisplacedError(str(e), at=of_step or ("states", e.state)) from e
        return self

    def starts_from(self, step: ProgrammeStep) -> tuple[str, ...]:
        """The states that a step starts from; none where it opens the case."""
        if step.from_ is None:
            return ()
        if step.from_ == ANY_OPEN:
            return tuple(i for i, s in self.states.items() if not s.final and i != step.to)
        return (step.from_,) if isinstance(step.from_, str) else step.from_

    def lines(self) -> list[tuple[int, Step]]:
        """The steps as lines of a table, one for each state that they start from, with the number of the step."""
        found: list[tuple[int, Step]] = []
        for n, step in enumerate(self.steps):
            for source in (NOTHING,) if step.opens else self.starts_from(step):
                line = Step(
                    step.do, step.label.zh, step.label.en or step.do, source, step.to or source,
                    frozenset(step.roles), relations=frozenset(step.relations), jobs=step.job,
                )  # fmt: skip
                found.append((n, line))
        return found

    @cached_property
    def flow(self) -> Flow:
        """States and steps as the house's flow; raises FlowError where it cannot work."""
        states = tuple(State(id_, s.label.zh, s.label.en or id_, s.tone, s.final) for id_, s in self.states.items())
        return Flow(self.id, self.label.zh, states, tuple(line for _, line in self.lines()))

    @cached_property
    def _leaving(self) -> dict[str, list[ProgrammeStep]]:
        """State (`NOTHING` too) → the steps that start from it."""
        found: dict[str, list[ProgrammeStep]] = {}
        for n, line in self.lines():
            found.setdefault(line.source, []).append(self.steps[n])
        return found

    def step(self, name: str, source: str) -> ProgrammeStep | None:
        """The step of a name, or that leads to a state of that name, from a state (`NOTHING`: it opens the case)."""
        here = self._leaving.get(source, [])
        named = [s for s in here if s.do == name] or [s for s in here if s.to == name]
        return named[0] if named else None

    def leading(self, step: ProgrammeStep, role: str) -> tuple[str, ...]:
        """The roles of which a unit leads the case once somebody has taken a step in a role: those that own the new
        state. None: the lead stays, or falls to whoever opened the case (who owns it, or the step says so)."""
        state = self.states.get(step.to or "")
        wanted = step.led_by or ("owners" if step.opens else "opener")
        if state is None or step.owner is not None or wanted == "opener" or role in state.owners:
            return ()
        return state.owners

    def setting(self, task: CaseTask) -> str:
        """The name under which a county sets the time of a task, in `intervals` of its policy."""
        return f"{self.id}.{task.id}"

    def expressions(self) -> Iterator[tuple[str, tuple[str | int, ...]]]:
        """Every condition, with the place where it stands. Each reads the case with the answers of the step that is
        being taken."""
        for key in ("eligible", "red_if"):
            if (text := getattr(self, key)) is not None:
                yield text, (key,)
        if self.alarm is not None:
            yield self.alarm.when, ("alarm", "when")
        for n, rule in enumerate(self.secrecy_if):
            yield rule.when, ("secrecy_if", n, "when")
        for name, count in self.counts.items():
            if count.when is not None:
                yield count.when, ("counts", name, "when")
        for n, deadline in enumerate(self.deadlines):
            if deadline.only_if is not None:
                yield deadline.only_if, ("deadlines", n, "only_if")
            if deadline.met_if is not None:
                yield deadline.met_if, ("deadlines", n, "met_if")
        for n, step in enumerate(self.steps):
            for m, guard in enumerate(step.guards):
                yield guard.check, ("steps", n, "guards", m, "check")
            if step.second is not None and step.second.when is not None:
                yield step.second.when, ("steps", n, "second", "when")
            if step.itself is not None:
                yield step.itself.when, ("steps", n, "itself", "when")
            for key in ("refers", "tasks"):
                for m, one in enumerate(getattr(step, key)):
                    if one.when is not None:
                        yield one.when, ("steps", n, key, m, "when")
