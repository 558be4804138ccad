"""The population of children: birth, sex, home, lasting traits, and when a child dies. Blocks of at most `BLOCK`
children.

Children are numbered by birth year; a block is a slice of that order, so that a county is one block and a province
many, with the same rules and flat memory. Levels and trends come from the scenario (places ``births``, ``deaths``,
``moves``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtri

from qingmiao.demo.drafts import Array
from qingmiao.demo.places import Places
from qingmiao.demo.scenario import Floats, Scenario
from qingmiao.demo.streams import Streams

BLOCK = 100_000
CHILD_YEARS = 18
COHORTS = 19
"""Birth years before the last that matter: the oldest pupils are born in the autumn before."""
NEVER = np.datetime64("2300-01-01", "D")


def first_day(years: Array) -> Array:
    """1 January of each year (n,), as days."""
    return (np.asarray(years) - 1970).astype("datetime64[Y]").astype("datetime64[D]")


def year_of(days: Array) -> Array:
    """The calendar year of each day (n,)."""
    years: Array = days.astype("datetime64[Y]").astype(np.int64) + 1970
    return years


def months_later(days: Array, months: Array | int) -> Array:
    """The day on which so many months are completed: the same day of the month, or the 1st after a month too short for
    it."""
    month = days.astype("datetime64[M]")
    day = days - month.astype("datetime64[D]")
    later: Array = np.minimum(
        (month + months).astype("datetime64[D]") + day, (month + months + 1).astype("datetime64[D]")
    )
    return later


@dataclass
class PeopleBlock:
    """Some children. Arrays (n,): number, birth day, sex (0 boy, 1 girl), home township, day of death (or NEVER)."""

    id: int
    number: Array
    birth: Array
    sex: Array
    home: Array
    streams: Streams
    death: Array = field(default_factory=lambda: np.array([], dtype="datetime64[D]"))
    cause: Array = field(default_factory=lambda: np.array([], dtype=np.int16))
    move_age: Array = field(default_factory=lambda: np.array([], dtype=np.int64))
    seat: int = 0
    kept: dict[tuple[str, int], object] = field(default_factory=dict)
    """What makers of tables keep for each other, by name and year."""
    _traits: dict[str, Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.number)

    @property
    def birth_year(self) -> Array:
        """(n,) calendar years."""
        return year_of(self.birth)

    def trait(self, name: str) -> Floats:
        """A lasting uniform number per child, in (0, 1); each trait has a stream of its own."""
        if name not in self._traits:
            u = self.streams.rng(f"trait:{name}", self.id).random(len(self), dtype=np.float32)
            self._traits[name] = np.clip(u, 1e-7, 1 - 1e-7).astype(np.float64)
        return self._traits[name]

    def normal(self, name: str) -> Floats:
        """A lasting standard normal number per child."""
        key = f"normal:{name}"
        if key not in self._traits:
            self._traits[key] = ndtri(self.trait(name))
        return self._traits[key]

    def area(self, rows: Array, years: Array | int) -> Array:
        """The township of residence of the given rows in a year: home, or the county town after moving there."""
        moved = years - self.birth_year[rows] >= self.move_age[rows]
        area: Array = np.where(moved, self.seat, self.home[rows])
        return area

    def alive(self, day: Array | np.datetime64) -> Array:
        """Born and not dead on a day."""
        living: Array = (self.birth <= day) & (self.death > day)
        return living


def born_by_year(scenario: Scenario, streams: Streams, children: int | None) -> dict[int, int]:
    """Children per birth year, from 17 years before the first year; `children` scales the whole county."""
    scale = 1.0 if children is None else children / scenario.number("children")
    born = {}
    for year in range(scenario.first_year - COHORTS + 1, scenario.last_year + 1):
        expected = scenario.level("births", year) * scale
        born[year] = int(streams.rng("births", year).poisson(expected))
    return born


def blocks(scenario: Scenario, streams: Streams, places: Places, children: int | None) -> Iterator[PeopleBlock]:
    """The population, block by block."""
    born = born_by_year(scenario, streams, children)
    years = np.array(list(born))
    ends = np.cumsum(list(born.values()))
    total = int(ends[-1])
    for id_, start in enumerate(range(0, total, BLOCK)):
        number = np.arange(start, min(start + BLOCK, total))
        year = years[np.searchsorted(ends, number, side="right")]
        yield _block(scenario, streams, places, id_, number, year)


def later_blocks(
    after: Scenario, streams: Streams, places: Places, children: int | None, *, first: int
) -> Iterator[PeopleBlock]:
    """The births of the only year of `after`, block by block, numbered on from `first`, which is how many children
    there are before them; their blocks have numbers of their own, so that nobody before them is another."""
    year, scale = after.first_year, 1.0 if children is None else children / after.number("children")
    total = int(streams.rng("births", year).poisson(after.level("births", year) * scale))
    for id_, start in enumerate(range(0, total, BLOCK), start=-(-first // BLOCK)):
        number = np.arange(first + start, first + min(start + BLOCK, total))
        yield _block(after, streams, places, id_, number, np.full(len(number), year))


def dying_too(after: Scenario, streams: Streams, places: Places, block: PeopleBlock) -> tuple[Array, Array]:
    """(death, cause) of a block's children when the years of `after` are lived too: who died before stays dead."""
    death, cause = _deaths(after, streams, places, block)
    before = block.death < NEVER
    return np.where(before, block.death, death), np.where(before, block.cause, cause)


