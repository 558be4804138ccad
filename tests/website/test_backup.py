"""Backup and restore: the drill compares row by row; a damaged backup is refused before anything is touched."""

from __future__ import annotations

import base64
import errno
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from qingmiao.identity.sealed import new_keyring, write_keyring
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.records import sealing
from qingmiao.site.config import backup, postgres, restore

KEY = "made-up key of a site that is long enough, 4711"
NOW = datetime(2024, 5, 1, 8, 30, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A small database of its own on the tests' server, and a home folder with files."""
    from django.conf import settings

    server = postgres.start(settings.SERVER)
    admin = psycopg.conninfo.make_conninfo(server.url, dbname="postgres")
    name = f"drill_{abs(hash(str(tmp_path))) % 10**8}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = psycopg.conninfo.make_conninfo(server.url, dbname=name)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE audit_event (number bigint PRIMARY KEY, hash text)")
        connection.execute(
            "CREATE TABLE figure (id int PRIMARY KEY, value double precision, note text, at timestamptz)"
        )
        connection.execute("INSERT INTO audit_event SELECT n, md5(n::text) FROM generate_series(1, 50) n")
        connection.execute(
            "INSERT INTO figure SELECT n, n / 3.0, '说明' || n, '2024-01-01'::timestamptz + n * interval '1 h' FROM "
            "generate_series(1, 1000) n"
        )
    home = tmp_path / "home"
    (home / "facts").mkdir(parents=True)
    (home / "facts" / "births.parquet").write_bytes(bytes(range(256)) * 40)
    (home / "audit-anchors.jsonl").write_text('{"number": 50}\n')
    (home / "secret").write_text("not in a backup")
    yield url, home
    with psycopg.connect(admin, autocommit=True) as connection:
        for (found,) in connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{name}%"]
        ).fetchall():
            connection.execute(f'DROP DATABASE "{found}" WITH (FORCE)')


def rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    with psycopg.connect(url) as connection:
        return {t: connection.execute(f"SELECT * FROM {t} ORDER BY 1").fetchall() for t in ("audit_event", "figure")}


def files(home: Path) -> dict[str, bytes]:
    return {
        p.relative_to(home).as_posix(): p.read_bytes()
        for p in home.rglob("*")
        if p.is_file() and "before-" not in str(p) and "/.restore-" not in str(p) and p.name != "restore.lock"
    }


def test_the_drill_every_row_and_file_comes_back(site, tmp_path):
    url, home = site
    was_rows, was_files = rows(url), files(home)
    made = backup.write(url, home, tmp_path / "backup", key=KEY, now=NOW)
    assert made.manifest["rows"] == {"audit_event": 50, "figure": 1000}
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM figure WHERE id > 10")
        connection.execute("UPDATE figure SET value = 0")
    (home / "facts" / "births.parquet").write_bytes(b"gone")
    (home / "facts" / "later.parquet").write_bytes(b"later")
    restore.restore(backup.check(tmp_path / "backup", key=KEY), url, home, now=NOW)
    assert rows(url) == was_rows
    assert files(home) == was_files
    assert (home / "before-20240501083000" / "facts" / "later.parquet").read_bytes() == b"later"


def test_neither_the_secret_nor_the_keys_of_sealed_columns_are_in_a_backup(site, tmp_path):
    home, ring = site[1], new_keyring().rotated()
    write_keyring(home / sealing.FILE, ring)
    shutil.copy(home / sealing.FILE, home / f".{sealing.FILE}.4711")  # its writer was killed
    backup.write(*site, tmp_path / "backup", key=KEY, now=NOW)
    kept = [p.read_bytes() for p in (tmp_path / "backup").rglob("*") if p.is_file()]
    keys = [key.key for key in ring.seals.values()] + [*ring.indexes.values(), ring.pseudonyms]
    secrets = [b"not in a backup", *map(base64.b64encode, keys)]
    assert kept
    assert not [text for text in secrets for data in kept if text in data]


