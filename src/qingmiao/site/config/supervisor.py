"""One process to start and stop: the database, the first loading, the worker and the web server.

The parent does no work of its own and imports next to nothing (decision 0019): a child brings the database to this
version and loads, then ends; the parent starts the web server as soon as the tables are there and the worker when all
is loaded (decision 0039), restarts whatever dies, PostgreSQL too, and ends them in order. Whatever it started ends with
it, even by kill -9; only the embedded PostgreSQL stays, and the next start takes it over (decision 0022).
"""

from __future__ import annotations

import http.client
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from qingmiao.kernel.errors import UserError
from qingmiao.site.config import postgres
from qingmiao.site.config.children import ChildProcess, end
from qingmiao.site.config.environment import Environment
from qingmiao.site.config.port import hold
from qingmiao.site.config.preparation import ANSWERS, STRUCTURE, WHOLE, Preparation
from qingmiao.site.config.process import database, one_site

QUICK_DEATHS = 5
"""A child that dies this often in a row, each time before it lived `LIFE` seconds, is not restarted again."""
LIFE = 1.0
ANSWERING = 120.0
"""Seconds until the web server answers its first request."""
AGAIN = 5.0
"""Seconds until a database that did not start is tried again."""

Say = Callable[[str], None]


class Keeper:
    """Keeps the embedded PostgreSQL running; a database that others run is theirs to keep."""

    def __init__(self, folder: Path | None, say: Say) -> None:
        self.folder, self.say = folder, say
        self._starting: threading.Thread | None = None
        self._next = 0.0

    def well(self) -> bool:
        """Whether it runs. If not, it is being started, in a thread: recovery may take minutes, a stop may not."""
        if self._starting is not None:
            if self._starting.is_alive():
                return False
            self._starting = None
        if self.folder is None or postgres.is_running(self.folder):
            return True
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + AGAIN
            self.say("PostgreSQL 退出了，重新启动；已经确认保存的内容都在")
            self._starting = threading.Thread(target=self._start, args=(self.folder,), daemon=True)
            self._starting.start()
        return False

    def _start(self, folder: Path) -> None:
        try:
            postgres.start(folder)
        except UserError as e:
            self.say(f"{e}。{AGAIN:.0f} 秒后再试")
        except Exception as e:  # it died again before it was asked for its databases
            self.say(f"PostgreSQL 还没有应答（{type(e).__name__}），{AGAIN:.0f} 秒后再试")
        else:
            self.say("PostgreSQL 已经重新启动")


def serve(
    environment: Environment,
    *,
    port: int,
    host: str = "127.0.0.1",
    workers: int = 1,
    data: Path | None = None,
    ready: Callable[[], None] = lambda: None,
    whole: Callable[[], None] = lambda: None,
    say: Say = lambda _: None,
) -> int:
    """Run the site until SIGINT or SIGTERM; returns the exit code.

    `data` is what the first start loads in the demonstration; `ready` runs once the site answers with its figures, and
    `whole` where the rest was loaded after that. Raises UserError, before anything is started, for a port that is taken
    and for a home that cannot be written or has another site.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with one_site(environment), hold(host, port), database(environment, own=True, say=say) as kept:
        site = _Site(Preparation(data), stop, say)
        try:
            site.preparation.start()
            code = site.preparation.until(STRUCTURE + ANSWERS + WHOLE, stop)
            if code or stop.is_set():
                return code
            server = ChildProcess("web", web(port=port, host=host, workers=workers))
            site.begin(server)
            code = site.preparation.until(ANSWERS + WHOLE, stop)
            if code or stop.is_set():
                return code
            site.settle()
            _await_answer(environment, host, port, stop, server)
            if not stop.is_set():
                ready()
            return _watch(site, Keeper(kept.folder if kept.embedded else None, say), whole)
        finally:
            if site.children:
                say("正在停止")
            site.preparation.end()
            for child in reversed(site.children):
                end(child)


class _Site:
    """The children of a site that runs, and the preparation that goes on beside them."""

    def __init__(self, preparation: Preparation, stop: threading.Event, say: Say) -> None:
        self.preparation, self.stop, self.say = preparation, stop, say
        self.children: list[ChildProcess] = []
        self._settled = False

    def begin(self, child: ChildProcess) -> None:
        """Start a child that is kept from now on."""
        self.children.append(child)
        child.start()

    def settle(self) -> bool:
        """Once the preparation is over, well or not, the worker starts, which would be in its way; whether it does
        now."""
        if self._settled:
            return False
        self.preparation.hear(0)
        try:
            code = self.preparation.over()
        except UserError as e:
            self.say(f"{e}。没有装完的下次启动接着装")
        else:
            if code is None and not self.preparation.whole:
                return False
            if code:
                self.say(f"演示数据没有装完（退出码 {code}，原因见上面）；停下再启动，会接着装")
        self._settled = True
        self.begin(ChildProcess("worker", [sys.executable, "-m", "qingmiao.cli", "worker"]))
        return True


def web(*, port: int, host: str, workers: int) -> list[str]:
    """The command of the production server."""
    return [
        sys.executable, "-m", "granian", "--interface", "asgi", "--host", host, "--port", str(port),
        "--workers", str(workers), "--backlog", "1024", "--http1-header-read-timeout", "10000", "--no-ws",
        "--respawn-failed-workers", "--respawn-interval", "0.2", "--workers-kill-timeout", "10",
        "--log-level", "warning", "qingmiao.site.config.asgi:application",
    ]  # fmt: skip


def _watch(site: _Site, keeper: Keeper, whole: Callable[[], None]) -> int:
    """Restart what dies until the stop; a child that cannot work without the database waits for it. `whole` runs when
    what was loaded while the site answered is there."""
    say = site.say
    while not site.stop.wait(0.2):
        if not keeper.well():
            continue
        if site.settle() and site.preparation.whole:
            whole()
        for child in site.children:
            assert child.process is not None
            code = child.process.poll()
            if code is None:
                continue
            lived = time.monotonic() - child.started
            child.quick_deaths = child.quick_deaths + 1 if lived < LIFE else 0
            if child.quick_deaths >= QUICK_DEATHS:
                say(f"{child.name} 接连 {QUICK_DEATHS} 次一启动就退出（最后一次退出码 {code}），不再重启")
                return 1
            say(f"{child.name} 退出（{code}），重新启动")
            child.start()
    return 0


def _await_answer(environment: Environment, host: str, port: int, stop: threading.Event, server: ChildProcess) -> None:
    """Return when the web server (ours: the port is held) has answered, or at a stop; UserError if it ended."""
    end_at = time.monotonic() + ANSWERING
    while time.monotonic() < end_at and not stop.is_set():
        if server.process is not None and server.process.poll() is not None:
            raise UserError(f"网页服务没有启动（退出码 {server.process.returncode}），原因见上面的日志")
        connection = http.client.HTTPConnection(host, port, timeout=5)
        try:
            connection.request("GET", "/health/live", headers={"Host": environment.hosts[0].lstrip(".")})
            if connection.getresponse().status == 200:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        stop.wait(0.1)
    if not stop.is_set():
        raise UserError(f"网页服务 {ANSWERING:.0f} 秒内没有应答，已经停止；看上面的日志，或者机器太忙，稍后再启动")
