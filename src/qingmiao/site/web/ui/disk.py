"""Whether the disk under the site's folder takes what is written, and has room for more."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

ROOM = 200 << 20
"""Bytes that the disk must have free (local setting): less, and an upload or a run may not fit."""


STARTING = 32 << 20
"""Bytes without which the site's own PostgreSQL does not start again: it makes a file of its journal (16 MB,
wal_segment_size), and its last checkpoint writes more. What it held when it stopped is free by then and too little."""


def writable(home: Path) -> bool:
    """Whether a file can be written to the disk there."""
    try:
        with tempfile.TemporaryFile(dir=home) as file:
            file.write(b"ready")
            file.flush()
        return True
    except OSError:
        return False


def roomy(home: Path) -> bool:
    """Whether the disk there has `ROOM`."""
    try:
        return shutil.disk_usage(home).free >= ROOM
    except OSError:
        return False


def full(home: Path) -> bool:
    """Whether the disk there has no room for the site's own database to start (`STARTING`), or nothing can be written
    there because none is left."""
    try:
        return shutil.disk_usage(home).free < STARTING
    except OSError:
        return False
