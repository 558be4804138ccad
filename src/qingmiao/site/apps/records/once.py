"""What is read several times while one page is put together is read once: inside `reading`, by a key.

Nothing outlives the block, and nothing is written inside it, so what was read cannot be overtaken by the page itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

T = TypeVar("T")
_READ: ContextVar[dict[Hashable, Any] | None] = ContextVar("records read once", default=None)
"""What the block has read; None outside one."""


@contextmanager
def reading() -> Iterator[None]:
    """A block that reads and writes nothing."""
    token = _READ.set({})
    try:
        yield
    finally:
        _READ.reset(token)


def inside() -> bool:
    """Whether this is inside a block."""
    return _READ.get() is not None


def read(key: Hashable, make: Callable[[], T]) -> T:
    """What `make` reads; inside a block only the first time."""
    kept = _READ.get()
    if kept is None:
        return make()
    if key not in kept:
        kept[key] = make()
    return cast(T, kept[key])
