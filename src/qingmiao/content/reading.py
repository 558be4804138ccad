"""Who reads what: the one answer to "this table changed, what must be measured again, and for which years"."""

from __future__ import annotations

from collections.abc import Iterable

from qingmiao.content.expressions import ExpressionError, columns_of, parse
from qingmiao.content.facts import Derived, Fact
from qingmiao.content.pack import Pack
from qingmiao.standards import derivations

RETURN_PREFIX = "return:"
"""What stands before the id of a return where it is a source."""
SERIES = "series"
"""The source of plain yearly values, which may carry a value of any indicator."""


def readers(pack: Pack, sources: Iterable[str]) -> tuple[str, ...]:
    """The indicators that read any of these sources in any version, on either side, or are made of such; in the pack's
    order.

    A source is a fact table's id, ``return:ID`` or ``series``. Published values may stand for any indicator, so that
    ``series`` is read by all. A table's `previous` columns read the table itself: see `years_on` for how far.
    """
    wanted = set(sources)
    if SERIES in wanted:
        return tuple(pack.indicators)
    return made_of(pack, (i.id for i in pack.indicators.values() if not wanted.isdisjoint(i.sources)))


def made_of(pack: Pack, indicators: Iterable[str]) -> tuple[str, ...]:
    """These indicators and all that are combined from them, over any number of steps; in the pack's order."""
    above: dict[str, list[str]] = {}
    for indicator in pack.indicators.values():
        for definition in indicator.definitions:
            if definition.combine is not None:
                above.setdefault(definition.combine.of, []).append(indicator.id)
    found: set[str] = set()
    waiting = list(indicators)
    while waiting:
        id_ = waiting.pop()
        if id_ not in found:
            found.add(id_)
            waiting.extend(above.get(id_, ()))
    return tuple(i for i in pack.indicators if i in found)


def read_for(pack: Pack, indicator: str) -> tuple[str, ...]:
    """What an indicator is measured from: the sources of all its versions and of all that it is combined from, over
    any number of steps; the yearly series, which may stand in for any, at the end."""
    found, seen, waiting = dict[str, None](), set[str](), [indicator]
    while waiting:
        id_ = waiting.pop()
        one = pack.indicators.get(id_)
        if one is None or id_ in seen:
            continue
        seen.add(id_)
        found |= dict.fromkeys(s for s in one.sources if s != SERIES)
        waiting.extend(d.combine.of for d in one.definitions if d.combine is not None)
    return (*found, SERIES)


def years_on(fact: Fact) -> int:
    """How many years after a row's own year its values are still read, through `previous` columns; 0 without any.

    A `previous` column of a `previous` column reads two years back, and so on; expressions, bands and norms pass it on.
    """
    depth = dict.fromkeys(fact.columns, 0)
    for name, derived in fact.derived.items():
        depth[name] = max((depth.get(c, 0) for c in _read_by(derived)), default=0) + (derived.previous is not None)
    return max(depth.values(), default=0)


def _read_by(derived: Derived) -> tuple[str, ...]:
    """The columns that a derived column is made of; those that cannot be told are none (`check` names the fault)."""
    if derived.previous is not None:
        return (derived.previous.of,)
    if derived.bands is not None:
        return (derived.bands.of,)
    if derived.scored is not None:
        norm, named = derivations().get(derived.scored.norm), derived.scored.inputs
        return tuple(named.get(n, n) for n in (*norm.inputs, *norm.optional)) if norm is not None else ()
    try:
        return columns_of(parse(derived.expr)) if derived.expr is not None else ()
    except ExpressionError:
        return ()
