"""The tables of the register as Arrow: children, grown-ups and how they stand to children, homes, classes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from qingmiao.demo.drafts import Array, arrow_codes
from qingmiao.demo.people import CHILD_YEARS, NEVER, PeopleBlock, first_day
from qingmiao.demo.register import names, numbers
from qingmiao.demo.register.households import households
from qingmiao.demo.register.lately import until
from qingmiao.demo.register.villages import village_list
from qingmiao.demo.tables.common import CHILD, SEX, share
from qingmiao.demo.tables.schooling import GRADES, SCHOOL, attendance, school_list
from qingmiao.demo.world import World

TABLES = ("children", "grown_ups", "relations", "stays", "classes")
SCHOOL_YEARS = 2
"""The last year of the facts and the one after: a site looks at them later."""
NAMED_AFTER = 45
"""Days within which a newborn may have no name and no number yet."""


def register(world: World, block: PeopleBlock) -> Iterator[tuple[str, pa.Table]]:
    """(table, rows) of the children of a block who are under 18 at the end of the last year or were born after it, the
    dead among them."""
    last = world.scenario.last_year
    rows = np.flatnonzero(last - block.birth_year < CHILD_YEARS)
    if not len(rows):
        return
    family = households(world.scenario, block)
    surname = names.surnames(world.scenario, world.streams, "family", block.id, len(block))[family]
    yield "children", _children(world, block, rows, surname)
    yield from _grown_ups(world, block, rows, family, surname)
    yield "stays", _stays(world, block, rows)
    for year in (last + n for n in range(SCHOOL_YEARS)):
        yield "classes", _classes(world, block, rows, year)


def _children(world: World, block: PeopleBlock, rows: Array, surname: Array) -> pa.Table:
    rng, count, scenario = world.streams.rng("register", block.id), len(rows), world.scenario
    full = surname + names.given(scenario, world.streams, "children", block.id, block.sex == 1)
    full = names.hard(scenario, world.streams, block.id, full)[rows]
    number = numbers.of_children(block)[rows].astype(object)
    certificate = numbers.certificates(block.number[rows]).astype(object)
    end = first_day(np.array([scenario.last_year + 1]))[0]
    last = until(world)
    today = end if last is None else last
    newborn = (today - block.birth[rows]).astype(np.int64) <= NAMED_AFTER
    none = (rng.random(count) < scenario.number("register.without_papers") / 100) | newborn
    number[none] = ""
    certificate[rng.random(count) < scenario.number("register.without_certificate") / 100] = ""
    dead = block.death[rows] < NEVER
    moves = ~dead & (block.birth[rows] < end) & (rng.random(count) < scenario.number("register.moved_out") / 100)
    left = np.where(dead, block.death[rows], np.datetime64("NaT", "D"))
    left = np.where(moves, end + rng.integers(20, 230, count), left)
    state = np.array(["here", "died", "moved_out"], dtype=object)[np.where(dead, 1, np.where(moves, 2, 0))]
    return pa.table(
        {
            "child": block.number[rows],
            "child_id": numbers.padded(CHILD, block.number[rows], 8),
            "name": full,
            "sex": arrow_codes(block.sex[rows], SEX),
            "birth_date": block.birth[rows],
            "number": number,
            "certificate": certificate,
            "state": state,
            "left_date": left,
        }
    )


def _grown_ups(
    world: World, block: PeopleBlock, rows: Array, family: Array, surname: Array
) -> Iterator[tuple[str, pa.Table]]:
    """Mother and father of each household, and for some children the grandmother to whom they are entrusted."""
    scenario, streams = world.scenario, world.streams
    heads = np.unique(family[rows])
    rng, count = streams.rng("grown-ups", block.id), len(heads)
    age = np.clip(rng.normal(27, 4, count), 19, 44)
    # A household's mother is of an age for its first child in the block, whether or not it is in the register.
    born = block.birth[heads] - (age * 365.25).astype(np.int64)
    years = {"mother": born, "father": born - rng.integers(-400, 1900, count)}
    years["grandmother"] = born - rng.integers(7500, 10500, count)
    at = np.searchsorted(heads, family[rows])
    left_behind = block.trait("left_behind")[rows] < share(world, "schools.left_behind", world.years[-1:])
    absent = {
        "mother": rng.random(count) < scenario.number("register.motherless") / 100,
        "father": rng.random(count) < scenario.number("register.fatherless") / 100,
    }
    both = absent["mother"] & absent["father"]
    absent["father"][both] = False
    carers = np.zeros(count, dtype=bool)
    carers[at[left_behind]] = True
    absent["grandmother"] = ~carers
    for serial, (kind, birth) in enumerate(years.items()):
        female = kind != "father"
        given = names.given(scenario, streams, "grown_ups", block.id * 10 + serial, np.full(count, female))
        own = surname[heads] if kind == "father" else names.surnames(scenario, streams, kind, block.id, count)
        id_ = block.number[heads] * 3 + serial
        there = np.flatnonzero(~absent[kind])
        yield (
            "grown_ups",
            pa.table(
                {
                    "grown_up": id_[there],
                    "name": (own + given)[there],
                    "number": numbers.of_grown_ups(
                        birth[there], np.full(len(there), not female), heads[there] * 3 + serial
                    ),
                    "phone": numbers.phones(id_[there]),
                }
            ),
        )
        stands = ~absent[kind][at] & (left_behind if kind == "grandmother" else True)
        some = np.flatnonzero(stands)
        guardian = np.full(len(some), kind == "mother")
        if kind == "father":
            guardian = absent["mother"][at[some]]
        yield (
            "relations",
            pa.table(
                {
                    "child": block.number[rows[some]],
                    "grown_up": id_[at[some]],
                    "kind": pa.repeat(pa.scalar(kind), len(some)),
                    "guardian": guardian,
                    "carer": np.full(len(some), kind == "grandmother"),
                    "from_date": block.birth[rows[some]],
                }
            ),
        )


def _stays(world: World, block: PeopleBlock, rows: Array) -> pa.Table:
    """Where each child lives and is registered: its village, and after moving the county town's."""
    villages, last = village_list(world), world.scenario.last_year
    home, seat = block.home[rows].astype(np.int64), np.full(len(rows), block.seat)
    at_home = villages.pick(home, block.trait("village")[rows])
    in_town = villages.pick(seat, block.trait("town village")[rows])
    moved_on = first_day(block.birth_year[rows] + block.move_age[rows])
    moved = (block.birth_year[rows] + block.move_age[rows] <= last) & (moved_on < block.death[rows]) & (home != seat)
    some = np.flatnonzero(moved)
    none = np.datetime64("NaT", "D")
    parts = [
        ("residence", np.arange(len(rows)), at_home, block.birth[rows], np.where(moved, moved_on, none)),
        ("residence", some, in_town[some], moved_on[some], np.full(len(some), none, "datetime64[D]")),
        ("registration", np.arange(len(rows)), at_home, block.birth[rows], np.full(len(rows), none, "datetime64[D]")),
    ]
    return pa.concat_tables(
        pa.table(
            {
                "child": block.number[rows[which]],
                "kind": pa.repeat(pa.scalar(kind), len(which)),
                "area": pa.array(villages.code[village], pa.string()),
                "village": pa.array(villages.name[village], pa.string()),
                "address": np.char.add(block.number[rows[which]].astype("U9"), "号（演示）"),
                "from_date": start,
                "to_date": end,
            }
        )
        for kind, which, village, start, end in parts
    )


