"""``qingmiao disclose``: a table of counts as it may be published, small counts suppressed so that none is found."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import click

from qingmiao.cli.saying import say
from qingmiao.cli.whole_files import write_whole
from qingmiao.disclosure import CountTable, Place, Released, ShownTable, hidden_totals, release, table
from qingmiao.kernel.csv_out import BOM, csv_bytes
from qingmiao.kernel.errors import Fault, UserError
from qingmiao.kernel.misread import MisreadError, half_width
from qingmiao.kernel.number_texts import read_number

LARGEST = 10**12


@click.command("disclose")
@click.argument("source", metavar="IN.csv", type=click.Path(path_type=Path))
@click.argument("out", metavar="OUT.csv", type=click.Path(path_type=Path))
@click.option("--count", "count", required=True, metavar="COLUMN", help="哪一列是人数、件数（不小于 0 的整数）")
@click.option("--by", "by", required=True, metavar="A,B", help="按哪几列分组，用英文逗号隔开")
@click.option(
    "--earlier",
    multiple=True,
    metavar="OUT.csv",
    type=click.Path(path_type=Path),
    help="以前对同一批人发布的结果（可多次）：新表不能和它相减得出小数字",
)
def disclose_command(source: Path, out: Path, count: str, by: str, earlier: tuple[Path, ...]) -> None:
    """把一张人数表处理成可以公开发布的：1–7 不显示，其余取整到 5，合计由显示的格相加，并且推算不回来。

    IN.csv 有分组列和计数列，一行一格；分组列留空的行是合计，要和各格相加相等。OUT.csv 是同样的列：不显示的
    留空，每种合计都有一行（合计的分组列留空）。
    输入有错时列出全部错误，不写结果，退出码 2。规则不能由命令改变（docs/explanation/disclosure.md）。
    """
    columns = [half_width(name) for name in by.split(",")]
    if not all(columns) or len(set(columns)) < len(columns):
        raise UserError(f"--by 写的是「{by}」：列名不能空、不能重复，用英文逗号隔开")
    if half_width(count) in columns:
        raise UserError(f"列 {half_width(count)} 不能既是分组又是计数")
    read = _read(source, columns, half_width(count), whole=True)
    if out.resolve() in {source.resolve(), *(path.resolve() for path in earlier)}:
        raise UserError(f"{out} 就是输入文件；请换一个输出文件名")
    before = [_earlier(path, half_width(count), columns) for path in earlier]
    cells = {tuple(n for n in p if n is not None): v for p, v in read.counts.items() if None not in p and v is not None}
    made = table(columns, cells)
    _check_categories(source, read, made)
    shown = release(made, before)
    _check_totals(source, read, shown)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*columns, half_width(count)])
    writer.writerows(_rows(read, shown))
    write_whole({out: csv_bytes(text.getvalue(), bom=read.marked)})
    _tell(out, read, shown)


@dataclass(frozen=True)
class _Read:
    """A file of counts: place → count (None where it is blank) and its row; `dropped` are columns that are not read."""

    counts: dict[Place, int | None]
    rows: dict[Place, int]
    dropped: tuple[str, ...]
    marked: bool


def _read(path: Path, columns: list[str], count: str, *, whole: bool) -> _Read:
    """`whole`: a blank count is a fault; else it is one that was suppressed."""
    raw, text = _text(path)
    reader = csv.reader(io.StringIO(text.replace("\0", "�"), newline=""))
    faults: list[Fault] = []
    counts: dict[Place, int | None] = {}
    rows: dict[Place, int] = {}
    try:
        header = [half_width(name) for name in next(reader, [])]
        at = _places(path, header, [*columns, count])
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            line = reader.line_num
            if len(row) != len(header):
                why = f"这一行有 {len(row)} 格，表头有 {len(header)} 格"
                faults.append(Fault(path.as_posix(), line, "cells", why, hint="一行一格，逗号要一样多"))
                continue
            place = tuple(half_width(row[at[name]]) or None for name in columns)
            try:
                value = _count(row[at[count]])
            except MisreadError as wrong:
                faults.append(Fault(path.as_posix(), line, wrong.code, wrong.message, place=count, hint=wrong.nearest))
                continue
            if value is None and whole:
                hint = "没有就写 0，不知道的删去这一行"
                faults.append(Fault(path.as_posix(), line, "blank", "计数是空的", place=count, hint=hint))
                continue
            if place in counts:
                why = f"和第 {rows[place]} 行的分组相同"
                faults.append(Fault(path.as_posix(), line, "twice", why, hint="先把同一组的数合并成一行"))
                continue
            counts[place], rows[place] = value, line
    except csv.Error as wrong:
        raise UserError(f"{path} 第 {reader.line_num} 行不是 CSV：{wrong}") from None
    if faults:
        raise UserError("输入文件有错，没有写出结果", faults)
    if not any(None not in place for place in counts):
        raise UserError(f"{path} 里没有数据行（每个分组列都填了的行）")
    return _Read(counts, rows, tuple(h for h in header if h not in {*columns, count}), raw.startswith(BOM))


def _text(path: Path) -> tuple[bytes, str]:
    if not path.is_file():
        raise UserError(f"没有文件 {path}")
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw, raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UserError(f"{path} 不是 UTF-8 也不是 GBK 的文本；另存为“CSV UTF-8”再试")


def _places(path: Path, header: list[str], needed: list[str]) -> dict[str, int]:
    if missing := [name for name in needed if name not in header]:
        there = "、".join(filter(None, header)) or "（没有表头）"
        raise UserError(f"{path} 缺少列 {'、'.join(missing)}；有的列：{there}")
    if twice := sorted({name for name in needed if header.count(name) > 1}):
        raise UserError(f"{path} 的列 {'、'.join(twice)} 重复；请改名或删去")
    return {name: header.index(name) for name in needed}


def _count(cell: str) -> int | None:
    number = read_number(cell)
    if number is None:
        return None
    if number != int(number):
        raise MisreadError("not_whole", f"「{cell}」不是整数；这里只能是人数、件数")
    if not 0 <= number <= LARGEST:
        raise MisreadError("out_of_range", f"「{cell}」不是人数、件数：要在 0 和 {LARGEST} 之间")
    return int(number)


def _earlier(path: Path, count: str, columns: list[str]) -> Released:
    """A result of this command; its by-columns are all its columns but the count."""
    header = next(csv.reader(io.StringIO(_text(path)[1], newline="")), [])
    by = [name for name in map(half_width, header) if name != count]
    if not by or not set(by) & set(columns):
        raise UserError(f"{path} 和这次的分组没有共同的列，不能核对")
    return Released(path.name, "", tuple(by), _read(path, by, count, whole=False).counts)


def _check_categories(source: Path, read: _Read, made: CountTable) -> None:
    """A total that stands as a category would give back what is not shown."""
    faults = []
    for column, category in hidden_totals(made):
        d = made.by.index(column)
        line = min(read.rows[place] for place in read.counts if place[d] == category)
        why = f"「{category}」是「{column}」各类的合计，不是其中的一类"
        hint = "合计行的分组列要留空；或者删去合计行，合计由命令算"
        faults.append(Fault(source.as_posix(), line, "total_as_category", why, place=column, hint=hint))
    if faults:
        raise UserError("输入文件有错，没有写出结果", faults)


def _check_totals(source: Path, read: _Read, shown: ShownTable) -> None:
    """Totals that the file brings must be the sums of its cells."""
    faults = []
    totals = [place for place in read.counts if None in place]
    for place, number in zip(totals, shown.table.find(totals).tolist(), strict=True):
        sum_ = int(shown.table.counts[number]) if number >= 0 else 0
        if read.counts[place] != sum_:
            why = f"合计写的是 {read.counts[place]}，各格相加是 {sum_}"
            hint = "补上缺的格，或者删去这一行（合计由命令算）"
            faults.append(Fault(source.as_posix(), read.rows[place], "total", why, hint=hint))
    if faults:
        raise UserError("输入文件有错，没有写出结果", faults)


def _rows(read: _Read, shown: ShownTable) -> list[list[str]]:
    """Cells in the order of the file, then all totals."""
    values = shown.cells()
    cells = [place for place in read.counts if None not in place]
    totals = [place for place in values if None in place]
    totals.sort(key=lambda place: [name is None for name in place])
    return [
        [*(name or "" for name in place), "" if values[place] is None else str(values[place])]
        for place in [*cells, *totals]
    ]


def _tell(out: Path, read: _Read, shown: ShownTable) -> None:
    cells = shown.table.is_cell
    small = int((shown.pattern.small & cells).sum())
    hidden = int((~shown.there & cells).sum())
    say(
        f"{int(cells.sum())} 格：不显示 {hidden} 格（小数字 {small} 格，为了推算不回来另加 {hidden - small} 格）",
        err=True,
    )
    if partial := int(shown.partial.sum()):
        say(f"{partial} 个合计只含显示的格，比实际的少；引用时请注明“不含未显示的格”", err=True)
    if read.dropped:
        say(f"没有读的列：{'、'.join(read.dropped)}", err=True)
    say(f"写入 {out}", err=True)
