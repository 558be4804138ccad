"""A process that lives long gives back to the machine what it no longer uses.

Python frees memory into the C library's heap, which keeps it for the process: after the peaks of loading a run or
drawing a large page a web process would hold tens of megabytes that nobody uses, for days.
"""

from __future__ import annotations

import ctypes
import threading
from functools import cache

EVERY = 30.0
"""Seconds between two times (our own setting; one takes some milliseconds)."""


def give_back() -> None:
    """Give the free memory of the C library's heap back to the machine; nothing where the library cannot."""
    trim = _trim()
    if trim is not None:
        trim(0)


def keep_small(over: threading.Event | None = None) -> threading.Thread:
    """Do so from time to time in a thread that ends with the process, or when `over` is set."""
    ended = over or threading.Event()

    def work() -> None:
        while not ended.wait(EVERY):
            give_back()

    thread = threading.Thread(target=work, name="keep-small", daemon=True)
    thread.start()
    return thread


@cache
def _trim() -> ctypes._NamedFuncPointer | None:
    """glibc's ``malloc_trim``; other C libraries have none."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):
        return None
