"""The public numbers of one indicator: numerators and denominators of the county and its townships, suppressed as
tables; rates only out of what is shown."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from qingmiao.content.indicators import Aggregate, Definition, Indicator
from qingmiao.disclosure import RULE, TOTAL, DisclosureError, Place, Released, rate, release, table
from qingmiao.kernel.rounding import half_up

BY = "area"
REST = "（其他）"
"""What a county counts beyond its townships: a cell of its own, so that it is not found by subtraction either."""
Earlier = Mapping[str, Sequence[Released]]


@dataclass(frozen=True)
class PublicPart:
    """A numerator or denominator of one year as it is shown: the county's, and each township's; None: suppressed."""

    about: str
    county: int | None
    towns: Mapping[str, int | None]
    rest: int | None = None
    """What the county counts beyond its townships; never printed, kept for comparing."""

    def stored(self) -> dict[str, Any]:
        """As the shelf keeps it for comparing later releases."""
        cells: list[tuple[list[str | None], int | None]] = [([town], n) for town, n in self.towns.items()]
        return {"about": self.about, "by": [BY], "cells": [*cells, ([REST], self.rest), ([TOTAL], self.county)]}


def about_of(definition: Definition, side: Aggregate, year: int) -> str:
    """Whom a count is about: the same for every indicator that counts the same rows, so that they are compared."""
    said = f"{definition.source_of(side)} {side.model_dump_json()} {definition.latest}"
    return f"{hashlib.sha256(said.encode()).hexdigest()[:16]}.{year}"


def part_of(about: str, county: int, towns: Mapping[str, int], earlier: Earlier) -> PublicPart:
    """One side of an indicator as it may be published beside all that was published before.

    Where the townships cannot be protected beside the county's number, none of them is shown.
    """
    rest = county - sum(towns.values())
    before = earlier.get(about, ())
    shown = None if RULE.is_small(county) else RULE.rounded(county)
    if before and any(one.shown.get((TOTAL,), 0) is None for one in before):
        shown = None
    nothing: dict[str, int | None] = dict.fromkeys(towns)
    if rest < 0 or not towns:
        return PublicPart(about, shown, nothing)
    cells: dict[tuple[str, ...], int] = {(town,): n for town, n in {**towns, REST: rest}.items()}
    everyone: list[Place] = [(TOTAL,)]
    try:
        made = release(table([BY], cells), before, elsewhere=everyone if shown is not None else ()).cells()
    except DisclosureError:
        return PublicPart(about, shown, nothing)
    return PublicPart(about, shown, {town: made[(town,)] for town in towns}, made[(REST,)])


def value_of(indicator: Indicator, numerator: int | None, denominator: int | None, *, ratio: bool) -> str:
    """The published value, as text with the indicator's decimals; empty where it is not shown."""
    if not ratio:
        found = None if numerator is None else half_up(Decimal(numerator) * Decimal(repr(indicator.factor)), 0)
    elif indicator.factor == int(indicator.factor):
        found = rate(numerator, denominator, factor=int(indicator.factor), decimals=indicator.decimals)
    else:
        found = None
    return "" if found is None else str(found)


def whole(number: float | None) -> int | None:
    """A count as a whole number; None where it is none (money, hours, a weighted sum)."""
    if number is None or number < 0 or number != int(number):
        return None
    return int(number)
