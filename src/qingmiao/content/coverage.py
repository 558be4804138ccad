"""Which content serves each target, goal, measure, system and duty of a plan, and what nothing serves yet.

Two things are told apart. A system, measure or duty is *measured* (有监测) when an indicator, a fact table or a return
watches it; it is *operated* (有办理) when its work is done here: a programme, register, checklist, record form, flow,
course or page of the site. Which side an entry is on is said by the row of its kind (`kinds`); a form of daily work
operates, a questionnaire measures. What operates a system operates also the measure whose own text asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from qingmiao.content.check_kinds import serves
from qingmiao.content.kind import Side
from qingmiao.content.kinds import KINDS
from qingmiao.content.pack import Pack
from qingmiao.content.plan import Duty, System
from qingmiao.content.reading import RETURN_PREFIX, SERIES


@dataclass
class Served:
    """What serves one element of the plan: content ids such as "indicator:health.imr"."""

    measured: list[str] = field(default_factory=list)
    operated: list[str] = field(default_factory=list)

    def add(self, content: str, to: Side) -> None:
        """Add one content id to its side, once."""
        side = self.operated if to == "operated" else self.measured
        if content not in side:
            side.append(content)

    @property
    def all(self) -> list[str]:
        """Both sides."""
        return [*self.measured, *self.operated]


@dataclass
class Coverage:
    """What serves each element: targets and goals by what decides them, the others by what measures and what operates
    them."""

    targets: dict[str, list[str]]
    goals: dict[str, list[str]]
    measures: dict[str, Served]
    systems: dict[str, Served]
    duties: dict[str, Served]


def coverage(pack: Pack) -> Coverage:
    """What of the pack serves each element of its plan; empty = not yet.

    Content ids are "indicator:…", "return:…", "fact:…", "form:…"; systems and duties are also served by parts of the
    site, "site:…". A goal is served by what decides its targets, by what serves the goals below it (`parent`), and by
    what names the goal itself; a return or form that an indicator reads serves what the indicator serves.
    """
    found = Coverage(
        targets={t: [] for t in pack.targets},
        goals={g: [] for g in pack.goals},
        measures={m: Served() for m in pack.measures},
        systems={s: Served() for s in pack.systems},
        duties={d: Served() for d in pack.duties},
    )
    for element, content, side in _links(pack):
        for decided in (found.targets, found.goals):
            if element in decided and content not in decided[element]:
                decided[element].append(content)
        for served in (found.measures, found.systems, found.duties):
            if element in served:
                served[element].add(content, side)
    for measure, systems in asked_by(pack).items():
        for content in (c for s in systems for c in found.systems[s].operated):
            found.measures[measure].add(content, "operated")
    for target in pack.targets:
        goal = pack.goal_of(target).id
        for content in found.targets[target]:
            if content not in found.goals[goal]:
                found.goals[goal].append(content)
    for goal in pack.goals:
        for above in _above(pack, goal):
            found.goals[above].extend(c for c in found.goals[goal] if c not in found.goals[above])
    return found


def asked_by(pack: Pack) -> dict[str, tuple[str, ...]]:
    """Measure → the systems that it asks for: those whose quoted clause stands in its text."""
    systems = [s for s in pack.systems.values() if s.quote]
    return {id_: tuple(s.id for s in systems if s.quote in m.text) for id_, m in pack.measures.items()}


def _above(pack: Pack, goal: str) -> list[str]:
    """The goals that a goal is part of, up to the top; a circle ends where it closes."""
    chain: list[str] = []
    parent = pack.goals[goal].parent
    while parent is not None and parent in pack.goals and parent not in (goal, *chain):
        chain.append(parent)
        parent = pack.goals[parent].parent
    return chain


def _links(pack: Pack) -> Iterator[tuple[str, str, Side]]:
    for indicator in pack.indicators.values():
        served = (*indicator.implements, *indicator.informs, *indicator.serves)
        sources = [f"indicator:{indicator.id}"]
        if indicator.form is not None:
            sources.append(f"form:{indicator.form}")
        for source in indicator.sources:
            if source != SERIES:
                sources.append(source if source.startswith(RETURN_PREFIX) else f"fact:{source}")
        for element in served:
            decides = element in indicator.implements or element not in pack.targets
            for content in dict.fromkeys(sources) if decides else sources[:1]:
                yield element, content, "measured"
    done_here: tuple[Duty | System, ...] = (*pack.duties.values(), *pack.systems.values())
    for kept in done_here:
        for part in kept.kept_in:
            yield kept.id, f"site:{part}", "operated"
    for kind in KINDS.values():
        for id_, entry in kind.entries(pack).items():
            side = kind.side(entry)
            for element in serves(entry) if side is not None else ():
                yield element, f"{kind.word or kind.name}:{id_}", side or "measured"
