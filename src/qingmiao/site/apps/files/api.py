"""Stored files, by the hash of their bytes: the type is read from the bytes, never believed from the name.

Photographs are kept without what the camera wrote beside the picture (`pictures`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from qingmiao.kernel.errors import UserError
from qingmiao.kernel.whole_files import PART, write_whole
from qingmiao.site.apps.files import pictures

STARTS: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",), "jpg": (b"\xff\xd8\xff",), "png": (b"\x89PNG\r\n\x1a\n",), "docx": (b"PK\x03\x04",),
    "xlsx": (b"PK\x03\x04",),
}  # fmt: skip
"""Kind of file → how its bytes begin."""
LOOKED_AT = ("pdf", "jpg", "png")
"""Kinds that a browser shows by itself; every other is only taken away."""
INSIDE = {"docx": b"word/", "xlsx": b"xl/"}
"""What a zipped kind holds, so that one is not taken for the other."""
TYPES = {
    "pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip", "json": "application/json",
}  # fmt: skip
"""Kind → the content type it is given out with."""
_KEY = re.compile(r"^[0-9a-f]{64}\.(pdf|jpg|png|docx|xlsx|zip|json)$")


@dataclass(frozen=True)
class Shelf:
    """A folder of one use: what it takes and how many bytes a file may have (local settings)."""

    folder: str
    takes: tuple[str, ...]
    most: int


ANSWERS = Shelf("answers", ("jpg", "png", "pdf", "docx", "xlsx"), 10 * 2**20)
"""Photographs, signatures and files of forms."""
EVIDENCE = Shelf("evidence", ("pdf", "jpg", "png", "docx", "xlsx"), 10 * 2**20)
"""Files that prove what was done, of tasks and documents."""
WORKBOOKS = Shelf("returns", ("xlsx",), 32 * 2**20)
"""Uploaded returns. Also what turns out to be no workbook is kept there, with what was said of it."""
MADE = Shelf("made", ("zip", "json"), 64 * 2**20)
"""Files of documents that the site made itself: packages of rows, records of drawings. No upload is put there."""
SHELVES = (ANSWERS, EVIDENCE, WORKBOOKS, MADE)
IMAGES = ("jpg", "png")
UNSENT_LASTS = timedelta(days=1)
"""So long a file that was uploaded with a refused page stays with that page; what nothing uses by then goes
(`sweeping`)."""


@dataclass(frozen=True)
class Stored:
    """A kept file: `key` is its hash and kind ("ab…12.jpg"), which also names it in an answer."""

    key: str
    name: str
    size: int

    @property
    def sha256(self) -> str:
        """The hash of the bytes."""
        return self.key.partition(".")[0]


@dataclass(frozen=True)
class KeptProof:
    """A file of a task or document as its page lists it; `looked_at`: a browser can show it."""

    id: int
    name: str
    bytes: int
    by: str
    at: datetime
    looked_at: bool


@dataclass(frozen=True)
class Handed:
    """A kept file as it is given out: where it lies, what it is called, of what kind its bytes are."""

    path: Path
    name: str
    kind: str

    @property
    def content_type(self) -> str:
        """What it is given out as."""
        return TYPES.get(self.kind, "application/octet-stream")

    @property
    def looked_at(self) -> bool:
        """Whether a browser may show it."""
        return self.kind in LOOKED_AT


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
    try:
        data = pictures.without_metadata(data, kind)
    except pictures.BrokenPictureError as broken:
        raise UserError(f"{shown}：{broken}") from None
    key = f"{hashlib.sha256(data).hexdigest()}.{kind}"
    write_once(path_of(shelf, key), data)
    return Stored(key, named(shown, kind), len(data))


def put(shelf: Shelf, data: bytes, name: str, kind: str) -> Stored:
    """Store what the site itself made, of a kind that the shelf takes. UserError where it is too large."""
    if len(data) > shelf.most:
        raise UserError(f"{name}：超过 {shelf.most // 2**20} MB，做不成；请减少表或列")
    if kind not in shelf.takes:
        raise ValueError(f"{shelf.folder} takes no {kind}")
    key = f"{hashlib.sha256(data).hexdigest()}.{kind}"
    write_once(path_of(shelf, key), data)
    return Stored(key, named(name, kind), len(data))


def named(name: str, kind: str) -> str:
    """A file's name with the ending of its kind, so that nobody's computer takes it for another."""
    ending = name.rpartition(".")[2].lower()
    return name if ending == kind or (kind == "jpg" and ending == "jpeg") else f"{name}.{kind}"


def hand(shelf: Shelf, sha256: str, name: str) -> Handed | None:
    """The kept file of a hash under a name; None where there is none."""
    for kind in shelf.takes:
        path = path_of(shelf, f"{sha256}.{kind}")
        if path.is_file():
            return Handed(path, named(name, kind), kind)
    bare = path_of(shelf, f"{sha256}.{shelf.takes[0]}").with_suffix("")  # kept before kinds stood in names
    if not bare.is_file():
        return None
    with bare.open("rb") as file:
        kind = kind_of(file.read(shelf.most))
    return Handed(bare, name, kind)


def hand_key(shelf: Shelf, key: str, name: str) -> Handed | None:
    """The kept file of a key, as answers name it, under a name; None where there is none."""
    if not _KEY.match(key):
        return None
    path, kind = path_of(shelf, key), key.rpartition(".")[2]
    return Handed(path, named(name, kind), kind) if path.is_file() else None


def looked_at(key: str) -> bool:
    """Whether a browser may show the file of a key."""
    return key.rpartition(".")[2] in LOOKED_AT


def sweep(shelf: Shelf, used: Callable[[Collection[str]], Collection[str]], *, before: datetime) -> int:
    """Take away the files last written before a moment that nothing names; how many. `used`: keys → those in use.

    What was uploaded with a page that was refused and never sent again would lie there for ever.
    """
    gone = 0
    for folder in sorted(p for p in (Path(settings.HOME) / "uploads" / shelf.folder).glob("*") if p.is_dir()):
        old = [p for p in folder.iterdir() if p.is_file() and p.stat().st_mtime < before.timestamp()]
        keys = {p.name for p in old if _KEY.match(p.name)}
        kept = set(used(keys)) if keys else set()
        for path in old:
            if path.name in keys - kept or path.name.endswith(PART):
                path.unlink(missing_ok=True)
                gone += 1
    return gone


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
        path.touch()  # used again: a sweep leaves it
        return False
    write_whole(path, data)
    return True
