"""Restore: into a new database and a new folder, compared with the manifest, then swapped in, all or nothing.

Until the journal (`restore.json` in the home) stands, the old state is untouched; from then on whoever opens the site
next finishes the swap. So a kill at any moment leaves the old or the new, never a mixture that somebody works on.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql

from qingmiao.kernel.errors import UserError
from qingmiao.kernel.whole_files import write_whole
from qingmiao.site.config.backup import ANCHORS, LEFT_OUT, PASSING, Backup, audit_head, run, table_rows

JOURNAL = "restore.json"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Swap:
    """What is to be swapped, once all that is new is ready: databases, what goes out of the home, what comes in."""

    database: str
    fresh: str
    before: str
    staged: str
    aside: str
    goes: tuple[str, ...]
    comes: tuple[str, ...]


def restore(backup: Backup, url: str, home: Path, *, now: datetime, say: Say = lambda _: None) -> dict[str, int]:
    """Restore a checked backup. Returns the rows of every table. The site must be stopped.

    The former database stays as "NAME_before_TIME", former files in home/before-TIME. Raises UserError when what was
    restored is not what the manifest says; the former state is still in place then, as after any failure.
    """
    finish(url, home, say=say)
    stamp = now.strftime("%Y%m%d%H%M%S")
    name = str(psycopg.conninfo.conninfo_to_dict(url)["dbname"])
    fresh, staged = f"{name}_restore_{stamp}", home / f".restore-{stamp}"
    _sweep(url, home, name)
    with psycopg.connect(_admin(url), autocommit=True) as connection:
        connection.execute(
            sql.SQL(
                "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin LOCALE 'C.UTF-8'"
            ).format(sql.Identifier(fresh))
        )
    try:
        say("恢复数据库到新库")
        fresh_url = psycopg.conninfo.make_conninfo(url, dbname=fresh)
        run(
            "pg_restore",
            fresh_url,
            ["--exit-on-error", "--no-owner", "--no-privileges", str(backup.folder / "database.dump")],
        )
        with psycopg.connect(fresh_url) as restored:
            rows = table_rows(restored)
            _as_the_manifest_says(backup, restored, rows, say)
        _compare_with_present(url, name, backup, f"{name}_before_{stamp}", say)
        say("恢复文件")
        source = backup.folder / "home"
        shutil.copytree(source, staged) if source.exists() else staged.mkdir(parents=True)
    except BaseException as e:
        with contextlib.suppress(psycopg.Error):  # the next restore sweeps it away
            _sweep(url, home, name)
        if isinstance(e, OSError):
            raise UserError(f"恢复没有做成（{e.strerror}），原来的数据没有动；检查磁盘空间和权限") from None
        raise
    goes = tuple(p.name for p in sorted(home.iterdir()) if p.name not in LEFT_OUT and not p.name.startswith(PASSING))
    swap = Swap(
        name, fresh, f"{name}_before_{stamp}", staged.name, f"before-{stamp}", goes,
        tuple(p.name for p in sorted(staged.iterdir())),
    )  # fmt: skip
    with _alone(home):
        _write_journal(home, swap)
        say("换上恢复的数据")
        _finish(url, home, swap)
    return rows


def finish(url: str, home: Path, *, say: Say = lambda _: None) -> None:
    """Finish the swap of a restore that was cut off; nothing happens when there is none."""
    journal = home / JOURNAL
    if not journal.exists():
        return
    with _alone(home):
        if not journal.exists():  # it was finished while this process waited
            return
        try:
            swap = Swap(**json.loads(journal.read_text("utf-8")))
        except (OSError, ValueError, TypeError) as e:
            raise UserError(
                f"{journal} 读不出来（{type(e).__name__}）；它记着一次没有做完的恢复，请联系维护人员"
            ) from None
        say("上次恢复在换上数据时中断了，现在接着做完")
        _finish(url, home, swap)


def _finish(url: str, home: Path, swap: Swap) -> None:
    """Every step can be done again after having been cut off anywhere."""
    _swap_databases(url, swap)
    aside, staged = home / swap.aside, home / swap.staged
    aside.mkdir(exist_ok=True)
    for name in swap.goes:
        if (home / name).exists() and not (aside / name).exists():
            _rename(home / name, aside / name)
    for name in swap.comes:
        if (staged / name).exists():
            _rename(staged / name, home / name)
    shutil.rmtree(staged, ignore_errors=True)
    (home / JOURNAL).unlink()


def _rename(old: Path, new: Path) -> None:
    old.rename(new)


def _swap_databases(url: str, swap: Swap) -> None:
    """Both names change in one transaction; nothing happens when they have."""
    with psycopg.connect(_admin(url), autocommit=True) as connection:
        there = _names(connection)
        if swap.fresh in there:
            if swap.database in there:
                _shut(connection, swap.database)
            with connection.transaction():
                if swap.database in there:
                    _name(connection, swap.database, swap.before)
                _name(connection, swap.fresh, swap.database)
        if swap.before in _names(connection):
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(swap.before)))


def _names(connection: psycopg.Connection[tuple[object, ...]]) -> set[object]:
    return {name for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall()}


def _shut(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    """Nobody is in the database, and nobody comes."""
    connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
    connection.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name])


def _name(connection: psycopg.Connection[tuple[object, ...]], old: str, new: str) -> None:
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new)))


def _write_journal(home: Path, swap: Swap) -> None:
    """From here on the new state holds."""
    os.sync()  # what was restored is on the disk before the journal says so
    write_whole(home / JOURNAL, json.dumps(asdict(swap), ensure_ascii=False).encode())


class _alone:  # noqa: N801 - a context manager used like a function
    """One at a time swaps."""

    def __init__(self, home: Path) -> None:
        self.path = home / "restore.lock"

    def __enter__(self) -> None:
        self.file = self.path.open("a")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self.file.close()


def _sweep(url: str, home: Path, name: str) -> None:
    """What restores that were cut off before their journal left behind."""
    with psycopg.connect(_admin(url), autocommit=True) as connection:
        found = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{name}_restore_"]
        )
        for (left,) in found.fetchall():
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(left)))
    for folder in home.glob(".restore-*"):
        shutil.rmtree(folder, ignore_errors=True)


def _admin(url: str) -> str:
    return psycopg.conninfo.make_conninfo(url, dbname="postgres")


def _as_the_manifest_says(
    backup: Backup, restored: psycopg.Connection[tuple[object, ...]], rows: dict[str, int], say: Say
) -> None:
    """UserError unless rows and head of the audit chain are the manifest's, and the last anchor fits the chain."""
    if rows != backup.manifest["rows"]:
        raise UserError("恢复后的行数与备份清单不符，没有换上")
    if audit_head(restored) != backup.manifest.get("audit_head"):
        raise UserError("恢复后的审计链头与备份清单不符，没有换上")
    path = backup.folder / "home" / ANCHORS
    if not path.exists():
        say("备份里没有审计锚点；恢复后用拷到别处的锚点核对（qingmiao audit verify --anchors）")
        return
    try:
        last = json.loads(path.read_text("utf-8").splitlines()[-1])
        number, made = int(last["number"]), str(last["hash"])
    except (ValueError, TypeError, KeyError, IndexError):
        say("备份里的审计锚点读不出来；恢复后用拷到别处的锚点核对（qingmiao audit verify --anchors）")
        return
    found = restored.execute("SELECT hash FROM audit_event WHERE number = %s", [number]).fetchone()
    if found is None or found[0] != made:
        raise UserError(f"备份里的审计链与它的锚点（第 {number} 条）不符，没有换上：数据库或锚点被改过")


def _compare_with_present(url: str, name: str, backup: Backup, before: str, say: Say) -> None:
    """Say which audit events the present site has and the backup does not."""
    try:
        with psycopg.connect(url) as present:
            now = audit_head(present)
    except psycopg.Error:
        return  # a new or a broken site: there is nothing to compare with
    then = backup.manifest.get("audit_head")
    if now is not None and (then is None or now[0] > then[0]):
        first = 1 if then is None else then[0] + 1
        say(f"备份以后的审计记录（第 {first}–{now[0]} 条）不在恢复的库里，留在改名保留的库 {before} 里")
