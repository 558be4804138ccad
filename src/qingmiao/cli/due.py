"""``qingmiao due``: when each deadline of a list ends, by the Civil Code's rules of counting."""

from __future__ import annotations

import csv
import io
import sys
from datetime import datetime
from pathlib import Path

import click

from qingmiao.cli.saying import lines_of, say
from qingmiao.cli.whole_files import write_whole
from qingmiao.kernel.csv_out import BOM, csv_bytes
from qingmiao.kernel.day_texts import read_day, read_moment
from qingmiao.kernel.deadlines import Due, LimitError, LimitUnit, WorkCalendar, due, limit_of
from qingmiao.kernel.errors import Fault, UserError
from qingmiao.kernel.misread import MisreadError, half_width

NEEDED = ("id", "start", "kind", "value")
KINDS = tuple(unit for unit in LimitUnit if unit is not LimitUnit.TERMS)
FORM = "%Y-%m-%dT%H:%M"
TOLD = 20


@click.command(name="due")
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
def due_command(source: Path, target: Path) -> None:
    """给时限表加上到期时间：IN.csv 有 id、start、kind、value 四列，OUT.csv 多一列 due。

    start 写北京时间 2026-02-13T16:30；kind 是 hours、calendar_days、working_days、months 或 years。按民法典第二百零一至
    二百零三条：开始当日不计入，小时从当时起算，最后一日是休息日的顺延到下一个工作日，当日 23:59 截止。读不懂的行 due 留空、
    逐行说明，退出码 1；落在放假安排还没有公布的年份的，到期时间是暂定的，也会说。
    """
    from qingmiao.standards import working_days

    if source.resolve() == target.resolve():
        raise UserError(f"{target} 就是输入文件；请换一个输出文件名")
    header, rows, marked = _read(source)
    calendar = working_days.china()
    faults: list[Fault] = []
    provisional: list[str] = []
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*header, "due"])
    places = {name: header.index(name) for name in NEEDED}
    for line, row in rows:
        try:
            if len(row) != len(header):
                raise _UnreadableError(header[-1], f"这一行有 {len(row)} 格，表头有 {len(header)} 格", "")
            ends = _due({name: row[place] for name, place in places.items()}, calendar)
        except _UnreadableError as wrong:
            faults.append(Fault(str(source), line, "not_read", wrong.why, place=wrong.column, hint=wrong.hint))
            writer.writerow([*row, *[""] * (len(header) - len(row)), ""])
            continue
        if ends.provisional:
            provisional.append(row[places["id"]])
        writer.writerow([*row, ends.at.strftime(FORM)])
    write_whole({target: csv_bytes(out.getvalue(), bom=marked or not out.getvalue().isascii())})
    _tell(source, len(rows), faults, provisional, calendar)
    sys.exit(1 if faults else 0)


class _UnreadableError(Exception):
    def __init__(self, column: str, why: str, hint: str) -> None:
        super().__init__(why)
        self.column, self.why, self.hint = column, why, hint


def _due(row: dict[str, str], calendar: WorkCalendar) -> Due:
    kind = half_width(row["kind"]).lower()
    if kind not in KINDS:
        raise _UnreadableError("kind", f"没有时限单位「{row['kind']}」", "写 " + "、".join(KINDS) + " 之一")
    if not row["id"].strip():
        raise _UnreadableError("id", "没有写 id", "每行写一个编号")
    try:
        start = read_moment(row["start"]) if kind == LimitUnit.HOURS else _beginning(row["start"])
    except MisreadError as wrong:
        raise _UnreadableError("start", wrong.message, wrong.nearest and f"写成 {wrong.nearest}") from None
    if start is None:
        raise _UnreadableError("start", "没有写开始时间", "写成 2026-02-13T16:30")
    try:
        return due(start, limit_of(half_width(row["value"]), kind), calendar)
    except LimitError as wrong:
        raise _UnreadableError("value", str(wrong), "写 0 到 100000 的整数；小时可以有小数") from None


def _beginning(text: str) -> datetime | None:
    """Where whole days count, the day is enough."""
    day = read_day(text)
    return None if day is None else datetime(day.year, day.month, day.day)


def _read(source: Path) -> tuple[list[str], list[tuple[int, list[str]]], bool]:
    """Header, rows with their line, and whether the file carries a byte-order mark."""
    if not source.is_file():
        raise UserError(f"没有文件 {source}")
    raw = source.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError:
            raise UserError(f"{source} 不是 UTF-8 也不是 GBK 的文本；另存为“CSV UTF-8”再试") from None
    reader = csv.reader(io.StringIO(text.replace("\0", "�"), newline=""))
    try:
        header = [half_width(name) for name in next(reader, [])]
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as wrong:
        raise UserError(f"{source} 第 {reader.line_num} 行不是 CSV：{wrong}") from None
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise UserError(f"{source} 缺少列 {'、'.join(missing)}；第一行要有 {'、'.join(NEEDED)}，用英文逗号隔开")
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice or "due" in header:
        raise UserError(f"{source} 的列 {'、'.join(twice or ['due'])} {'重复' if twice else '已经有了'}；请改名或删去")
    return header, rows, raw.startswith(BOM)


def _tell(source: Path, count: int, faults: list[Fault], provisional: list[str], calendar: WorkCalendar) -> None:
    for fault in faults[:TOLD]:
        click.echo(f"  {lines_of([fault])[0]}", err=True)
    if len(faults) > TOLD:
        say(f"  还有 {len(faults) - TOLD} 行同样读不懂", err=True)
    if provisional:
        named = "、".join(provisional[:5]) + ("等" if len(provisional) > 5 else "")
        years = f"{min(calendar.published)}—{max(calendar.published)}"
        say(
            f"{len(provisional)} 行（{named}）的到期时间是暂定的：放假安排只有 {years} 年的，其他年份公布后请重算",
            err=True,
        )
    say(f"{source}：{count} 行，读不懂 {len(faults)} 行", err=True)
