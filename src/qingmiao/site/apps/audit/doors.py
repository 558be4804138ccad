"""Through which door a write goes now: the mark by which a test tells a write behind a door from one beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_DOOR: ContextVar[str] = ContextVar("door", default="")


def current() -> str:
    """The door's name; "" where a write would go beside every door."""
    return _DOOR.get()


@contextmanager
def through(name: str) -> Iterator[None]:
    """What is written inside goes through the door of that name."""
    before = _DOOR.set(name)
    try:
        yield
    finally:
        _DOOR.reset(before)
