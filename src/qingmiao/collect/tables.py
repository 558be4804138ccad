"""Read a CSV or Parquet file as it stands, with the row numbers that a person sees in it.

Every fault of form is collected: encoding (GBK, UTF-16), emptiness, broken rows, repeated or empty headings.
"""

from __future__ import annotations

import codecs
import csv
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from qingmiao.collect.open_files import MAX_ROWS, closed, overfull
from qingmiao.kernel.errors import Fault

LISTED = 20
"""How many faults of one kind are listed one by one; the rest is counted."""

LARGEST_WIDTH = 1000
"""Columns of a file, and characters of a column's name (local setting)."""
_DELIMITERS = (
    (";", "分号（;）"),
    ("\t", "制表符"),
    ("|", "竖线（|）"),
    ("，", "全角逗号（，）"),
    ("；", "全角分号（；）"),
)


@dataclass
class RawTable:
    """A file's columns as read (CSV: all text) and each row's number in the file (heading = 1)."""

    shown: str
    table: pa.Table
    rows: pa.Array
    faults: list[Fault] = field(default_factory=list)


def read_raw(path: Path, shown: str) -> RawTable | list[Fault]:
    """The table, or the faults that make it unreadable."""
    fault = closed(path, shown)
    if fault is not None:
        return [fault]
    try:
        read = _read_csv(path, shown) if path.suffix.lower() == ".csv" else _read_parquet(path, shown)
        if isinstance(read, RawTable) and (fault := overfull(read.table, shown)) is not None:
            return [fault]
        return read
    except OSError as e:
        return [Fault(shown, 0, "unreadable", f"读文件时出错：{e.strerror or e}", hint="检查文件和磁盘")]


def encoding_fault(head: bytes, shown: str, *, whole: bool = False) -> Fault | None:
    """What is wrong with the encoding of a text file's beginning, or None. `whole`: it is all of the file, so that a
    character that breaks off at its end is wrong too."""
    hint = "另存为「CSV UTF-8（逗号分隔）」"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or head[:512].count(b"\0") * 4 > len(head[:512]):
        return Fault(shown, 0, "encoding", "编码是 UTF-16，不是 UTF-8", hint=hint)
    if b"\0" in head:
        line = head[: head.index(b"\0")].count(b"\n") + 1
        return Fault(shown, line, "encoding", "含有空字符（NUL），文件坏了", hint="从原系统重新导出")
    if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1")):
        return Fault(shown, 0, "encoding", "内容不是 CSV（像是 Excel 或 Parquet 文件）", hint="改扩展名，或" + hint)
    try:
        codecs.getincrementaldecoder("utf-8-sig")().decode(head, whole)
    except UnicodeDecodeError as e:
        line = head[: e.start].count(b"\n") + 1
        try:
            codecs.getincrementaldecoder("gb18030")().decode(head, whole)
        except UnicodeDecodeError:
            return Fault(shown, line, "encoding", "编码不是 UTF-8", hint=hint)
        return Fault(shown, line, "encoding", "编码是 GBK（GB18030），不是 UTF-8", hint=hint)
    return None


def _read_csv(path: Path, shown: str) -> RawTable | list[Fault]:
    with path.open("rb") as file:
        head = file.read(1 << 20)
    fault = encoding_fault(head, shown)
    if fault is not None:
        return [fault]
    names = [n.strip() for n in next(csv.reader(_first_lines(head)), [])]
    faults = _header_faults(names, shown)
    if faults:
        return faults
    broken: list[tuple[int, int, str]] = []
    blank: list[int] = []

    def on_invalid(row: pacsv.InvalidRow) -> str:
        if row.text.strip(" \t\r\n,") == "":
            blank.append(row.number)
        else:
            broken.append((row.number, row.actual_columns, row.text))
        return "skip"

    try:
        table = pacsv.read_csv(
            path,
            read_options=pacsv.ReadOptions(column_names=names, skip_rows=1, use_threads=False, block_size=16 << 20),
            parse_options=pacsv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=on_invalid
            ),
            convert_options=pacsv.ConvertOptions(
                column_types={n: pa.string() for n in names},
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError):
        again = encoding_fault(path.read_bytes(), shown, whole=True)
        return [again or Fault(shown, 0, "csv_syntax", "读不懂这个 CSV", hint="检查引号是不是成对、分隔符是不是逗号")]
    if broken and len(names) == 1:
        return [_title(shown, names[0])]
    if broken:
        width = len(names)
        return [
            *(_broken(shown, n, got, width, t) for n, got, t in broken[:LISTED]),
            *_more(shown, len(broken)),
        ]
    swallowed = _swallowed(table, _row_numbers(table.num_rows, blank), shown)
    if swallowed:
        return swallowed
    rows = _row_numbers(table.num_rows, blank)
    keep = _not_all_null(table)
    if keep is not None:
        table, rows = table.filter(keep), rows.filter(keep)
    if table.num_rows == 0:
        return [Fault(shown, 0, "no_rows", "只有表头，没有数据行", hint="没有数据就不要放这个文件")]
    return RawTable(shown, table, rows)


