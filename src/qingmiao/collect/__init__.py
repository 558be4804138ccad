"""Collect: a folder of departments' files becomes typed, checked facts with an id. The public door of this layer.

What stands at the door is loaded when it is asked for: the throw-away processes that read one file start with none of
it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from qingmiao.collect.folder import Collected, DataError, collect
    from qingmiao.collect.snapshot import Snapshot, open_snapshot, write_snapshot

__all__ = ["Collected", "DataError", "Snapshot", "collect", "open_snapshot", "write_snapshot"]
_HELD = {
    "Collected": "folder", "DataError": "folder", "collect": "folder",
    "Snapshot": "snapshot", "open_snapshot": "snapshot", "write_snapshot": "snapshot",
}  # fmt: skip
"""Name → the module of this package that holds it."""


def __getattr__(name: str) -> Any:
    """What a name of the door stands for, whatever that is."""
    if name not in _HELD:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HELD[name]}"), name)
