"""The files of the exchange under the site's home: the key, the partners, what was sent, what is held of others.

No database: the key must not lie in one, and a package that is held is the very file that came, with its signature.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from qingmiao.exchange import (
    ExchangeKeyError,
    ReceiptError,
    SignedReceipt,
    new_private_key,
    open_receipt,
    public_key_of,
)

CODE = re.compile(r"\d{6,12}")


@dataclass(frozen=True)
class ExchangePartner:
    """Another node: its area code, name and public key."""

    code: str
    name: str
    public_key: str


class ExchangeFolder:
    """The files of one node."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One at a time, also among processes; the system lets go where one dies."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.root / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def private_key(self) -> str:
        """The node's private key, made when first asked for."""
        path = self.root / "key"
        if not path.exists():
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            try:
                handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            except FileExistsError:
                return path.read_text().strip()
            with os.fdopen(handle, "w") as file:
                file.write(new_private_key() + "\n")
        return path.read_text().strip()

    def public_key(self) -> str:
        """What partners are told."""
        return public_key_of(self.private_key())

    def partners(self) -> dict[str, ExchangePartner]:
        """The partners by code."""
        path = self.root / "partners.json"
        told = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return {code: ExchangePartner(**one) for code, one in sorted(told.items())}

    def add_partner(self, partner: ExchangePartner) -> None:
        """Register a partner, or change its key. Raises `ExchangeKeyError` for what is no code or key."""
        if not CODE.fullmatch(partner.code):
            raise ExchangeKeyError(f"「{partner.code}」不是行政区划代码")
        if not re.fullmatch(r"[0-9a-f]{64}", partner.public_key):
            raise ExchangeKeyError("交换密钥应当是 64 个十六进制字符")
        with self.locked():
            told = {code: asdict(one) for code, one in self.partners().items()} | {partner.code: asdict(partner)}
            self.write("partners.json", json.dumps(told, ensure_ascii=False, indent=1).encode())

    def keys(self) -> dict[str, str]:
        """The partners' public keys by code."""
        return {code: one.public_key for code, one in self.partners().items()}

    def write(self, name: str, content: bytes) -> None:
        """A file whole or not at all, on the disk before this returns."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = path.with_name(f".{path.name}.new")
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)

    def read(self, name: str) -> bytes | None:
        """A file's content, None where it is not there."""
        path = self.root / name
        return path.read_bytes() if path.exists() else None

    def sent(self, receiver: str) -> list[int]:
        """The numbers of the packages made for a receiver, ascending."""
        return sorted(int(path.stem) for path in (self.root / "sent" / receiver).glob("*.qmx"))

    def receipts(self, sender: str, receiver: str) -> list[SignedReceipt]:
        """The receipts that came from a receiver, in the order of their names; those of an earlier key are left out."""
        found = []
        for path in sorted((self.root / "receipts" / receiver).glob("*.qmr")):
            try:
                found.append(open_receipt(path.read_bytes(), sender, self.keys()))
            except ReceiptError:
                continue
        return found
