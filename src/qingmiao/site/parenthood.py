"""What every process that the site starts has in common: it ends with its parent and keeps small. Imports nothing."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

SMALL = {
    "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "ARROW_DEFAULT_MEMORY_POOL": "system",
}  # fmt: skip
"""Surroundings of our Python processes: few heaps for threads, no more helping threads than the machine has cores, and
Arrow's memory from the C library, which gives it back (`memory.give_back`)."""


def bound_to_parent() -> Callable[[], None]:
    """A `preexec_fn`: the new process gets SIGTERM when the thread that started it ends, even by kill -9 (Linux)."""
    parent = os.getpid()
    return lambda: die_with(parent)


def die_with(parent: int, number: int = signal.SIGTERM) -> None:
    """Called in a process that `parent` started: it gets the signal `number` when that one ends; at once when it has.

    Linux only (prctl PR_SET_PDEATHSIG); elsewhere nothing happens.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, number)
        if os.getppid() != parent:  # it ended before the line above
            os.kill(os.getpid(), number)
