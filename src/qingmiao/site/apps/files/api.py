"""Stored files, by the hash of their bytes: the type is read from the bytes, never believed from the name."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from qingmiao.kernel.errors import UserError

STARTS: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",), "jpg": (b"\xff\xd8\xff",), "png": (b"\x89PNG\r\n\x1a\n",), "docx": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
}  # fmt: skip
"""Kind of file → how its bytes begin."""
INSIDE = {"docx": b"word/", "xlsx": b"xl/"}
"""What a zipped kind holds, so that one is not taken for the other."""
TYPES = {
    "pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
"""Kind → the content type it is given out with, always as a download."""
_KEY = re.compile(r"^[0-9a-f]{64}\.(pdf|jpg|png|docx|xlsx)$")


@dataclass(frozen=True)
class Shelf:
    """A folder of one use: what it takes and how many bytes a file may have (local settings)."""

    folder: str
    takes: tuple[str, ...]
    most: int


ANSWERS = Shelf("answers", ("jpg", "png", "pdf", "docx", "xlsx"), 10 * 2**20)
"""Photographs, signatures and files of forms."""
IMAGES = ("jpg", "png")


@dataclass(frozen=True)
class Stored:
    """A kept file: `key` is its hash and kind ("ab…12.jpg"), which also names it in an answer."""

    key: str
    name: str
    size: int


def keep(shelf: Shelf, upload: UploadedFile[bytes], *, only: tuple[str, ...] = ()) -> Stored:
    """Store an upload under the hash of its bytes, whole or not at all. UserError says what is not taken and why.

    `only` narrows the kinds that the shelf takes.
    """
    taken = tuple(k for k in shelf.takes if not only or k in only)
    shown = "".join(c for c in Path((upload.name or "").replace("\\", "/")).name if c.isprintable())[-160:] or "文件"
    if (upload.size or 0) > shelf.most:
        raise UserError(f"{shown}：超过 {shelf.most // 2**20} MB，请缩小后再传")
    data = upload.read(shelf.most + 1)
    if not data:
        raise UserError(f"{shown}：是空文件，请重新选择")
    kind = kind_of(data)
    if kind not in taken:
        told = f"内容是 {kind}" if kind else "认不出是什么文件"
        raise UserError(f"{shown}：{told}；只收 {'、'.join(taken)}")
    key = f"{hashlib.sha256(data).hexdigest()}.{kind}"
    write_once(path_of(shelf, key), data)
    return Stored(key, shown, len(data))


def kind_of(data: bytes) -> str:
    """The kind that the bytes are of; empty for what is not known."""
    for kind, starts in STARTS.items():
        if data.startswith(starts) and INSIDE.get(kind, b"") in data:
            return kind
    return ""


def path_of(shelf: Shelf, key: str) -> Path:
    """Where a kept file lies. Raises UserError for what is no key."""
    if not _KEY.match(key):
        raise UserError("没有这个文件")
    return Path(settings.HOME) / "uploads" / shelf.folder / key[:2] / key


def write_once(path: Path, data: bytes) -> bool:
    """Write a file whole or not at all; the same bytes have the same name. Whether it was written now."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return True
