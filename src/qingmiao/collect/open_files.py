"""Which files are opened at all: ordinary ones of a bounded size. A pipe, a device, a dangling or circular link never
is."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pyarrow as pa

from qingmiao.kernel.errors import Fault

MAX_BYTES = 4 << 30
"""The largest data file that is read (4 GiB, local setting): about forty million rows of a fact table."""

MAX_TEXT = (1 << 31) - 1
"""The most bytes of text that one column of a table holds: what its offsets can count."""
MAX_ROWS = 100_000_000
"""Rows of one file (local setting); a small Parquet file can claim far more."""

_SPECIAL = (
    (stat.S_ISFIFO, "是一根管道（FIFO）"),
    (stat.S_ISSOCK, "是一个套接字"),
    (stat.S_ISCHR, "是一个设备"),
    (stat.S_ISBLK, "是一个设备"),
)


def closed(path: Path, shown: str) -> Fault | None:
    """Why a file cannot be opened as data, or None. Never waits: what is no ordinary file is not opened.

    A link to an ordinary file is followed; a link to a folder, to nothing or in a circle is a fault.
    """
    try:
        linked = path.is_symlink()
        found = os.stat(path)
    except OSError as e:
        if linked_nowhere(path):
            return Fault(shown, 0, "not_a_file", "是一个链接，指不到文件", hint="放进文件本身，或删去这个链接")
        return Fault(shown, 0, "no_file", f"读不到文件：{e.strerror}", hint="检查路径和权限")
    if stat.S_ISDIR(found.st_mode):
        what = "是一个指向文件夹的链接" if linked else "这里应是文件，却是文件夹"
        return Fault(shown, 0, "not_a_file", what, hint="放进文件本身，或改掉文件夹的名字")
    for test, what in _SPECIAL:
        if test(found.st_mode):
            return Fault(shown, 0, "not_a_file", f"{what}，不是普通文件，没有打开", hint="换成普通文件")
    if found.st_size == 0:
        return Fault(shown, 0, "empty_file", "文件是空的", hint="没有数据就不要放这个文件")
    if found.st_size > MAX_BYTES:
        size, most = found.st_size / (1 << 30), MAX_BYTES / (1 << 30)
        return Fault(
            shown,
            0,
            "too_large",
            f"文件有 {size:.1f} GiB，最多读 {most:g} GiB",
            hint="分成几个文件，或存成 Parquet",
        )
    try:
        with path.open("rb") as file:
            file.read(1)
    except OSError as e:
        return Fault(shown, 0, "unreadable", f"打不开文件：{e.strerror or e}", hint="检查文件的权限")
    return None


def overfull(table: pa.Table, shown: str) -> Fault | None:
    """Why a table holds too much to be worked on in one piece, or None."""
    hint = "分成几张表或按年份分开交"
    if table.num_rows > MAX_ROWS:
        return Fault(shown, 0, "too_large", f"有 {table.num_rows} 行，最多 {MAX_ROWS} 行", hint=hint)
    for name in table.column_names:
        if table[name].nbytes > MAX_TEXT and not pa.types.is_primitive(table.schema.field(name).type):
            return Fault(shown, 0, "too_large", f"列「{name}」的文字超过 2 GiB", place=f"列 {name}", hint=hint)
    return None


def linked_nowhere(path: Path) -> bool:
    """Whether the path is a link that leads to nothing or in a circle."""
    return os.path.islink(path) and not os.path.exists(path)
