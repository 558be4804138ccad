"""States and steps of one flow. A flow is data: it is checked when made and says nothing about how a thing is
stored."""

from __future__ import annotations

from dataclasses import dataclass, field

NOTHING = ""
"""Where a thing stands that is not there yet: the source of the steps that make one."""


class FlowError(ValueError):
    """A flow that cannot work: a step from nowhere, a state without a way out. The message is Chinese.

    `step`: the number of the step at fault (from 0), else `state`: the state.
    """

    def __init__(self, flow: str, message: str, *, state: str = "", step: int | None = None) -> None:
        super().__init__(f"流程 {flow} {message}" if flow else f"流程{message}")
        self.state, self.step = state, step


@dataclass(frozen=True)
class State:
    """Where a thing stands. `tone` is how a page colours it beside its words: good, warn, bad or ""; a final state may
    have no way out."""

    name: str
    label: str
    label_en: str
    tone: str = ""
    final: bool = False


@dataclass(frozen=True)
class Ask:
    """A text that must come with a step, as long as the policy says at least; `optional` may be left empty."""

    name: str
    label: str
    optional: bool = False


REASON = Ask("reason", "原因")
"""Why something is sent back, corrected, withdrawn."""


@dataclass(frozen=True)
class Step:
    """One line of the table: `name` takes a thing from `source` to `target` (the same state: it is worked on and
    stays).

    A step from `NOTHING` makes the thing. Done by somebody who holds one of `roles` over the thing or stands in one of
    `relations` to it (`self`, `own_unit` …); by a job where `jobs` says so or nobody is named. `asks` must be said;
    `guards` must all agree; `effects` happen in order, in the transaction of the step. Guards and effects are
    registered names.
    """

    name: str
    label: str
    label_en: str
    source: str
    target: str
    roles: frozenset[str] = frozenset()
    asks: tuple[Ask, ...] = ()
    guards: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    relations: frozenset[str] = frozenset()
    jobs: bool = False

    @property
    def by_person(self) -> bool:
        """There are people who may do it."""
        return bool(self.roles or self.relations)

    @property
    def by_job(self) -> bool:
        """A job may do it."""
        return self.jobs or not self.by_person

    @property
    def makes(self) -> bool:
        """The thing is not there before it."""
        return self.source == NOTHING

    @property
    def needs_words(self) -> bool:
        """Something must be said with it."""
        return any(not ask.optional for ask in self.asks)

    @property
    def stays(self) -> bool:
        """The thing is worked on and stays where it is."""
        return self.source == self.target


@dataclass(frozen=True)
class Flow:
    """A flow: its states (the first is where things begin), its steps. Raises FlowError for one that cannot work."""

    name: str
    label: str
    states: tuple[State, ...]
    steps: tuple[Step, ...]
    _steps: dict[tuple[str, str], Step] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = [s.name for s in self.states]
        twice = sorted({n for n in names if names.count(n) > 1})
        if not names or twice:
            raise FlowError(self.name, f"的状态{'没有写' if not names else '重复：' + '、'.join(twice)}")
        held: dict[tuple[str, str], Step] = {}
        for n, step in enumerate(self.steps):
            unknown = ({step.source} - {NOTHING} | {step.target}) - set(names)
            if unknown:
                raise FlowError(self.name, f"的环节 {step.name} 用了没有的状态 {'、'.join(sorted(unknown))}", step=n)
            if (step.name, step.source) in held:
                raise FlowError(self.name, f"里同一状态有两个同名的环节 {step.name}", step=n)
            held[step.name, step.source] = step
        object.__setattr__(self, "_steps", held)
        stuck = [s.name for s in self.states if not s.final and not any(not t.stays for t in self.steps_from(s.name))]
        if stuck:
            told = f"的状态 {'、'.join(stuck)} 没有出路，也没有标明是终点"
            raise FlowError(self.name, told, state=stuck[0])
        reached = self.reachable()
        lost = [n for n in names if n not in reached]
        if lost:
            raise FlowError(self.name, f"的状态 {'、'.join(lost)} 到不了", state=lost[0])

    def state(self, name: str) -> State:
        """A state by its name; `NOTHING` has one too, and one that the flow has no more is called by its name."""
        if name == NOTHING:
            return State(NOTHING, "还没有", "not there yet")
        return next((s for s in self.states if s.name == name), State(name, name, name, final=True))

    def step(self, name: str, source: str) -> Step | None:
        """The step of that name from a state; None where there is none."""
        return self._steps.get((name, source))

    def named(self, name: str) -> tuple[Step, ...]:
        """All steps of one name, whatever state they begin in."""
        return tuple(s for s in self.steps if s.name == name)

    def steps_from(self, source: str) -> tuple[Step, ...]:
        """What can happen to a thing in a state."""
        return tuple(s for s in self.steps if s.source == source)

    def reachable(self) -> set[str]:
        """The states that a thing can come to.

        It begins where the steps that make it lead to; in a flow without such steps in the first state, or in one that
        no step leads to.
        """
        found = {s.target for s in self.steps if s.makes}
        if not found:
            entered = {s.target for s in self.steps if not s.stays}
            begun = {s.name for s in self.states if s.name not in entered and self.steps_from(s.name)}
            found = {self.states[0].name} | begun
        while True:
            more = {s.target for s in self.steps if s.source in found} - found
            if not more:
                return found
            found |= more
