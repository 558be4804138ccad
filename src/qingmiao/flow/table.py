"""States and steps of one flow. A flow is data: it is checked when made and says nothing about how a thing is stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


class FlowError(ValueError):
    """A flow that cannot work: a step from nowhere, a state without a way out. The message is Chinese."""


@dataclass(frozen=True)
class State:
    """Where a thing stands. `tone` is how a page colours it beside its words: good, warn, bad or ""; a final state may have no way out."""

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
    """One line of the table: `name` takes a thing from `source` to `target` (the same state: it is worked on and stays).

    Done by somebody who holds one of `roles` over the thing, or by a job when `roles` is empty. `asks` must be said;
    `guards` must all agree; `effects` happen in order, in the transaction of the step. Guards and effects are registered names.
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

    @property
    def by_job(self) -> bool:
        """No person does it."""
        return not self.roles

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
            raise FlowError(f"流程 {self.name} 的状态{'没有写' if not names else '重复：' + '、'.join(twice)}")
        for step in self.steps:
            unknown = {step.source, step.target} - set(names)
            if unknown:
                raise FlowError(f"流程 {self.name} 的环节 {step.name} 用了没有的状态 {'、'.join(sorted(unknown))}")
        object.__setattr__(self, "_steps", {(s.name, s.source): s for s in self.steps})
        if len(self._steps) != len(self.steps):
            raise FlowError(f"流程 {self.name} 里同一状态有两个同名的环节")
        stuck = [s.name for s in self.states if not s.final and not any(not t.stays for t in self.steps_from(s.name))]
        if stuck:
            raise FlowError(f"流程 {self.name} 的状态 {'、'.join(stuck)} 没有出路，也没有标明是终点")
        lost = set(names) - self.reachable()
        if lost:
            raise FlowError(f"流程 {self.name} 的状态 {'、'.join(sorted(lost))} 到不了")

    def state(self, name: str) -> State:
        """A state by its name."""
        return next(s for s in self.states if s.name == name)

    def step(self, name: str, source: str) -> Step | None:
        """The step of that name from a state; None where there is none."""
        return self._steps.get((name, source))

    def named(self, name: str) -> tuple[Step, ...]:
        """All steps of one name, whatever state they begin in."""
        return tuple(s for s in self.steps if s.name == name)

    def steps_from(self, source: str, roles: Iterable[str] | None = None) -> tuple[Step, ...]:
        """What can happen to a thing in a state; only what somebody with these `roles` may do, when they are given."""
        held = None if roles is None else set(roles)
        return tuple(s for s in self.steps if s.source == source and (held is None or s.roles & held))

    def reachable(self) -> set[str]:
        """The states that a thing can come to from the first (and those that things may begin in: with no step into them)."""
        entered = {s.target for s in self.steps if not s.stays}
        found = {self.states[0].name} | {
            s.name for s in self.states if s.name not in entered and self.steps_from(s.name)
        }
        while True:
            more = {s.target for s in self.steps if s.source in found} - found
            if not more:
                return found
            found |= more
