"""Work on many rows in blocks small enough for the cache and large enough for threads, on a few threads (NumPy lets
them run together)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

BLOCK_ROWS = 65_536
_SERIAL_ROWS = 2 * BLOCK_ROWS


def in_blocks(rows: int, work: Callable[[slice], None], *, threads: int) -> None:
    """Call ``work`` with slices that together cover ``range(rows)``; floating-point warnings are silent inside."""

    def quiet(block: slice) -> None:
        with np.errstate(all="ignore"):
            work(block)

    blocks = [slice(start, min(start + BLOCK_ROWS, rows)) for start in range(0, rows, BLOCK_ROWS)]
    if threads <= 1 or rows < _SERIAL_ROWS:
        for block in blocks:
            quiet(block)
        return
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for _ in pool.map(quiet, blocks):
            pass
