"""Every way that somebody may try to go through a flow, made from its table: what a test of a flow has to try."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from qingmiao.flow.deciding import Refusal, Who
from qingmiao.flow.table import Flow, Step


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
    """All tries of a flow, for all `roles` that there are: each step by each of its roles, by every other role, by nobody, by a job
    (or a person, where a job takes it), from every other state, with each text missing, blank or one character short."""
    everybody = sorted(roles)
    for line in flow.steps:
        right = Who("somebody", line.roles, job=line.by_job)
        said = {a.name: "说" * least for a in line.asks}
        for one in [Who("somebody", frozenset({r})) for r in sorted(line.roles)] or [right]:
            yield _try(line, one, said, None, f"by {','.join(one.roles) or 'a job'}")
        elsewhere = {r for s in flow.named(line.name) for r in s.roles}
        for role in everybody:
            if role not in line.roles:
                kind = Refusal.ELSEWHERE if role in elsewhere else Refusal.ABSENT
                yield _try(line, Who("somebody", frozenset({role})), said, kind, f"refused to {role}")
        yield _try(line, Who("nobody"), said, Refusal.ABSENT, "refused to nobody")
        if line.roles:
            jobs = any(s.by_job for s in flow.named(line.name))
            kind = Refusal.ELSEWHERE if jobs else Refusal.ABSENT
            yield _try(line, Who("job", job=True), said, kind, "refused to a job")
        begun = {s.source for s in flow.named(line.name) if right.may(s)}
        for state in flow.states:
            if state.name not in begun:
                yield Try(line.name, state.name, right, tuple(said.items()), Refusal.ELSEWHERE, why="from elsewhere")
        for ask in line.asks:
            for words, why in (("", "missing"), ("　 ", "blank"), ("说" * (least - 1), "too short")):
                missing = Refusal.UNSAID if words.strip() or not ask.optional else None
                yield _try(line, right, said | {ask.name: words}, missing, f"{ask.name} {why}")
    yield Try(
        "no such step",
        flow.states[0].name,
        Who("somebody", frozenset(everybody)),
        (),
        Refusal.ABSENT,
        why="unknown",
    )


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