def _broken(shown: str, row: int, got: int, width: int, text: str) -> Fault:
    """A row of another width than the heading; a note below the table says so itself."""
    if text.strip().lstrip('"*').startswith(("注", "备注", "说明", "填表", "填报", "制表", "数据来源", "资料来源")):
        told = f"「{text.strip()[:40]}」是表下的注或落款，不是一行数据"
        return Fault(shown, row, "note_row", told, hint="删去这一行；说明写进同一文件夹的 .md 或 .txt")
    hint = "检查引号是不是成对" if text.count('"') % 2 else "检查多余或缺少的逗号"
    return Fault(shown, row, "column_count", f"这一行有 {got} 格，表头有 {width} 格", hint=hint)


def _title(shown: str, text: str) -> Fault:
    hint = "删去标题行，第 1 行写列名"
    return Fault(shown, 1, "no_header", f"第 1 行「{text[:40]}」像是标题，不是列名", hint=hint)


def _swallowed(table: pa.Table, rows: pa.Array, shown: str) -> list[Fault]:
    """Cells that hold whole rows, because a quotation mark before them was never closed: they would vanish without a
    word."""
    pattern = r"\n[^\n,]*(,[^\n,]*){" + str(max(table.num_columns - 1, 1)) + "}"
    found: set[int] = set()
    for column in table.columns if table.num_columns > 1 else ():
        if pc.any(pc.match_substring(column, "\n")).as_py():
            held = pc.match_substring_regex(column, pattern).fill_null(False)
            found.update(rows.filter(held.combine_chunks()).to_pylist())
    hint = "检查这一行的引号是不是成对"
    faults = [
        Fault(shown, row, "csv_syntax", "引号没有配对，一格里装进了后面的行", hint=hint)
        for row in sorted(found)[:LISTED]
    ]
    return [*faults, *_more(shown, len(found))]


def _first_lines(head: bytes) -> list[str]:
    """The first rows of a file's beginning; a byte that was cut in two at its end is left out."""
    return head[: 1 << 16].decode("utf-8-sig", "ignore").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _row_numbers(count: int, skipped: list[int]) -> pa.Array:
    """1-based numbers in the file (heading = 1); `skipped` are the numbers of the rows left out."""
    total = count + len(skipped)
    numbers = np.arange(2, total + 2, dtype=np.int64)
    if skipped:
        numbers = np.setdiff1d(numbers, np.asarray(skipped, dtype=np.int64), assume_unique=True)
    return pa.array(numbers[:count] if len(numbers) >= count else np.arange(2, count + 2, dtype=np.int64))


def _not_all_null(table: pa.Table) -> pa.Array | None:
    """True for rows with any value; None when every row has one (the usual case)."""
    if any(c.null_count == 0 for c in table.columns):
        return None
    present = np.zeros(table.num_rows, dtype=bool)
    for column in table.columns:
        present |= ~column.is_null().to_numpy()
    return None if present.all() else pa.array(present)


def _header_faults(names: list[str], shown: str) -> list[Fault]:
    faults = []
    if not any(names):
        return [Fault(shown, 1, "no_header", "第 1 行没有表头", hint="第一行写列名")]
    if len(names) == 1 and (found := [(w, names[0].count(d)) for d, w in _DELIMITERS if d in names[0]]):
        word = max(found, key=lambda f: f[1])[0]
        hint = "另存为「CSV UTF-8（逗号分隔）」"
        return [Fault(shown, 1, "delimiter", f"各列是用{word}隔开的，不是逗号", hint=hint)]
    if len(names) > LARGEST_WIDTH:
        hint = "检查表头和分隔符"
        return [Fault(shown, 1, "too_wide", f"表头有 {len(names)} 列，最多 {LARGEST_WIDTH} 列", hint=hint)]
    if any("\n" in n or len(n) > LARGEST_WIDTH for n in names):
        return [Fault(shown, 1, "no_header", "表头里有换行或太长的列名", hint="检查表头的引号")]
    places = {name: i for i, name in reversed(list(enumerate(names)))}
    blank = [i for i, name in enumerate(names, start=1) if not name]
    if blank and len(blank) == len(names) - 1 > 1:
        return [_title(shown, next(n for n in names if n))]
    if blank:
        told = "、".join(str(i) for i in blank[:10]) + ("……" if len(blank) > 10 else "")
        faults.append(Fault(shown, 1, "no_header", f"第 {told} 列没有列名", hint="补上列名或删去这一列"))
    for i, name in enumerate(names, start=1):
        if name and places[name] != i - 1:
            faults.append(Fault(shown, 1, "duplicate_column", f"列「{name}」出现了两次", hint="删去其中一列"))
    return faults


def _more(shown: str, found: int) -> list[Fault]:
    if found <= LISTED:
        return []
    return [Fault(shown, 0, "more", f"同类错误共 {found} 处，以上列出 {LISTED} 处")]


def _read_parquet(path: Path, shown: str) -> RawTable | list[Fault]:
    try:
        claimed = pq.read_metadata(path).num_rows
        if claimed > MAX_ROWS:
            told = f"有 {claimed} 行，最多 {MAX_ROWS} 行"
            return [Fault(shown, 0, "too_large", told, hint="按年份分成几个文件")]
        table = pq.read_table(path)
    except (pa.ArrowException, OSError, MemoryError):
        return [Fault(shown, 0, "parquet", "不是完好的 Parquet 文件", hint="从原系统重新导出")]
    if table.num_rows == 0:
        return [Fault(shown, 0, "no_rows", "文件里没有数据行", hint="没有数据就不要放这个文件")]
    faults = _header_faults(list(table.column_names), shown)
    if faults:
        return faults
    return RawTable(shown, table, pa.array(np.arange(2, table.num_rows + 2, dtype=np.int64)))
