"""Files that appear whole or not at all: written beside their place, put on the disk, moved; what failed leaves
nothing, also on a full disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

PART = ".part"
"""How the names of files end that are being written."""


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A hidden name in the folder of `path`, nobody else's; whatever is still there when the block ends is taken
    away."""
    part = path.with_name(f".{path.name[:40]}.{os.getpid()}-{os.urandom(4).hex()}{PART}")
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def settle(part: Path, path: Path) -> None:
    """What was written to `part` is on the disk and then at its place. Raises OSError."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Where to write a file whose place is `path`: it gets there when the block ends without an error, and an older
    one stays otherwise. The folder must be there. Raises OSError, which names `path`."""
    with beside(path) as part:
        try:
            yield part
            settle(part, path)
        except OSError as wrong:
            if wrong.filename in (None, str(part)):
                wrong.filename = str(path)
            raise


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; its folder is made. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole(path) as part:
        part.write_bytes(data)


def write_all(files: Mapping[Path, bytes]) -> None:
    """Write several files: none is moved to its place before all are written. Their folders must be there. Raises
    OSError."""
    with ExitStack() as stack:
        for path, data in files.items():
            stack.enter_context(whole(path)).write_bytes(data)
