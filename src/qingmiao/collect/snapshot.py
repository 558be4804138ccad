"""A snapshot: the typed facts, return cells and series that a run saw, as Parquet files with an id that fixes them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


@dataclass(frozen=True)
class Snapshot:
    """`tables` maps a table's name to its Parquet file under `folder`; `digests` to the file's SHA-256."""

    id: str
    folder: Path
    tables: Mapping[str, Path]
    digests: Mapping[str, str]


def write_snapshot(folder: Path, tables: Mapping[str, pa.Table]) -> Snapshot:
    """Write every table below `folder` (which must not hold another snapshot) and give the snapshot its id.

    The id is a SHA-256 over the names and contents of the tables, so equal data have an equal id.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths: dict[str, Path] = {}
    for name in sorted(tables):
        path = folder / f"{name}.parquet"
        pq.write_table(tables[name], path, compression="zstd")
        paths[name] = path
    return open_snapshot(folder, paths)


def open_snapshot(folder: Path, paths: Mapping[str, Path] | None = None) -> Snapshot:
    """The snapshot in a folder, its digests read anew from the files."""
    found = paths if paths is not None else {p.stem: p for p in sorted(folder.glob("*.parquet"))}
    digests = {name: file_digest(path) for name, path in sorted(found.items())}
    whole = hashlib.sha256("\n".join(f"{n}:{d}" for n, d in digests.items()).encode()).hexdigest()
    return Snapshot(whole[:16], folder, dict(found), digests)


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
