"""The rows of the facts as health records: written by COPY, their keys in the facts those that the records publish
under."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone

from qingmiao.collect.folder import Collected
from qingmiao.content.facts import Fact
from qingmiao.content.pack import Pack
from qingmiao.content.records import RecordKind
from qingmiao.demo.drafts import Array
from qingmiao.demo.register.events import RecordedRows, keys_of, records_of
from qingmiao.site.apps.directory.api import Person
from qingmiao.site.apps.records import bulk, versions
from qingmiao.site.demo.accounts import MARK
from qingmiao.site.demo.records.reading import DemoRegister

TABLES = ("records_record", "records_record_version", "records_follow_up")
OPERATION = "demo-"
KEY = "record-"
"""What the key of a row that a record publishes begins with (`apps.records.publishing`)."""
CORRECTED = f"核对后更正{MARK}"
WRITTEN_AT = time(10, 0)
"""Of the day on which a row of the facts was recorded."""


@dataclass
class Recorder:
    """Where the next records go: numbers counted on, who records at which unit."""

    clinics: Mapping[str, str]
    people: Mapping[str, Person]
    default: Person
    record: int = 0
    version: int = 0

    def person(self, role: str) -> Person:
        """The made-up person who records what this role records."""
        return self.people.get(role, self.default)


def name(
    pack: Pack, said: RecordedRows, kind: RecordKind, collected: Collected, register: DemoRegister, to: int
) -> int:
    """Name the rows of a fact table by the records that they are, or that `take_over` will make of them; the last
    number, counted on from `to`."""
    fact = pack.facts[said.table]
    keys = _keys(said, fact, collected, register)
    if len(keys) and kind.publishes and len(fact.key) == 1:
        for tables in (collected.tables, collected.earlier):
            if said.table in tables:
                tables[said.table] = _renamed(tables[said.table], fact, keys, to)
    return to + len(keys)


def _keys(said: RecordedRows, fact: Fact, collected: Collected, register: DemoRegister) -> pa.Array:
    tables = collected.tables[said.table], collected.earlier.get(said.table)
    return keys_of(said, fact, *tables, register.children).combine_chunks()


def take_over(
    pack: Pack, said: RecordedRows, kind: RecordKind, collected: Collected, register: DemoRegister, to: Recorder
) -> list[int]:
    """Make the rows of a fact table records, numbered as `name` numbers them; the numbers of those to be followed up.
    The rows of `collected` are named as the files name them."""
    fact, many = pack.facts[said.table], _many(pack, kind)
    newest_rows, earlier = collected.tables[said.table], collected.earlier.get(said.table)
    rows = records_of(said, fact, newest_rows, earlier, register.children, many)
    if not rows.num_rows:
        return []
    keys = _keys(said, fact, collected, register)
    record = to.record + 1 + pc.index_in(rows["key"], value_set=keys).to_numpy().astype(np.int64)
    newest = _truths(rows["newest"])
    to.record += len(keys)
    _write(kind, said, rows, record, newest, to)
    to.version += rows.num_rows
    watched = newest & _truths(rows["watched"])
    years = pc.year(rows["on_date"]).to_numpy()
    listed: list[int] = record[watched & (years == years.max())].tolist()
    return listed


def _truths(column: pa.ChunkedArray) -> Array:
    found: Array = column.cast(pa.int8()).to_numpy().astype(bool)
    return found


def _many(pack: Pack, kind: RecordKind) -> set[str]:
    """The fields of a kind's form that hold several codes."""
    fields = pack.forms[kind.form].fields
    return {x.id for f in fields for x in (f, *f.fields) if x.multiple}


def _write(kind: RecordKind, said: RecordedRows, rows: pa.Table, record: Array, newest: Array, to: Recorder) -> None:
    by, count = to.person(said.by), rows.num_rows
    units = _units(said, rows, to)
    at = pc.strftime(rows["recorded"].cast(pa.timestamp("s")), format="%Y-%m-%d")
    zone = timezone.localtime(timezone.now()).strftime("%z")
    at = pc.binary_join_element_wise(at, f"{WRITTEN_AT.isoformat()}{zone}", " ")
    keep = pa.array(newest)
    number = rows["number"]
    only = rows.filter(keep)
    many = only.num_rows
    ids = record[newest]
    text = pa.array(ids).cast(pa.string())
    bulk.copy_table(
        "records_record",
        pa.table(
            {
                "id": ids, "kind": bulk.same(kind.id, many), "child_id": pc.add(only["child"], 1),
                "on_date": only["on_date"], "unit_id": units.filter(keep), "by_id": bulk.same(by.pk, many),
                "made_at": at.filter(keep),
                "operation": pc.binary_join_element_wise(OPERATION, text, ""),
                "state": pc.if_else(pc.greater(only["number"], 1), "corrected", "recorded"),
                "version": only["number"], "published": bulk.same(1 if kind.publishes else 0, many),
            }
        ),
    )  # fmt: skip
    form = versions.form_kept(kind.form)
    bulk.copy_table(
        "records_record_version",
        pa.table(
            {
                "id": to.version + 1 + np.arange(count), "record_id": record, "number": number,
                "form_id": bulk.same(form.pk, count), "on_date": rows["on_date"], "filled_date": rows["recorded"],
                "answers": rows["answers"], "explanations": bulk.same("{}", count),
                "withdrawn": bulk.same(False, count),
                "reason": pc.if_else(pc.greater(number, 1), CORRECTED, ""), "by_id": bulk.same(by.pk, count), "at": at,
            }
        ),
    )  # fmt: skip


def _units(said: RecordedRows, rows: pa.Table, to: Recorder) -> pa.ChunkedArray | pa.Array:
    """The unit of each record: the township's clinic, the school, or the one that is named."""
    if said.unit == "school":
        return rows["school"]
    if said.unit != "clinic":
        return bulk.same(said.unit, rows.num_rows)
    coded = rows["area"].combine_chunks().dictionary_encode()
    names = pa.array([to.clinics[a] for a in coded.dictionary.to_pylist()], pa.string())
    return pa.DictionaryArray.from_arrays(coded.indices, names).cast(pa.string())


def _renamed(table: pa.Table, fact: Fact, keys: pa.Array, to: int) -> pa.Table:
    """The table with the keys of rows that are records."""
    name = fact.key[0]
    at, old = table.column_names.index(name), table[name].cast(pa.string()).combine_chunks()
    number = pc.add(pc.cast(pc.index_in(old, value_set=keys), pa.int64()), to + 1)
    made = pc.binary_join_element_wise(KEY, pc.cast(number, pa.string()), "")
    return table.set_column(at, table.schema.field(at), pc.coalesce(made, old).cast(table.schema.field(at).type))