def _classes(world: World, block: PeopleBlock, rows: Array, year: int) -> pa.Table:
    """The class of each child who goes to school in a school year, of a size that the scenario names."""
    at, schools = attendance(world, block, year), school_list(world)
    known = np.isin(at.rows, rows)
    who, grade, school = at.rows[known], at.grade[known], at.school[known]
    pupils = np.zeros((len(schools.stage), len(GRADES)), dtype=np.int64)
    np.add.at(pupils, (school, grade), 1)
    classes = np.maximum(1, np.ceil(pupils / world.scenario.number("register.class_size"))).astype(np.int64)
    number = np.floor(block.trait("class")[who] * classes[school, grade]).astype(np.int64) + 1
    words = world.scenario.group("register.grades")
    title = np.array([str(words[g]) for g in GRADES], dtype=object)[grade]
    ends = first_day(np.array([year + 1]))[0] + 195  # about 15 July
    return pa.table(
        {
            "child": block.number[who],
            "school_id": numbers.padded(SCHOOL, school + 1, 5),
            "grade": arrow_codes(grade, GRADES),
            "class": pa.array(title + np.char.add(number.astype("U4"), "班").astype(object), pa.string()),
            "from_date": np.full(len(who), first_day(np.array([year]))[0] + 243),
            "to_date": np.minimum(block.death[who], ends),
        }
    )
