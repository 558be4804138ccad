"""The register of a demonstration's data folder, and the numbers that its children have on the site."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qingmiao.collect.folder import Collected
from qingmiao.demo.register.writer import FOLDER
from qingmiao.demo.tables.common import CHILD
from qingmiao.site.apps.records import sealing


@dataclass(frozen=True)
class DemoRegister:
    """The tables of `register/`, as `demo.register.tables` makes them."""

    children: pa.Table
    grown_ups: pa.Table
    relations: pa.Table
    stays: pa.Table
    classes: pa.Table
    units: pa.Table


def register_of(folder: Path) -> DemoRegister | None:
    """The register of a data folder; None where it has none."""
    names = tuple(DemoRegister.__dataclass_fields__)
    paths = [folder / FOLDER / f"{n}.parquet" for n in names]
    if not all(p.is_file() for p in paths):
        return None
    return DemoRegister(*(pq.read_table(p) for p in paths))


def number_on_site(child: int) -> int:
    """The number of a child's file, by its number in the register: the same at every start."""
    return child + 1


def pseudonymised(collected: Collected) -> None:
    """Every table that names children names them as facts do, by the pseudonym of the number that their file has."""
    known: dict[str, str] = {}
    for tables in (collected.tables, collected.earlier):
        for name, table in tables.items():
            if "child_id" in table.column_names:
                tables[name] = _named(table, known)


def _named(table: pa.Table, known: dict[str, str]) -> pa.Table:
    column = table["child_id"].combine_chunks()
    coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.combine_chunks()
    names = []
    for given in coded.dictionary.to_pylist():
        if given not in known:
            digits = given.removeprefix(CHILD)
            known[given] = sealing.pseudonym(number_on_site(int(digits))) if digits.isdigit() else given
        names.append(known[given])
    made = pa.DictionaryArray.from_arrays(coded.indices, pa.array(names, pa.string())).cast(pa.string())
    at = table.column_names.index("child_id")
    return table.set_column(at, table.schema.field(at), pc.cast(made, table.schema.field(at).type))
