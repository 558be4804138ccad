"""Writing what a command was asked for: every file whole, or none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from qingmiao.kernel.errors import UserError


def write_whole(files: Mapping[Path, bytes]) -> None:
    """All files or none: each is written beside its place first, and moved when all are whole. UserError says why
    not."""
    if folder := next((path for path in files if path.is_dir()), None):
        raise UserError(f"写不了 {folder}：它是文件夹，请写文件名")
    parts = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in files}
    target = next(iter(files))
    try:
        for target, body in files.items():
            parts[target].write_bytes(body)
        for target, part in parts.items():
            part.replace(target)
    except OSError as wrong:
        raise UserError(f"写不了 {target}：{_why(wrong)}") from None
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _why(wrong: OSError) -> str:
    if isinstance(wrong, FileNotFoundError | NotADirectoryError):
        return "没有这个文件夹，请先建立它或改文件名"
    return "没有写入的权限，请换一个文件夹" if isinstance(wrong, PermissionError) else str(wrong.strerror)
