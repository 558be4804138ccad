"""Packages and receipts as bytes: a signed line that says whose, for whom, which number, and the hash of the rest.

A package carries the whole state, not what changed: one that is lost, late or doubled does no harm, and after weeks of
silence one file brings the receiver up to date.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qingmiao.exchange.signing import is_signed, sign
from qingmiao.exchange.state import CountyState
from qingmiao.kernel.errors import UserError

PACKAGE, RECEIPT = b"QINGMIAO-PACKAGE-1\n", b"QINGMIAO-RECEIPT-1\n"
LARGEST, UNPACKED = 64 * 2**20, 512 * 2**20
"""Bytes of a package, as it comes and unpacked."""


class PackageError(UserError):
    """A package that is damaged, not signed by a known sender, or for somebody else; nothing of it is used."""


class ReceiptError(UserError):
    """A receipt that is damaged, not signed by the receiver, or for somebody else."""


@dataclass(frozen=True)
class ExchangePackage:
    """The state of `sender` as of its `number`-th package (from 1), for `receiver`; `made_at` an ISO moment."""

    sender: str
    receiver: str
    number: int
    made_at: str
    state: CountyState
    digest: str = ""
    """Of the state as it was sent; two packages of one number differ where this differs."""


@dataclass(frozen=True)
class SignedReceipt:
    """What the receiver holds of the sender after a package came: its number and the hash of its state."""

    sender: str
    receiver: str
    outcome: str
    number: int
    digest: str
    at: str


def _line(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def seal_package(package: ExchangePackage, private: str) -> bytes:
    """The package signed."""
    body = zlib.compress(_line(package.state.as_json()), 9)
    told = {
        "from": package.sender, "to": package.receiver, "number": package.number, "made_at": package.made_at,
        "sha256": hashlib.sha256(body).hexdigest(),
    }  # fmt: skip
    return PACKAGE + _signed(told, PACKAGE, private) + b"\n" + body


def open_package(raw: bytes, receiver: str, keys: Mapping[str, str]) -> ExchangePackage:
    """The package, if it is whole, signed by a sender of `keys` (code → public key) and for `receiver`.

    Raises `PackageError`; nothing is unpacked before the signature is verified.
    """
    if len(raw) > LARGEST or not raw.startswith(PACKAGE):
        raise PackageError("不是青苗的数据包，或者太大、开头损坏了")
    line, _, body = raw[len(PACKAGE) :].partition(b"\n")
    told = _verified(line, PACKAGE, keys, "from", PackageError)
    if told["to"] != receiver:
        raise PackageError(f"这个数据包是给 {told['to']} 的，不是给本单位（{receiver}）的")
    if hashlib.sha256(body).hexdigest() != told["sha256"]:
        raise PackageError("数据包的内容损坏或者被改过，请对方重新发送")
    try:
        unpacked = zlib.decompressobj().decompress(body, UNPACKED)
        state = CountyState.from_json(json.loads(unpacked))
        package = ExchangePackage(
            told["from"], told["to"], int(told["number"]), str(told["made_at"]), state,
            hashlib.sha256(unpacked).hexdigest(),
        )  # fmt: skip
    except (zlib.error, ValueError, KeyError, TypeError):
        raise PackageError("数据包的内容读不懂；双方的青苗版本可能不同，请先更新") from None
    if package.number < 1 or state.area != package.sender:
        raise PackageError("数据包说的地区不是发送的单位")
    return package


def seal_receipt(receipt: SignedReceipt, private: str) -> bytes:
    """The receipt signed."""
    told = {
        "from": receipt.sender, "to": receipt.receiver, "outcome": receipt.outcome, "number": receipt.number,
        "sha256": receipt.digest, "at": receipt.at,
    }  # fmt: skip
    return RECEIPT + _signed(told, RECEIPT, private) + b"\n"


def open_receipt(raw: bytes, sender: str, keys: Mapping[str, str]) -> SignedReceipt:
    """The receipt, if it is signed by a receiver of `keys` and about packages of `sender`. Raises `ReceiptError`."""
    if not raw.startswith(RECEIPT):
        raise ReceiptError("不是青苗的回执")
    told = _verified(raw[len(RECEIPT) :].strip(), RECEIPT, keys, "to", ReceiptError)
    if told["from"] != sender:
        raise ReceiptError(f"这份回执是给 {told['from']} 的，不是给本单位（{sender}）的")
    try:
        return SignedReceipt(
            told["from"], told["to"], str(told["outcome"]), int(told["number"]), str(told["sha256"]), str(told["at"])
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        raise ReceiptError("回执的内容读不懂") from None


def _signed(told: Mapping[str, Any], kind: bytes, private: str) -> bytes:
    return _line({**told, "signature": sign(private, kind + _line(told))})


def _verified(
    line: bytes, kind: bytes, keys: Mapping[str, str], who: str, error: type[UserError]
) -> dict[str, Any]:  # fmt: skip
    try:
        told = json.loads(line)
        signature, name = str(told.pop("signature")), str(told[who])
        if not {"from", "to", "number", "sha256"} <= set(told) or _line({**told, "signature": signature}) != line:
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError):
        raise error("开头损坏了，请对方重新发送") from None
    if name not in keys:
        raise error(f"没有 {name} 的公钥；先登记对方的公钥（qingmiao exchange partner）")
    if not is_signed(keys[name], kind + _line(told), signature):
        raise error(f"签名不是 {name} 的：内容被改过，或者对方换了密钥")
    return dict(told)
