"""Read the cells of an .xlsx in a throw-away child process with limits, so that a hostile file costs nobody else anything.

Limits: 64 MB file, 200 members, 256 MB unpacked, 20 s of CPU, 2 GB of memory, 100,000 rows × 400 columns used.
Known trap: a valid 4.8 KB workbook with A1 and XFD1048576 filled makes the reader ask for 17 billion cells and abort.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from qingmiao.kernel.errors import Fault

MAX_FILE = 64 << 20
MAX_MEMBERS = 200
MAX_UNPACKED = 256 << 20
MAX_ROWS = 100_000
MAX_COLUMNS = 400
CPU_SECONDS = 20
MEMORY = 2 << 30

Sheet = list[list[Any]]
"""Rows of cells as calamine gives them: text, number, bool, or "" for empty."""


def read_workbook(path: Path, shown: str) -> dict[str, Sheet] | list[Fault]:
    """Sheet name → rows of cells from A1, or the faults that make the file unreadable."""
    fault = _outside(path, shown)
    if fault is not None:
        return [fault]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "qingmiao.collect.workbook", str(path)],
            capture_output=True,
            timeout=CPU_SECONDS * 3,
            check=False,
            close_fds=True,
        )
    except subprocess.TimeoutExpired:
        return [Fault(shown, 0, "workbook_limit", "读取超时", hint="删去多余的工作表和格式后重试")]
    if done.returncode != 0:
        return [
            Fault(
                shown,
                0,
                "workbook_limit",
                _reason(done.returncode, done.stderr),
                hint="用模板重新填报，或另存为新的 .xlsx",
            )
        ]
    answer: dict[str, Sheet] = json.loads(done.stdout)
    return answer


def _reason(code: int, stderr: bytes) -> str:
    last = stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or [""]
    if last[0].startswith("QM:"):
        return last[0][3:]
    return f"工作簿损坏，或大到超过限制（读取进程退出码 {code}）"


def _outside(path: Path, shown: str) -> Fault | None:
    try:
        size = path.stat().st_size
        if size == 0:
            return Fault(shown, 0, "empty_file", "文件是空的")
        if size > MAX_FILE:
            return Fault(shown, 0, "workbook_limit", f"文件超过 {MAX_FILE >> 20} MB")
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return Fault(
            shown, 0, "not_xlsx", "不是 .xlsx 工作簿", hint="用 Excel 另存为 .xlsx（不是 .xls，不加密码）"
        )
    if len(members) > MAX_MEMBERS:
        return Fault(shown, 0, "workbook_limit", f"压缩包里有 {len(members)} 个文件（最多 {MAX_MEMBERS}）")
    if sum(m.file_size for m in members) > MAX_UNPACKED:
        return Fault(shown, 0, "workbook_limit", f"解开后超过 {MAX_UNPACKED >> 20} MB（可能是压缩炸弹）")
    return None


def _child(path: str) -> int:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(path)
    result: dict[str, Sheet] = {}
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if sheet.total_height > MAX_ROWS or sheet.total_width > MAX_COLUMNS:
            print(
                f"QM:工作表「{name}」用到 {sheet.total_height} 行 {sheet.total_width} 列，超过限制",
                file=sys.stderr,
            )
            return 3
        result[name] = [[_plain(c) for c in row] for row in sheet.to_python(skip_empty_area=False)]
    json.dump(result, sys.stdout, ensure_ascii=False, default=str)
    return 0


def _plain(cell: Any) -> Any:
    return cell if isinstance(cell, str | int | float | bool) else str(cell)


if __name__ == "__main__":
    sys.exit(_child(sys.argv[1]))
