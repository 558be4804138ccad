"""Start a pack: a small, whole, commented county that passes `qingmiao check` and runs."""

from __future__ import annotations

import re
import shutil
from importlib import resources
from pathlib import Path

from qingmiao.content.kinds_page import folders
from qingmiao.kernel.errors import UserError


def pack_id(folder: Path) -> str:
    """The id of a pack that begins in this folder."""
    return re.sub(r"[^a-z0-9_\-]+", "-", folder.name.lower()).strip("-") or "new-county"


def refuse_taken(folder: Path) -> None:
    """A pack is started in an empty or absent folder only."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} 已存在且不是空文件夹；请换一个新的文件夹")


def new_pack(folder: Path, *, title: str | None = None) -> list[Path]:
    """Copy the starter pack to `folder` (which must be empty or absent); returns the files written.

    Raises UserError when the folder already holds something.
    """
    refuse_taken(folder)
    source = resources.files("qingmiao.content") / "new_pack_files"
    with resources.as_file(source) as origin:
        shutil.copytree(origin, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    head = folder / "pack.toml"
    id_ = pack_id(folder)
    text = head.read_text("utf-8").replace("@ID@", id_).replace("@TITLE@", title or f"{folder.name}（新建内容包）")
    head.write_text(text, "utf-8")
    readme = folder / "README.md"
    readme.write_text(readme.read_text("utf-8").replace("@FOLDERS@", folders()), "utf-8")
    return sorted(p for p in folder.rglob("*") if p.is_file())
