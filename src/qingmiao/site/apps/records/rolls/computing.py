"""The rows of a roll for one township and year: who lived there on its day, what was due of them, what was done.

Over columns: counts of schedules and doses by `qingmiao.schedules`, the pack's expressions in one query.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from django.db.models import Q

from qingmiao.content.expressions import parse
from qingmiao.content.facts import Fact
from qingmiao.content.person_words import person_text
from qingmiao.content.rolls import CountedRecords, Roll
from qingmiao.content.schedules import Schedule
from qingmiao.kernel.areas import stem
from qingmiao.measure.dialect import sql_text
from qingmiao.measure.engine import connect
from qingmiao.schedules import Barred, Events, People, doses_due, items_of_year, recorded
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.records import childhood, lives, sealing
from qingmiao.site.apps.records.models import Stay

DEC_31 = (12, 31)


@dataclass(frozen=True)
class Township:
    """The children of a township on a day: their register's columns, and what was recorded of them."""

    on: date
    child: pa.Array
    area: pa.Array
    school: pa.Array
    people: People
    said: tuple[tuple[int, str, date], ...]
    barred: Barred

    def events(self, schedule: Schedule) -> Events:
        """What a schedule looks at."""
        return lives.events(self.said, schedule)


def day_of(year: int, today: date) -> date:
    """The day of a year's roll: its last one, in the running year today."""
    return min(date(year, *DEC_31), today)


def township(code: str, on: date) -> Township:
    """The children on the register whose residence on a day was in a township (9 digits), in the order of files."""
    stays = Stay.objects.filter(childhood.here(on, "child__"), kind="residence", area__startswith=stem(code))
    stays = stays.filter(Q(to_date=None) | Q(to_date__gt=on), from_date__lte=on).order_by("child_id", "-from_date")
    names = ("child_id", "child__sex", "child__birth_date", "child__grade", "area", "child__school_unit_id")
    rows = {row[0]: row for row in reversed(stays.values_list(*names))}
    listed = [rows[n] for n in sorted(rows)]
    place = {row[0]: n for n, row in enumerate(listed)}
    lives.with_merged(place)
    known = site_pack.pack().areas
    return Township(
        on,
        pa.array([sealing.pseudonym(row[0]) for row in listed], pa.string()),
        pa.array([row[4] if row[4] in known else row[4][:9] for row in listed], pa.string()),
        pa.array([row[5] for row in listed], pa.string()),
        lives.people([row[:4] for row in listed], place),
        tuple(s for s in lives.said(place) if s[2] <= on),
        lives.barred(place, len(listed)),
    )


def roll_rows(roll: Roll, of: Township, year: int) -> pa.Table:
    """The rows of a roll in the columns of its table that it fills, in the order of files (and of the norm's doses)."""
    pack = site_pack.pack()
    fact, first = pack.facts[roll.fact], date(year, 1, 1)
    words = of.people.words
    columns: dict[str, Any] = {
        "child.sex": pa.array(words["sex"].tolist(), pa.string()),
        "child.birth_date": pa.array(words["birth_date"]),
        "child.grade": pa.array(words["grade"].tolist(), pa.string()),
    }
    columns |= {f"counted.{name}": counts for name, counts in _counted(roll, of, first).items()}
    given = {
        "child_id": of.child, "sex": columns["child.sex"], "birth_date": columns["child.birth_date"],
        "area_code": of.area, "school_id": of.school, "grade": columns["child.grade"],
    }  # fmt: skip
    table = pa.table(columns | {f"given.{name}": column for name, column in given.items()})
    if roll.per == "dose":
        table = _with_doses(roll, fact, of, first, table)
    return _told(roll, fact, table, of.on, year)


def _counted(roll: Roll, of: Township, first: date) -> dict[str, pa.Array]:
    """Name → count, each schedule gone through once for both of its counts."""
    schedules, policy = site_pack.pack().entries("schedules", Schedule), site_pack.pack().policy
    found: dict[str, pa.Array] = {}
    held: dict[tuple[str, tuple[str, ...]], tuple[Any, Any]] = {}
    for name, counted in roll.counted.items():
        if isinstance(counted, CountedRecords):
            wanted = tuple(s for s in of.said if s[1] in counted.kinds)
            counts = recorded(of.people, lives.columns(wanted), counted.kinds, first, of.on)
        else:
            key = (counted.schedule, counted.kinds)
            if key not in held:
                schedule = schedules[counted.schedule]
                held[key] = items_of_year(schedule, of.people, of.events(schedule), first, of.on, policy, counted.kinds)
            counts = held[key][counted.state == "done"]
        found[name] = pa.array(counts)
    return found


def _with_doses(roll: Roll, fact: Fact, of: Township, first: date, table: pa.Table) -> pa.Table:
    """One row a dose that was due, of the places that the table's code list has."""
    pack = site_pack.pack()
    schedule = pack.entries("schedules", Schedule)[roll.schedule or ""]
    due = doses_due(of.people, of.events(schedule), first, of.on, barred=of.barred)
    codes = np.array(
        [f"{roll.series.get(s, '')}-{p}" for s, p in zip(due.series, due.place, strict=True)], dtype=object
    )
    listed = pack.codes[fact.columns[roll.code or ""].codes or ""].codes
    kept = np.flatnonzero(np.isin(codes.astype(str), listed)) if len(codes) else np.zeros(0, dtype=np.intp)
    made = table.take(pa.array(due.person[kept]))
    for name, column in {
        "code": pa.array(codes[kept].tolist(), pa.string()),
        "vaccine": pa.array(due.vaccine[kept].tolist(), pa.string()),
        "number": pa.array(due.number[kept]), "due_on": pa.array(due.due[kept]), "given_on": pa.array(due.given[kept]),
        "barred": pa.array(due.barred[kept]),
    }.items():  # fmt: skip
        made = made.append_column(f"dose.{name}", column)
    return made


def _told(roll: Roll, fact: Fact, table: pa.Table, on: date, year: int) -> pa.Table:
    """The columns of the fact table: what the roll says, what the register says beside it, year and day."""
    said: Mapping[str, str] = {n: sql_text(parse(person_text(t)), "duckdb") for n, t in roll.row.items()}
    house = [n for n in fact.columns if f"given.{n}" in table.column_names and n not in said]
    wanted = [f'{text} AS "{name}"' for name, text in said.items()] + [f'"given.{n}" AS "{n}"' for n in house]
    wanted += [f'year AS "{fact.year}"'] if fact.year is not None and fact.year not in said else []
    wanted += [f'as_of AS "{fact.version}"']
    when = sql_text(parse(person_text(roll.when)), "duckdb") if roll.when is not None else "true"
    numbered = table.append_column("_n", pa.array(np.arange(table.num_rows)))
    con = connect()
    try:
        con.register("given_rows", numbered)
        source = f"SELECT *, DATE '{on.isoformat()}' AS as_of, {year:d} AS year FROM given_rows"
        query = f"SELECT {', '.join(wanted)} FROM ({source}) WHERE {when} ORDER BY _n"
        return con.sql(query).to_arrow_table()
    finally:
        con.close()
