"""``qingmiao assess --method statcan|unsd2023|qingmiao IN.csv OUT.csv``: one class for each row of a table."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import cast

import click

from qingmiao.assess.cases import Method, TableCase, assess_case
from qingmiao.assess.international import NOT_AVAILABLE, Case, Direction, ProgressClass
from qingmiao.cli.saying import say
from qingmiao.cli.whole_files import write_whole
from qingmiao.kernel.errors import Fault, UserError
from qingmiao.kernel.misread import MisreadError
from qingmiao.kernel.number_texts import read_number
from qingmiao.kernel.rounding import decimals_of
from qingmiao.kernel.year_texts import YearTextError, read_year

TWO_POINTS = ("case_id", "direction", "base_year", "base_value", "current_year", "current_value")
NEEDED: dict[str, tuple[str, ...]] = {
    "statcan": TWO_POINTS,
    "unsd2023": TWO_POINTS,
    "qingmiao": ("case_id", "current_value", "target_value"),
}
"""Columns that a file must have; cells may be empty (then the class is not_available)."""

DIRECTIONS: dict[str, Direction] = {
    "up": "up",
    "down": "down",
    "上升": "up",
    "下降": "down",
    "higher": "up",
    "lower": "down",
    "positive": "up",
    "negative": "down",
}
OUTPUT = ("case_id", "progress_value", "score", "class", "reason")


@click.command("assess")
@click.option(
    "--method",
    type=click.Choice(["statcan", "unsd2023", "qingmiao"]),
    required=True,
    help="statcan：加拿大统计局／Open SDG；unsd2023：联合国统计司 2023；qingmiao：本系统的达标判定",
)
@click.argument("source", metavar="IN.csv", type=click.Path(path_type=Path))
@click.argument("out", metavar="OUT.csv", type=click.Path(path_type=Path))
def assess(method: str, source: Path, out: Path) -> None:
    """逐行研判一张表，写出 case_id、progress_value、score、class、reason（得不出时的原因）。

    输入列：case_id、direction（up/down）、base_year、base_value、current_year、current_value，
    可有 target_kind、target_value、target_year、natural_limit、unit、target_unit；其他列不读。
    relative_reduction 的目标值是百分数（target_unit 写百分点时是百分点），先换算成水平再比。
    文件有错时列出全部错误，不写任何结果，退出码 2。
    """
    cases = read_cases(source, method=method)
    chosen = cast(Method, method)
    answers = [(c.case_id, assess_case(c, chosen)) for c in cases]
    rows: list[tuple[str, ...]] = [(id_, _shown(a.progress), _shown(a.score), a.name, _why(a)) for id_, a in answers]
    _write(out, rows)
    say(f"已研判 {len(rows)} 行，写入 {out}")


def read_cases(path: Path, *, method: str) -> list[TableCase]:
    """All rows of a table (UTF-8, UTF-16 with mark, or GBK). Raises UserError with every fault: row, column, what."""
    shown = path.as_posix()
    if not path.is_file():
        raise UserError("读不了输入文件", [Fault(shown, 0, "no_file", "没有这个文件", hint="检查路径")])
    text = _decoded(path.read_bytes(), shown)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    faults: list[Fault] = []
    cases: list[TableCase] = []
    try:
        header = [h.strip() for h in next(reader, [])]
        _check_header(header, shown, method, faults)
        if faults:
            raise UserError("输入文件有错，没有写出结果", faults)
        for cells in reader:
            if not any(c.strip() for c in cells):
                continue
            if len(cells) > len(header):
                message = f"有 {len(cells)} 格，表头只有 {len(header)} 列"
                faults.append(Fault(shown, reader.line_num, "row_length", message, hint="检查逗号和引号"))
                continue
            padded = [*cells, *[""] * (len(header) - len(cells))]
            row = {name: cell.strip() for name, cell in zip(header, padded, strict=True)}
            cases.append(_case(row, shown, reader.line_num, faults))
    except csv.Error as e:
        faults.append(Fault(shown, reader.line_num, "csv_syntax", f"不是完整的 CSV：{e}", hint="检查引号是否成对"))
    if not cases and not faults:
        faults.append(Fault(shown, 0, "empty_file", "没有数据行", hint="表头之下至少要有一行"))
    if faults:
        raise UserError("输入文件有错，没有写出结果", faults)
    return cases


def _decoded(data: bytes, shown: str) -> str:
    if not data.strip():
        raise UserError("输入文件有错，没有写出结果", [Fault(shown, 0, "empty_file", "文件是空的")])
    marks = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}
    marked = next((e for mark, e in marks.items() if data.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    hint = "另存为 UTF-8 编码的 CSV"
    raise UserError("输入文件有错，没有写出结果", [Fault(shown, 0, "encoding", "认不出文件编码", hint=hint)])


def _check_header(header: list[str], shown: str, method: str, faults: list[Fault]) -> None:
    twice = sorted({h for h in header if h and header.count(h) > 1})
    faults.extend(Fault(shown, 1, "duplicate_column", f"列「{h}」重复", place=h, hint="只留一列") for h in twice)
    needed = list(NEEDED[method])
    if method == "qingmiao" and "target_kind" not in header:
        needed.append("direction")
    for name in needed:
        if name not in header:
            hint = "表头至少要有：" + "、".join(needed)
            faults.append(Fault(shown, 1, "missing_column", f"缺少列「{name}」", place=name, hint=hint))


def _case(row: dict[str, str], shown: str, line: int, faults: list[Fault]) -> TableCase:
    def number(name: str) -> float | None:
        text = row.get(name, "")
        if not text:
            return None
        nearest = ""
        try:
            if (value := read_number(text)) is not None:
                return value
        except MisreadError as e:
            nearest = e.nearest
        hint = f"是不是 {nearest}？" if nearest else "写数字，没有就留空"
        faults.append(Fault(shown, line, "not_a_number", f"「{text[:30]}」不是数", place=name, hint=hint))
        return None

    def year(name: str) -> int | None:
        if not row.get(name, "").strip():
            return None
        try:
            return read_year(row[name])
        except YearTextError as e:
            faults.append(Fault(shown, line, "not_a_year", e.message, place=name, hint=e.hint))
            return None

    word = row.get("direction", "")
    if word and word.lower() not in DIRECTIONS:
        message = f"「{word}」不是方向"
        faults.append(Fault(shown, line, "bad_direction", message, place="direction", hint="写 up（越高越好）或 down"))
    if not row.get("case_id"):
        faults.append(Fault(shown, line, "missing_value", "case_id 是空的", place="case_id", hint="补上编号"))
    case = Case(
        direction=DIRECTIONS.get(word.lower()),
        base_year=year("base_year"),
        base_value=number("base_value"),
        current_year=year("current_year"),
        current_value=number("current_value"),
        target_value=number("target_value"),
        target_year=year("target_year"),
        natural_limit=number("natural_limit"),
    )
    written = row.get("current_value", "") if case.current_value is not None else ""
    return TableCase(
        row.get("case_id", ""),
        case,
        row.get("target_kind", ""),
        decimals_of(written) if written else 0,
        row.get("unit", ""),
        row.get("target_unit", ""),
    )


def _shown(number: float | None) -> str:
    """A number that reads back to the same float; empty where there is none."""
    return "" if number is None else repr(number)


def _why(answer: ProgressClass) -> str:
    """The reason of a row that has no class."""
    return answer.reason if answer.name == NOT_AVAILABLE else ""


def _write(out: Path, rows: list[tuple[str, ...]]) -> None:
    """The file is there whole or not at all."""
    if not out.parent.is_dir():
        fault = Fault(out.as_posix(), 0, "no_folder", "输出文件夹不存在", hint="先建文件夹或换一个路径")
        raise UserError("写不了结果", [fault])
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(OUTPUT)
    writer.writerows(rows)
    write_whole({out: text.getvalue().encode()})
