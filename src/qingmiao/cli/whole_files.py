"""Writing what a command was asked for: every file whole, or none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from qingmiao.kernel import whole_files
from qingmiao.kernel.errors import UserError


def write_whole(files: Mapping[Path, bytes]) -> None:
    """All files or none (`kernel.whole_files.write_all`). UserError says which could not be written and why."""
    if folder := next((path for path in files if path.is_dir()), None):
        raise UserError(f"写不了 {folder}：它是文件夹，请写文件名")
    try:
        whole_files.write_all(files)
    except OSError as wrong:
        raise UserError(f"写不了 {wrong.filename}：{_why(wrong)}") from None


def _why(wrong: OSError) -> str:
    if isinstance(wrong, FileNotFoundError | NotADirectoryError):
        return "没有这个文件夹，请先建立它或改文件名"
    return "没有写入的权限，请换一个文件夹" if isinstance(wrong, PermissionError) else str(wrong.strerror)
