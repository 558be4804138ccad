"""Fact tables as files that never change: written whole, named by their hash; a snapshot is a list of names."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from qingmiao.collect.snapshot import Snapshot, file_digest


def keep(folder: Path, name: str, table: pa.Table) -> str:
    """Write a table under its hash and give the file's name; an equal table is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{name}.{os.getpid()}.{id(table)}.part"
    pq.write_table(table, part, compression="zstd")
    final = f"{name}.{file_digest(part)[:24]}.parquet"
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(folder / final)
    return final


Taken = tuple[str, str, int, str]
"""A return whose accepted cells are others than before: form, area, year, and the filing and version it now comes from ("" for none)."""


def changed(folder: Path, before: str | None, cells: pa.Table) -> list[Taken]:
    """The returns whose cells differ between a kept table (None: nothing yet) and `cells`, in order."""
    was = _sheets(pq.read_table(folder / before)) if before else {}
    now = _sheets(cells)
    return [(*key, now.get(key, ("", None))[0]) for key in sorted({*was, *now}) if was.get(key) != now.get(key)]


def _sheets(cells: pa.Table) -> dict[tuple[str, str, int], tuple[str, str]]:
    """Each return's source and the hash of its cells."""
    columns = [cells[n].to_pylist() for n in ("return", "area", "period", "_file", "row", "column", "value", "reason")]
    found: dict[tuple[str, str, int], tuple[str, Any]] = {}
    for form, area, year, file, *cell in zip(*columns, strict=True):
        key = (form, area, year)
        if key not in found:
            found[key] = (file, hashlib.sha256())
        found[key][1].update(repr(cell).encode())
    return {key: (file, digest.hexdigest()) for key, (file, digest) in found.items()}


def snapshot(folder: Path, tables: Mapping[str, str]) -> Snapshot:
    """The snapshot of these files; its id is made of the names and hashes, so equal data have an equal id."""
    digests = {name: file.split(".")[-2] for name, file in sorted(tables.items())}
    whole = hashlib.sha256("\n".join(f"{n}:{d}" for n, d in digests.items()).encode()).hexdigest()
    return Snapshot(whole[:16], folder, {n: folder / f for n, f in sorted(tables.items())}, digests)
