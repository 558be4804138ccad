"""The portal written as static files that any web server hosts: byte for byte what the live pages are."""

from __future__ import annotations

from pathlib import Path

from qingmiao.kernel.errors import UserError
from qingmiao.site.web.portal.publication import publications
from qingmiao.site.web.portal.site_map import files


def export(folder: Path) -> int:
    """Write every file of the newest edition to a new or empty folder; how many. UserError where it holds something."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} 里已经有东西；请给一个新的或空的文件夹")
    found = files(publications())
    for path, file in found.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.make())
    return len(found)
