"""Anchors: the head of the chain, written every minute to a file outside the database that is to be copied elsewhere.

The file proves nothing when it is gone; so a missing, empty or misshapen one is a fault like a changed event.
"""

from __future__ import annotations

import errno
import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit.models import Event

ANCHORS = "audit-anchors.jsonl"
"""The file of anchors in the site's folder."""
BEGINS = timedelta(minutes=10)
"""The first anchor is written at the first start; a file that begins later than this after the chain was begun anew."""
MOST = 64 << 20
"""Bytes of the largest file that is read: a hundred bytes a minute for more than a year would be half of it."""
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Anchor:
    """The head of the chain at one moment."""

    number: int
    hash: str
    at: datetime


@dataclass(frozen=True)
class ReadAnchors:
    """The anchors of a file, oldest first, and in Chinese everything about the file that is not as it was written."""

    anchors: tuple[Anchor, ...]
    faults: tuple[str, ...]


def read_anchors(path: Path) -> ReadAnchors:
    """The anchors of a file; a missing, empty, unreadable or misshapen file is told in `faults`, line by line."""
    try:
        if not path.is_file():
            what = "不是普通文件" if path.exists() or path.is_symlink() else "没有了"
            return ReadAnchors((), (f"锚点文件{what}（{path}）：审计链无从与库外比对；从拷到别处的那一份找回",))
        if path.stat().st_size > MOST:
            return ReadAnchors((), (f"锚点文件大得不对（{path}）：从拷到别处的那一份找回",))
        text = path.read_text("utf-8", "replace")
    except OSError as e:
        return ReadAnchors((), (f"锚点文件读不出来（{path}，{e.strerror}）：检查权限和磁盘",))
    anchors: list[Anchor] = []
    faults: list[str] = []
    for row, line in enumerate(text.splitlines(), 1):
        one = _anchor(line)
        if one is None:
            faults.append(f"锚点文件第 {row} 行不成样子（{path}）：被改过，或者写到一半断了电")
        elif anchors and one.number <= anchors[-1].number:
            faults.append(f"锚点文件第 {row} 行的序号没有增加（{path}）：被改过")
        else:
            anchors.append(one)
    if not anchors:
        faults.append(f"锚点文件是空的（{path}）：审计链无从与库外比对；从拷到别处的那一份找回")
    return ReadAnchors(tuple(anchors), tuple(faults))


def _anchor(line: str) -> Anchor | None:
    try:
        found: Any = json.loads(line)
        number, made, at = found["number"], found["hash"], datetime.fromisoformat(found["at"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if type(number) is not int or number < 1 or not isinstance(made, str) or not _HASH.fullmatch(made) or not at.tzinfo:
        return None
    return Anchor(number, made, at)


def anchor(path: Path) -> Anchor | None:
    """Append the head of the chain to a file outside the database; None when nothing is new.

    Raises UserError for a path that is no regular file. A last line that a power cut left half written is
    taken away first, so that the file stays one anchor a line.
    """
    last = Event.objects.filter(number__isnull=False).order_by("-number").values("number", "hash").first()
    if last is None:
        return None
    assert last["number"] is not None
    assert last["hash"] is not None  # what has a number has a hash, says the table's check
    if (path.exists() or path.is_symlink()) and not path.is_file():
        raise UserError(f"锚点文件不是普通文件（{path}）：移开它，锚点才能接着写")
    known = read_anchors(path).anchors if path.exists() else ()
    if known and known[-1].number == last["number"]:
        return None
    at = datetime.now(UTC)
    line = {"at": at.isoformat(timespec="seconds"), **last}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(line).encode() + b"\n"
    with path.open("a+b", buffering=0) as file:
        file.seek(0)
        end = file.read().rfind(b"\n") + 1
        file.truncate(end)
        try:
            if file.write(text) < len(text):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
            os.fsync(file.fileno())
        except OSError:  # half a line would be told as a fault until the next anchor
            file.truncate(end)
            raise
    return Anchor(last["number"], last["hash"], at)
