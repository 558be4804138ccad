"""What of a person is kept sealed: numbers, telephones, addresses; found again by a blind index, counted by a
pseudonym.

A sealed value is bound to its place (table, column, row): moved to another row it does not open. Keys have versions and
stand in a file of their own, outside the database and its backups, that only its owner may read. The cipher is
AES-256-GCM (NIST SP 800-38D) or, by the profile of the keys, SM4-GCM (GB/T 32907-2016; RFC 8998). Blind index and
pseudonym are HMAC-SHA-256 (RFC 2104) under keys of their own: equal values give equal marks, and without the key
nothing is learnt from them, so that the facts hold nobody's number.

Bytes of a sealed value: 1 of the format, 1 of the cipher, 2 of the key's version, 12 of the nonce, then text and tag.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from pathlib import Path

from qingmiao.identity.linking.births import NO_BIRTH
from qingmiao.identity.linking.keys import number_keys, phone_key
from qingmiao.identity.names import normal_name
from qingmiao.kernel.errors import UserError

_FORMAT = 1
_HEAD, _NONCE, _TAG = 4, 12, 16
_INDEX_KEY = 32
FORBIDDEN_MODE = stat.S_IRWXG | stat.S_IRWXO


class SealedValueError(ValueError):
    """A sealed value that does not open: cut, changed, of another place, or under a key that is not there."""


class SealCipher(IntEnum):
    """The cipher of a key."""

    AES_256_GCM = 1
    SM4_GCM = 2

    @property
    def key_bytes(self) -> int:
        """Length of its key."""
        return 32 if self is SealCipher.AES_256_GCM else 16


CIPHER_LABELS = {"aes": SealCipher.AES_256_GCM, "sm4": SealCipher.SM4_GCM}


@dataclass(frozen=True, slots=True)
class SealKey:
    """One version of the sealing key."""

    cipher: SealCipher
    key: bytes

    def __post_init__(self) -> None:
        if len(self.key) != self.cipher.key_bytes:
            raise ValueError(f"{self.cipher.name} takes {self.cipher.key_bytes} bytes, not {len(self.key)}")

    def __repr__(self) -> str:
        return f"SealKey({self.cipher.name})"


@dataclass(frozen=True, slots=True, repr=False)
class Keyring:
    """All keys: sealing keys and keys of blind indexes by version (the highest makes, all read), and the one key of
    pseudonyms, which never changes: facts are counted by it."""

    seals: Mapping[int, SealKey]
    indexes: Mapping[int, bytes]
    pseudonyms: bytes

    @property
    def version(self) -> int:
        """The version that seals."""
        return max(self.seals)

    @property
    def index_version(self) -> int:
        """The version of the key that makes blind indexes."""
        return max(self.indexes)

    def seal(self, text: str, *, table: str, column: str, row: int | str) -> bytes:
        """The text sealed for its place."""
        return self._seal(text, _place(table, column, row), secrets.token_bytes(_NONCE))

    def _seal(self, text: str, place: bytes, nonce: bytes) -> bytes:
        key = self.seals[self.version]
        head = bytes([_FORMAT, key.cipher]) + self.version.to_bytes(2, "big")
        return head + nonce + _encrypt(key, nonce, text.encode("utf-8"), head + place)

    def open(self, sealed: bytes, *, table: str, column: str, row: int | str) -> str:
        """The text of a sealed value at its place. Raises `SealedValueError`."""
        version = version_of(sealed)
        key = self.seals.get(version)
        if key is None:
            raise SealedValueError(f"密文用的是第 {version} 版密钥，密钥文件里没有；请找回原来的密钥文件")
        if key.cipher != sealed[1]:
            raise SealedValueError("密文的算法与密钥不符；密文或密钥文件被改动过")
        head, nonce, body = sealed[:_HEAD], sealed[_HEAD : _HEAD + _NONCE], sealed[_HEAD + _NONCE :]
        plain = _decrypt(key, nonce, body, head + _place(table, column, row))
        return plain.decode("utf-8")

    def resealed(self, sealed: bytes, *, table: str, column: str, row: int | str) -> bytes | None:
        """The same text under the newest key; ``None`` where it is that already. Doing it twice changes nothing, so a
        rotation that was broken off is simply begun again."""
        if version_of(sealed) == self.version:
            return None
        text = self.open(sealed, table=table, column=column, row=row)
        return self.seal(text, table=table, column=column, row=row)

    def blind_number(self, number: str | None) -> bytes | None:
        """The blind index of an identity number, of its one form; ``None`` for none."""
        return next(iter(self.number_marks(number)), None)

    def blind_phone(self, phone: str | None) -> bytes | None:
        """The blind index of a telephone, of its digits; ``None`` for none."""
        return next(iter(self.phone_marks(phone)), None)

    def blind_name(self, name: str | None) -> bytes | None:
        """The blind index of a name, of its one form; ``None`` for none."""
        return next(iter(self._marks("name", normal_name(name))), None)

    def number_marks(self, number: str | None) -> tuple[bytes, ...]:
        """The blind indexes of an identity number under every version of the key, the newest first: by them it is found
        while indexes are being made anew."""
        return self._marks("number", number_keys(number, NO_BIRTH)[0])

    def phone_marks(self, phone: str | None) -> tuple[bytes, ...]:
        """The same of a telephone."""
        return self._marks("phone", phone_key(phone))

    def pseudonym(self, number: int | str, *, kind: str = "child") -> str:
        """The mark under which facts speak of a child: 32 hexadecimal digits, the same for the same number."""
        return hmac.digest(self.pseudonyms, f"{kind}\x1f{number}".encode(), hashlib.sha256)[:16].hex()

    def rotated(self, cipher: SealCipher | None = None) -> Keyring:
        """With a new version of the sealing key and of the key of blind indexes beside the old ones. Pseudonyms keep
        their key: what facts counted stays counted."""
        made = cipher or self.seals[self.version].cipher
        new, version = SealKey(made, secrets.token_bytes(made.key_bytes)), self.version + 1
        indexes = {**self.indexes, version: secrets.token_bytes(_INDEX_KEY)}
        return replace(self, seals={**self.seals, version: new}, indexes=indexes)

    def without(self, version: int) -> Keyring:
        """Without an old version, once `left_to_reseal` says that nothing is under it. Raises `ValueError` for the
        newest, and for one that still makes blind indexes."""
        if version == self.version or self.indexes.keys() == {version}:
            raise ValueError("the newest key seals")
        return replace(
            self,
            seals={number: key for number, key in self.seals.items() if number != version},
            indexes={number: key for number, key in self.indexes.items() if number != version},
        )

    def _marks(self, kind: str, plain: str | None) -> tuple[bytes, ...]:
        if not plain:
            return ()
        said = f"{kind}\x1f{plain}".encode()
        return tuple(
            _mark(version, hmac.digest(self.indexes[version], said, hashlib.sha256))
            for version in sorted(self.indexes, reverse=True)
        )


def new_keyring(cipher: SealCipher = SealCipher.AES_256_GCM) -> Keyring:
    """Keys drawn anew."""
    seal = SealKey(cipher, secrets.token_bytes(cipher.key_bytes))
    return Keyring({1: seal}, {1: secrets.token_bytes(_INDEX_KEY)}, secrets.token_bytes(32))


def _mark(version: int, digest: bytes) -> bytes:
    """A blind index with its version before it; one of the first version is the bare hash."""
    return digest if version == 1 else version.to_bytes(2, "big") + digest


def index_version_of(mark: bytes) -> int:
    """The version of the key of a blind index."""
    return 1 if len(mark) == hashlib.sha256().digest_size else int.from_bytes(mark[:2], "big")


def version_of(sealed: bytes) -> int:
    """The version of the key of a sealed value. Raises `SealedValueError` for what is none."""
    if len(sealed) < _HEAD + _NONCE + _TAG or sealed[0] != _FORMAT:
        raise SealedValueError("不是完整的密文：长度或格式不对，可能被截断")
    return int.from_bytes(sealed[2:4], "big")


def left_to_reseal(sealed: Iterable[bytes]) -> dict[int, int]:
    """How many sealed values are under each version."""
    counts: dict[int, int] = {}
    for value in sealed:
        counts[version_of(value)] = counts.get(version_of(value), 0) + 1
    return dict(sorted(counts.items()))


def write_keyring(path: Path, keyring: Keyring) -> None:
    """The keys as a file that only its owner may read; whole or not at all. A file that stands is replaced."""
    told = {
        "seals": {
            str(number): {
                "cipher": next(word for word, cipher in CIPHER_LABELS.items() if cipher == key.cipher),
                "key": base64.b64encode(key.key).decode(),
            }
            for number, key in keyring.seals.items()
        },
        "indexes": {str(number): base64.b64encode(key).decode() for number, key in keyring.indexes.items()},
        "pseudonyms": base64.b64encode(keyring.pseudonyms).decode(),
    }
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            json.dump(told, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_keyring(path: Path) -> Keyring:
    """The keys of a file. Raises `UserError` for a file that is missing, that others may read, or that is no key
    file."""
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii")
    except OSError as wrong:
        raise UserError(f"读不了密钥文件 {path}：{wrong.strerror}；请从保管的地方取回，不要新建") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} 不是密钥文件") from None
    if mode & FORBIDDEN_MODE:
        raise UserError(f"密钥文件 {path} 别人也能读（权限 {stat.S_IMODE(mode):o}）；请执行 chmod 600 {path}")
    try:
        told = json.loads(text)
        seals = {
            int(number): SealKey(CIPHER_LABELS[row["cipher"]], base64.b64decode(row["key"], validate=True))
            for number, row in told["seals"].items()
        }
        written = told["indexes"] if "indexes" in told else {"1": told["index"]}  # as files of one index key say it
        indexes = {int(number): base64.b64decode(key, validate=True) for number, key in written.items()}
        pseudonyms = base64.b64decode(told["pseudonyms"], validate=True)
        short = len(pseudonyms) < 32 or not all(len(key) >= _INDEX_KEY for key in indexes.values())
        if not seals or not indexes or short or not all(0 < n < 65536 for n in (*seals, *indexes)):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(f"{path} 不是完整的密钥文件：可能被截断或改动过；请从保管的地方取回") from None
    return Keyring(seals, indexes, pseudonyms)


def _place(table: str, column: str, row: int | str) -> bytes:
    if "." in table or "." in column:
        raise ValueError("a table's and a column's name have no dot")
    return f"{table}.{column}.{row}".encode()


def _encrypt(key: SealKey, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, aead, algorithms, modes

    if key.cipher is SealCipher.AES_256_GCM:
        return aead.AESGCM(key.key).encrypt(nonce, plain, bound)  # a quarter of the time of what SM4 needs
    encryptor = Cipher(algorithms.SM4(key.key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound)
    return encryptor.update(plain) + encryptor.finalize() + encryptor.tag


def _decrypt(key: SealKey, nonce: bytes, body: bytes, bound: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher, aead, algorithms, modes

    try:
        if key.cipher is SealCipher.AES_256_GCM:
            return aead.AESGCM(key.key).decrypt(nonce, body, bound)
        decryptor = Cipher(algorithms.SM4(key.key), modes.GCM(nonce, body[-_TAG:])).decryptor()
        decryptor.authenticate_additional_data(bound)
        return decryptor.update(body[:-_TAG]) + decryptor.finalize()
    except InvalidTag:
        raise SealedValueError("密文打不开：不是这张表这一行的，或者密钥不对，或者被改动过") from None
