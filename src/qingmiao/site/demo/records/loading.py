"""The register of a data folder and the rows of its facts become files and records, before the facts are published.

In one transaction into empty tables: half of it never stays. A later start finds the files and only names the facts by
them again, so that a row of the facts and the record that says it are the same at every start.
"""

from __future__ import annotations

from pathlib import Path

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
from qingmiao.site.demo.records import events, files, indexes, seats, stories
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


def load(
    pack: Pack, folder: Path, collected: Collected, *, book: Path | None = None, lately: Collected | None = None
) -> bool:
    """Whether files were made: not without a register, kinds of records and somebody who records, nor a second time.
    `book`: where the accounts are written down; without it nobody gets one.

    The tables of `collected` and `lately` name children by pseudonyms and rows by their records afterwards.
    """
    register, by = register_of(folder), _recorder()
    if register is None or by is None or not kinds.kinds():
        return False
    said = [e for e in recorded_rows(read_scenario(pack)) if e.kind in kinds.kinds() and e.table in collected.tables]
    new = not Child.objects.exists()
    with transaction.atomic():
        to = events.Recorder(clinics(register.units), _people(said), by)
        watched: list[int] = []
        if new:
            make_units(register.units)
            with indexes.bare(TABLES):
                files.load_files(register, to.clinics, by, timezone.now())
                watched = _records(pack, said, collected, register, to, write=True)
                watched += _records(pack, said, lately, register, to, write=True) if lately is not None else []
            for table in TABLES:
                indexes.count_on(table)
            _follow(watched)
            if book is not None:
                stages = {u["unit"]: u["kind"] for u in register.units.to_pylist()}
                seats.seat(pack, stages, book, on=timezone.localdate())
            stories.tell(by, timezone.localdate())
        else:
            _records(pack, said, collected, register, to, write=False)
    pseudonymised(collected)
    if lately is not None:
        pseudonymised(lately)
    return new


def _records(
    pack: Pack,
    said: list[RecordedRows],
    collected: Collected,
    register: DemoRegister,
    to: events.Recorder,
    *,
    write: bool,
) -> list[int]:
    watched: list[int] = []
    for one in (e for e in said if e.table in collected.tables):
        found = events.take_over(pack, one, kinds.kinds()[one.kind], collected, register, to, write=write)
        watched += found[-FOLLOWED:]
    return watched


def _recorder() -> Person | None:
    """The first made-up person who keeps and settles files."""
    roles = sorted(kinds.roles_that(lambda rule: rule.keeps and rule.settles))
    return next((p for role in roles if (p := accounts.first(role)) is not None), None)


def _people(said: list[RecordedRows]) -> dict[str, Person]:
    return {role: p for role in sorted({e.by for e in said}) if (p := accounts.first(role)) is not None}


def _follow(numbers: list[int]) -> None:
    """What these records found is to be followed up, as the rules of their kinds say."""
    rows = HealthRecord.objects.filter(pk__in=numbers).select_related("child", "child__unit", "unit")
    for record in rows.order_by("pk"):
        kind = kinds.kinds()[record.kind]
        recording.follow(record, kind, versions.filled(versions.newest(record)))
