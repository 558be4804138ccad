"""Fact tables as files that never change: written whole, named by their hash; a snapshot is a list of names."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

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


def snapshot(folder: Path, tables: Mapping[str, str]) -> Snapshot:
    """The snapshot of these files; its id is made of the names and hashes, so equal data have an equal id."""
    digests = {name: file.split(".")[-2] for name, file in sorted(tables.items())}
    whole = hashlib.sha256("\n".join(f"{n}:{d}" for n, d in digests.items()).encode()).hexdigest()
    return Snapshot(whole[:16], folder, {n: folder / f for n, f in sorted(tables.items())}, digests)
