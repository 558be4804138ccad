"""What belongs to a field of the plan: its goals, targets and measures, the indicators for them, the returns read."""

from __future__ import annotations

from dataclasses import dataclass

from qingmiao.content.pack import Pack
from qingmiao.content.reading import RETURN_PREFIX, readers


@dataclass(frozen=True)
class FieldParts:
    """Ids of what belongs to one field; empty for a field that the plan does not have."""

    elements: frozenset[str]
    """Goals, targets and measures."""
    indicators: frozenset[str]
    returns: frozenset[str]
    """Returns that one of the indicators reads, itself or by what it is computed from."""


def of_field(pack: Pack, field: str) -> FieldParts:
    """The parts of a field, by its id."""
    found = next((f for f in pack.fields if f.id == field), None)
    if found is None:
        return FieldParts(frozenset(), frozenset(), frozenset())
    elements = {g.id for g in found.goals} | {t.id for g in found.goals for t in g.targets}
    elements |= {m.id for m in found.measures}
    indicators = {i.id for i in pack.indicators.values() if elements & {*i.implements, *i.informs, *i.serves}}
    returns = {r for r in pack.returns if indicators & set(readers(pack, [f"{RETURN_PREFIX}{r}"]))}
    return FieldParts(frozenset(elements), frozenset(indicators), frozenset(returns))
