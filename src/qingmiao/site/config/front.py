"""The server's front: a request is read whole, within limits, before a thread works on it.

granian runs this ASGI application; Django stays WSGI behind it. A client that sends slowly, or reads slowly, holds a
coroutine and never one of the few threads; a body that is too large is refused by its announced size, or as soon as it
has grown too far.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO, cast

from asgiref.wsgi import WsgiToAsgiInstance

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

log = logging.getLogger("qingmiao.front")
SPOOLED = 256 << 10
"""A body up to this size stays in memory; a larger one is a temporary file."""
PIECE = 64 << 10


@dataclass(frozen=True)
class Limits:
    """What one client may ask of the server, in bytes, seconds and counts (server policy)."""

    body: int = 6 << 20
    """Of an ordinary form or a saved grid."""
    upload: int = 40 << 20
    """Of a form with files (multipart)."""
    idle: float = 15.0
    """Without a byte of the body."""
    whole: float = 30.0
    """For the whole body, beside `pace`."""
    pace: int = 32 << 10
    """Bytes a second that a body has to come at on average, once `whole` has passed."""
    reading: int = 400
    """Bodies that are being read at once."""
    reading_each: int = 60
    """Of these, from one address (a whole office sits behind one)."""
    send: float = 60.0
    """For one piece of an answer to be taken by the client."""


@dataclass
class RefusedError(Exception):
    """A request that no thread will see."""

    status: int
    text: str
    retry: int = 0

    def answer(self) -> AppAnswer:
        """What is told of it; the connection ends, since the body was not read."""
        more = [(b"retry-after", str(self.retry).encode())] if self.retry else []
        return _plain(self.status, self.text, [(b"connection", b"close"), *more])


@dataclass
class AppAnswer:
    """What the application answered: whole, or in pieces that are made while they are sent."""

    status: int
    headers: list[tuple[bytes, bytes]]
    pieces: Iterator[bytes]
    whole: bool
    close: Callable[[], None]


class Front:
    """An ASGI application around a WSGI one. Forms with files have threads of their own: reading them stops nobody.

    `address` tells the client's address from (REMOTE_ADDR, X-Forwarded-For) where proxies stand in front; `after` ends
    a thread's work where the answer, being sent in pieces or none, is not closed in that thread.
    """

    def __init__(
        self,
        application: Wsgi,
        *,
        threads: int = 8,
        upload_threads: int = 3,
        limits: Limits | None = None,
        address: Callable[[str, str], str] = lambda remote, _: remote,
        after: Callable[[], None] = lambda: None,
    ) -> None:
        self.application, self.limits, self.address, self.after = application, limits or Limits(), address, after
        self.pages: Executor = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self.uploads: Executor = ThreadPoolExecutor(upload_threads, thread_name_prefix="upload")
        self.reading: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, from its first byte to its last."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        headers = {name.decode("latin1").lower(): value.decode("latin1") for name, value in scope.get("headers", ())}
        with tempfile.SpooledTemporaryFile(max_size=SPOOLED) as body:
            try:
                many = headers.get("content-type", "").lower().startswith("multipart/")
                if not await self._read(scope, headers, receive, cast(BinaryIO, body), many=many):
                    return  # the client went away
                environ = _environ(scope, body)
            except RefusedError as refused:
                await self._send(send, refused.answer(), self.pages, head=False)
                return
            pool = self.uploads if many else self.pages
            loop = asyncio.get_running_loop()
            answer = await loop.run_in_executor(pool, self._work, environ)
            try:
                await self._send(send, answer, pool, head=scope["method"] == "HEAD")
            except TimeoutError:
                log.warning("a client did not take its answer")
            finally:
                if not answer.whole:
                    await loop.run_in_executor(pool, answer.close)

    async def _read(
        self, scope: Scope, headers: Mapping[str, str], receive: Receive, body: BinaryIO, *, many: bool
    ) -> bool:
        """Read the body into `body`; False when the client went away. Raises RefusedError over a limit."""
        limits, most = self.limits, self.limits.upload if many else self.limits.body
        announced = headers.get("content-length", "")
        if announced and (not announced.isascii() or not announced.isdigit()):
            raise RefusedError(400, "请求的长度不是数字。")
        too_large = RefusedError(413, f"发来的内容超过 {most >> 20} MB，没有保存。请减小文件后再试。")
        if announced and (len(announced) > 15 or int(announced) > most):
            raise too_large
        if announced in ("", "0") and "transfer-encoding" not in headers:
            return bool((await receive())["type"] == "http.request")
        client = self.address((scope.get("client") or ("",))[0], headers.get("x-forwarded-for", ""))
        if self.reading.total() >= limits.reading or self.reading[client] >= limits.reading_each:
            raise RefusedError(503, "同时发送的太多，请稍后再试；内容没有保存。", retry=10)
        self.reading[client] += 1
        loop, more = asyncio.get_running_loop(), True
        began = loop.time()
        try:
            while more:
                left = limits.whole + body.tell() / limits.pace - (loop.time() - began)
                async with asyncio.timeout(max(0.0, min(limits.idle, left))):
                    message = await receive()
                if message["type"] != "http.request":
                    return False
                body.write(message.get("body", b""))
                more = message.get("more_body", False)
                if body.tell() > most:
                    raise too_large
        except TimeoutError:
            raise RefusedError(408, "发送得太慢，连接已经断开；内容没有保存。请检查网络后再试。") from None
        finally:
            self.reading[client] -= 1
            if not self.reading[client]:
                del self.reading[client]
        return True

    def _work(self, environ: dict[str, Any]) -> AppAnswer:
        """Run the application in this thread. An answer that is not a file is finished here, connection and all."""
        told: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
            told["status"] = int(status.split(" ", 1)[0])
            told["headers"] = [(n.lower().encode("latin1"), v.encode("latin1")) for n, v in headers]
            return lambda _: None

        try:
            made = self.application(environ, start)
            close = getattr(made, "close", lambda: None)
            whole = not getattr(made, "streaming", not isinstance(made, list))
            if whole:
                text = b"".join(made)
                close()
                return AppAnswer(told["status"], told["headers"], iter((text,)), True, close)
            self.after()
            return AppAnswer(told["status"], told["headers"], iter(made), False, close)
        except Exception:  # the application has pages for its own faults; this one has none
            log.exception("the application broke")
            self.after()
            return _plain(500, "系统出错了，请稍后再试。")

    async def _send(self, send: Send, answer: AppAnswer, pool: Executor, *, head: bool) -> None:
        loop = asyncio.get_running_loop()
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        if answer.whole:
            text = b"" if head else b"".join(answer.pieces)
            async with asyncio.timeout(self.limits.send):
                await send({"type": "http.response.body", "body": text})
            return
        while not head:
            some = await loop.run_in_executor(pool, lambda: b"".join(islice(answer.pieces, 16)))
            if not some:
                break
            for at in range(0, len(some), PIECE):
                async with asyncio.timeout(self.limits.send):
                    await send({"type": "http.response.body", "body": some[at : at + PIECE], "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _environ(scope: Scope, body: Any) -> dict[str, Any]:
    """The request as WSGI has it. Raises RefusedError for one that has no such form."""
    size = body.seek(0, 2)
    body.seek(0)
    try:
        instance: Any = WsgiToAsgiInstance(None)  # type: ignore[no-untyped-call]
        instance.scope = scope
        environ = cast(dict[str, Any], instance.build_environ(scope, body))
    except ValueError:  # a query that is not ASCII, a header a hundred times
        raise RefusedError(400, "请求的地址或请求头不合规则。") from None
    environ["CONTENT_LENGTH"] = str(size)
    return environ


def _plain(status: int, text: str, more: Iterable[tuple[bytes, bytes]] = ()) -> AppAnswer:
    body = text.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode()), *more]
    return AppAnswer(status, headers, iter((body,)), True, lambda: None)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
