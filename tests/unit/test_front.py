"""The front reads a request whole before a thread works on it: the slow and the large stop nobody."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from qingmiao.site.config.front import Front, Limits
from waiting import ENDS, finished

SLOW = Limits(body=1000, upload=5000, idle=0.05, whole=0.2, pace=1_000_000, reading=4, reading_each=3)


class Client:
    """One request: the pieces of its body come from a queue; what was sent back is kept."""

    def __init__(self, method: str = "POST", *, kind: str = "", announce: int | str | None = None) -> None:
        headers = [(b"content-type", kind.encode())] if kind else []
        if announce is not None:
            headers.append((b"content-length", str(announce).encode()))
        elif method == "POST":
            headers.append((b"transfer-encoding", b"chunked"))
        self.scope = {
            "type": "http", "method": method, "path": "/a", "query_string": b"", "http_version": "1.1",
            "client": ("10.0.0.1", 1), "headers": headers,
        }  # fmt: skip
        self.pieces: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []

    def give(self, body: bytes, *, more: bool = False) -> Client:
        self.pieces.put_nowait({"type": "http.request", "body": body, "more_body": more})
        return self

    def leave(self) -> Client:
        self.pieces.put_nowait({"type": "http.disconnect"})
        return self

    async def ask(self, front: Front) -> tuple[int, bytes]:
        async def send(message: dict[str, Any]) -> None:
            self.sent.append(message)

        await asyncio.wait_for(front(self.scope, self.pieces.get, send), ENDS)
        if not self.sent:
            return 0, b""
        return self.sent[0]["status"], b"".join(m.get("body", b"") for m in self.sent[1:])


def echo(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"] or 0))
    start("200 OK", [("Content-Type", "text/plain")])
    return [environ["REQUEST_METHOD"].encode() + b":" + body]


def run(*clients: Client, front: Front | None = None) -> list[tuple[int, bytes]]:
    served = front or Front(echo, limits=SLOW)

    async def all_of_them() -> list[tuple[int, bytes]]:
        return list(await asyncio.gather(*(c.ask(served) for c in clients)))

    return finished(all_of_them())


def test_a_body_in_pieces_arrives_whole_with_its_length() -> None:
    assert run(Client().give(b"ab", more=True).give(b"", more=True).give(b"cd")) == [(200, b"POST:abcd")]
    assert run(Client("GET").give(b"")) == [(200, b"GET:")]
    assert run(Client("HEAD").give(b"")) == [(200, b"")]


@pytest.mark.parametrize("announce", [1001, 10**12, "9" * 400])
def test_an_announced_size_over_the_limit_is_refused_unread(announce: int | str) -> None:
    client = Client(announce=announce)
    [(status, text)] = run(client)  # nothing was given: reading would wait
    assert status == 413
    assert "没有保存" in text.decode()
    assert (b"connection", b"close") in client.sent[0]["headers"]


def test_a_body_that_grows_too_far_is_refused_and_files_may_be_larger() -> None:
    assert run(Client().give(b"x" * 900, more=True).give(b"x" * 101, more=True))[0][0] == 413
    assert run(Client().give(b"x" * 1000))[0][0] == 200
    files = "multipart/form-data; boundary=b"
    assert run(Client(kind=files).give(b"x" * 5000), Client(kind=files).give(b"x" * 5001))[0][0] == 200
    assert run(Client(kind=files).give(b"x" * 5001))[0][0] == 413


@pytest.mark.parametrize("announce", ["-1", "²", "1e3", "abc"])
def test_a_length_that_is_no_number_is_refused(announce: str) -> None:
    client = Client()
    client.scope["headers"] = [(b"content-length", announce.encode("latin1"))]
    assert run(client)[0][0] == 400


def test_who_sends_nothing_or_a_byte_now_and_then_is_sent_away() -> None:
    nothing, some = Client(), Client().give(b"a", more=True)
    assert [status for status, _ in run(nothing, some)] == [408, 408]


def test_who_leaves_midway_gets_no_thread() -> None:
    worked: list[str] = []

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        worked.append(environ["PATH_INFO"])
        return echo(environ, start)

    front = Front(application, limits=SLOW)
    assert run(Client().give(b"a", more=True).leave(), front=front) == [(0, b"")]
    assert worked == []
    assert not front.reading


def test_slow_senders_hold_no_thread() -> None:
    patient = Limits(idle=ENDS, whole=ENDS, reading=400, reading_each=400)
    front = Front(echo, threads=1, limits=patient)

    async def scene() -> None:
        slow = [Client().give(b"a", more=True) for _ in range(200)]
        waiting = [asyncio.create_task(c.ask(front)) for c in slow]
        while front.reading.total() < 200:
            await asyncio.sleep(0)
        assert await Client("GET").give(b"").ask(front) == (200, b"GET:")
        for client in slow:
            client.give(b"b")
        assert {await w for w in waiting} == {(200, b"POST:ab")}
        assert not front.reading

    finished(scene())


def test_only_so_many_bodies_are_read_at_once() -> None:
    async def scene() -> list[int]:
        front = Front(echo, limits=Limits(idle=ENDS, whole=ENDS, reading=4, reading_each=3))
        clients = [Client().give(b"a", more=True) for _ in range(5)]
        for client in clients[3:]:
            client.scope["client"] = ("10.0.0.2", 1)
        waiting = [asyncio.create_task(c.ask(front)) for c in clients]
        fourth = Client()
        while front.reading.total() < 4:
            await asyncio.sleep(0)
        refused = await fourth.ask(front)
        for client in clients:
            client.give(b"")
        return [refused[0], *sorted([(await w)[0] for w in waiting])]

    assert finished(scene()) == [503, 200, 200, 200, 200, 503]


def test_reading_files_takes_no_page_thread() -> None:
    busy, go = threading.Event(), threading.Event()

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        if environ.get("CONTENT_TYPE", "").startswith("multipart/"):
            busy.set()
            assert go.wait(ENDS)
        return echo(environ, start)

    front = Front(application, threads=1, upload_threads=1)

    async def scene() -> None:
        uploads = [asyncio.create_task(Client(kind="multipart/form-data").give(b"f").ask(front)) for _ in range(5)]
        await asyncio.to_thread(busy.wait, ENDS)
        assert (await Client("GET").give(b"").ask(front))[0] == 200
        assert not any(u.done() for u in uploads)
        go.set()
        assert [(await u)[0] for u in uploads] == [200] * 5

    finished(scene())


class Streamed:
    """An answer made in pieces, as a file is."""

    streaming = True

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.pieces, self.closed = pieces, 0

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.pieces)

    def close(self) -> None:
        self.closed += 1


def test_a_file_is_sent_in_pieces_and_closed_once() -> None:
    made = Streamed([b"x" * 4096] * 100)

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Streamed:
        start("200 OK", [("Content-Length", "409600")])
        return made

    client = Client("GET").give(b"")
    [(status, text)] = run(client, front=Front(application))
    assert (status, len(text), made.closed) == (200, 409600, 1)
    assert max(len(m.get("body", b"")) for m in client.sent) <= 65536


def test_a_client_that_does_not_take_its_answer_is_left() -> None:
    made = Streamed([b"x" * 4096] * 100)

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Streamed:
        start("200 OK", [])
        return made

    async def scene() -> None:
        client = Client("GET").give(b"")

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.body":
                await asyncio.Event().wait()

        await asyncio.wait_for(
            Front(application, limits=Limits(send=0.01))(client.scope, client.pieces.get, send), ENDS
        )

    finished(scene())
    assert made.closed == 1


def test_a_broken_application_is_one_plain_500_and_the_next_works() -> None:
    def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            raise ValueError("secret")
        return echo(environ, start)

    front = Front(application, limits=SLOW)
    [(status, text), (after, _)] = run(Client().give(b"a"), Client("GET").give(b""), front=front)
    assert (status, after) == (500, 200)
    assert "secret" not in text.decode()


def test_odd_addresses_are_refused_plainly() -> None:
    client = Client("GET").give(b"")
    client.scope["query_string"] = "q=²".encode()
    assert run(client)[0][0] == 400
    many = Client("GET").give(b"")
    many.scope["headers"] = [(b"x-a", b"1")] * 101
    assert run(many)[0][0] == 400