def _block(scenario: Scenario, streams: Streams, places: Places, id_: int, number: Array, year: Array) -> PeopleBlock:
    rng, count = streams.rng("people", id_), len(number)
    days = (first_day(year + 1) - first_day(year)).astype(np.int64)
    birth = first_day(year) + np.floor(rng.random(count) * days).astype(np.int64)
    sex = (rng.random(count) >= scenario.number("boys")).astype(np.int8)
    home = np.searchsorted(np.cumsum(places.weights)[:-1], rng.random(count)).astype(np.int16)
    block = PeopleBlock(id_, number, birth, sex, home, streams, seat=places.seat)
    moves = rng.random(count) < scenario.number("moves.share")
    ages = [int(a) for a in scenario.items("moves.ages")]
    block.move_age = np.where(moves, np.array(ages)[rng.integers(0, len(ages), count)], 99)
    block.death, block.cause = _deaths(scenario, streams, places, block)
    return block


def causes(scenario: Scenario) -> tuple[str, ...]:
    """All causes of death that the scenario knows, in its order: by age band, then injuries."""
    names = [c for band in scenario.names("deaths.bands") for c in scenario.group(f"deaths.bands.{band}.causes")]
    return tuple(dict.fromkeys([*names, *scenario.names("deaths.injuries")]))


def _deaths(scenario: Scenario, streams: Streams, places: Places, block: PeopleBlock) -> tuple[Array, Array]:
    """Day and cause of death within the generated years. Bands: per 1000 born; injuries: per 100,000 child-years."""
    names, count = causes(scenario), len(block)
    death = np.full(count, NEVER)
    cause = np.full(count, -1, dtype=np.int16)
    start, end = (
        first_day(np.array([scenario.first_year]))[0],
        first_day(np.array([scenario.last_year + 1]))[0],
    )
    for band in scenario.names("deaths.bands"):
        place = f"deaths.bands.{band}"
        rng = streams.rng(f"deaths:{band}", block.id)
        low, high = scenario.number(f"{place}.from_days"), scenario.number(f"{place}.to_days")
        u, when, which = rng.random(count), rng.random(count), rng.random(count)
        day = block.birth + np.floor(low + (high - low) * when ** scenario.number(f"{place}.early")).astype(np.int64)
        rate = scenario.levels(f"{place}.per_1000", year_of(day)) / 1000
        rate = rate * _rural_factor(scenario, places, block.home, year_of(day))
        dies = (u < rate) & (death == NEVER) & (day >= start) & (day < end)
        death[dies] = day[dies]
        cause[dies] = _choose(scenario, f"{place}.causes", names, which[dies])
    for injury in scenario.names("deaths.injuries"):
        place = f"deaths.injuries.{injury}"
        low_age, high_age = (int(a) for a in scenario.items(f"{place}.ages"))
        for year in scenario.years:
            rng = streams.rng(f"deaths:{injury}", block.id, year)
            u, when = rng.random(count), rng.random(count)
            day = first_day(np.array([year])) + np.floor(when * 365).astype(np.int64)
            age = year - block.birth_year
            old_enough = (day > block.birth) & (age >= low_age) & (age <= high_age)
            dies = old_enough & (u < scenario.level(f"{place}.per_100k", year) / 1e5) & (death > day)
            death[dies], cause[dies] = day[dies], names.index(injury)
    return death, cause


def _rural_factor(scenario: Scenario, places: Places, home: Array, years: Array) -> Floats:
    """What a rural or urban child's rate is to the county's, so that the county keeps its level."""
    ratio = scenario.levels("deaths.rural_to_urban", years)
    urban_share = float(places.weights[places.urban].sum())
    urban = 1 / (urban_share + (1 - urban_share) * ratio)
    factor: Floats = np.where(places.urban[home], urban, urban * ratio)
    return factor


def _choose(scenario: Scenario, place: str, names: tuple[str, ...], u: Array) -> Array:
    shares = scenario.group(place)
    positions = np.array([names.index(n) for n in shares])
    edges = np.cumsum([float(s) for s in shares.values()])
    chosen: Array = positions[np.searchsorted(edges[:-1] / edges[-1], u)]
    return chosen
