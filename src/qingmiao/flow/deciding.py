"""May this step be taken now? Yes with the step that follows, or no with a reason to show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from qingmiao.flow.table import Flow, Step
from qingmiao.kernel.decisions import Decision


class Refusal(StrEnum):
    """Why a step is refused, as a door answers it: what is not somebody's own looks like absence."""

    ABSENT = "absent"
    """No step of that name in this flow, or none that this person could ever take."""
    ELSEWHERE = "elsewhere"
    """There is such a step, but not from this state."""
    UNSAID = "unsaid"
    """A text that must come with it is missing or says too little."""
    GUARDED = "guarded"
    """A guard says no."""


@dataclass(frozen=True)
class StepDecision(Decision):
    """A decision with the step that it allows, or the kind of refusal."""

    step: Step | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Who:
    """Whoever wants to take a step: an id, the roles held *over the thing*, the relations to it; `job` is no person."""

    id: str
    roles: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()
    job: bool = False

    def may(self, step: Step) -> bool:
        """Whether the step is this one's to take at all: by role or relation; a job takes what is for jobs, nothing
        else."""
        return step.by_job if self.job else bool(step.roles & self.roles or step.relations & self.relations)


Guard = Callable[[Any, Mapping[str, Any], Who, datetime], Decision]
"""guard(thing, answers, who, at) → a decision. It changes nothing."""


def decide(
    flow: Flow,
    thing: Any,
    step: str,
    answers: Mapping[str, Any],
    who: Who,
    at: datetime,
    *,
    guards: Mapping[str, Guard],
    least: int,
    state: str | None = None,
) -> StepDecision:
    """Whether `who` may take the step of that name with a thing at a moment.

    The thing stands in `state`, or in its own `state` where none is given (`NOTHING`: it is to be made).

    In this order: is there such a step that is this one's at all (else it is absent), does it start from the thing's
    state, is everything said with at least `least` characters, do the guards agree. Raises KeyError for a guard that is
    not registered.
    """
    own = [s for s in flow.named(step) if who.may(s)]
    if not own:
        return StepDecision(False, "没有这一步", refusal=Refusal.ABSENT)
    stands = thing.state if state is None else state
    line = next((s for s in own if s.source == stands), None)
    if line is None:
        now = flow.state(stands).label
        return StepDecision(False, f"现在是“{now}”，不能{own[0].label}", refusal=Refusal.ELSEWHERE)
    for ask in line.asks:
        said = str(answers.get(ask.name) or "").strip()
        if len(said) < least and (said or not ask.optional):
            told = f"{line.label}要写清楚{ask.label}（至少 {least} 个字，现在 {len(said)} 个）"
            return StepDecision(False, told, step=line, refusal=Refusal.UNSAID)
    for name in line.guards:
        found = guards[name](thing, answers, who, at)
        if not found:
            return StepDecision(False, found.reason, step=line, refusal=Refusal.GUARDED)
    return StepDecision(True, step=line)
