"""Waiting in tests: for an event, never for a number of seconds.

`ENDS` only ends a test whose event will never come. It is no promise of speed: it is far above what a machine four
times slower than a quiet one with two cores needs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

ENDS = 900.0
"""Seconds after which an event is taken never to come."""


def until(
    done: Callable[[], bool],
    *,
    told: Callable[[], str] = lambda: "the event did not come",
    over: Callable[[], bool] = lambda: False,
    every: float = 0.05,
) -> float:
    """Wait until ``done()`` is true and give the seconds that it took.

    ``over()`` says that it can no longer come (a process ended): the test fails at once with ``told()``.
    """
    began = time.monotonic()
    while not done():
        assert not over(), told()
        assert time.monotonic() - began < ENDS, told()
        time.sleep(every)
    return time.monotonic() - began


def finished(work: Coroutine[Any, Any, T]) -> T:
    """What a coroutine gives. It runs in a thread of its own: a browser's test may have left a loop in this one."""
    with ThreadPoolExecutor(1) as alone:
        return alone.submit(asyncio.run, work).result()
