"""Calls of an outside FHIR server: read, make under a condition, change under a version, what changed since."""

from __future__ import annotations

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

from qingmiao.fhir import texts
from qingmiao.fhir.issues import NotTakenError
from qingmiao.kernel.errors import UserError
from qingmiao.site.web.api.fhir.served import Json

SECONDS, ANSWER = 60, 32 << 20
PAGE = 100
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which the same is tried again later."""
CHANGED = frozenset({409, 412})
"""Statuses that say that the resource is another one by now."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class OutsideError(UserError):
    """An address or a file of an outside server that cannot be used."""


class AwayError(UserError):
    """The server is not there, or asks to come again: the same is tried later. `asked`: after how long."""

    def __init__(self, words: str, asked: timedelta | None = None) -> None:
        super().__init__(words)
        self.asked = asked


class ChangedThereError(UserError):
    """The resource was changed there meanwhile."""


class RefusedThereError(UserError):
    """The server takes nothing like this, now or later."""


@dataclass(frozen=True)
class Answered:
    """A resource as the server has it."""

    id: str
    version: str
    resource: Json
    found: bool = False
    """It was there already when it was to be made."""


class _NowhereElse(urllib.request.HTTPRedirectHandler):
    """A child's record goes to the server that was named, nowhere else."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


class OutsideServer:
    """One server, spoken to with its token."""

    def __init__(self, base: str, token: str, *, authority: Path | None = None) -> None:
        """`base`: the address of its FHIR interface. Raises `OutsideError` where it is not https (or loopback)."""
        place = urlsplit(base)
        if place.scheme != "https" and not (place.scheme == "http" and place.hostname in LOOPBACK):
            raise OutsideError(f"「{base}」不是 https 地址")
        self.base, self.token = base.rstrip("/") + "/", token
        context = ssl.create_default_context()
        if authority is not None:
            try:
                context.load_verify_locations(authority)
            except OSError as wrong:
                raise OutsideError(f"证书文件 {authority} 读不了：{wrong}") from None
        self.opener = urllib.request.build_opener(_NowhereElse, urllib.request.HTTPSHandler(context=context))

    def read(self, kind: str, id: str) -> Answered:
        """A resource as it stands there."""
        return _answered(self._ask("GET", f"{kind}/{id}"))

    def make(self, resource: Json, *, unless: str) -> Answered:
        """Make a resource, unless one with this identifier (`system|value`) is there: then that one is given."""
        headers = {"If-None-Exist": urlencode({"identifier": unless}, safe="|:")}
        return self._written("POST", str(resource["resourceType"]), resource, headers)

    def change(self, resource: Json, *, seen: str) -> Answered:
        """Change a resource that stands at the version that was seen. Raises `ChangedThereError` where it does not."""
        place = f"{resource['resourceType']}/{resource['id']}"
        return self._written("PUT", place, resource, {"If-Match": f'W/"{seen}"'})

    def changed(self, kind: str, since: str) -> Iterator[Answered]:
        """What was changed there since an instant ("": ever), page by page."""
        asked = [("_count", str(PAGE))] + ([("_lastUpdated", f"ge{since}")] if since else [])
        place: str | None = f"{kind}?{urlencode(asked)}"
        while place:
            page = self._ask("GET", place)
            for entry in page.get("entry", ()):
                if entry.get("search", {}).get("mode", "match") == "match" and "resource" in entry:
                    yield _answered(entry["resource"])
            place = next((str(x.get("url")) for x in page.get("link", ()) if x.get("relation") == "next"), None)

    def _written(self, method: str, place: str, resource: Json, headers: dict[str, str]) -> Answered:
        told, given, status = self._asked(method, place, resource, headers)
        found = method == "POST" and status == http.client.OK
        if told.get("resourceType") == resource["resourceType"]:
            return replace(_answered(told), found=found)
        # The standard lets a server answer with nothing but the place of what it made.
        parts = given.get("Location", "").split("/")
        if str(resource["resourceType"]) in parts:
            there = self.read(str(resource["resourceType"]), parts[parts.index(str(resource["resourceType"])) + 1])
            return replace(there, found=found)
        if resource.get("id"):
            return self.read(str(resource["resourceType"]), str(resource["id"]))
        raise RefusedThereError("对方没有说明写成了哪个资源")

    def _ask(self, method: str, place: str) -> Json:
        return self._asked(method, place, None, {})[0]

    def _asked(
        self, method: str, place: str, resource: Json | None, headers: dict[str, str]
    ) -> tuple[Json, http.client.HTTPMessage, int]:
        address = urljoin(self.base, place)
        if urlsplit(address)[:2] != urlsplit(self.base)[:2]:
            raise RefusedThereError(f"对方把下一页指到了别的服务器：{address[:200]}")
        kind = "application/fhir+json"
        sent = {"Authorization": f"Bearer {self.token}", "Accept": kind, "Prefer": "return=representation"}
        body = None if resource is None else texts.write(resource)
        sent |= {"Content-Type": kind} if body is not None else {}
        asked = urllib.request.Request(address, body, sent | headers, method=method)
        try:
            with self.opener.open(asked, timeout=SECONDS) as answer:
                raw, given, status = answer.read(ANSWER), answer.headers, int(answer.status)
        except urllib.error.HTTPError as wrong:
            raise _refusal(wrong) from None
        except (OSError, http.client.HTTPException) as wrong:
            raise AwayError(f"对方的服务器没有应答：{wrong}") from None
        try:
            return (texts.read(raw) if raw.strip() else {}), given, status
        except NotTakenError as wrong:
            raise AwayError(f"对方的答复读不懂：{wrong}") from None


def _answered(resource: Json) -> Answered:
    version = str(resource.get("meta", {}).get("versionId", ""))
    if not resource.get("id") or not version:
        raise RefusedThereError("对方的资源没有 id 或者 meta.versionId；没有版本就不能交换")
    return Answered(str(resource["id"]), version, resource)


def _refusal(wrong: urllib.error.HTTPError) -> UserError:
    said = f"{wrong.code}：{_words(wrong.read(65_536))}"
    if wrong.code in CHANGED:
        return ChangedThereError(f"对方已经改过（{said}）")
    if wrong.code in AGAIN:
        after = wrong.headers.get("Retry-After", "")
        asked = timedelta(seconds=int(after)) if after.isascii() and after.isdigit() and len(after) < 7 else None
        return AwayError(f"对方请稍后再试（{said}）", asked)
    return RefusedThereError(f"对方没有收（{said}）")


def _words(raw: bytes) -> str:
    try:
        issues = texts.read(raw).get("issue", ())
        told = "；".join(str(i.get("details", {}).get("text") or i.get("diagnostics", "")) for i in issues)
    except NotTakenError:
        told = raw.decode("utf-8", "replace")
    return told[:300]
