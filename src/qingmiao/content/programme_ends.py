"""States of a programme that a case cannot leave: every step that leads on needs something that may be unknown there
and that nothing asks for any more. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qingmiao.content.programme_forms import step_fields
from qingmiao.content.programme_parts import CaseBlock, ProgrammeStep
from qingmiao.content.programmes import Programme
from qingmiao.flow import NOTHING


def stuck(one: Programme, blocks: Mapping[str, CaseBlock]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each state from which no step leads on for a case that came by some way, with the fields that are missing there.

    Known in a state is what every way to it has asked for; a step that stays in the state may ask for the rest.
    """
    must, may = dict[int, set[str]](), dict[int, set[str]]()
    for n, step in enumerate(one.steps):
        fields = step_fields(one, blocks, step)
        must[n] = {f.id for f in fields if f.always_required} | set(step.needs)
        may[n] = {f.id for f in fields}
    known = _known(one, must)
    for state, said in one.states.items():
        if said.final or state not in known:
            continue
        here = [(n, s) for n, s in enumerate(one.steps) if not s.opens and state in one.starts_from(s)]
        staying = {f for n, s in here if s.to in (None, state) for f in may[n]}
        there = known[state] | staying
        missing = [set(s.needs) - there - may[n] for n, s in here if s.to not in (None, state)]
        if missing and all(missing):
            yield state, min((tuple(sorted(m)) for m in missing), key=len)


def _known(one: Programme, must: Mapping[int, set[str]]) -> dict[str, set[str]]:
    """State → the fields that every way to it has asked for; states that nothing leads to are not in it."""
    known: dict[str, set[str]] = {}
    changed = True
    while changed:
        changed = False
        for n, step in enumerate(one.steps):
            for source in _sources(one, step):
                if source and source not in known:
                    continue
                after = known.get(source, set()) | must[n]
                target = step.to or source
                narrowed = after & known.get(target, after)
                if known.get(target) != narrowed:
                    known[target], changed = narrowed, True
    return known


def _sources(one: Programme, step: ProgrammeStep) -> tuple[str, ...]:
    return (NOTHING,) if step.opens else one.starts_from(step)
