"""Read the cells of an .xlsx in a throw-away child process with limits, so that a hostile file costs nobody else
anything.

Limits: 32 MB file, 200 members, 256 MB unpacked, 1 GB of memory, 20 s of CPU, 30 s by the clock, 100,000 rows × 400
columns, 500,000 cells, 10,000 merged ranges and 32 MB of text in all. Everything that looks into the file happens in
the child (`workbook_child.py`); here only its size is asked. Known trap: a valid 4.8 KB workbook with A1 and XFD1048576
filled makes the fast reader ask for 17 billion cells and abort; such cells are found and named before.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from qingmiao.kernel.errors import Fault

MAX_FILE = 32 << 20
CLOCK_SECONDS = 30
LIMITS = {
    "memory": 1 << 30,
    "cpu": 20,
    "members": 200,
    "unpacked": 256 << 20,
    "rows": 100_000,
    "columns": 400,
    "cells": 500_000,
    "ranges": 10_000,
    "merged": 500_000,
    "text": 32 << 20,
}
MARKS_SHEET = "核对结果"
HINT = "用模板重新填报，或用 Excel 另存为新的 .xlsx"
_CHILD = Path(__file__).with_name("workbook_child.py")
_KEPT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT")

Source = Path | bytes
"""A workbook: its file, or its bytes (an upload)."""

CellValue = str | int | float | bool
"""A cell as read: text, number, bool, or "" for empty; a date is ISO text, an error its code ("#DIV/0!")."""


@dataclass(frozen=True)
class WorkbookSheet:
    """One sheet from A1. `merged`: (row, column, last row, last column) from 0; `formulas`: cells such as "C7" that
    hold a formula, `unsaved`: those of them without a stored result (written by a program, never opened in Excel);
    `formats`: the number formats of cells that hold a number and have one of their own."""

    rows: list[list[CellValue]]
    merged: tuple[tuple[int, int, int, int], ...] = ()
    formulas: frozenset[str] = field(default_factory=frozenset)
    unsaved: frozenset[str] = field(default_factory=frozenset)
    formats: Mapping[str, str] = field(default_factory=dict)

    def at(self, row: int, column: int) -> CellValue:
        """The value at a place from 0; "" outside."""
        return self.rows[row][column] if row < len(self.rows) and column < len(self.rows[row]) else ""


class WorkbookError(ValueError):
    """A workbook that cannot be read; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def read_workbook(source: Source, shown: str) -> dict[str, WorkbookSheet]:
    """Sheet name → its cells, hidden sheets too. Raises WorkbookError; never hangs, whatever the file holds."""
    answer: dict[str, Any] = json.loads(_run(source, shown, "read"))
    return {name: _sheet(given) for name, given in answer.items()}


def _sheet(given: Mapping[str, Any]) -> WorkbookSheet:
    rows = given["rows"]
    for cell, error in given.get("errors", {}).items():
        row, column = place_of(cell)
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = error
    merged = tuple((a, b, c, d) for a, b, c, d in given["merged"])
    formulas, unsaved = frozenset(given.get("formulas", ())), frozenset(given.get("unsaved", ()))
    return WorkbookSheet(rows, merged, formulas, unsaved, given.get("formats", {}))


def marked_workbook(
    source: Source, shown: str, *, marks: Iterable[tuple[str, str, str]], notes: Iterable[Iterable[str]]
) -> bytes:
    """A copy of the workbook with red, commented cells (`marks`: sheet, cell, text) and a first sheet 核对结果 (`notes`:
    rows of five).

    Links to other files are left out. Raises WorkbookError.
    """
    return _run(source, shown, "mark", marks=[list(m) for m in marks], notes=[list(n) for n in notes])


def _run(
    source: Source,
    shown: str,
    task: Literal["read", "mark"],
    marks: list[list[str]] | None = None,
    notes: list[list[str]] | None = None,
) -> bytes:
    data = _bytes(source, shown)
    request = {"task": task, **LIMITS, "marks": marks or [], "notes": notes or [], "title": MARKS_SHEET}
    try:
        done = subprocess.run(
            # -P: the folder of the script must not hide modules of the same name
            [sys.executable, "-P", "-s", str(_CHILD)],
            input=json.dumps(request).encode() + b"\n" + data,
            capture_output=True,
            timeout=CLOCK_SECONDS,
            check=False,
            env=child_environment(),
        )
    except subprocess.TimeoutExpired:
        fault = Fault(shown, 0, "workbook_limit", "读取超时", hint="删去多余的工作表和格式后重试")
        raise WorkbookError(fault) from None
    if done.returncode != 0:
        raise WorkbookError(refusal(done.returncode, done.stderr, shown, HINT))
    return done.stdout


def _bytes(source: Source, shown: str) -> bytes:
    if isinstance(source, bytes):
        data, size = source, len(source)
    else:
        try:
            size = source.stat().st_size
            data = source.read_bytes() if size <= MAX_FILE else b""
        except OSError as e:
            raise WorkbookError(Fault(shown, 0, "no_file", f"读不到文件：{e.strerror}", hint="检查路径和权限")) from e
    if size == 0:
        raise WorkbookError(Fault(shown, 0, "empty_file", "文件是空的"))
    if size > MAX_FILE:
        raise WorkbookError(Fault(shown, 0, "workbook_limit", f"文件超过 {MAX_FILE >> 20} MB"))
    if not data.startswith(b"PK"):
        hint = "用 Excel 另存为 .xlsx（不是 .xls，不加密码）"
        raise WorkbookError(Fault(shown, 0, "not_xlsx", "不是 .xlsx 工作簿", hint=hint))
    return data


def child_environment() -> dict[str, str]:
    """What a reading process gets of the environment: where programs lie, no secret."""
    return {k: os.environ[k] for k in _KEPT if k in os.environ}


def refusal(code: int, stderr: bytes, shown: str, hint: str) -> Fault:
    """Why a reading process ended without an answer: its own words (exit code 3), or how it died."""
    if code == 3:
        reason, message, place = json.loads(stderr)
        return Fault(shown, 0, reason, message, place=place, hint=hint)
    if code > 0:  # the readers raised something: a part is missing, or says what it may not
        return Fault(shown, 0, "not_xlsx", "不是完好的 .xlsx 工作簿（里面缺东西，或者写法不合规定）", hint=hint)
    return Fault(shown, 0, "workbook_limit", f"工作簿损坏，或大到超过限制（读取进程收到信号 {-code}）", hint=hint)


def place_of(cell: str) -> tuple[int, int]:
    """ "C7" → (6, 2): row and column from 0."""
    letters = cell.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return int(cell[len(letters) :]) - 1, column - 1


def cell_of(row: int, column: int) -> str:
    """(6, 2) → "C7"."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