@pytest.mark.parametrize(
    "harm",
    ["byte", "missing", "extra", "manifest", "no manifest", "truncated", "file and line", "seal", "no seal", "head"],
)
def test_a_damaged_backup_is_refused_before_anything_is_touched(site, tmp_path, harm):
    url, home = site
    folder = tmp_path / "backup"
    backup.write(url, home, folder, key=KEY, now=NOW)
    dump = folder / "database.dump"
    if harm == "byte":
        data = bytearray(dump.read_bytes())
        data[len(data) // 2] ^= 1
        dump.write_bytes(data)
    elif harm == "truncated":
        dump.write_bytes(dump.read_bytes()[:-1])
    elif harm == "missing":
        (folder / "home" / "facts" / "births.parquet").unlink()
    elif harm == "extra":
        (folder / "home" / "new").write_text("x")
    elif harm == "manifest":
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["files"]["database.dump"]["sha256"] = "0" * 64
        (folder / "manifest.json").write_text(json.dumps(manifest))
    elif harm == "no manifest":
        (folder / "manifest.json").unlink()
    else:
        manifest = json.loads((folder / "manifest.json").read_text())
        if harm == "file and line":
            (folder / "home" / "facts" / "births.parquet").unlink()
            del manifest["files"]["home/facts/births.parquet"]
        elif harm == "head":
            manifest["audit_head"] = None
        elif harm == "seal":
            manifest["seal"] = "0" * 64
        else:
            del manifest["seal"]
        (folder / "manifest.json").write_text(json.dumps(manifest))
    was = rows(url), files(home)
    with pytest.raises(UserError):
        backup.check(folder, key=KEY)
    assert (rows(url), files(home)) == was


def test_a_restore_that_does_not_fit_its_manifest_leaves_everything_as_it_was(site, tmp_path):
    url, home = site
    made = backup.write(url, home, tmp_path / "backup", key=KEY, now=NOW)
    was = rows(url), files(home)
    made.manifest["rows"]["figure"] += 1
    with pytest.raises(UserError, match="行数"):
        restore.restore(made, url, home, now=NOW)
    assert (rows(url), files(home)) == was


def test_a_restore_whose_audit_head_does_not_fit_its_manifest_leaves_everything_as_it_was(site, tmp_path):
    url, home = site
    made = backup.write(url, home, tmp_path / "backup", key=KEY, now=NOW)
    was = rows(url), files(home)
    assert made.manifest["audit_head"] == [50, was[0]["audit_event"][-1][1]]
    made.manifest["audit_head"][1] = "0" * 32
    with pytest.raises(UserError, match="审计链头"):
        restore.restore(made, url, home, now=NOW)
    assert (rows(url), files(home)) == was


def test_the_head_is_the_last_sealed_event_also_when_later_ones_are_not_sealed(site, tmp_path):
    url, home = site
    with psycopg.connect(url) as connection:
        connection.execute("ALTER TABLE audit_event DROP CONSTRAINT audit_event_pkey, ALTER number DROP NOT NULL")
        connection.execute("INSERT INTO audit_event VALUES (NULL, NULL)")
    assert backup.write(url, home, tmp_path / "backup", key=KEY, now=NOW).manifest["audit_head"][0] == 50


def test_an_anchor_made_while_the_backup_is_taken_is_not_in_it(site, tmp_path):
    url, home = site

    def tick(_: str) -> None:
        with (home / "audit-anchors.jsonl").open("a") as file:
            file.write('{"number": 51}\n')

    backup.write(url, home, tmp_path / "backup", key=KEY, now=NOW, say=tick)
    assert (tmp_path / "backup" / "home" / "audit-anchors.jsonl").read_text() == '{"number": 50}\n'


def test_a_backup_never_writes_over_another(site, tmp_path):
    (tmp_path / "backup").mkdir()
    with pytest.raises(UserError, match="已经存在"):
        backup.write(*site, tmp_path / "backup", key=KEY, now=NOW)


def test_a_backup_made_with_another_key_is_refused(site, tmp_path):
    backup.write(*site, tmp_path / "backup", key=KEY, now=NOW)
    with pytest.raises(UserError, match="另一个密钥"):
        backup.check(tmp_path / "backup", key=KEY + "!")


@pytest.mark.parametrize("place", ["backup", "facts/backup", "../home/backup"])
def test_a_backup_inside_the_home_is_refused(site, place):
    url, home = site
    was = files(home)
    with pytest.raises(UserError, match="站点文件夹里面"):
        backup.write(url, home, home / place, key=KEY, now=NOW)
    assert files(home) == was


def test_what_is_no_regular_file_and_what_restores_put_aside_is_not_copied(site, tmp_path):
    url, home = site
    (home / "facts" / "link").symlink_to(tmp_path)
    (home / "facts" / "dangling").symlink_to(home / "nothing")
    os.mkfifo(home / "fifo")
    (home / "before-20240101000000").mkdir()
    (home / "before-20240101000000" / "old").write_text("old")
    told: list[str] = []
    made = backup.write(url, home, tmp_path / "backup", key=KEY, now=NOW, say=told.append)
    assert {n for n in made.manifest["files"] if n.startswith("home/")} == {
        "home/facts/births.parquet",
        "home/audit-anchors.jsonl",
    }
    assert sum("不是普通文件" in t for t in told) == 3


def test_a_backup_that_cannot_be_written_says_so_and_leaves_nothing(site, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "x")

    monkeypatch.setattr("shutil.copy2", full)
    with pytest.raises(UserError, match="没有留下半个备份"):
        backup.write(*site, tmp_path / "backup", key=KEY, now=NOW)
    assert [p.name for p in tmp_path.iterdir()] == ["home"]


def test_a_database_without_a_site_is_not_backed_up(site, tmp_path):
    url, home = site
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE audit_event")
    with pytest.raises(UserError, match="还没有站点"):
        backup.write(url, home, tmp_path / "backup", key=KEY, now=NOW)
    assert list(tmp_path.iterdir()) == [home]


def test_no_password_is_on_a_command_line(monkeypatch):
    seen: list[tuple[list[str], dict[str, str]]] = []

    def run(command, env, **_):
        seen.append((command, env))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    backup.run("pg_dump", "postgresql://u:s3cr3t%20word@db.example/qm?sslmode=require", ["--format=custom"])
    ((command, env),) = seen
    assert not any("s3cr3t" in part for part in command)
    assert env["PGPASSWORD"] == "s3cr3t word"
    assert "sslmode=require" in command[1]


def test_anchors_that_do_not_fit_the_chain_of_the_backup_stop_the_restore(site, tmp_path):
    url, home = site
    (home / "audit-anchors.jsonl").write_text(
        '{"number": 40, "hash": "of another chain", "at": "2024-01-01T00:00:00Z"}'
    )
    made = backup.write(url, home, tmp_path / "backup", key=KEY, now=NOW)
    was = rows(url), files(home)
    with pytest.raises(UserError, match="锚点"):
        restore.restore(made, url, home, now=NOW)
    assert (rows(url), files(home)) == was


def test_events_of_after_the_backup_are_told(site, tmp_path):
    url, home = site
    made = backup.write(url, home, tmp_path / "backup", key=KEY, now=NOW)
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO audit_event VALUES (51, 'x'), (52, 'y')")
    told: list[str] = []
    restore.restore(made, url, home, now=NOW, say=told.append)
    assert any("第 51–52 条" in t for t in told)


STEPS = ("_write_journal", "_swap_databases", "_shut", "_rename")
"""Before and after each of these the restore is killed."""


def test_a_restore_killed_anywhere_leaves_the_old_or_the_new(site, tmp_path):
    url, home = site
    old_rows, old_files = rows(url), files(home)
    made = backup.write(url, home, tmp_path / "backup", key=KEY, now=NOW)
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM figure WHERE id > 10")
    (home / "facts" / "births.parquet").write_bytes(b"changed")
    (home / "uploads").mkdir()
    (home / "uploads" / "later").write_bytes(b"later")
    now_rows, now_files = rows(url), files(home)
    ends = []
    for kill in range(1, 60):
        at = NOW + timedelta(seconds=kill)
        if (child := os.fork()) == 0:
            _killed(kill, lambda at=at: restore.restore(made, url, home, now=at))
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        assert code in (0, 9)
        restore.finish(url, home)
        found = rows(url), files(home)
        assert found in ((now_rows, now_files), (old_rows, old_files)), kill
        ends.append(found == (old_rows, old_files))
        if code == 0:
            break
        if ends[-1]:  # back to what it was before, for the next kill
            with psycopg.connect(url) as connection:
                connection.execute("DELETE FROM figure WHERE id > 10")
            (home / "facts" / "births.parquet").write_bytes(b"changed")
            (home / "uploads").mkdir()
            (home / "uploads" / "later").write_bytes(b"later")
    assert code == 0
    assert ends[0] is False
    assert len(ends) > 8
    assert not (home / restore.JOURNAL).exists()


def _killed(at: int, work) -> None:
    """Do the work in this process of its own, and end like one that was killed before the `at`-th event."""
    count = 0

    def event() -> None:
        nonlocal count
        count += 1
        if count == at:
            os._exit(9)

    def around(step):
        def wrapped(*args):
            event()
            found = step(*args)
            event()
            return found

        return wrapped

    try:
        for name in STEPS:
            setattr(restore, name, around(getattr(restore, name)))
        work()
    except BaseException:
        os._exit(1)
    os._exit(0)
