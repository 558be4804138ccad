"""The register of a data folder and the rows of its facts become files and records, after the facts are published.

`named` says first how the facts name them, so that a row of the facts and the record that says it agree at every start;
then the files and records are loaded in one transaction into empty tables (`load`): half of it never stays. `keyed`
and `told` end it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
from django.db import transaction
from django.utils import timezone

from qingmiao.collect.folder import Collected, collect
from qingmiao.content.pack import Pack
from qingmiao.demo.register.events import RecordedRows, recorded_rows
from qingmiao.demo.register.lately import FOLDER as LATELY
from qingmiao.demo.register.writer import FOLDER
from qingmiao.demo.scenario import read_scenario
from qingmiao.site.apps.directory.api import Person
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.records import kinds, publishing, recording, versions
from qingmiao.site.apps.records.event_models import HealthRecord
from qingmiao.site.apps.records.models import Child
from qingmiao.site.demo import accounts
from qingmiao.site.demo.records import events, files, indexes, mothers, seats, stories
from qingmiao.site.demo.records.reading import DemoRegister, pseudonymised, register_of
from qingmiao.site.demo.records.units import clinics, make_units

FOLLOWED = 15
"""So many findings of a kind are listed to be followed up, of those that the pack says are watched."""
TABLES = (*files.TABLES, *events.TABLES)


def read_lately(pack: Pack, folder: Path) -> Collected | None:
    """What the register says was recorded since the last year of the facts; None where it says nothing."""
    found = folder / FOLDER / LATELY.parent
    return collect(pack, found) if (folder / FOLDER / LATELY).is_dir() else None


def publish_lately(pack: Pack, lately: Collected) -> None:
    """These rows as facts that records say, each table as one source; after `load` has named them by their records.

    A table that no record publishes (doses due) comes from its roll.
    """
    said = {row.fact for kind in kinds.kinds().values() for row in kind.publishes}
    with transaction.atomic():
        for name in sorted(said & lately.tables.keys()):
            table = lately.tables[name]
            facts.load(pack, name, table, [facts.Sheaf(f"{publishing.LOADED}:{name}", 1, 0, table.num_rows)])


@dataclass(frozen=True)
class DemoFiles:
    """What becomes files and records: the register and the rows, named as the data folder names them."""

    pack: Pack
    register: DemoRegister
    said: tuple[RecordedRows, ...]
    rows: tuple[Collected, ...]
    """Those of the facts; then those that were recorded lately."""
    by: Person


def named(pack: Pack, folder: Path, collected: Collected, lately: Collected | None = None) -> DemoFiles | None:
    """Name children by pseudonyms and rows by their records in the tables of `collected` and `lately`; what `load`
    makes of them. None without a register, kinds of records and somebody who records."""
    register, by = register_of(folder), _recorder()
    if register is None or by is None or not kinds.kinds():
        return None
    every = [e for e in recorded_rows(read_scenario(pack)) if e.kind in kinds.kinds() and e.table in collected.tables]
    both = (collected, lately) if lately is not None else (collected,)
    kept = {e.table for e in every}
    rows = tuple(replace(c, tables=_only(c.tables, kept), earlier=_only(c.earlier, kept)) for c in both)
    number = 0
    for one in both:
        for said in (e for e in every if e.table in one.tables):
            number = events.name(pack, said, kinds.kinds()[said.kind], one, register, number)
        pseudonymised(one)
    return DemoFiles(pack, register, tuple(every), rows, by)


def _only(tables: Mapping[str, pa.Table], names: Collection[str]) -> dict[str, pa.Table]:
    return {n: t for n, t in tables.items() if n in names}


def begin() -> None:
    """The tables of the files and records are ready to be loaded; before anybody else reads them."""
    if not Child.objects.exists():
        indexes.bare(TABLES)


def load(files_: DemoFiles) -> list[int]:
    """The files and records, after `begin` and in the caller's transaction, whose last act this is; the numbers of the
    records that are to be followed up."""
    register, watched = files_.register, list[int]()
    make_units(register.units)
    to = events.Recorder(clinics(register.units), _people(files_.said), files_.by)
    files.load_files(register, to.clinics, files_.by, timezone.now())
    for rows in files_.rows:
        for one in (e for e in files_.said if e.table in rows.tables):
            found = events.take_over(files_.pack, one, kinds.kinds()[one.kind], rows, register, to)
            watched += found[-FOLLOWED:]
    for table in TABLES:
        indexes.count_on(table)
    indexes.indexed(TABLES)
    return watched


def keyed() -> None:
    """The files and records are bound to all that they name; others read and write meanwhile."""
    indexes.keyed()


def without() -> None:
    """The tables as they were before `begin`, where nothing is to be loaded into them."""
    with transaction.atomic():
        indexes.indexed(TABLES)
    indexes.keyed()


def told(files_: DemoFiles, watched: list[int], book: Path | None = None) -> None:
    """What is to be followed up, who works with the files, and what happened lately, through the doors. `book`: where
    the accounts are written down; without it nobody gets one."""
    _follow(watched)
    if book is not None:
        stages = {u["unit"]: u["kind"] for u in files_.register.units.to_pylist()}
        seats.seat(files_.pack, stages, book, on=timezone.localdate())
    stories.tell(files_.by, timezone.localdate())
    mothers.tell(files_.pack, timezone.localdate())


def _recorder() -> Person | None:
    """The first made-up person who keeps and settles files."""
    roles = sorted(kinds.roles_that(lambda rule: rule.keeps and rule.settles))
    return next((p for role in roles if (p := accounts.first(role)) is not None), None)


def _people(said: Collection[RecordedRows]) -> dict[str, Person]:
    return {role: p for role in sorted({e.by for e in said}) if (p := accounts.first(role)) is not None}


def _follow(numbers: list[int]) -> None:
    """What these records found is to be followed up, as the rules of their kinds say."""
    rows = HealthRecord.objects.filter(pk__in=numbers).select_related("child", "child__unit", "unit")
    for record in rows.order_by("pk"):
        kind = kinds.kinds()[record.kind]
        recording.follow(record, kind, versions.filled(versions.newest(record)))
