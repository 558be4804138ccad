"""CSV and Parquet files in chunks, for commands that score a whole file with flat memory.

By extension: ``.csv`` and ``.parquet`` (``.pq``). A wrong file raises :class:`FileError`, whose Chinese message
says which file, which column and which row (counted as a spreadsheet does: the heading is row 1).
An output appears only when it is whole: it is written beside its place under a temporary name, then renamed.
"""

from __future__ import annotations

import codecs
import csv
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

BLOCK_BYTES = 4 << 20
BATCH_ROWS = 131_072
_MISSING = ("", "NA", "NaN", "nan", "null", "NULL")


class FileError(ValueError):
    """A file that cannot be scored. The message names the file, the column, the row and what to do."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column that a command reads: ``kind`` decides how text becomes a value."""

    name: str
    kind: Literal["number", "text"]
    description: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    """Accepted codes (any case); empty: anything."""

    @property
    def arrow(self) -> pa.DataType:
        return pa.float64() if self.kind == "number" else pa.string()


def extension(path: Path) -> Literal["csv", "parquet"]:
    """Kind of file by its extension."""
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return "csv"
    if suffix in {".parquet", ".pq"}:
        return "parquet"
    raise FileError(f"{path}：不认识的扩展名 {suffix or '（无）'}；请用 .csv 或 .parquet")


def read_chunks(
    path: Path, fields: Sequence[Field], *, one_of: Sequence[Sequence[str]] = ()
) -> Iterator[pa.Table]:
    """Tables of the known ``fields`` that the file has, some 10^5 rows each, in order.

    Columns not in ``fields`` are left out. ``one_of`` lists groups of which the file must have at least one column.
    Raises :class:`FileError` before the first chunk for a file without rows, with a missing column or in a
    wrong encoding, and at the chunk in which a value is not a number or not an accepted code.
    """
    if not path.is_file():
        raise FileError(f"{path}：没有这个文件")
    if path.stat().st_size == 0:
        raise FileError(f"{path}：文件是空的")
    chunks = (
        _csv_chunks(path, fields, one_of)
        if extension(path) == "csv"
        else _parquet_chunks(path, fields, one_of)
    )
    row = 2
    for chunk in chunks:
        _check_codes(path, chunk, fields, first_row=row)
        row += chunk.num_rows
        yield chunk
    if row == 2:
        raise FileError(f"{path}：只有表头，没有数据行")


def _known(
    path: Path, names: Sequence[str], fields: Sequence[Field], one_of: Sequence[Sequence[str]]
) -> list[Field]:
    repeated = sorted({name for name in names if names.count(name) > 1})
    known = [field for field in fields if field.name in names]
    if doubles := [name for name in repeated if any(field.name == name for field in known)]:
        raise FileError(f"{path}：列 {doubles[0]} 出现了两次")
    have = "、".join(names)
    for field in fields:
        if field.required and field.name not in names:
            raise FileError(f"{path}：缺少列 {field.name}（{field.description}）；现有的列：{have}")
    for group in one_of:
        if not set(group) & set(names):
            raise FileError(f"{path}：缺少列，至少要有其中一列：{'、'.join(group)}；现有的列：{have}")
    return known


def _csv_chunks(path: Path, fields: Sequence[Field], one_of: Sequence[Sequence[str]]) -> Iterator[pa.Table]:
    names = _csv_header(path)
    known = _known(path, names, fields, one_of)
    try:
        with pacsv.open_csv(
            path,
            read_options=pacsv.ReadOptions(block_size=BLOCK_BYTES),
            convert_options=pacsv.ConvertOptions(
                column_types={field.name: field.arrow for field in known},
                include_columns=[field.name for field in known],
                null_values=_MISSING,
                strings_can_be_null=True,
            ),
        ) as reader:
            for batch in reader:
                if batch.num_rows:
                    yield pa.Table.from_batches([batch])
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise FileError(_find_csv_fault(path, known) or f"{path}：读不懂这个 CSV：{error}") from error


def _csv_header(path: Path) -> list[str]:
    with path.open("rb") as file:
        head = file.read(65_536)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in head[:512]:
        raise FileError(f"{path}：编码是 UTF-16；请另存为“CSV UTF-8（逗号分隔）”再试")
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1")):
        raise FileError(f"{path}：内容不是 CSV（像是 Excel 或 Parquet 文件）；请改扩展名或另存为 CSV UTF-8")
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError as error:
        raise FileError(_encoding_message(path, head)) from error
    names = next(csv.reader(text.splitlines()), [])
    if not any(name.strip() for name in names):
        raise FileError(f"{path}：第 1 行没有表头")
    return names


def _encoding_message(path: Path, head: bytes) -> str:
    try:
        codecs.getincrementaldecoder("gb18030")().decode(head)
    except UnicodeDecodeError:
        return f"{path}：编码不是 UTF-8；请另存为“CSV UTF-8（逗号分隔）”再试"
    return f"{path}：编码是 GBK（GB18030），不是 UTF-8；请另存为“CSV UTF-8（逗号分隔）”再试"


