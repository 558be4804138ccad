"""The throw-away process that reads a long list (`python -m`, started by `table_file`): text of every cell, in pieces.

Standard input: one line of JSON (`kind`, limits), then the file's bytes. Standard output: an Arrow stream of text
columns ``c0``, ``c1`` …, the first row of the file first; the schema's metadata names the sheet. A refusal is exit
code 3 with its reason on standard error, as `workbook_child` gives it.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from qingmiao.collect.workbook_child import LONGEST_TEXT, refuse

PIECE = 20_000
"""Rows that are turned into columns at a time."""
REMARKS = ("核对结果", "导出说明")
"""The sheets that a repaired copy and an export carry: they are no data."""


def main() -> None:
    """Read the request, set the limits, write the columns."""
    request = json.loads(sys.stdin.buffer.readline())
    _limit(request)
    data = sys.stdin.buffer.read()
    try:
        name, rows, width = _csv(data, request) if request["kind"] == "csv" else _book(data, request)
        _write(name, rows, width)
    except MemoryError:
        refuse("workbook_limit", "读取它要用的内存超过限制")
    except (zipfile.BadZipFile, ValueError, KeyError, OSError, EOFError, csv.Error):
        refuse("not_a_list", "文件损坏，或者不是表格文件")
    except Exception as wrong:  # the reader's own errors have no common class
        if type(wrong).__module__.split(".")[0] != "python_calamine":
            raise
        refuse("not_a_list", "文件损坏、加了密码，或者不是表格文件")


def _limit(request: dict[str, Any]) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (request["memory"], request["memory"]))
    resource.setrlimit(resource.RLIMIT_CPU, (request["cpu"], request["cpu"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _book(data: bytes, request: dict[str, Any]) -> tuple[str, Iterator[list[Any]], int]:
    """The first sheet that holds anything; more than one is a refusal, because nobody knows which is meant."""
    import python_calamine

    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > request["members"] or sum(m.file_size for m in members) > request["unpacked"]:
                refuse("workbook_limit", f"解开后超过 {request['unpacked'] >> 20} MB（可能是压缩炸弹）")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    found = []
    for meta in book.sheets_metadata:
        if meta.typ != python_calamine.SheetTypeEnum.WorkSheet or meta.name in REMARKS:
            continue
        sheet = book.get_sheet_by_name(meta.name)
        if sheet.start is not None:
            found.append(sheet)
    if len(found) > 1:
        names = "、".join(s.name[:30] for s in found[:6])
        refuse("which_sheet", f"有 {len(found)} 个工作表有内容（{names}），不知道导入哪一个")
    if not found:
        refuse("empty_file", "工作簿里没有数据")
    sheet = found[0]
    top, left = sheet.start or (0, 0)
    height, width = top + sheet.height, left + sheet.width
    if height > request["rows"] or width > request["columns"]:
        refuse("workbook_limit", f"用到 {height} 行 {width} 列，超过限制")
    return sheet.name, _from_top(sheet, left), width


def _from_top(sheet: Any, left: int) -> Iterator[list[Any]]:
    """Every row from the sheet's first one and first column, so that a place is the one that people see."""
    for row in sheet.iter_rows():
        yield [""] * left + row


def _csv(data: bytes, request: dict[str, Any]) -> tuple[str, Iterator[list[Any]], int]:
    """A text file in UTF-8 or GB18030, separated by commas, semicolons or tabs."""
    if b"\0" in data[:4096]:
        refuse("encoding", "含有空字符，不是 CSV 文本（UTF-16 的请另存为「CSV UTF-8」）")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            refuse("encoding", "编码不是 UTF-8，也不是 GBK", "请另存为「CSV UTF-8（逗号分隔）」")
    first = text[:4000].splitlines()[:1] or [""]
    mark = max(",;\t", key=first[0].count)
    csv.field_size_limit(LONGEST_TEXT)
    rows = list(csv.reader(io.StringIO(text), delimiter=mark, strict=True))
    width = max((len(r) for r in rows), default=0)
    if len(rows) > request["rows"] or width > request["columns"]:
        refuse("workbook_limit", f"用到 {len(rows)} 行 {width} 列，超过限制")
    if not width:
        refuse("empty_file", "文件里没有数据")
    return "", iter(rows), width


def _write(name: str, rows: Iterator[list[Any]], width: int) -> None:
    import pyarrow as pa

    schema = pa.schema([(f"c{n}", pa.string()) for n in range(width)], metadata={"sheet": name})
    with pa.ipc.new_stream(sys.stdout.buffer, schema) as stream:
        piece: list[list[Any]] = []
        for row in rows:
            piece.append(row)
            if len(piece) == PIECE:
                stream.write_batch(_batch(piece, width, schema))
                piece = []
        if piece:
            stream.write_batch(_batch(piece, width, schema))
    sys.stdout.buffer.flush()


def _batch(rows: list[list[Any]], width: int, schema: Any) -> Any:
    import pyarrow as pa

    for row in rows:
        if len(row) < width:
            row.extend([""] * (width - len(row)))
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    return pa.record_batch([pa.array(_texts(c), pa.string()) for c in columns], schema=schema)


def _texts(cells: Sequence[Any]) -> list[str | None]:
    """The text of each cell of a column; of each different one once, where none is equal to one of another type."""
    kinds = set(map(type, cells))
    if kinds & {bool, int} and len(kinds) > 1:  # 1, 1.0 and true
        return [cell_text(cell) for cell in cells]
    told = {cell: cell_text(cell) for cell in set(cells)}
    return [told[cell] for cell in cells]


def cell_text(cell: Any) -> str | None:
    """A cell as the text that people see: 12.0 is 12, a midnight is a day, a length of time H:MM:SS; None for an empty
    one."""
    if isinstance(cell, str):
        plain = cell.strip()
        if not plain:
            return None
        return plain if plain.isprintable() else "".join(c for c in plain if c.isprintable() or c == " ")
    if isinstance(cell, bool) or cell is None:
        return None if cell is None else "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, timedelta):
        whole = round(cell.total_seconds())
        return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


if __name__ == "__main__":
    main()
