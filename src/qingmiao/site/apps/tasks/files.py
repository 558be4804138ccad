"""Evidence files: kinds and sizes that are taken, and their place under the hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.files.api import write_once

MAX_BYTES = 10 * 2**20
STARTS: dict[str, tuple[bytes, ...]] = {
    "pdf": (b"%PDF-",), "jpg": (b"\xff\xd8\xff",), "jpeg": (b"\xff\xd8\xff",), "png": (b"\x89PNG\r\n\x1a\n",),
    "docx": (b"PK\x03\x04",), "xlsx": (b"PK\x03\x04",),
}  # fmt: skip
"""What is taken, and how such a file begins: the ending alone proves nothing."""


def keep(upload: UploadedFile[bytes]) -> tuple[str, str, int]:
    """Store an upload; its name, SHA-256 and size. UserError says what is not taken and why."""
    name = Path(upload.name or "").name[:160]
    ending = name.rsplit(".", 1)[-1].lower() if "." in name else ""
    if ending not in STARTS:
        raise UserError(f"{name or '文件'}：只收 {'、'.join(sorted(STARTS))}")
    if (upload.size or 0) > MAX_BYTES:
        raise UserError(f"{name}：超过 {MAX_BYTES // 2**20} MB")
    data = upload.read(MAX_BYTES + 1)
    if not data.startswith(STARTS[ending]):
        raise UserError(f"{name}：内容不是 {ending} 文件")
    digest = hashlib.sha256(data).hexdigest()
    write_once(path_of(digest), data)
    return name, digest, len(data)


def path_of(digest: str) -> Path:
    """Where a stored file lies."""
    return Path(settings.HOME) / "uploads" / "evidence" / digest[:2] / digest
