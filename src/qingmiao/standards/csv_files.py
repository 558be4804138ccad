"""CSV files in chunks: UTF-8 or GBK, with or without a byte-order mark; faults named by row as a spreadsheet counts."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv

from qingmiao.standards.fields import (
    MISSING_TEXTS,
    Field,
    FileError,
    code_message,
    find_columns,
    identity_column,
    number_column,
    number_fault,
    unknown_code,
    without_missing,
)

BLOCK_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class _Look:
    """What one quick pass over the bytes says."""

    encoding: str
    """As Python names it; ``gb18030`` (which holds GBK) only where the whole file is that and not UTF-8."""
    quoted: bool
    """Cells may hold line breaks."""


def csv_chunks(
    path: Path, fields: Sequence[Field], one_of: Sequence[Sequence[str]], *, lenient: bool, changed: list[int]
) -> Iterator[pa.Table]:
    """The known columns of a CSV file, a block of bytes each; see :func:`qingmiao.standards.files.read_chunks`."""
    look = _look(path)
    names = _header(path, look)
    known = find_columns(path, names, fields, one_of)
    try:
        with pacsv.open_csv(
            path,
            read_options=pacsv.ReadOptions(block_size=BLOCK_BYTES, encoding=look.encoding),
            parse_options=pacsv.ParseOptions(newlines_in_values=look.quoted),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(known, pa.string()),
                include_columns=list(known),
                null_values=MISSING_TEXTS,
                strings_can_be_null=False,
            ),
        ) as reader:
            row = 2
            for batch in reader:
                if batch.num_rows:
                    yield _chunk(path, batch, known, look, row, lenient=lenient, changed=changed)
                    row += batch.num_rows
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise FileError(_find_fault(path, known, look) or f"{path}：读不懂这个 CSV：{error}") from error


def _chunk(
    path: Path,
    batch: pa.RecordBatch,
    known: Mapping[str, Field],
    look: _Look,
    row: int,
    *,
    lenient: bool,
    changed: list[int],
) -> pa.Table:
    columns = []
    for field, values in zip(known.values(), batch.columns, strict=True):
        column = without_missing(values, field)
        if field.name == "id" and field.verbatim:
            column, count = identity_column(path, column, field, row)
            changed.append(count)
        elif field.kind == "number":
            numbers = number_column(column, lenient=lenient)
            if numbers is None:
                raise FileError(_find_fault(path, known, look) or f"{path}：列 {field.name} 里有不是数的格")
            column = numbers
        elif not lenient and (bad := unknown_code(column, field)) is not None:
            raise FileError(_find_fault(path, known, look) or f"{path}：{code_message(field, bad)}")
        columns.append(column)
    return pa.table(columns, names=[field.name for field in known.values()])


def spreadsheet_rows(path: Path, last: int) -> dict[int, int]:
    """For each record up to ``last`` (the heading is 1) the row that a spreadsheet shows, where blank lines make them
    differ."""
    look = _look(path)
    found: dict[int, int] = {}
    record = 0
    with path.open(encoding="utf-8-sig" if look.encoding == "utf8" else look.encoding, newline="") as file:
        for row, cells in enumerate(csv.reader(file), start=1):
            record += bool(cells)
            if cells and record != row:
                found[record] = row
            if record >= last:
                break
    return found


def _look(path: Path) -> _Look:
    """One pass over the bytes. Neither UTF-8 nor GB 18030: taken as UTF-8, so that a bad cell that is read is named."""
    quoted = False
    for encoding in ("utf8", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        with path.open("rb") as file:
            try:
                while block := file.read(BLOCK_BYTES):
                    quoted = quoted or b'"' in block
                    decoder.decode(block)
                decoder.decode(b"", final=True)
                return _Look(encoding, quoted)
            except UnicodeDecodeError:
                continue
    return _Look("utf8", quoted=True)


def _header(path: Path, look: _Look) -> list[str]:
    with path.open("rb") as file:
        head = file.read(65_536)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in head[:512]:
        raise FileError(f"{path}：编码是 UTF-16；请另存为“CSV UTF-8（逗号分隔）”再试")
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1")):
        raise FileError(f"{path}：内容不是 CSV（像是 Excel 或 Parquet 文件）；请改扩展名或另存为 CSV UTF-8")
    text = head.removeprefix(codecs.BOM_UTF8).decode(look.encoding, errors="replace")
    names = next(csv.reader(text.splitlines(keepends=True)), [])
    if not any(name.strip() for name in names):
        raise FileError(f"{path}：第 1 行没有表头")
    if len(names) == 1 and (mark := next((mark for mark in "\t;，；" if mark in names[0]), None)):
        raise FileError(f"{path}：各列像是用 {mark!r} 隔开的；请用逗号")
    return names


def _find_fault(path: Path, known: Mapping[str, Field], look: _Look) -> str | None:
    """The first wrong cell or row, in words; a second, slow reading after the fast one failed."""
    encoding = "utf-8-sig" if look.encoding == "utf8" else look.encoding
    try:
        with path.open(encoding=encoding, newline="") as file:
            rows = csv.reader(file)
            names = next(rows)
            places = [(names.index(name), field) for name, field in known.items()]
            for number, row in enumerate(rows, start=2):
                if not row:
                    continue
                if len(row) != len(names):
                    return f"{path}：第 {number} 行有 {len(row)} 格，表头有 {len(names)} 格"
                for place, field in places:
                    if row[place] in MISSING_TEXTS:
                        continue
                    if field.kind == "number" and (why := number_fault(row[place])):
                        return f"{path}：第 {number} 行，列 {field.name}：{why}"
                    if not field.accepts(row[place]):
                        return f"{path}：第 {number} 行，{code_message(field, row[place])}"
    except UnicodeDecodeError:
        return f"{path}：编码不是 UTF-8，也不是 GBK；请另存为“CSV UTF-8（逗号分隔）”再试"
    except csv.Error as error:
        return f"{path}：读不懂这个 CSV：{error}"
    return None
