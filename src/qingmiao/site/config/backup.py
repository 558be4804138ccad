"""Backup and restore, verified: a manifest with hashes; nothing is touched before everything has been checked.

A backup is a folder: `database.dump` (pg_dump, custom format, one consistent snapshot), `home/` (facts, uploads,
reports, audit anchors), `manifest.json` (SHA-256 and size of every file, rows of every table, head of the audit chain).
Files of the site are never changed once written and are copied after the database, so everything that the database
names is in the copy; the anchors, which name what is in the database, are copied before it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from qingmiao.kernel.days import CHINA
from qingmiao.kernel.errors import Fault, UserError
from qingmiao.site.config import postgres

LEFT_OUT = ("postgres", "postgres.lock", "static", "site.lock", "secret")
"""Not in a backup: the server's own files, what is built, the lock, and the secret key (keep that apart from the
data)."""
ANCHORS = "audit-anchors.jsonl"
"""As `audit.api.ANCHORS`; a backup needs no Django."""
FORMAT = 1


@dataclass(frozen=True)
class Backup:
    """One checked backup."""

    folder: Path
    manifest: dict[str, Any]


def write(url: str, home: Path, out: Path, *, now: datetime, say: Callable[[str], None] = lambda _: None) -> Backup:
    """Write a backup to a new folder `out`; it appears whole or not at all. The site may go on running."""
    if out.exists():
        raise UserError(f"{out} 已经存在；备份只写到新的文件夹")
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True, mode=0o700)
    try:
        # Before the snapshot: an anchor of after it would say of the restored chain that its end was cut off.
        if (home / ANCHORS).exists():
            (part / "home").mkdir()
            shutil.copy2(home / ANCHORS, part / "home" / ANCHORS)
        say("备份数据库")
        with psycopg.connect(url, autocommit=False) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            snapshot = _one(connection, "SELECT pg_export_snapshot()")
            _run(
                "pg_dump",
                [
                    "--format=custom",
                    f"--snapshot={snapshot}",
                    f"--dbname={url}",
                    f"--file={part / 'database.dump'}",
                ],
            )
            rows = table_rows(connection)
            head = audit_head(connection)
        say("复制文件")
        for source in sorted(home.iterdir()):
            if source.name not in (*LEFT_OUT, ANCHORS):
                target = part / "home" / source.name
                target.parent.mkdir(exist_ok=True)
                shutil.copytree(source, target) if source.is_dir() else shutil.copy2(source, target)
        manifest = {
            "format": FORMAT,
            "made_at": now.astimezone(CHINA).isoformat(timespec="seconds"),
            "rows": rows,
            "audit_head": head,
            "files": {name: _describe(part / name) for name in _files(part)},
        }
        (part / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")
        _sync(part)
        part.rename(out)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return check(out)


def check(folder: Path) -> Backup:
    """Verify every file of a backup against its manifest; UserError lists everything that is missing, changed or too
    much."""
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text("utf-8"))
        files: dict[str, dict[str, Any]] = manifest["files"]
        if manifest["format"] != FORMAT or not isinstance(files, dict) or "rows" not in manifest:
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"{folder} 不是完整的备份：manifest.json 没有或读不出来") from None
    present = set(_files(folder)) - {"manifest.json"}
    faults = [Fault(str(folder / name), 0, "missing", "清单里有，文件没有") for name in set(files) - present]
    faults += [Fault(str(folder / name), 0, "extra", "清单里没有的文件") for name in present - set(files)]
    faults += [
        Fault(str(folder / name), 0, "changed", "内容与清单的散列不符")
        for name in sorted(present & set(files))
        if _describe(folder / name) != files[name]
    ]
    if "database.dump" not in files:
        faults.append(Fault(str(path), 0, "missing", "没有数据库"))
    if faults:
        raise UserError(f"备份 {folder} 已损坏，没有动任何数据", faults)
    listing = subprocess.run(
        [_program("pg_restore"), "--list", str(folder / "database.dump")], capture_output=True, check=False
    )
    if listing.returncode != 0:
        raise UserError(f"备份 {folder} 的数据库读不出来：{listing.stderr.decode('utf-8', 'replace')[:300]}")
    return Backup(folder, manifest)


def restore(
    backup: Backup, url: str, home: Path, *, now: datetime, say: Callable[[str], None] = lambda _: None
) -> dict[str, int]:
    """Restore a checked backup: into a new database and a new folder, compared with the manifest, then swapped in.

    The former database stays as "NAME_before_TIME", former files in home/before-TIME. Returns the rows of every table.
    The site must be stopped. On any failure the former state is still in place.
    """
    stamp = now.strftime("%Y%m%d%H%M%S")
    target = psycopg.conninfo.conninfo_to_dict(url)
    name = str(target["dbname"])
    fresh = f"{name}_restore_{stamp}"
    admin = psycopg.conninfo.make_conninfo(url, dbname="postgres")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(
            sql.SQL(
                "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin LOCALE 'C.UTF-8'"
            ).format(sql.Identifier(fresh))
        )
        try:
            say("恢复数据库到新库")
            fresh_url = psycopg.conninfo.make_conninfo(url, dbname=fresh)
            _run(
                "pg_restore",
                [
                    "--exit-on-error",
                    "--no-owner",
                    f"--dbname={fresh_url}",
                    str(backup.folder / "database.dump"),
                ],
            )
            with psycopg.connect(fresh_url) as restored:
                rows, head = table_rows(restored), audit_head(restored)
            if rows != backup.manifest["rows"]:
                raise UserError("恢复后的行数与备份清单不符，没有换上")
            if head != backup.manifest.get("audit_head"):
                raise UserError("恢复后的审计链头与备份清单不符，没有换上")
            say("恢复文件")
            staged = home / f".restore-{stamp}"
            shutil.rmtree(staged, ignore_errors=True)
            source = backup.folder / "home"
            shutil.copytree(source, staged) if source.exists() else staged.mkdir(parents=True)
        except BaseException:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(fresh)))
            raise
        say("换上恢复的数据")
        old = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if old:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(name), sql.Identifier(f"{name}_before_{stamp}")
                )
            )
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(fresh), sql.Identifier(name))
        )
    before = home / f"before-{stamp}"
    for present in sorted(home.iterdir()):
        if present.name not in LEFT_OUT and present != staged and not present.name.startswith("before-"):
            before.mkdir(exist_ok=True)
            present.rename(before / present.name)
    for made in sorted(staged.iterdir()):
        made.rename(home / made.name)
    staged.rmdir()
    return rows


def table_rows(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """How many rows each table of the site holds."""
    names = [r[0] for r in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
    return {n: int(_one(connection, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(n)))) for n in names}


def audit_head(connection: psycopg.Connection[Any]) -> list[Any] | None:
    """Number and hash of the last sealed audit event; None when there is none."""
    head = connection.execute(
        "SELECT number, hash FROM audit_event WHERE number IS NOT NULL ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return list(head) if head else None


def _one(connection: psycopg.Connection[Any], query: Any) -> Any:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def _program(name: str) -> str:
    return str(postgres.programs() / name)


def _run(name: str, arguments: list[str]) -> None:
    found = subprocess.run([_program(name), *arguments], capture_output=True, check=False)
    if found.returncode != 0:
        raise UserError(f"{name} 没有成功：{found.stderr.decode('utf-8', 'replace').strip()[-500:]}")


def _files(folder: Path) -> Iterator[str]:
    return (p.relative_to(folder).as_posix() for p in sorted(folder.rglob("*")) if p.is_file())


def _describe(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "bytes": path.stat().st_size}


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
