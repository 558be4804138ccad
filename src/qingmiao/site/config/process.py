"""One process to start and stop: the database, the first loading, the worker and the web server.

The parent does no work of its own and imports next to nothing (decision 0019): a child brings the database to this version and
loads, then ends; the parent starts the worker and the web server, restarts one that dies, and ends them in order.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from qingmiao.kernel.errors import UserError
from qingmiao.site.config import postgres
from qingmiao.site.config.environment import Environment
from qingmiao.site.parenthood import SMALL, die_with_parent

GRACE = 15.0
"""Seconds that a child has to end by itself."""
QUICK_DEATHS = 5
"""A child that dies this often in a row, each time before it lived `LIFE` seconds, is not restarted again."""
LIFE = 1.0
PREPARING = 3600.0
"""Seconds that migrations and the first loading may take."""


@dataclass
class ChildProcess:
    """One kept-alive child process."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_deaths: int = 0

    def start(self) -> None:
        """Start it; it ends when this process ends, even by kill -9."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command, env=SMALL | os.environ, preexec_fn=die_with_parent, start_new_session=True
        )


def serve(
    environment: Environment,
    *,
    port: int,
    host: str = "127.0.0.1",
    workers: int = 1,
    data: Path | None = None,
    ready: Callable[[], None] = lambda: None,
    say: Callable[[str], None] = lambda _: None,
) -> int:
    """Run the site until SIGINT or SIGTERM; returns the exit code.

    `data` is what the first start loads in the demonstration; `ready` runs once the site answers.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with one_site(environment), database(environment, own=True, say=say):
        code = _prepare(data, stop)
        if code or stop.is_set():
            return code
        children = [
            ChildProcess("worker", [sys.executable, "-m", "qingmiao.cli", "worker"]),
            ChildProcess("web", web(environment, port=port, host=host, workers=workers)),
        ]
        for child in children:
            child.start()
        try:
            _await_answer(host, port, stop, children)
            if not stop.is_set():
                ready()
            return _watch(children, stop, say)
        finally:
            say("正在停止")
            for child in reversed(children):
                end(child)


def _prepare(data: Path | None, stop: threading.Event) -> int:
    """Migrations and the first loading, in a child that ends; its exit code (it has said itself what went wrong), 0 when stopped."""
    child = ChildProcess("prepare", [sys.executable, "-m", "qingmiao.site.prepare", *([str(data)] if data else [])])
    child.start()
    assert child.process is not None
    end_at = time.monotonic() + PREPARING
    try:
        while not stop.is_set():
            if time.monotonic() > end_at:
                raise UserError(f"准备数据超过 {PREPARING / 60:.0f} 分钟没有做完，已经停止；数据太大，或者机器太忙")
            try:
                code = child.process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            if code < 0:
                raise UserError(f"准备数据时进程被终止（信号 {-code}，多半是内存不足）；关闭别的程序或增加内存后再启动")
            return code
        return 0
    finally:
        end(child)


def web(environment: Environment, *, port: int, host: str, workers: int) -> list[str]:
    """The command of the production server."""
    return [
        sys.executable, "-m", "granian", "--interface", "asgi", "--host", host, "--port", str(port),
        "--workers", str(workers), "--backlog", "1024", "--http1-header-read-timeout", "10000", "--no-ws",
        "--respawn-failed-workers", "--log-level", "warning", "qingmiao.site.config.asgi:application",
    ]  # fmt: skip


class database:  # noqa: N801 - a context manager used like a function
    """The embedded server while the block runs, or nothing where DATABASE_URL names another.

    It is stopped at the end only by whom started it; `own=True` (the site itself) also takes over one that an earlier,
    killed site left running.
    """

    def __init__(
        self, environment: Environment, *, own: bool = False, say: Callable[[str], None] = lambda _: None
    ) -> None:
        self.folder = environment.home / "postgres"
        self.url = environment.database_url
        self.embedded = not self.url
        self.own = own
        self.say = say

    def __enter__(self) -> str:
        """The address of the database."""
        if self.embedded:
            running = postgres.is_running(self.folder)
            self.own = self.own or not running
            if not running:
                self.say(f"启动自带的 PostgreSQL（{self.folder}）")
            return postgres.start(self.folder).url
        return self.url

    def __exit__(self, *_: object) -> None:
        _close_connections()
        if self.embedded and self.own:
            postgres.stop(self.folder)


class one_site:  # noqa: N801 - a context manager used like a function
    """The lock of a home folder: one site at a time; a killed site gives it back by itself."""

    def __init__(self, environment: Environment) -> None:
        self.path = environment.home / "site.lock"

    def __enter__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.file = self.path.open("a")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.file.close()
            raise UserError(f"{self.path.parent} 已经有一个站点在运行；先停下它，或用 --home 换一个文件夹") from None

    def __exit__(self, *_: object) -> None:
        self.file.close()


def forget(environment: Environment) -> None:
    """Delete a demonstration site: its server, its files, its accounts. UserError for any other site, or a running one."""
    if environment.mode != "demo":
        raise UserError("只有演示站点可以这样清空")
    with one_site(environment):
        if not environment.database_url:
            postgres.remove(environment.home / "postgres")
        shutil.rmtree(environment.home)
    (environment.home.parent / "accounts.json").unlink(missing_ok=True)


def set_up() -> None:
    """Load Django once; afterwards its models can be imported."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingmiao.site.config.settings")
    import django

    django.setup()


def migrate() -> None:
    """Bring the database's tables to this version, and collect the static files."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    _collect_static()


def _collect_static() -> None:
    """Collect the static files when they are not those of the last time (names, sizes, times)."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    found = []
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            found.append(f"{name} {status.st_size} {status.st_mtime_ns}")
    digest = hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()
    mark = Path(settings.STATIC_ROOT) / ".collected"
    if mark.exists() and mark.read_text("ascii") == digest:
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    mark.write_text(digest, "ascii")


def end(child: ChildProcess) -> None:
    """Ask the child to end, wait, and kill what does not."""
    process = child.process
    if process is None or process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _watch(children: list[ChildProcess], stop: threading.Event, say: Callable[[str], None]) -> int:
    while not stop.wait(0.2):
        for child in children:
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


def _await_answer(host: str, port: int, stop: threading.Event, children: list[ChildProcess]) -> None:
    import http.client

    for _ in range(600):
        if stop.is_set():
            return
        if children[-1].process is not None and children[-1].process.poll() is not None:
            raise UserError(f"网页服务没有启动；端口 {port} 可能被占用，用 PORT=另一个端口 再试")
        connection = http.client.HTTPConnection(host, port, timeout=5)
        try:
            connection.request("GET", "/health/live", headers={"Host": "127.0.0.1"})
            if connection.getresponse().status < 500:
                return
        except OSError:
            stop.wait(0.1)
        finally:
            connection.close()
    raise UserError("网页服务一分钟内没有应答")


def _close_connections() -> None:
    if "django" in sys.modules:
        from django.apps import apps

        if not apps.ready:
            return
        from django.db import connections

        for connection in connections.all(initialized_only=True):
            connection.close()
            getattr(connection, "close_pool", lambda: None)()


def port_from_environment(default: int = 8000) -> int:
    """PORT, checked."""
    text = os.environ.get("PORT", "")
    if not text:
        return default
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise UserError(f"PORT={text!r} 不是端口号（1–65535）")
    return int(text)
