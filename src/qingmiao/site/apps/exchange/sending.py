"""Sending a package over HTTPS: the answer is the receipt. What fails is sent again whole by the next try."""

from __future__ import annotations

import urllib.error
import urllib.request
from datetime import datetime
from urllib.parse import urlsplit

from qingmiao.exchange import SignedReceipt
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.exchange.moving import make_package, take_receipt

SECONDS, ANSWER = 60, 65_536
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class NotSentError(UserError):
    """The package did not arrive, or no receipt came back; sending again does no harm."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A package goes to the address that was named, nowhere else."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def send(actor: audit.Actor, receiver: str, address: str, *, at: datetime) -> SignedReceipt:
    """Make a package for a partner, send it to its address, keep the receipt that comes back. Raises `NotSentError`."""
    place = urlsplit(address)
    if place.scheme != "https" and not (place.scheme == "http" and place.hostname in LOOPBACK):
        raise NotSentError(f"「{address}」不是 https 地址")
    package, raw = make_package(actor, receiver, at=at)
    asked = urllib.request.Request(address, raw, {"Content-Type": "application/octet-stream"}, method="POST")
    try:
        with urllib.request.build_opener(_NoRedirect).open(asked, timeout=SECONDS) as answer:
            told = answer.read(ANSWER)
    except urllib.error.HTTPError as wrong:
        said = wrong.read(ANSWER).decode("utf-8", "replace")[:300]
        raise NotSentError(f"对方没有收下第 {package.number} 个数据包（{wrong.code}）：{said}") from None
    except OSError as wrong:
        raise NotSentError(f"第 {package.number} 个数据包没有送到：{wrong}；连通以后再送一次就行") from None
    return take_receipt(actor, told)
