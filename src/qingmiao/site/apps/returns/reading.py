"""How many workbooks are read at once: one a person, a few in all, so that slow and hostile files keep nobody else
waiting."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from qingmiao.site.apps.audit.api import Actor
from qingmiao.site.apps.directory.access import NotAllowedError

AT_ONCE = 3
"""Reading processes of one server process (its threads are 8, a reading process may take 1 GB and 30 s)."""
PATIENCE = 5.0
"""Seconds that somebody waits for a place."""

_places = threading.BoundedSemaphore(AT_ONCE)
_reading: set[str] = set()
_lock = threading.Lock()


@contextmanager
def a_place(actor: Actor) -> Iterator[None]:
    """A place for reading one workbook. Raises NotAllowedError when the person is reading one already, or all places
    are taken."""
    with _lock:
        if actor.username in _reading:
            raise NotAllowedError("您上传的前一个文件仍在核对，请在核对完成后再上传")
        _reading.add(actor.username)
    try:
        if not _places.acquire(timeout=PATIENCE):
            raise NotAllowedError("正在核对的文件太多，请一分钟后再传")
        try:
            yield
        finally:
            _places.release()
    finally:
        with _lock:
            _reading.discard(actor.username)
