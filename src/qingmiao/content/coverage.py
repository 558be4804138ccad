"""Which content serves each target, goal, measure and system of a plan, and what nothing serves yet."""

from __future__ import annotations

from collections.abc import Iterator

from qingmiao.content.pack import Pack

Coverage = dict[str, dict[str, list[str]]]


def coverage(pack: Pack) -> Coverage:
    """``{"targets": {id: [content ids]}, "goals": …, "measures": …, "systems": …, "duties": …}``; empty list = not yet.

    Content ids are "indicator:…", "return:…", "fact:…", "form:…"; duties are also served by parts of the site, "site:…". A goal is served by what decides its targets, by
    what serves the goals below it (`parent`), and by what names the goal itself; a return or form that an indicator reads serves what the indicator serves.
    """
    found: Coverage = {
        "targets": {t: [] for t in pack.targets},
        "goals": {g: [] for g in pack.goals},
        "measures": {m: [] for m in pack.measures},
        "systems": {s: [] for s in pack.systems},
        "duties": {d: [] for d in pack.duties},
    }
    for element, content in _links(pack):
        for group in found.values():
            if element in group and content not in group[element]:
                group[element].append(content)
    for target in pack.targets:
        goal = pack.goal_of(target).id
        for content in found["targets"][target]:
            if content not in found["goals"][goal]:
                found["goals"][goal].append(content)
    for goal in pack.goals:
        for above in _above(pack, goal):
            found["goals"][above].extend(c for c in found["goals"][goal] if c not in found["goals"][above])
    return found


def _above(pack: Pack, goal: str) -> list[str]:
    """The goals that a goal is part of, up to the top; a circle ends where it closes."""
    chain: list[str] = []
    parent = pack.goals[goal].parent
    while parent is not None and parent in pack.goals and parent not in (goal, *chain):
        chain.append(parent)
        parent = pack.goals[parent].parent
    return chain


def _links(pack: Pack) -> Iterator[tuple[str, str]]:
    for indicator in pack.indicators.values():
        served = (*indicator.implements, *indicator.informs, *indicator.serves)
        sources = [f"indicator:{indicator.id}"]
        if indicator.form is not None:
            sources.append(f"form:{indicator.form}")
        for definition in indicator.definitions:
            for aggregate in (definition.numerator, definition.denominator):
                source = (aggregate.source if aggregate else None) or definition.source
                if source is not None and aggregate is not None:
                    sources.append(source if source.startswith("return:") else f"fact:{source}")
        for element in served:
            decides = element in indicator.implements or element not in pack.targets
            for content in dict.fromkeys(sources) if decides else sources[:1]:
                yield element, content
    for fact in pack.facts.values():
        for element in fact.serves:
            yield element, f"fact:{fact.id}"
    for form in pack.returns.values():
        for element in form.serves:
            yield element, f"return:{form.id}"
    for duty in pack.duties.values():
        for part in duty.kept_in:
            yield duty.id, f"site:{part}"
    for survey in pack.forms.values():
        for element in survey.serves:
            yield element, f"form:{survey.id}"