def _find_csv_fault(path: Path, known: Sequence[Field]) -> str | None:
    """The first wrong cell or row, in words; a second, slow reading after the fast one failed."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            names = next(rows)
            places = [(names.index(field.name), field) for field in known if field.kind == "number"]
            for number, row in enumerate((row for row in rows if row), start=2):
                if len(row) != len(names):
                    return f"{path}：第 {number} 行有 {len(row)} 格，表头有 {len(names)} 格"
                for place, field in places:
                    if row[place] not in _MISSING and not _is_number(row[place]):
                        return f"{path}：第 {number} 行，列 {field.name}：{row[place]!r} 不是数"
    except UnicodeDecodeError as error:
        return _encoding_message(path, bytes(error.object[max(error.start - 60, 0) : error.start + 60]))
    except csv.Error as error:
        return f"{path}：读不懂这个 CSV：{error}"
    return None


def _is_number(text: str) -> bool:
    try:
        pa.array([text.strip()]).cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def _parquet_chunks(
    path: Path, fields: Sequence[Field], one_of: Sequence[Sequence[str]]
) -> Iterator[pa.Table]:
    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise FileError(f"{path}：不是完好的 Parquet 文件：{error}") from error
    with file:
        known = _known(path, file.schema_arrow.names, fields, one_of)
        row = 2
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=[field.name for field in known]):
            columns = [_as_field(path, batch.column(field.name), field, row) for field in known]
            row += batch.num_rows
            yield pa.table(columns, names=[field.name for field in known])


def _as_field(path: Path, values: pa.Array, field: Field, first_row: int) -> pa.Array:
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if values.type == field.arrow or (field.kind == "text" and pa.types.is_integer(values.type)):
        return values
    if field.kind == "text" and pa.types.is_floating(values.type):
        try:
            return values.cast(pa.int64()).cast(
                pa.string()
            )  # the code 1, kept as 1.0 by a tool without integers
        except pa.ArrowInvalid:
            return values.cast(pa.string())
    try:
        return values.cast(field.arrow)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        for place, value in enumerate(values.to_pylist()):
            if value is not None and not _is_number(str(value)):
                raise FileError(
                    f"{path}：第 {first_row + place} 行，列 {field.name}：{value!r} 不是数"
                ) from error
        raise FileError(f"{path}：列 {field.name} 的类型 {values.type} 不对，要的是 {field.arrow}") from error


def _check_codes(path: Path, chunk: pa.Table, fields: Sequence[Field], *, first_row: int) -> None:
    for field in fields:
        if not field.allowed or field.name not in chunk.column_names:
            continue
        values = chunk.column(field.name).combine_chunks()
        good = {code.lower() for code in field.allowed} | {""}
        for bad in values.unique().to_pylist():
            if bad is not None and str(bad).strip().lower().removesuffix(".0") not in good:
                row = first_row + values.index(bad).as_py()
                accepted = " ".join(field.allowed)
                raise FileError(
                    f"{path}：第 {row} 行，列 {field.name}：{bad!r} 不是认得的代码（可用 {accepted}）"
                )


class TableWriter:
    """Write tables of one schema to a file that appears only when the ``with`` block ends without an error."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kind = extension(path)
        self._temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._csv: IO[bytes] | None = None
        self._parquet: pq.ParquetWriter | None = None
        if not path.parent.is_dir():
            raise FileError(f"{path}：没有文件夹 {path.parent}")

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
        texts = [column for column in table.columns if pa.types.is_string(column.type)]
        quoted = any(pc.any(pc.match_substring_regex(column, r'[",\r\n]')).as_py() for column in texts)
        style = (
            "needed" if quoted else "none"
        )  # "needed" puts quotes round every text, so only where one needs them
        options = pacsv.WriteOptions(include_header=first, quoting_style=style, quoting_header="none")
        pacsv.write_csv(table, self._csv, write_options=options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in (self._csv, self._parquet):
            if writer is not None:
                writer.close()
        if kind is None and (self._csv or self._parquet):
            self._temporary.replace(self._path)
        else:
            self._temporary.unlink(missing_ok=True)


def score_file(
    source: Path,
    target: Path,
    fields: Sequence[Field],
    score: Callable[[pa.Table], pa.Table],
    *,
    one_of: Sequence[Sequence[str]] = (),
) -> int:
    """Read ``source`` in chunks, write ``score`` of each to ``target``; returns the number of rows.

    Nothing is left behind when a chunk fails. Reading runs ahead in a thread of its own.
    """
    if source.resolve() == target.resolve():
        raise FileError(f"{target}：结果不能写回源文件")
    rows = 0
    with TableWriter(target) as writer:
        for table in _ahead(score(chunk) for chunk in read_chunks(source, fields, one_of=one_of)):
            writer.write(table)
            rows += table.num_rows
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
