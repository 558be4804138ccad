"""A long list from a file that anybody may have made: .xlsx, .xls or CSV, read in a throw-away process with limits.

Limits: 256 MB file, 1,048,576 rows × 400 columns, 2 GB unpacked, 4 GB of memory, 300 s of CPU. What comes out is text;
a row's place is its row in the file.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

import pyarrow as pa

from qingmiao.collect.workbook import WorkbookError, child_environment, refusal
from qingmiao.kernel.errors import Fault

MAX_BYTES = 256 << 20
CLOCK_SECONDS = 600
LIMITS = {
    "memory": 4 << 30, "cpu": 300, "members": 200, "unpacked": 2 << 30, "rows": 1_048_576, "columns": 400,
}  # fmt: skip
HINT = "用 Excel 打开后另存为新的 .xlsx，或另存为「CSV UTF-8（逗号分隔）」"


@dataclass(frozen=True)
class ListFile:
    """The text of every cell: columns ``c0`` …, from the first row of the file; an empty cell is null. `sheet`: the
    sheet's name, "" of a CSV."""

    sheet: str
    cells: pa.Table

    def at(self, row: int, column: int) -> str:
        """The text at a place from 0; "" for an empty cell."""
        return str(self.cells.column(column)[row].as_py() or "")


def kind_of(data: bytes) -> str:
    """ "book" for what begins as an .xlsx or .xls does, else "csv"."""
    return "book" if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) else "csv"


def read_list(data: bytes, shown: str) -> ListFile:
    """The one sheet of a workbook that holds anything, or a text file. Raises WorkbookError saying what is wrong."""
    if not data:
        raise WorkbookError(Fault(shown, 0, "empty_file", "文件是空的"))
    if len(data) > MAX_BYTES:
        raise WorkbookError(Fault(shown, 0, "workbook_limit", f"文件超过 {MAX_BYTES >> 20} MB"))
    request = {"kind": kind_of(data), **LIMITS}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-s", "-m", "qingmiao.collect.table_child"],
            input=json.dumps(request).encode() + b"\n" + data, capture_output=True, timeout=CLOCK_SECONDS, check=False,
            env=child_environment(),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise WorkbookError(Fault(shown, 0, "workbook_limit", "读取超时", hint="分成几个文件后重试")) from None
    if done.returncode != 0:
        raise WorkbookError(refusal(done.returncode, done.stderr, shown, HINT))
    cells = pa.ipc.open_stream(done.stdout).read_all()
    return ListFile((cells.schema.metadata or {}).get(b"sheet", b"").decode(), cells.replace_schema_metadata(None))
