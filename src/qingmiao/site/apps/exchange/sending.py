"""Sending a package over HTTPS: the answer is the receipt. What fails is sent again whole by the next try."""

from __future__ import annotations

import http.client
import ssl
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from qingmiao.exchange import ExchangePackage, Outcome, ReceiptError, SignedReceipt
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.exchange.moving import make_package, take_receipt

SECONDS, ANSWER = 60, 65_536
OVER_THE_LINE = 6 << 20
"""Bytes of a package over the line: what the front of a site lets in as one body. A larger one is carried as a file."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class NotSentError(UserError):
    """The package did not arrive, or no receipt came back; sending again does no harm."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A package goes to the address that was named, nowhere else."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def send(
    actor: audit.Actor, receiver: str, address: str, *, at: datetime, authority: Path | None = None
) -> SignedReceipt:
    """Make a package for a partner, send it to its address, keep the receipt that comes back.

    `authority`: a file of certificates (PEM) that vouch for the partner's server, beside those of the machine. A
    receipt that says that the partner holds another package of this number, or a later one (this site came back from a
    backup), tells the next number: one more package is made and sent. Raises `NotSentError`.
    """
    place = urlsplit(address)
    if place.scheme != "https" and not (place.scheme == "http" and place.hostname in LOOPBACK):
        raise NotSentError(f"「{address}」不是 https 地址")
    trusted = _trusted(authority)
    receipt = _sent(actor, receiver, address, trusted, at)
    if receipt.outcome in (Outcome.FORKED, Outcome.OLDER):
        receipt = _sent(actor, receiver, address, trusted, at)
    if receipt.outcome in (Outcome.FORKED, Outcome.OLDER):
        raise NotSentError(f"对方没有用这个数据包：{Outcome(receipt.outcome).label}（对方已有第 {receipt.number} 个）")
    return receipt


def _trusted(authority: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if authority is not None:
        try:
            context.load_verify_locations(authority)
        except OSError as wrong:
            raise NotSentError(f"证书文件 {authority} 读不了：{wrong}") from None
    return context


def _sent(
    actor: audit.Actor, receiver: str, address: str, trusted: ssl.SSLContext, at: datetime
) -> SignedReceipt:  # fmt: skip
    package, raw = make_package(actor, receiver, at=at)
    if len(raw) > OVER_THE_LINE:
        raise NotSentError(
            f"第 {package.number} 个数据包有 {len(raw) >> 20} MB，网上最多送 {OVER_THE_LINE >> 20} MB；请做成文件带去"
        )
    told = _posted(package, raw, address, trusted)
    try:
        return take_receipt(actor, told)
    except ReceiptError as wrong:
        raise NotSentError(f"第 {package.number} 个数据包的回执不能用：{wrong}；再送一次就行") from None


def _posted(package: ExchangePackage, raw: bytes, address: str, trusted: ssl.SSLContext) -> bytes:
    """What the partner answered."""
    asked = urllib.request.Request(address, raw, {"Content-Type": "application/octet-stream"}, method="POST")
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.HTTPSHandler(context=trusted))
    try:
        with opener.open(asked, timeout=SECONDS) as answer:
            return bytes(answer.read(ANSWER))
    except urllib.error.HTTPError as wrong:
        said = wrong.read(ANSWER).decode("utf-8", "replace")[:300]
        raise NotSentError(f"对方没有收下第 {package.number} 个数据包（{wrong.code}）：{said}") from None
    except (OSError, http.client.HTTPException) as wrong:
        raise NotSentError(f"第 {package.number} 个数据包没有送到：{wrong}；连通以后再送一次就行") from None
