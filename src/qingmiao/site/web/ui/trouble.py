"""What people see in trouble (the database away, the disk full, the folder not writable): what happened, what was kept,
what to do.

While the database is away one request at a time looks whether it is back; the others are told at once, so that no
thread waits and the pages are back with it.
"""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.site.web.ui import disk
from qingmiao.site.web.ui.calm import patience

RETRY = 5
"""Seconds after which a browser may try again (Retry-After)."""


@dataclass(frozen=True)
class Trouble:
    """One kind of trouble that is no fault of the program: its status, what happened, and what to do."""

    status: int
    title: str
    happened: str
    todo: str
    kept: str = "以前保存的内容都在；刚才提交的没有保存。"
    away: bool = False
    """The database does not answer at all."""


UNSURE = "以前保存的内容都在；如果刚才正在提交，请恢复后先刷新看一看，没有的再提交一次。"
AWAY = Trouble(503, "数据库暂时连不上", "系统正在自动恢复，一般几秒钟就好。", "请稍等片刻再刷新。", UNSURE, away=True)
BUSY = Trouble(503, "系统正忙", "数据库一时没有办完这件事。", "请稍后再试一次。")
FULL = Trouble(
    507, "服务器的磁盘满了", "没有地方存新的内容，查看不受影响。", "请告诉系统管理员清理磁盘或加大磁盘，然后再提交。"
)
STOPPED = Trouble(
    503,
    "服务器的磁盘满了",
    "数据库因为磁盘满了停止工作，清理以后自动恢复，不用重新启动。",
    "请告诉系统管理员清理磁盘或加大磁盘，然后再刷新。",
    UNSURE,
    away=True,
)
"""The database of the site's own disk does not answer, and the disk is full."""
LOCKED = Trouble(
    503,
    "站点的文件夹不能写",
    "服务器上的文件夹变成了只读，或者权限不对，查看不受影响。",
    "请告诉系统管理员检查后再提交。",
)
SHORT = Trouble(
    503, "服务器的内存不够", "这件事需要的内存超过了服务器现有的。", "请稍后再试；反复出现请告诉系统管理员。"
)

FULL_STATES = ("53100",)
"""SQLSTATE disk_full (PostgreSQL, appendix A)."""
BUSY_STATES = ("53200", "53300", "53400", "55P03", "57014", "40001", "40P01")
"""Out of memory, too many connections, configuration limit, lock not available, cancelled, serialization, deadlock."""
LOCKED_STATES = ("25006", "58030")
"""Read-only transaction, input or output error."""


def trouble_of(error: BaseException | None) -> Trouble | None:
    """The trouble that an exception tells of, also one that it was raised from; None for a fault of the program."""
    for one in _chain(error):
        if isinstance(one, OSError) and not isinstance(one, ConnectionError):
            if one.errno in (errno.ENOSPC, errno.EDQUOT):
                return FULL
            if one.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
                return LOCKED
        if isinstance(one, MemoryError):
            return SHORT
        if isinstance(one, OperationalError | InterfaceError):
            state = next((s for e in _chain(one) if (s := getattr(e, "sqlstate", None))), None)
            if state in FULL_STATES:
                return FULL
            if state in LOCKED_STATES:
                return LOCKED
            return BUSY if state in BUSY_STATES else AWAY
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what it was raised from, each once."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


class Watch:
    """Whether the database was found away; while it is, one request at a time asks whether it is back."""

    def __init__(self, back: Callable[[], bool]) -> None:
        self._away, self._back = False, back
        self._asking = threading.Lock()

    def away(self) -> None:
        """It was found away."""
        self._away = True

    def is_away(self) -> bool:
        """Whether it is away still: at once, or after one short look at whether it is back."""
        if not self._away:
            return False
        if not self._asking.acquire(blocking=False):
            return True
        try:
            self._away = not self._back()
            return self._away
        finally:
            self._asking.release()


def reachable() -> bool:
    """Whether the database takes a connection now; the pool would wait, and pause between its tries."""
    try:
        with psycopg.connect(**connection.get_connection_params() | {"connect_timeout": 2}):
            return True
    except psycopg.Error:
        return False


WATCH = Watch(reachable)


class Away:
    """Middleware: tells at once, without a thread waiting, that the database is away; health checks always pass."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/health/") and WATCH.is_away():
            return patience(tell(request, AWAY), "the database is away: people are asked to wait")
        return self.get_response(request)


def tell(request: HttpRequest, trouble: Trouble) -> HttpResponse:
    """The page of a trouble, made without the database."""
    from qingmiao.site.web.ui.sessions import Visitor

    if trouble.away:
        WATCH.away()
        own = not settings.ENVIRONMENT.database_url
        trouble = STOPPED if own and disk.full(settings.HOME) else trouble
    request.visitor = Visitor(None)  # type: ignore[attr-defined]  # nobody is looked up for this page
    text = f"{trouble.happened}{trouble.kept}{trouble.todo}"
    answer = render(
        request,
        "ui/error.html",
        {"title": trouble.title, "text": text, "number": getattr(request, "number", "")},
        status=trouble.status,
    )
    answer["Retry-After"] = str(RETRY)
    return answer
