"""CSV and Parquet files in chunks, for commands that score a whole file with flat memory.

By extension: ``.csv`` and ``.parquet`` (``.pq``). A wrong file raises :class:`FileError`, whose Chinese message
says which file, which column and which row (counted as a spreadsheet does: the heading is row 1).
An output appears only when it is whole: it is written beside its place under a temporary name, then renamed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from qingmiao.kernel.csv_out import BOM
from qingmiao.standards.columns import Columns
from qingmiao.standards.csv_files import csv_chunks, spreadsheet_rows
from qingmiao.standards.fields import Field, FileError, identifier
from qingmiao.standards.parquet_files import parquet_chunks
from qingmiao.standards.reading_log import ReadingLog

__all__ = ["Field", "FileError", "TableWriter", "extension", "identifier", "read_chunks", "score_file"]


def extension(path: Path) -> Literal["csv", "parquet"]:
    """Kind of file by its extension."""
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return "csv"
    if suffix in {".parquet", ".pq"}:
        return "parquet"
    raise FileError(f"{path}：不认识的扩展名 {suffix or '（无）'}；请用 .csv 或 .parquet")


def read_chunks(
    path: Path,
    fields: Sequence[Field],
    *,
    one_of: Sequence[Sequence[str]] = (),
    lenient: bool = False,
    changed: list[int] | None = None,
) -> Iterator[pa.Table]:
    """Tables of the known ``fields`` that the file has, some 10^5 rows each, in order.

    Columns not in ``fields`` are left out. ``one_of`` lists groups of which the file must have at least one column.
    Raises :class:`FileError` before the first chunk for a file without rows, with a missing column or in a
    wrong encoding, and at the chunk in which an identity lost digits (1.42625E+17), or a value is not a number or not
    an accepted code. With ``lenient`` the last two are left as text, for ``Columns(lenient=True)`` to read and to name.
    ``changed`` gets how many identities of a chunk had to be put right.
    """
    if not path.is_file():
        raise FileError(f"{path}：没有这个文件")
    if path.stat().st_size == 0:
        raise FileError(f"{path}：文件是空的")
    read = csv_chunks if extension(path) == "csv" else parquet_chunks
    rows = 0
    for chunk in read(path, fields, one_of, lenient=lenient, changed=[] if changed is None else changed):
        rows += chunk.num_rows
        yield chunk
    if not rows:
        raise FileError(f"{path}：只有表头，没有数据行")


class TableWriter:
    """Write tables of one schema to a file that appears only when the ``with`` block ends without an error.

    A CSV file begins with a byte-order mark, so that Excel reads it, unless ``bom`` is false.
    """

    def __init__(self, path: Path, *, bom: bool = True) -> None:
        self._path = path
        self._bom = bom
        self._kind = extension(path)
        self._temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._csv: IO[bytes] | None = None
        self._parquet: pq.ParquetWriter | None = None
        if not path.parent.is_dir():
            raise FileError(f"{path}：没有文件夹 {path.parent}")
        if path.is_dir():
            raise FileError(f"{path}：是一个文件夹，不能写成文件")

    def write(self, table: pa.Table) -> None:
        """Append the rows of ``table``."""
        if self._kind == "csv":
            self._write_csv(table)
            return
        if self._parquet is None:
            self._parquet = pq.ParquetWriter(
                self._temporary, table.schema, compression="lz4", use_dictionary=False, write_statistics=False
            )
        self._parquet.write_table(table)

    def _write_csv(self, table: pa.Table) -> None:
        first = self._csv is None
        if self._csv is None:
            self._csv = self._temporary.open("wb")
            self._csv.write(BOM if self._bom else b"")
        texts = [column for column in table.columns if pa.types.is_string(column.type)]
        quoted = any(pc.any(pc.match_substring_regex(column, r'[",\r\n]')).as_py() for column in texts)
        style = "needed" if quoted else "none"  # "needed" puts quotes round every text, so only where one needs them
        options = pacsv.WriteOptions(include_header=first, quoting_style=style, quoting_header="none")
        pacsv.write_csv(table, self._csv, write_options=options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and (self._csv or self._parquet):
                self._close()
                self._temporary.replace(self._path)
        finally:
            # After an error the writers may fail again as they flush what is thrown away: only the first error counts.
            with contextlib.suppress(OSError, pa.ArrowException):
                self._close()
            self._temporary.unlink(missing_ok=True)

    def _close(self) -> None:
        writers, self._csv, self._parquet = (self._csv, self._parquet), None, None
        for writer in writers:
            if writer is not None:
                writer.close()


def score_file(
    source: Path,
    target: Path,
    fields: Sequence[Field],
    score: Callable[[Columns], pa.Table],
    *,
    one_of: Sequence[Sequence[str]] = (),
    log: ReadingLog | None = None,
    bom: bool = True,
) -> int:
    """Read ``source`` in chunks, write ``score`` of each to ``target``; returns the number of rows.

    Cells that cannot be read are missing for ``score`` and stand in ``log``. Nothing is left behind when a chunk fails.
    Reading runs ahead in a thread of its own.
    """
    if source.resolve() == target.resolve():
        raise FileError(f"{target}：结果不能写回源文件")
    log = ReadingLog() if log is None else log
    changed: list[int] = []

    def scored() -> Iterator[pa.Table]:
        row = 2
        for chunk in read_chunks(source, fields, one_of=one_of, lenient=True, changed=changed):
            columns = Columns(chunk, lenient=True)
            yield score(columns)
            log.take(columns, row)
            row += chunk.num_rows

    rows = 0
    with TableWriter(target, bom=bom) as writer:
        for table in _ahead(scored()):
            writer.write(table)
            rows += table.num_rows
    log.changed_ids += sum(changed)
    if log.last_row and extension(source) == "csv":
        log.renumber(spreadsheet_rows(source, log.last_row))
    return rows


def _ahead(items: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same items, each next one prepared in a thread while the caller works on the one before."""
    from concurrent.futures import ThreadPoolExecutor

    source = iter(items)
    with ThreadPoolExecutor(max_workers=1) as pool:
        pending = pool.submit(next, source, None)
        while (item := pending.result()) is not None:
            pending = pool.submit(next, source, None)
            yield item
