"""Do a finished run again from its own snapshot: values to the last bit, CSV files cell by cell."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import zip_longest
from pathlib import Path

from qingmiao.assess.run import assess_pack
from qingmiao.content.pack import Pack
from qingmiao.measure.recompute import Difference, NotARunError, digest_of, remeasured
from qingmiao.monitor.found import FILE, findings, read_found
from qingmiao.monitor.tables import csv_files


def recompute(run_folder: Path, pack: Pack) -> list[Difference]:
    """The differences between a run and what its snapshot gives now with `pack`; [] = the same.

    Values are compared to the last bit, values.csv, assessment.csv and warnings.csv cell by cell; a file that holds the
    same cells in other bytes is told too. Raises NotARunError.
    """
    found, measured, record = remeasured(run_folder, pack)
    try:
        asked = record["collected"]
        kept = read_found(run_folder / FILE)
        year, bom = int(record["year"]), bool(record["bom"])
    except (OSError, KeyError, TypeError, ValueError) as e:
        reason = f"缺少或读不懂 {FILE}（{e}），不能重新研判；请用现在的程序重新运行 qingmiao monitor"
        raise NotARunError(f"{run_folder} {reason}") from None
    if (now := digest_of(run_folder / FILE)) != asked:
        found.append(Difference("file", FILE, asked, now))
    assessment = assess_pack(
        pack,
        measured.values,
        year=year,
        return_status=kept.returns,
        findings=findings(measured, kept.findings),
    )
    for name, expected in csv_files(measured.values, assessment, bom=bom).items():
        found += compare_csv(run_folder / name, expected)
    return found


def compare_csv(path: Path, expected: bytes) -> list[Difference]:
    """Where a CSV file is not what it should be: file, line and column of every other cell; lines more or fewer.

    A file with equal cells and other bytes (saved again by a spreadsheet program) is one difference of kind ``file``.
    """
    if not path.is_file():
        return [Difference("file", path.name, "", "应有此文件")]
    given = path.read_bytes()
    if given == expected:
        return []
    try:
        was = _cells(given)
    except (UnicodeDecodeError, csv.Error) as e:
        why = "不是 UTF-8，多半由电子表格软件另存过" if isinstance(e, UnicodeDecodeError) else str(e)
        return [Difference("file", path.name, f"读不懂（{why}）", "UTF-8 的 CSV")]
    now = _cells(expected)
    if was == now:
        return [Difference("file", path.name, "内容相同，写法不同（文件被另存过）", "运行时写出的字节")]
    if len(was) != len(now):
        return _other_lines(path.name, was, now)
    header = now[0]
    return [
        Difference("cell", f"{path.name} 第 {line} 行 {_column(header, column)} 列", a or "", b or "")
        for line, (before, after) in enumerate(zip(was, now, strict=True), start=1)
        for column, (a, b) in enumerate(zip_longest(before, after))
        if a != b
    ]


def _cells(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def _column(header: list[str], column: int) -> str:
    return header[column] if column < len(header) else f"第 {column + 1}"


def _other_lines(name: str, was: list[list[str]], now: list[list[str]]) -> list[Difference]:
    """Lines that the file lacks, and lines that do not belong in it."""
    lacking = Counter(map(tuple, now)) - Counter(map(tuple, was))
    extra = Counter(map(tuple, was)) - Counter(map(tuple, now))
    found = []
    for line, row in enumerate(map(tuple, was), start=1):
        if extra[row]:
            extra[row] -= 1
            found.append(Difference("added", f"{name} 第 {line} 行", ",".join(row), ""))
    for row, times in lacking.items():
        found += [Difference("missing", f"{name}", "", ",".join(row))] * times
    return found
