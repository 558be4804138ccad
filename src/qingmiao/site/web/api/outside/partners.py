"""The outside servers of a site: address, tokens, and the file of what was exchanged, in a folder each."""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory.api import Reach
from qingmiao.site.pack import pack
from qingmiao.site.web.api.fhir import children, events
from qingmiao.site.web.api.outside.caller import OutsideError, OutsideServer
from qingmiao.site.web.api.outside.kept import OutsideKept

SERVED = (children.Patients, events.Responses)
"""Their modules, once loaded, answer for the types that are exchanged."""
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,30}")


@dataclass(frozen=True)
class Opened:
    """An outside server with everything that an exchange needs. `reach`: as whom records are read and written here."""

    name: str
    area: str
    server: OutsideServer
    kept: OutsideKept
    reach: Reach
    scopes: frozenset[str]

    def may(self, scope: str) -> None:
        """Raises UserError where this site's own token does not allow it."""
        if scope not in self.scopes:
            raise UserError(f"本站令牌的范围不含 {scope}，请系统管理员另发")

    def told(self, what: str, many: int) -> None:
        """The trail says how many resources went to whom or came from whom; each look at a file stands there too."""
        detail = {what: many}
        audit.seen(self.reach.person, "records.outside", object_type="outside", object_id=self.name, detail=detail)


def add(name: str, address: str, *, own_token: str, their_token: str, authority: Path | None = None) -> None:
    """Register an outside server, or change its address and tokens; what was exchanged is kept. Raises `OutsideError`.

    `own_token`: of this site, for the account as which records are read and written (`qingmiao token make`).
    """
    if not NAME.fullmatch(name):
        raise OutsideError(f"名称「{name}」只能用小写字母、数字和短横，不超过 31 个字符")
    OutsideServer(address, their_token, authority=authority)
    if directory.tokens.find(own_token) is None:
        raise OutsideError("本站的令牌不对、已作废或已到期")
    told = {
        "address": address, "own_token": own_token, "their_token": their_token,
        "authority": "" if authority is None else str(authority.resolve()),
    }  # fmt: skip
    folder = _folder(name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = folder / ".partner.new"
    with os.fdopen(os.open(beside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
        json.dump(told, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(folder / "partner.json")


@contextmanager
def opened(name: str) -> Iterator[Opened]:
    """An outside server, for one exchange at a time. Raises `OutsideError` where there is none, where another exchange
    with it runs, or where this site's token does not count any more."""
    folder = _folder(name)
    path = folder / "partner.json"
    if not NAME.fullmatch(name) or not path.exists():
        raise OutsideError(f"没有登记外部系统「{name}」；先登记（qingmiao fhir add）")
    told = json.loads(path.read_text("utf-8"))
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutsideError(f"和「{name}」的交换正在进行，请等它结束") from None
        own = directory.tokens.find(told["own_token"])
        if own is None:
            raise OutsideError("本站的令牌不对、已作废或已到期")
        root = pack().root_area
        authority = Path(told["authority"]) if told["authority"] else None
        kept = OutsideKept(folder / "kept.sqlite")
        try:
            server = OutsideServer(told["address"], told["their_token"], authority=authority)
            yield Opened(name, "" if root is None else root.code, server, kept, own.reach, own.scopes)
        finally:
            kept.close()


def names() -> list[str]:
    """The registered outside servers."""
    return sorted(p.parent.name for p in (Path(settings.HOME) / "outside").glob("*/partner.json"))


def _folder(name: str) -> Path:
    return Path(settings.HOME) / "outside" / name
