"""What is read several times while one page is put together is read once: inside `reading`, by a key.

Nothing outlives the block, and nothing is written inside it, so what was read cannot be overtaken by the page itself. A
block may read what was recorded as it was known at an earlier moment.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, TypeVar, cast

T = TypeVar("T")
_READ: ContextVar[dict[Hashable, Any] | None] = ContextVar("records read once", default=None)
"""What the block has read; None outside one."""
_KNOWN: ContextVar[datetime | None] = ContextVar("records as known at", default=None)
"""The moment as of which the block reads what was recorded; None for now."""


@contextmanager
def reading(*, known: datetime | None = None) -> Iterator[None]:
    """A block that reads, and writes nothing but who looked; `known`: records as they were known at that moment."""
    kept = _READ.get()
    same = kept is not None and known == _KNOWN.get()  # a block within a block goes on with what the outer one read
    token, moment = _READ.set(kept if same else {}), _KNOWN.set(known)
    try:
        yield
    finally:
        _KNOWN.reset(moment)
        _READ.reset(token)


def known() -> datetime | None:
    """The moment as of which this block reads what was recorded; None for now."""
    return _KNOWN.get()


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
