"""Photographs without what a camera writes beside the picture: place, time, device, owner (EXIF, XMP, IPTC, comments).

Only the parts that make the picture stay: a JPEG keeps its tables, colour profile and which way up it is, a PNG its
colours. What stands behind the end of the picture (a film, a second picture) goes too.
"""

from __future__ import annotations

import struct

from qingmiao.kernel.errors import UserError

_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""JPEG markers that have no length."""
_EXIF = b"Exif\x00\x00"
_ORIENTATION = 0x0112
_TEXTS = frozenset({b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME"})


class BrokenPictureError(UserError):
    """Bytes that begin like a picture and are none; nothing of it is kept, for what it holds cannot be known."""


def without_metadata(data: bytes, kind: str) -> bytes:
    """The picture alone, for kinds jpg and png; other kinds come back as they are. Raises BrokenPictureError."""
    try:
        if kind == "jpg":
            return _jpeg(data)
        return _png(data) if kind == "png" else data
    except (IndexError, struct.error):
        raise BrokenPictureError("图片不完整，打不开；请重新拍照或另存后再传") from None


def _jpeg(data: bytes) -> bytes:
    kept, at, way_up = [b"\xff\xd8"], 2, 1
    while True:
        if data[at] != 0xFF:
            raise IndexError(at)
        marker = data[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        if marker == 0xD9:
            kept.append(b"\xff\xd9")
            break
        if marker in _STANDALONE:
            kept.append(data[at : at + 2])
            at += 2
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise IndexError(end)
        body = data[at + 4 : end]
        if marker == 0xE1 and body.startswith(_EXIF):
            way_up = _orientation(body[len(_EXIF) :])
        if _makes_the_picture(marker, body):
            kept.append(data[at:end])
        at = end
        if marker == 0xDA:
            at = _scan_end(data, end)
            kept.append(data[end:at])
    return kept[0] + _turned(way_up) + b"".join(kept[1:])


def _makes_the_picture(marker: int, body: bytes) -> bool:
    """All but application data and comments; of application data the frame's own, the colour profile and Adobe's."""
    if marker == 0xFE or not 0xE0 <= marker <= 0xEF:
        return marker != 0xFE
    return body.startswith({0xE0: b"JFIF\x00", 0xE2: b"ICC_PROFILE\x00", 0xEE: b"Adobe"}.get(marker, b"\xff\xff"))


def _scan_end(data: bytes, at: int) -> int:
    """Where the coded lines of a scan end: the next marker that is neither a stuffed byte nor a restart."""
    while True:
        at = _next(data, at)
        following = data[at + 1]
        if following != 0 and not 0xD0 <= following <= 0xD7 and following != 0xFF:
            return at
        at += 1 if following == 0xFF else 2


def _next(data: bytes, at: int) -> int:
    found = data.find(b"\xff", at)
    if found < 0:
        raise IndexError(at)
    return found


def _orientation(tiff: bytes) -> int:
    """Which way up the camera was held (1–8); 1 where the block says nothing that can be read."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, start)
        for n in range(count):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * n)
            if (tag, kind) == (_ORIENTATION, 3):
                return value if 1 <= value <= 8 else 1
    except struct.error:
        return 1
    return 1


def _turned(way_up: int) -> bytes:
    """A block that says the orientation and nothing else; empty where the picture stands upright."""
    if way_up == 1:
        return b""
    tiff = b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, way_up, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", 2 + len(_EXIF) + len(tiff)) + _EXIF + tiff


def _png(data: bytes) -> bytes:
    kept, at = [data[:8]], 8
    while True:
        (length,) = struct.unpack_from(">I", data, at)
        name, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data) or not name.isalpha():
            raise IndexError(end)
        if name not in _TEXTS:
            kept.append(data[at:end])
        if name == b"IEND":
            return b"".join(kept)
        at = end
