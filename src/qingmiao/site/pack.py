"""The county's pack, loaded once a process: read and checked by the first process that needs it after a change, taken
by all others from what that one kept (decision 0044)."""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import sys
from functools import cache
from pathlib import Path

import pydantic
from django.conf import settings

import qingmiao
from qingmiao.collect.areas import AreaColumns
from qingmiao.content import load_pack
from qingmiao.content.load import digest_of
from qingmiao.content.pack import Pack
from qingmiao.content.packing import packed
from qingmiao.kernel.whole_files import write_whole

FOLDER = "pack"
"""The folder under `settings.HOME`; what is in it may be lost, is in no backup and belongs to this machine alone."""
log = logging.getLogger(__name__)


@cache
def _loaded(root: Path) -> Pack:
    kept = Path(settings.HOME) / FOLDER
    return _from_kept(root, kept) or _keep(packed(load_pack(root)), kept)


def _from_kept(root: Path, kept: Path) -> Pack | None:
    """The pack of `root` as it was kept; None where it, the program or the folder's place are others since then."""
    path = _path(root, digest_of(root), kept)
    try:
        found = pickle.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except Exception as e:  # whatever damage a file can have; it is made again
        log.warning("the pack that was kept cannot be read and is loaded again (%s)", type(e).__name__)
        return None
    return found if isinstance(found, Pack) else None


def _keep(pack: Pack, kept: Path) -> Pack:
    """Keep it for the processes to come, in the place of all earlier ones. What is returned is read back: it lies
    closer together than what was made while files were read."""
    made = pickle.dumps(pack, pickle.HIGHEST_PROTOCOL)
    path = _path(pack.root, pack.digest, kept)
    try:
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in kept.glob("*.pickle"):
            if old != path:
                old.unlink(missing_ok=True)
        write_whole(path, made)
    except OSError as e:
        log.warning("the pack cannot be kept: %s (%s)", path.name, e.strerror)
    read: Pack = pickle.loads(made)
    return read


def _path(root: Path, digest: str, kept: Path) -> Path:
    """Of the same name is only what the same program made of the same files at the same place."""
    told = hashlib.sha256(
        repr((digest, str(root), str(root.resolve()), program(), sys.version, pydantic.VERSION)).encode()
    )
    return kept / f"{told.hexdigest()[:32]}.pickle"


@cache
def program() -> str:
    """The program's files as the machine tells them apart: a newer program reads the pack's files itself."""
    told = hashlib.sha256()
    folder = Path(str(qingmiao.__file__)).parent
    for at, below, names in os.walk(folder):
        below[:] = sorted(n for n in below if n not in ("__pycache__", "site"))
        for path in sorted(Path(at) / n for n in names if n.endswith(".py")):
            status = path.stat()
            told.update(f"{path} {status.st_size} {status.st_mtime_ns}".encode())
    return told.hexdigest()


@cache
def _areas(root: Path) -> AreaColumns:
    return AreaColumns(_loaded(root))


def pack() -> Pack:
    """The pack that the settings name. A changed pack counts after a restart, as one version for all processes."""
    return _loaded(settings.ENVIRONMENT.pack)


def area_columns() -> AreaColumns:
    """The pack's areas as columns."""
    return _areas(settings.ENVIRONMENT.pack)


def forget() -> None:
    """Load anew when it is next asked for (for tests)."""
    _loaded.cache_clear()
    _areas.cache_clear()
