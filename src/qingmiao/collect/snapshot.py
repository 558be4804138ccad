"""A snapshot: the typed facts, return cells and series that a run saw, as Parquet files with an id that fixes them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

PROVENANCE = ("_file", "_row", "_place")
"""Columns that say where a row came from: they are kept, and do not count in the snapshot's id."""
CONTENT = b"qingmiao.content"


@dataclass(frozen=True)
class Snapshot:
    """`tables` maps a table's name to its Parquet file under `folder`; `digests` to the file's SHA-256."""

    id: str
    folder: Path
    tables: Mapping[str, Path]
    digests: Mapping[str, str]


def write_snapshot(folder: Path, tables: Mapping[str, pa.Table]) -> Snapshot:
    """Write every table below `folder` (which must not hold another snapshot) and give the snapshot its id.

    The id is a SHA-256 over the names and contents of the tables, so equal data have an equal id, whatever files and
    rows they came from.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths: dict[str, Path] = {}
    for name in sorted(tables):
        path = folder / f"{name}.parquet"
        table = tables[name].combine_chunks()
        marked = table.replace_schema_metadata({CONTENT: content_digest(table)})
        pq.write_table(marked, path, compression="zstd")
        paths[name] = path
    return open_snapshot(folder, paths)


def open_snapshot(folder: Path, paths: Mapping[str, Path] | None = None) -> Snapshot:
    """The snapshot in a folder, its digests read anew from the files; the id is that with which it was written."""
    found = paths if paths is not None else {p.stem: p for p in sorted(folder.glob("*.parquet"))}
    digests = {name: file_digest(path) for name, path in sorted(found.items())}
    contents = {n: _content(found[n]) or d for n, d in digests.items()}
    whole = hashlib.sha256("\n".join(f"{n}:{d}" for n, d in contents.items()).encode()).hexdigest()
    return Snapshot(whole[:16], folder, dict(found), digests)


def content_digest(table: pa.Table) -> str:
    """SHA-256 of a table's columns but `PROVENANCE`, in their order and the order of the rows."""
    known = table.drop_columns([n for n in PROVENANCE if n in table.column_names])
    sink = pa.BufferOutputStream()
    pq.write_table(known.combine_chunks().replace_schema_metadata(), sink, compression="none")
    digest: str = hashlib.sha256(sink.getvalue()).hexdigest()
    return digest


def _content(path: Path) -> str:
    """The digest of the contents that a snapshot's file carries ("" in a file of another origin)."""
    metadata: Mapping[bytes, bytes] = pq.read_schema(path).metadata or {}
    return metadata.get(CONTENT, b"").decode()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
