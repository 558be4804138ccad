"""What a node with nodes below it sees of them: the figures of a year side by side, with the sums."""

from __future__ import annotations

from dataclasses import dataclass

from qingmiao.exchange import CountyState, ExchangedFigure
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.exchange.moving import counties, own_code, rolled
from qingmiao.site.pack import pack


@dataclass(frozen=True)
class FiguresBelow:
    """The figures of an area and of those right below it in a year.

    `areas`: the columns, the area itself first; `opened`: those of them with figures of their own below; `rows`: an
    indicator and its figure in each column (None: nothing was told), in the pack's order; `above`: from which area one
    comes here ("" for the whole).
    """

    area: str
    above: str
    year: int
    years: tuple[int, ...]
    areas: tuple[str, ...]
    opened: frozenset[str]
    rows: tuple[tuple[str, tuple[ExchangedFigure | None, ...]], ...]


def has_below() -> bool:
    """Whether nodes below this one are registered."""
    return bool(counties())


def figures_below(area: str = "", year: int = 0) -> FiguresBelow:
    """The figures that came from below, of an area (the whole, where none is named) and a year (else the newest that
    they tell of); nothing in it where nobody below is registered. Raises `AbsentError` for an area that none told of.
    """
    own = own_code()
    state = rolled() if counties() else CountyState.made(own, "", ())
    return side_by_side(state, own, area or own, year)


def side_by_side(state: CountyState, own: str, area: str, year: int) -> FiguresBelow:
    """The figures of a state in columns of areas. Raises `AbsentError` as `figures_below` does."""
    content = pack()
    parents = {code: item.parent for code, item in content.areas.items()}
    told = {f.area for f in state.figures}
    right_below = sorted(code for code in told if parents.get(code) == area)
    years = tuple(sorted({f.year for f in state.figures}))
    chosen = year or (years[-1] if years else 0)
    if area != own and area not in told:
        raise AbsentError
    columns = (area, *right_below)
    of = {(f.indicator, f.area): f for f in state.figures if f.year == chosen}
    order = {name: n for n, name in enumerate(content.indicators)}
    names = sorted({i for i, where in of if where in columns}, key=lambda i: (order.get(i, len(order)), i))
    rows = tuple((name, tuple(of.get((name, where)) for where in columns)) for name in names)
    opened = frozenset(code for code in right_below if any(parents.get(one) == code for one in told))
    above = "" if area == own else (parents.get(area) or "")
    return FiguresBelow(area, above, chosen, years, columns, opened, rows)
