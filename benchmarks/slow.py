"""Slow clients against everybody else: the 95th percentile of other people's pages, quiet and with slow connections
open.

python benchmarks/slow.py [CONNECTIONS=200] [REQUESTS=400]
A third sends its head a byte now and then, a third the body of a login, a third asks for a page and does not read it.
Target: at most 2 times the quiet time. Loopback only; ends with one JSON line.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from website.killing import Drill, Person

PATHS = ("/login", "/health/ready", "/returns/")
CLIENTS = 4
ROUNDS = 3


class Slow:
    """Connections that are kept open, a byte each second; one that the server ends is opened again."""

    def __init__(self, port: int, count: int) -> None:
        self.port, self.count, self.stop = port, count, threading.Event()
        self.opened = self.ended = 0
        self.all_open = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Slow:
        self.thread.start()
        self.all_open.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(60)

    def _run(self) -> None:
        open_now: list[socket.socket | None] = [None] * self.count
        while not self.stop.wait(0 if not self.all_open.is_set() else 1.0):
            for i, one in enumerate(open_now):
                try:
                    if one is None:
                        open_now[i] = self._open(i % 3)
                    elif i % 3 < 2:
                        one.send(b"a")
                except OSError:
                    open_now[i] = None
                    self.ended += 1
            self.all_open.set()
        for one in open_now:
            if one is not None:
                one.close()

    def _open(self, kind: int) -> socket.socket:
        made = socket.socket()
        if kind == 2:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        made.settimeout(5)
        made.connect(("127.0.0.1", self.port))
        head = b"Host: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        made.sendall(
            (
                b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ",
                b"POST /login HTTP/1.1\r\n" + head + b"Content-Length: 100000\r\n\r\nusername=",
                b"GET /login HTTP/1.1\r\n" + head + b"\r\n",
            )[kind]
        )
        self.opened += 1
        return made


def others(people: list[Person], requests: int) -> list[float]:
    """Seconds of each request of some people who ask one page after the other."""

    def some(person: Person) -> list[float]:
        seconds = []
        for n in range(requests // len(people)):
            began = time.perf_counter()
            status, _, _ = person.ask("GET", PATHS[n % len(PATHS)])
            seconds.append(time.perf_counter() - began)
            assert status in (200, 302), status
        return seconds

    with ThreadPoolExecutor(len(people)) as pool:
        return sorted(s for part in pool.map(some, people) for s in part)


def p95(seconds: list[float]) -> float:
    return seconds[int(0.95 * len(seconds))]


def main() -> None:
    connections, requests = int((sys.argv[1:] or ["200"])[0]), int((sys.argv[2:] or ["400"])[0])
    drill = Drill(seed=1, QINGMIAO_RATE="1000")
    try:
        drill.start()
        accounts = {a["username"]: a for a in json.loads((drill.folder / "home-accounts.json").read_text("utf-8"))}
        first = Person(drill.port, accounts["committee_office"]).log_in()  # one code, one login: the others share it
        people = [first, *(Person(drill.port, first.account) for _ in range(CLIENTS - 1))]
        for person in people[1:]:
            person.cookies = dict(first.cookies)
        others(people, 100)  # warm
        quiet, busy, opened, ended = [], [], 0, 0
        for _ in range(ROUNDS):
            quiet.append(p95(others(people, requests)))
            with Slow(drill.port, connections) as slow:
                busy.append(p95(others(people, requests)))
            opened, ended = opened + slow.opened, ended + slow.ended
        tree = [psutil.Process(drill.site.pid), *psutil.Process(drill.site.pid).children(recursive=True)]
        peak = max(p.memory_info().rss for p in tree)
    finally:
        drill.end()
    ratios = sorted(b / q for b, q in zip(busy, quiet, strict=True))
    line = {
        "name": "slow", "connections": connections, "requests": requests, "rounds": ROUNDS,
        "quiet_p95": round(sorted(quiet)[ROUNDS // 2], 4), "busy_p95": round(sorted(busy)[ROUNDS // 2], 4),
        "ratio": round(ratios[ROUNDS // 2], 2), "ratio_range": [round(ratios[0], 2), round(ratios[-1], 2)],
        "target": 2.0,
        "opened": opened, "ended_by_server": ended, "peak_mb": round(peak / 2**20),
        "versions": {p: version(p) for p in ("django", "granian")},
    }  # fmt: skip
    print(json.dumps(line, ensure_ascii=False))


if __name__ == "__main__":
    main()
