"""Collect: a folder of departments' files becomes typed, checked facts with an id. The public door of this layer."""

from qingmiao.collect.folder import Collected, DataError, collect
from qingmiao.collect.snapshot import Snapshot, open_snapshot, write_snapshot

__all__ = ["Collected", "DataError", "Snapshot", "collect", "open_snapshot", "write_snapshot"]
