"""Backup, verified: a manifest with hashes, sealed with the site's key; nothing is touched before all is checked.

A backup is a folder: `database.dump` (pg_dump, custom format, one consistent snapshot), `home/` (facts, uploads,
reports, audit anchors), `manifest.json` (SHA-256 and size of every file, rows of every table, head of the audit chain,
and the seal: an HMAC over all of it, so that a file cannot be dropped together with its line).
Files of the site are never changed once written and are copied after the database, so everything that the database
names is in the copy; the anchors, which name what is in the database, are copied before it.
"""

from __future__ import annotations

import hashlib
import hmac
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

LEFT_OUT = (
    "assessed", "pack", "keys.json", "postgres", "postgres.lock", "static", "site.lock", "secret", "restore.json",
    "restore.lock",
)  # fmt: skip
"""Not in a backup: the server's own files, what is built, the locks, the secret key and the keys of sealed columns
(keep those apart from the data)."""
PASSING = ("before-", ".restore", ".keys.json.")
"""Beginnings of names in a home that are not in a backup either: what restores put aside or have under way, and a file
of keys that was being written when its process was killed."""
ANCHORS = "audit-anchors.jsonl"
"""As `audit.api.ANCHORS`; a backup needs no Django."""
FORMAT = 2


@dataclass(frozen=True)
class Backup:
    """One checked backup."""

    folder: Path
    manifest: dict[str, Any]


def write(
    url: str, home: Path, out: Path, *, key: str, now: datetime, say: Callable[[str], None] = lambda _: None
) -> Backup:
    """Write a backup to a new folder `out`; it appears whole or not at all. The site may go on running.

    `key`: the site's secret key, with which the manifest is sealed. Raises UserError for a folder that is there already
    or lies in the home itself (each backup would hold all the earlier ones), and when it cannot be written, or when the
    database holds no site yet.
    """
    out, home = out.resolve(), home.resolve()
    if out.is_relative_to(home):
        raise UserError(f"备份不能放在站点文件夹里面（{home}）：换一个文件夹，最好在另一块磁盘上")
    if out.exists():
        raise UserError(f"{out} 已经存在；备份只写到新的文件夹")
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True, mode=0o700)
        # Before the snapshot: an anchor of after it would say of the restored chain that its end was cut off.
        if (home / ANCHORS).exists():
            (part / "home").mkdir()
            shutil.copy2(home / ANCHORS, part / "home" / ANCHORS)
        say("备份数据库")
        with psycopg.connect(url, autocommit=False) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            rows = table_rows(connection)
            if "audit_event" not in rows:
                raise UserError(
                    "数据库里还没有站点，没有可备份的：先启动一次站点（qingmiao serve），或核对数据库的地址"
                )
            snapshot = _one(connection, "SELECT pg_export_snapshot()")
            dump = ["--format=custom", f"--snapshot={snapshot}", f"--file={part / 'database.dump'}"]
            run("pg_dump", url, dump)
            head = audit_head(connection)
        say("复制文件")
        for left in _copy(home, part / "home"):
            say(f"没有复制 {left}：不是普通文件")
        manifest = {
            "format": FORMAT,
            "made_at": now.astimezone(CHINA).isoformat(timespec="seconds"),
            "rows": rows,
            "audit_head": head,
            "files": {name: _describe(part / name) for name in _files(part)},
        }
        manifest["seal"] = _seal(manifest, key)
        (part / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", "utf-8")
        _sync(part)
        part.rename(out)
    except OSError as e:
        where = f"{e.strerror}：{e.filename or out}"
        raise UserError(f"备份没有写成（{where}），没有留下半个备份；检查磁盘空间和权限") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return check(out, key=key)


def check(folder: Path, *, key: str) -> Backup:
    """Verify a backup: the seal of its manifest with the site's key, every file against the manifest.

    UserError lists everything that is missing, changed or too much.
    """
    path = folder / "manifest.json"
    try:
        manifest = json.loads(path.read_text("utf-8"))
        files: dict[str, dict[str, Any]] = manifest["files"]
        if manifest["format"] == 1:
            raise UserError(f"{folder} 是旧版本做的备份，清单没有封印；用做它的那个版本恢复，或用本版本重新备份")
        if manifest["format"] != FORMAT or not isinstance(files, dict) or "rows" not in manifest:
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise UserError(f"{folder} 不是完整的备份：manifest.json 没有或读不出来") from None
    if not hmac.compare_digest(str(manifest.get("seal")).encode(), _seal(manifest, key).encode()):
        raise UserError(
            f"备份 {folder} 的清单与它的封印不符，没有动任何数据：清单被改过，或者备份是用另一个密钥做的"
            "（QINGMIAO_SECRET_KEY 要和备份时相同；演示站点的密钥在站点文件夹的 secret 里）"
        )
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


def run(name: str, url: str, arguments: list[str]) -> None:
    """Run a program of PostgreSQL on a database; a password goes by the environment, never on the command line."""
    place = psycopg.conninfo.conninfo_to_dict(url)
    secret = {"PGPASSWORD": str(place.pop("password"))} if place.get("password") else {}
    if "sslpassword" in place:
        raise UserError(
            "DATABASE_URL 里的 sslpassword 会露在命令行上；改用没有口令的密钥文件，或写在 pg_service.conf 里"
        )
    where = psycopg.conninfo.make_conninfo("", **place)
    command = [_program(name), f"--dbname={where}", *arguments]
    found = subprocess.run(command, capture_output=True, check=False, env=os.environ | secret)
    if found.returncode != 0:
        raise UserError(f"{name} 没有成功：{found.stderr.decode('utf-8', 'replace').strip()[-500:]}")


def _copy(home: Path, target: Path) -> list[Path]:
    """Copy the regular files of a home that belong into a backup; returns what is no file or folder, or a link."""
    left: list[Path] = []
    for source in sorted(home.iterdir()):
        if source.name in (*LEFT_OUT, ANCHORS) or source.name.startswith(PASSING):
            continue
        target.mkdir(exist_ok=True)
        for found in sorted([source, *source.rglob("*")] if source.is_dir() and not source.is_symlink() else [source]):
            place = target / found.relative_to(home)
            if not os.path.lexists(found):
                continue  # a temporary file that was there a moment ago
            if found.is_symlink() or not (found.is_dir() or found.is_file()):
                left.append(found)
            elif found.is_dir():
                place.mkdir(exist_ok=True)
            else:
                try:
                    shutil.copy2(found, place)
                except FileNotFoundError:  # as above
                    place.unlink(missing_ok=True)
    return left


def _seal(manifest: dict[str, Any], key: str) -> str:
    """The HMAC-SHA256 of everything in a manifest but its seal, under a key made from the site's for this purpose."""
    own = hmac.digest(key.encode(), b"qingmiao backup manifest", "sha256")
    text = json.dumps({k: v for k, v in manifest.items() if k != "seal"}, ensure_ascii=False, sort_keys=True)
    return hmac.new(own, text.encode(), "sha256").hexdigest()


def _files(folder: Path) -> Iterator[str]:
    return (p.relative_to(folder).as_posix() for p in sorted(folder.rglob("*")) if p.is_file())


def _describe(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return {"sha256": hashlib.file_digest(file, "sha256").hexdigest(), "bytes": path.stat().st_size}
    except OSError as e:
        raise UserError(f"备份的文件读不出来：{path}（{e.strerror}）；检查权限和磁盘") from None


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
