"""What lies in a data folder: every file is read, ignored for a stated reason, or a fault. Nothing vanishes without a
word.

Read: ``facts/<table>.csv|parquet``, ``facts/<table>/**/*.csv|parquet``, ``returns/**/*.xlsx|csv``, ``series.csv``.
Ignored: hidden files and folders, the marks that office programs and systems leave (``~$…``, Thumbs.db, desktop.ini),
notes (.md, .txt), and beside the mark of made-up data its people (``register/``), whom only a demonstration site reads.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from qingmiao.collect.open_files import closed
from qingmiao.kernel.errors import Fault
from qingmiao.kernel.misread import half_width

NOTES = (".md", ".txt")
LEFT_BY_SYSTEMS = ("thumbs.db", "desktop.ini", "__macosx")
FACTS, RETURNS, SERIES = "facts", "returns", "series.csv"
MADE_UP, PEOPLE = "演示数据.txt", "register"
"""The mark of a folder of made-up data, and where the made-up people lie in it."""
KINDS = {FACTS: (".csv", ".parquet"), RETURNS: (".csv", ".xlsx")}
_WANTED = {FACTS: "事实表用 .csv 或 .parquet", RETURNS: "报表用 .xlsx 模板或 .csv"}


@dataclass
class DataFiles:
    """The files to read, sorted by their paths, and what else lies there."""

    facts: dict[str, list[Path]] = field(default_factory=dict)
    returns: list[Path] = field(default_factory=list)
    series: Path | None = None
    faults: list[Fault] = field(default_factory=list)


def data_files(folder: Path, tables: Collection[str]) -> DataFiles:
    """Every file of a data folder in its place; `tables` are the ids of the fact tables that the pack has."""
    found = DataFiles()
    for path in _entries(folder, folder, found):
        name = path.name
        if name in KINDS and path.is_dir() and not path.is_symlink():
            for file in _below(path, folder, found, KINDS[name]):
                _place(name, file, folder, tables, found)
        elif name == SERIES:
            if _may_open(path, folder, found):
                found.series = path
        elif name == PEOPLE and path.is_dir() and (folder / MADE_UP).is_file():
            continue
        elif not (path.suffix.lower() in NOTES and not path.is_dir()):
            near = nearest_name(name, (FACTS, RETURNS, SERIES))
            hint = f"是不是「{near}」" if near else "数据放在 facts/、returns/ 和 series.csv；说明写进 .md 或 .txt"
            what = "不认识的文件夹" if path.is_dir() else "不认识的文件"
            if path.stem in tables and not near:
                hint = f"把它放进 {FACTS}/ 里"
            if name in KINDS:
                what, hint = "这里应是文件夹", f"把文件放进 {name}/ 里（链接的文件夹不读取）"
            found.faults.append(Fault(shown(path, folder), 0, "unknown_file", f"{what}，不会被读取", hint=hint))
    return found


def _place(kind: str, path: Path, folder: Path, tables: Collection[str], found: DataFiles) -> None:
    """One file below facts/ or returns/ with an extension that is read."""
    if not _may_open(path, folder, found):
        return
    if kind == RETURNS:
        found.returns.append(path)
        return
    inner = path.relative_to(folder / FACTS)
    name = inner.parts[0] if len(inner.parts) > 1 else inner.name.removesuffix(path.suffix)
    if name in tables:
        found.facts.setdefault(name, []).append(path)
        return
    near = nearest_name(name, tables)
    hint = f"是不是「{near}」" if near else "可用：" + "、".join(tables)
    if near and len(inner.parts) == 1 and name.startswith(near):
        hint = f"若是「{near}」的又一个文件，放进 facts/{near}/ 里"
    found.faults.append(Fault(shown(path, folder), 0, "unknown_table", f"没有事实表「{name[:80]}」", hint=hint))


def _below(here: Path, folder: Path, found: DataFiles, endings: tuple[str, ...]) -> Iterator[Path]:
    for path in _entries(here, folder, found):
        if path.suffix.lower() in endings:
            yield path
        elif path.is_dir() and not path.is_symlink():
            yield from _below(path, folder, found, endings)
        elif path.is_dir() or path.suffix.lower() not in NOTES:
            what = "链接的文件夹不读取" if path.is_dir() else "不认识的文件，不会被读取"
            hint = _WANTED[FACTS if endings == KINDS[FACTS] else RETURNS] + "；说明写进 .md 或 .txt"
            found.faults.append(Fault(shown(path, folder), 0, "unknown_file", what, hint=hint))


def _entries(here: Path, folder: Path, found: DataFiles) -> list[Path]:
    """What lies in a folder, sorted, without what is ignored."""
    try:
        names = sorted(os.listdir(here))
    except OSError as e:
        found.faults.append(
            Fault(shown(here, folder), 0, "unreadable", f"打不开文件夹：{e.strerror}", hint="检查文件夹的权限")
        )
        return []
    return [here / n for n in names if not n.startswith((".", "~$")) and n.lower() not in LEFT_BY_SYSTEMS]


def _may_open(path: Path, folder: Path, found: DataFiles) -> bool:
    fault = closed(path, shown(path, folder))
    if fault is not None:
        found.faults.append(fault)
    return fault is None


def nearest_name(given: str, known: Collection[str]) -> str:
    """The known name that was probably meant: the same but for case, width, blanks or a doubled ending; else a close
    one."""
    plain = half_width(given).casefold()
    for name in known:
        low = name.casefold()
        if plain in (low, low + Path(low).suffix, low.removesuffix(".csv")) or plain.replace(" ", "") == low:
            return name
    begun = [n for n in known if plain.startswith(n.casefold())]
    if begun:
        return max(begun, key=len)
    return next(iter(difflib.get_close_matches(plain, known, n=1, cutoff=0.7)), "")


def shown(path: Path, folder: Path) -> str:
    """A path below the data folder as people know it; odd bytes as �."""
    return os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "replace")
