"""What every process that the site starts has in common: it ends with its parent, and it keeps small. Imports nothing."""

from __future__ import annotations

import ctypes
import signal
import sys

SMALL = {"MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
"""Surroundings of our Python processes: few heaps for threads, no more helping threads than a county's machine has cores."""


def die_with_parent() -> None:
    """Called in a new process: it ends when the thread that started it ends, even by kill -9 (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
