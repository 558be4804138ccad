"""Registers of children for `link` and `compare`: read as text, every fault named by row and column; results
written."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from qingmiao.collect.child_sheets import read_each
from qingmiao.identity.linking.births import read_birth
from qingmiao.kernel.csv_out import BOM
from qingmiao.kernel.errors import UserError
from qingmiao.kernel.identifiers import read_identifier
from qingmiao.kernel.misread import MisreadError, half_width
from qingmiao.standards.csv_files import spreadsheet_rows
from qingmiao.standards.files import Field, FileError, extension, read_chunks
from qingmiao.standards.readings import read_identifiers
from qingmiao.standards.words import SEX

LISTED = 20
_COLUMNS = {
    "record_id": "记录编号，一条一个",
    "register": "册子的名称",
    "name": "姓名",
    "sex": "性别",
    "birth_date": "出生日期",
    "id_number": "证件号码",
    "guardian_name": "监护人姓名",
    "guardian_phone": "监护人电话",
    "area_code": "区划代码（到乡镇 9 位，到村 12 位）",
}


@dataclass(frozen=True)
class Register:
    """A register read: `records` (text columns; `sex` ``M``, ``F`` or null), `told` lines about what was not
    understood, `unread` how many cells that were."""

    records: pa.Table
    told: tuple[str, ...]
    unread: int


def read_register(path: Path, *, needed: Sequence[str] = tuple(_COLUMNS)) -> Register:
    """A register of the columns ``record_id register name sex birth_date id_number guardian_name guardian_phone
    area_code``.

    `needed` columns must be there, the others are empty where they are not. UTF-8 with or without mark, or GB 18030.
    Raises `UserError` for a missing file or column, no rows, a blank record id, or one that occurs twice.
    """
    columns = [Field(name, "text", about, required=name in needed, verbatim=True) for name, about in _COLUMNS.items()]
    try:
        table = pa.concat_tables(list(read_chunks(path, columns)))
    except FileError as wrong:
        raise UserError(str(wrong)) from None
    nothing = pa.nulls(table.num_rows, pa.string())
    table = pa.table({name: _bare(table[name]) if name in table.column_names else nothing for name in _COLUMNS})
    _check_ids(path, table["record_id"].combine_chunks())
    told: list[str] = []
    unread = 0
    rows = spreadsheet_rows(path, table.num_rows + 1) if extension(path) == "csv" else {}
    for name, read in (("birth_date", _birth), ("id_number", _number), ("sex", _sex)):
        column, bad = _read(table[name].combine_chunks(), read)
        told += [f"第 {rows.get(row + 2, row + 2)} 行，列 {name}：{why}；按没有填处理" for row, why in bad[:LISTED]]
        if len(bad) > LISTED:
            told.append(f"列 {name} 还有 {len(bad) - LISTED} 格读不懂，没有列出")
        unread += len(bad)
        table = table.set_column(table.column_names.index(name), name, column)
    return Register(table, tuple(told), unread)


def _bare(column: pa.ChunkedArray) -> pa.Array:
    plain = pc.utf8_trim_whitespace(column.combine_chunks().cast(pa.string()))
    return pc.if_else(pc.equal(plain, ""), pa.scalar(None, pa.string()), plain)


def _check_ids(path: Path, ids: pa.Array) -> None:
    lost = read_identifiers(ids)
    if fault := next(lost.faults(), None):
        raise UserError(f"{path}：第 {fault[0] + 2} 行，列 record_id：{fault[2]}")
    if ids.null_count:
        row = pc.index(ids.is_null(), True).as_py() + 2
        raise UserError(f"{path}：第 {row} 行没有 record_id；每条记录都要有自己的编号，请补上")
    counts = ids.value_counts()
    twice = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    if len(twice):
        first = twice[0]
        rows = [place + 2 for place, found in enumerate(pc.equal(ids, first).to_pylist()) if found]
        raise UserError(
            f"{path}：record_id「{first}」出现了 {len(rows)} 次（第 {'、'.join(map(str, rows[:5]))} 行），"
            f"重复的编号共 {len(twice)} 个；编号要一条一个，请改好再运行"
        )


def _read(column: pa.Array, read: Callable[[str], str | None]) -> tuple[pa.Array, list[tuple[int, str]]]:
    """Each different cell read once: the column, and (row from 0, why) of what could not be read."""
    values, wrong = read_each(column, read)
    return pa.array(values.cells(), pa.string()), wrong


def _birth(cell: str) -> str | None:
    read_birth(cell)
    return cell


def _number(cell: str) -> str | None:
    """The cell; one whose last digits are all zero may be typed wrong, and is compared as it stands."""
    try:
        read_identifier(cell)
    except MisreadError as wrong:
        if wrong.code != "id_rounded":
            raise
    return cell


def _sex(cell: str) -> str | None:
    code: Any = SEX.get(half_width(cell).lower())
    if code is None:
        raise MisreadError("unknown_sex", f"「{cell}」不是性别", "男 或 女")
    return {1: "M", 2: "F"}.get(code)


def make_folder(folder: Path) -> None:
    """The folder of the results; UserError where a file is in the way."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise UserError(f"写不了 {folder}：它是文件，请写文件夹") from None
    except NotADirectoryError:
        raise UserError(f"写不了 {folder}：上一级是文件，请换一个文件夹") from None


def csv_table(table: pa.Table, *, bom: bool = False) -> bytes:
    """A table as CSV; cells are in quotation marks only where one needs it."""
    out = io.BytesIO()
    out.write((BOM if bom else b"") + ",".join(table.column_names).encode() + b"\n")
    rows = out.tell()
    try:
        pacsv.write_csv(table, out, pacsv.WriteOptions(include_header=False, quoting_style="none"))
    except pa.ArrowInvalid:  # a record id with a comma or a quotation mark
        out.seek(rows)
        out.truncate()
        pacsv.write_csv(table, out, pacsv.WriteOptions(include_header=False, quoting_style="needed"))
    return out.getvalue()
