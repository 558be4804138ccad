"""A flow as content: states, and steps between them. It yields the `qingmiao.flow.Flow` that an app runs.

Kinds of documents bring one; whatever else goes through states as content says (programmes) uses the same model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from qingmiao.content.base import Content, Label, MisplacedError, Name
from qingmiao.flow import NOTHING, Ask, Flow, FlowError, State, Step

_TAKEN = frozenset({"do", "version", "score", "from", "to", "csrfmiddlewaretoken"})
"""Names that a page or the audit has given away."""


class FlowState(Content):
    """Where a thing stands. `tone`: how pages colour it; only a `final` state may have no way out."""

    label: Label
    tone: Literal["", "good", "warn", "bad"] = ""
    final: bool = False


class FlowAsk(Content):
    """A text that must come with a step; `optional`: it may be left empty."""

    id: Annotated[Name, Field(max_length=30)]
    label: Label
    optional: bool = False

    @field_validator("id")
    @classmethod
    def _free(cls, value: str) -> str:
        if value in _TAKEN:
            raise ValueError(f"{value} 已有别的用处，换一个 id")
        return value


class FlowStep(Content):
    """One step: from one state or several to one; without `from` it makes the thing.

    Taken by whoever holds one of `roles` over the thing or stands in one of `relations` to it, or by a background job
    (`job: true`). `guards` must all agree, `effects` follow in their order: registered words.
    """

    do: Name
    label: Label
    from_: Annotated[Name | tuple[Name, ...] | None, Field(alias="from")] = None
    to: Name
    roles: tuple[Name, ...] = ()
    relations: tuple[Literal["self", "own_unit"], ...] = ()
    job: bool = False
    asks: tuple[FlowAsk, ...] = ()
    guards: tuple[Name, ...] = ()
    effects: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _taken_by_somebody(self) -> Self:
        if not (self.roles or self.relations or self.job):
            raise ValueError(f"环节「{self.do}」没有写谁办：写 roles、relations 或 job: true")
        if self.from_ == ():
            raise MisplacedError("from 是空的：写从哪个状态；从无到有就不写 from", at=("from",))
        said = [ask.id for ask in self.asks]
        twice = sorted({x for x in said if said.count(x) > 1})
        if twice:
            raise MisplacedError(f"要写的文字重复：{'、'.join(twice)}", at=("asks",))
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """The states that it starts from; `NOTHING` where it makes the thing."""
        if self.from_ is None:
            return (NOTHING,)
        return (self.from_,) if isinstance(self.from_, str) else self.from_

    def lines(self) -> tuple[Step, ...]:
        """As lines of the table, one for each state that it starts from."""
        asks = tuple(Ask(a.id, a.label.zh, a.optional) for a in self.asks)
        return tuple(
            Step(
                self.do, self.label.zh, self.label.en or self.do, source, self.to, frozenset(self.roles), asks,
                self.guards, self.effects, frozenset(self.relations), self.job,
            )
            for source in self.sources
        )  # fmt: skip


class ContentFlow(Content):
    """States by their ids (the first is where things begin) and the steps between them.

    It works as it stands, or loading refuses it: every state of a step exists, every state can be reached and has a way
    out unless it is final, no state has two steps of one name.
    """

    states: Annotated[Mapping[Name, FlowState], Field(min_length=1)]
    steps: tuple[FlowStep, ...] = ()

    @model_validator(mode="after")
    def _works(self) -> Self:
        begins = () if any(s.from_ is None for s in self.steps) else (Step("begin", "", "", NOTHING, self.first),)
        try:
            self.flow("", "", begins)
        except FlowError as e:
            of = [n for n, step in enumerate(self.steps) for _ in step.sources]
            step_at = None if e.step is None else e.step - len(begins)
            at = ("states", e.state) if step_at is None else ("steps", of[step_at])
            raise MisplacedError(str(e), at=at) from e
        return self

    @property
    def first(self) -> str:
        """The state in which things begin."""
        return next(iter(self.states))

    def flow(self, name: str, label: str, before: Iterable[Step] = ()) -> Flow:
        """The flow under a name, with steps that stand before its own (those that make the thing)."""
        states = tuple(State(id_, s.label.zh, s.label.en or id_, s.tone, s.final) for id_, s in self.states.items())
        return Flow(name, label, states, (*before, *(line for step in self.steps for line in step.lines())))
