"""Every way that somebody may try to go through a flow, made from its table: what a test of a flow has to try."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qingmiao.flow.deciding import Refusal, Who
from qingmiao.flow.table import NOTHING, Flow, Step


@dataclass(frozen=True)
class Try:
    """One try: somebody takes a step with a thing in a state, saying something; and what must come of it."""

    step: str
    state: str
    who: Who
    answers: tuple[tuple[str, str], ...]
    expected: Refusal | None
    target: str = ""
    why: str = ""

    def __str__(self) -> str:
        return f"{self.state}.{self.step} {self.why}"


def tries(flow: Flow, roles: Iterable[str], *, least: int) -> Iterator[Try]:
    """All tries of a flow, for all `roles` that there are.

    Each step by each of its roles and relations, by every other role, by nobody, by a job (or a person, where only a
    job takes it), from every other state, with each text missing, blank or one character short.
    """
    everybody = sorted(roles)
    for line in flow.steps:
        said = {a.name: "说" * least for a in line.asks}
        same = flow.named(line.name)
        rightful = _rightful(line)
        for one, why in rightful:
            yield _try(line, one, said, None, why)
        elsewhere = {r for s in same for r in s.roles}
        for role in everybody:
            if role not in line.roles:
                kind = Refusal.ELSEWHERE if role in elsewhere else Refusal.ABSENT
                yield _try(line, Who("somebody", frozenset({role})), said, kind, f"refused to {role}")
        yield _try(line, Who("nobody"), said, Refusal.ABSENT, "refused to nobody")
        if not line.by_job:
            kind = Refusal.ELSEWHERE if any(s.by_job for s in same) else Refusal.ABSENT
            yield _try(line, Who("job", job=True), said, kind, "refused to a job")
        right = rightful[0][0]
        begun = {s.source for s in same if right.may(s)}
        for state in (*(s.name for s in flow.states), NOTHING):
            if state not in begun:
                yield Try(line.name, state, right, tuple(said.items()), Refusal.ELSEWHERE, why="from elsewhere")
        for ask in line.asks:
            for words, why in (("", "missing"), ("　 ", "blank"), ("说" * (least - 1), "too short")):
                missing = Refusal.UNSAID if words.strip() or not ask.optional else None
                yield _try(line, right, said | {ask.name: words}, missing, f"{ask.name} {why}")
    everywhere = Who("somebody", frozenset(everybody))
    yield Try("no such step", flow.states[0].name, everywhere, (), Refusal.ABSENT, why="unknown")


def _rightful(line: Step) -> list[tuple[Who, str]]:
    """Everybody who may take a step, one permission each."""
    people = [(Who("somebody", frozenset({r})), f"by {r}") for r in sorted(line.roles)]
    people += [(Who("somebody", relations=frozenset({r})), f"by {r}") for r in sorted(line.relations)]
    return people + ([(Who("job", job=True), "by a job")] if line.by_job else [])


def _try(line: Step, who: Who, said: dict[str, str], expected: Refusal | None, why: str) -> Try:
    return Try(
        line.name,
        line.source,
        who,
        tuple(said.items()),
        expected,
        line.target if expected is None else "",
        why,
    )
