"""The files of a pack: which are content, and what stands in the way of reading them."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from qingmiao.kernel.errors import Fault

IGNORED = ("data", "tests", "demo", "docs", "checks", "programmes", "reports", "courses")
"""Folders at the top of a pack that other parts read, or nobody; one that becomes a kind of content is read as such."""

_CONTENT = (".yaml", ".yml")
_BESIDE = (".md",)
_LEFT_BY_MACHINES = ("thumbs.db", "desktop.ini")
_ROOT_FILES = ("pack.toml", "LICENSE", "LICENCE", "NOTICE")


@dataclass
class PackFiles:
    """The files of one pack: `files` are read, `unread` look like content in the wrong place; `closed`: a folder could
    not be opened."""

    files: list[Path] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)
    closed: bool = False


def content_files(root: Path, folders: Collection[str], faults: list[Fault]) -> PackFiles:
    """The content files below `root`, sorted; whatever else stands there and is not read is a fault.

    `folders` are the names of the content folders. Hidden files and folders, notes (.md) and `IGNORED` are left out.
    Folders that are symbolic links are not followed: they may lead in a circle or out of the pack.
    """
    found = PackFiles()

    def refuse(path: Path, code: str, message: str, hint: str) -> None:
        faults.append(Fault(shown_path(path), 0, code, message, hint=hint))

    def closed(error: OSError) -> None:
        found.closed = True
        path = Path(error.filename or root)
        refuse(path, "unreadable", f"打不开文件夹：{error.strerror}", "检查文件夹的权限")

    tops = {f.split("/")[0] for f in folders}
    for here, below, names in os.walk(root, onerror=closed):
        folder = Path(here)
        top = folder == root
        parts = folder.relative_to(root).parts
        below[:] = [n for n in sorted(below) if _enter(folder / n, (*parts, n), tops, folders, found, refuse)]
        for name in sorted(names):
            path = folder / name
            if name.startswith((".", "~$")) or name.lower() in _LEFT_BY_MACHINES or (top and name in IGNORED):
                continue
            suffix = path.suffix.lower()
            if suffix in _CONTENT or (top and name == "pack.toml"):
                if not path.is_file():
                    refuse(path, "not_a_file", "不是普通文件，或链接指不到文件", "换成普通文件")
                    found.closed = True
                elif name != "pack.toml" and _misplaced((*parts, name), folders):
                    found.unread.append(path)
                    faults.append(unknown_file(path, root, folders))
                else:
                    found.files.append(path)
            elif top and name in tops:
                hint = f"删去它，把内容放进 {name}/ 或写成 {name}.yaml"
                refuse(path, "not_a_file", "这里应是文件夹，却是文件", hint)
            elif suffix not in _BESIDE and not (top and name in _ROOT_FILES):
                if path.is_file():
                    found.unread.append(path)
                faults.append(unknown_file(path, root, folders))
    found.files.sort()
    return found


def _enter(
    path: Path,
    parts: tuple[str, ...],
    tops: set[str],
    folders: Collection[str],
    found: PackFiles,
    refuse: Callable[[Path, str, str, str], None],
) -> bool:
    """Whether a folder is walked into; one that holds content where none is read is a fault, told once."""
    name = parts[-1]
    if name.startswith(".") or (
        len(parts) == 1 and ((name in IGNORED and name not in tops) or os.path.isfile(path / "run.json"))
    ):
        return False  # run.json: the result of a run that somebody wrote beside the content
    if path.suffix.lower() in _CONTENT:
        refuse(path, "not_a_file", "这里应是文件，却是文件夹", "改名，或把内容写成文件")
        return False
    if path.is_symlink():
        refuse(path, "not_a_file", "链接的文件夹不读取", "把文件夹放进内容包")
        found.closed = True
        return False
    if len(parts) > 1 or name in tops:
        wanted = [f for f in folders if "/" in f and f.split("/")[0] == parts[0]]
        if len(parts) != 2 or not wanted or "/".join(parts) in wanted:
            return True
    known = [f for f in folders if f.count("/") == len(parts) - 1]
    close = difflib.get_close_matches("/".join(parts).lower(), known, n=1, cutoff=0.7)
    hint = f"是不是「{close[0]}」" if close else f"内容放在：{'、'.join(folders)}；其他文件移到 docs/"
    refuse(path, "unknown_folder", "不认识的文件夹，里面的文件不会被读取", hint)
    found.unread.extend(p for p in sorted(path.rglob("*")) if p.is_file())
    return False


def _misplaced(parts: tuple[str, ...], folders: Collection[str]) -> bool:
    """No folder of content reads a YAML file at this place; plan/plan.yaml and policy.yaml are read by name."""
    stem = "/".join((*parts[:-1], Path(parts[-1]).stem))
    if "/".join(parts) in ("plan/plan.yaml", "policy.yaml"):
        return False
    return not any("/".join(parts).startswith(f + "/") or stem == f for f in folders)


def unknown_file(path: Path, root: Path, folders: Collection[str]) -> Fault:
    """The fault of a file that stands in a pack and is not read, with the likely name or place."""
    relative = path.relative_to(root).as_posix()
    whole = ["plan/plan.yaml", "policy.yaml", *(f + ".yaml" for f in folders)]
    wanted = difflib.get_close_matches(relative.lower(), whole, n=1, cutoff=0.75)
    inside = any(relative.startswith(f + "/") for f in folders)
    if wanted:
        hint = f"是不是「{wanted[0]}」"
    elif inside:
        hint = "内容文件的扩展名是 .yaml；说明写进 .md；其他文件移到 docs/"
    else:
        hint = f"内容放在：{'、'.join([*folders, 'plan/plan.yaml', 'policy.yaml'])}；其他文件移到 docs/"
    return Fault(shown_path(path), 0, "unknown_file", "不认识的文件，不会被读取", hint=hint)


def shown_path(path: Path) -> str:
    """A path as people know it: relative to the working folder where it lies below it; odd bytes as �."""
    whole = os.path.abspath(path)
    text = next((whole[len(c) + 1 :] for c in _here() if whole.startswith(c + os.sep)), path.as_posix())
    return os.fsencode(text.replace(os.sep, "/")).decode("utf-8", "replace")


def _here() -> tuple[str, str]:
    """The working folder, with and without its links followed."""
    return os.getcwd(), os.path.realpath(os.getcwd())
