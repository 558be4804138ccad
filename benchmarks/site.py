"""The plan wall and an indicator page with 200 connections on the demonstration county, against a bare Django view on
the same server.

python benchmarks/site.py [CONNECTIONS=200] [REQUESTS=2000] [DATA=made anew]
(DATA: a folder made by `qingmiao demo-data`)
Target: warm pages at most 3 times the bare view. Ends with one JSON line.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import cast

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from website import served
from website.killing import ROOT, Person

ROUNDS = 7
PAGES = {"wall": "/plan/", "indicator": "/indicators/health.imr"}


def demo_data(out: Path) -> Path:
    command = [sys.executable, "-m", "qingmiao.cli", "demo-data", "--out", str(out), "--seed", "1"]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return out


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Asker(asyncio.Protocol):
    """One keep-alive connection that asks again as soon as it is answered, and only counts what it reads."""

    def __init__(self, ask: bytes, left: Iterator[int], seconds: list[float]) -> None:
        self.ask, self.left, self.seconds = ask, left, seconds
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.head, self.missing = b"", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.again()

    def again(self) -> None:
        if next(self.left, None) is None:
            self.transport.close()
            self.done.set_result(None)
        else:
            self.began = time.perf_counter()
            self.transport.write(self.ask)

    def data_received(self, data: bytes) -> None:
        if self.missing:
            self.missing -= len(data)
        else:
            head, found, rest = (self.head + data).partition(b"\r\n\r\n")
            if not found:
                self.head = head
                return
            assert head.startswith(b"HTTP/1.1 200"), head[:200]
            size = next(h for h in head.lower().split(b"\r\n") if h.startswith(b"content-length"))
            self.head, self.missing = b"", int(size.split(b":")[1]) - len(rest)
        assert self.missing >= 0, "more than was promised"
        if not self.missing:
            self.seconds.append(time.perf_counter() - self.began)
            self.again()

    def connection_lost(self, why: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(why or ConnectionError("the server closed the connection"))


async def load(port: int, path: str, key: str, *, connections: int, requests: int, head: str = "Cookie") -> list[float]:
    """Seconds of each of `requests` requests over keep-alive connections, all busy at once; `key` stands in `head`."""
    left, seconds, loop = iter(range(requests)), [], asyncio.get_running_loop()
    ask = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}: {key}\r\n\r\n".encode()
    made = await asyncio.gather(
        *(loop.create_connection(lambda: Asker(ask, left, seconds), "127.0.0.1", port) for _ in range(connections))
    )
    await asyncio.gather(*(asker.done for _, asker in made))
    return seconds


def measure(
    port: int, path: str, key: str, connections: int, requests: int, *, head: str = "Cookie"
) -> dict[str, float]:
    began = time.perf_counter()
    asked = load(port, path, key, connections=connections, requests=requests, head=head)
    seconds = sorted(asyncio.run(asked))
    wall = time.perf_counter() - began
    return {
        "per_second": round(requests / wall, 1),
        "median": round(statistics.median(seconds), 4),
        "p95": round(seconds[int(0.95 * len(seconds))], 4),
    }


def answers(port: int, path: str) -> bool:
    try:
        return Person(port, {}).ask("GET", path)[0] == 200
    except OSError:
        return False


def main() -> None:
    connections, requests = int((sys.argv[1:] or ["200"])[0]), int((sys.argv[2:] or ["2000"])[0])
    folder = Path(tempfile.mkdtemp(prefix="qingmiao-bench-"))
    data = Path(sys.argv[3]).resolve() if sys.argv[3:] else demo_data(folder / "data")
    port, bare_port = free_port(), free_port()
    environment = served.surroundings(QINGMIAO_RATE="1000")
    site = subprocess.Popen(
        served.command(folder / "home", data, port), env=environment, cwd=ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    bare = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(bare_port),
            "--workers",
            "1",
            "--blocking-threads",
            "8",
            "--backlog",
            "1024",
            "--no-ws",
            "--log-level",
            "warning",
            "bare_site:application",
        ],
        cwd=ROOT / "benchmarks",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    began = time.monotonic()
    try:
        while not answers(port, "/health/ready") or not answers(bare_port, "/"):
            assert site.poll() is None, "the site ended"
            assert time.monotonic() - began < 300, "the site did not start"
            time.sleep(0.2)
        start = time.monotonic() - began
        accounts = {a["username"]: a for a in json.loads((folder / "home-accounts.json").read_text("utf-8"))}
        person = Person(port, accounts["committee_office"]).log_in()
        cookie = "; ".join(f"{k}={v}" for k, v in person.cookies.items())
        asked = {"bare": (bare_port, "/", ""), **{name: (port, path, cookie) for name, path in PAGES.items()}}
        for where in asked.values():
            measure(*where, connections, 400)  # warm
        rounds = [
            {name: measure(*where, connections, requests) for name, where in asked.items()} for _ in range(ROUNDS)
        ]
        peak = max(
            p.memory_info().rss for p in [psutil.Process(site.pid), *psutil.Process(site.pid).children(recursive=True)]
        )
    finally:
        for process in (site, bare):
            process.send_signal(signal.SIGTERM)
            process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)
    # Each page against the bare view of its own round: the machine is shared, and its good moments come and go.
    ratios = {name: sorted(round(r["bare"]["per_second"] / r[name]["per_second"], 2) for r in rounds) for name in PAGES}
    result = {name: sorted((r[name] for r in rounds), key=lambda m: m["per_second"])[ROUNDS // 2] for name in asked}
    line = {
        "name": "site", "connections": connections, "requests": requests, "first_start_seconds": round(start, 1),
        **result,
        "rounds": ROUNDS, "ratios": {name: found[ROUNDS // 2] for name, found in ratios.items()},
        "ratios_range": {name: [found[0], found[-1]] for name, found in ratios.items()}, "target": 3.0,
        "peak_mb": round(peak / 2**20), "seed": 0,
        "versions": {p: version(p) for p in ("django", "granian", "psycopg")},
    }  # fmt: skip
    print(json.dumps(line, ensure_ascii=False))


if __name__ == "__main__":
    main()
