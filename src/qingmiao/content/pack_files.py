"""The files of a pack: which are content, and what stands in the way of reading them."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from qingmiao.kernel.errors import Fault

IGNORED = ("data", "tests", "demo", "docs", "checks", "programmes", "reports", "courses")
"""Folders at the top of a pack that other parts read, or nobody."""

_CONTENT = (".yaml", ".yml")
_BESIDE = (".md",)


def content_files(root: Path, folders: Collection[str], faults: list[Fault]) -> list[Path]:
    """The content files below `root`, sorted; what looks like content and cannot be read is a fault.

    `folders` are the names of the content folders. Hidden files and folders, notes (.md) and `IGNORED` are left out.
    Folders that are symbolic links are not followed: they may lead in a circle or out of the pack.
    """
    found: list[Path] = []

    def refuse(path: Path, code: str, message: str, hint: str) -> None:
        faults.append(Fault(shown_path(path), 0, code, message, hint=hint))

    def closed(error: OSError) -> None:
        path = Path(error.filename or root)
        refuse(path, "unreadable", f"打不开文件夹：{error.strerror}", "检查文件夹的权限")

    tops = {f.split("/")[0] for f in folders}
    known = {(name,) for name in tops}
    for here, below, names in os.walk(root, onerror=closed):
        folder = Path(here)
        top = folder == root
        keep = []
        for name in sorted(below):
            path = folder / name
            if name.startswith(".") or (top and name in IGNORED):
                continue
            if Path(name).suffix.lower() in _CONTENT:
                refuse(path, "not_a_file", "这里应是文件，却是文件夹", "改名，或把内容写成文件")
            elif path.is_symlink():
                refuse(path, "not_a_file", "链接的文件夹不读取", "把文件夹放进内容包")
            else:
                keep.append(name)
        below[:] = keep
        for name in sorted(names):
            path = folder / name
            if name.startswith((".", "~$")) or (top and name in IGNORED):
                continue
            suffix = path.suffix.lower()
            if suffix in _CONTENT or (top and name == "pack.toml"):
                if path.is_file():
                    found.append(path)
                else:
                    refuse(path, "not_a_file", "不是普通文件，或链接指不到文件", "换成普通文件")
            elif top and name in tops:
                refuse(
                    path,
                    "not_a_file",
                    "这里应是文件夹，却是文件",
                    f"删去它，把内容放进 {name}/ 或写成 {name}.yaml",
                )
            elif suffix not in _BESIDE and folder.relative_to(root).parts[:1] in known:
                hint = "内容文件的扩展名是 .yaml；说明写进 .md；其他文件移到 docs/"
                refuse(path, "unknown_file", "不认识的文件，不会被读取", hint)
    return sorted(found)


def shown_path(path: Path) -> str:
    """A path as people know it: relative to the working folder where it lies below it; odd bytes as �."""
    whole = os.path.abspath(path)
    text = next((whole[len(c) + 1 :] for c in _here() if whole.startswith(c + os.sep)), path.as_posix())
    return os.fsencode(text.replace(os.sep, "/")).decode("utf-8", "replace")


def _here() -> tuple[str, str]:
    """The working folder, with and without its links followed."""
    return os.getcwd(), os.path.realpath(os.getcwd())
