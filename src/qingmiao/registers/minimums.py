"""Minimums: how many there must be, how many there are, what is missing; computed, never typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Any

from qingmiao.content.registers import RegisterKind, RegisterMinimum


@dataclass(frozen=True)
class EntryAtHand:
    """An entry in force, as minimums read it."""

    number: int
    kind: str
    area: str
    within: int | None
    values: Mapping[str, Any]


@dataclass(frozen=True)
class MinimumVerdict:
    """One minimum for one entry (`entry`) or area. `have` None: not answered, so it cannot be judged."""

    minimum: RegisterMinimum
    area: str
    entry: int | None
    need: int
    have: int | None

    @property
    def short(self) -> int:
        """How many are missing (of a maximum: too many); 0 where none are, or nothing can be said."""
        if self.have is None:
            return 0
        return max(0, self.have - self.need if self.minimum.at_most else self.need - self.have)

    @property
    def met(self) -> bool | None:
        """Whether it is kept; None where it cannot be judged."""
        return None if self.have is None else self.short == 0


Counting = Callable[[str], Iterable[EntryAtHand]]
"""The id of a register → its entries in force."""


def verdicts(
    kind: RegisterKind,
    entries: Iterable[EntryAtHand],
    of: Counting,
    *,
    townships: Iterable[str],
    county: str,
    local: Mapping[str, int],
) -> Iterator[MinimumVerdict]:
    """Every minimum of a register. `townships`: codes of the areas that a minimum of townships is asked of; `local`:
    what the county has set of local minimums (`REGISTER.MINIMUM` → number); one that is not set asks nothing.
    """
    held = tuple(entries)
    for one in kind.minimums:
        number = local.get(f"{kind.id}.{one.id}")
        if one.local and number is None:
            continue
        if one.per == "entry":
            above = {e.number: e.values for e in of(kind.within.register_)} if kind.within and one.of_within else {}
            yield from _of_entries(one, held, of, number, above)
        else:
            areas = tuple(townships) if one.per == "township" else (county,)
            yield from _of_areas(one, held, of, areas, number)


def needed(
    one: RegisterMinimum, values: Mapping[str, Any], number: int | None = None, above: Mapping[str, Any] | None = None
) -> int | None:
    """How many one entry needs; None where the rule does not reach it or a number that it asks for is missing.

    One for every `each`, begun ones too: 600 → 1, 601 → 2. `above`: the values of what the entry belongs to.
    """
    if one.where is not None and values.get(one.where) is not True:
        return None
    if one.ratios:
        known = [(a, each) for name, each in one.ratios.items() if (a := values.get(name)) is not None]
        return sum(_parts(a, each) for a, each in known) if known else None
    if one.of is None:
        return one.need if one.need is not None else number
    amount = ((above or {}) if one.of_within else values).get(one.of)
    if amount is None or Decimal(amount) < one.from_ or (one.below is not None and Decimal(amount) >= one.below):
        return None
    if one.need is not None:
        return one.need
    if one.times is not None:
        return int(Decimal(amount)) * one.times
    each = number if one.each is None else one.each
    return None if each is None else _parts(amount, each)


def _parts(amount: Any, each: int) -> int:
    return ceil(Decimal(amount) / each)


def _of_entries(
    one: RegisterMinimum,
    held: Iterable[EntryAtHand],
    of: Counting,
    number: int | None,
    above: Mapping[int, Mapping[str, Any]],
) -> Iterator[MinimumVerdict]:
    counts: dict[int, int] = {}
    if (asked := one.counted) is not None:
        for counted in of(asked.register_):
            fits = not asked.kinds or counted.kind in asked.kinds
            if counted.within is not None and fits and (asked.where is None or counted.values.get(asked.where) is True):
                counts[counted.within] = counts.get(counted.within, 0) + _worth(counted, asked.sum)
    for entry in held:
        if one.kinds and entry.kind not in one.kinds:
            continue
        need = needed(one, entry.values, number, above.get(entry.within or 0))
        if need is None:
            continue
        if one.have is not None:
            answered = entry.values.get(one.have)
            have = None if answered is None else int(Decimal(answered))
        else:
            have = counts.get((entry.within or 0) if asked is not None and asked.beside else entry.number, 0)
        yield MinimumVerdict(one, entry.area, entry.number, need, have)


def _of_areas(
    one: RegisterMinimum, held: tuple[EntryAtHand, ...], of: Counting, areas: tuple[str, ...], number: int | None
) -> Iterator[MinimumVerdict]:
    """Entries lie in an area by the beginning of their code."""
    need = one.need if one.need is not None else number
    rows = held if one.counted is None else tuple(of(one.counted.register_))
    kinds = one.kinds if one.counted is None else one.counted.kinds
    summed = one.have if one.counted is None else one.counted.sum
    wanted = one.where if one.counted is None else one.counted.where
    fitting = [r for r in rows if (not kinds or r.kind in kinds) and (wanted is None or r.values.get(wanted) is True)]
    for area in areas:
        have = sum(_worth(r, summed) for r in fitting if r.area.startswith(area))
        yield MinimumVerdict(one, area, None, need or 0, have)


def _worth(row: EntryAtHand, summed: str | None) -> int:
    return 1 if summed is None else int(Decimal(row.values.get(summed) or 0))
