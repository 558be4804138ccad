"""Backup and restore: the drill compares row by row; a damaged backup is refused before anything is touched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from qingmiao.kernel.errors import UserError
from qingmiao.site.config import backup, postgres

NOW = datetime(2024, 5, 1, 8, 30, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A small database of its own on the tests' server, and a home folder with files."""
    from django.conf import settings

    server = postgres.start(settings.HOME / "postgres")
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
            "INSERT INTO figure SELECT n, n / 3.0, '说明' || n, '2024-01-01'::timestamptz + n * interval '1 h' FROM generate_series(1, 1000) n"
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
        if p.is_file() and "before-" not in str(p)
    }


def test_the_drill_every_row_and_file_comes_back(site, tmp_path):
    url, home = site
    was_rows, was_files = rows(url), files(home)
    made = backup.write(url, home, tmp_path / "backup", now=NOW)
    assert made.manifest["rows"] == {"audit_event": 50, "figure": 1000}
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM figure WHERE id > 10")
        connection.execute("UPDATE figure SET value = 0")
    (home / "facts" / "births.parquet").write_bytes(b"gone")
    (home / "facts" / "later.parquet").write_bytes(b"later")
    backup.restore(backup.check(tmp_path / "backup"), url, home, now=NOW)
    assert rows(url) == was_rows
    assert files(home) == was_files
    assert (home / "before-20240501083000" / "facts" / "later.parquet").read_bytes() == b"later"


def test_the_secret_is_not_in_a_backup(site, tmp_path):
    backup.write(*site, tmp_path / "backup", now=NOW)
    assert not any(b"not in a backup" in p.read_bytes() for p in (tmp_path / "backup").rglob("*") if p.is_file())


@pytest.mark.parametrize("harm", ["byte", "missing", "extra", "manifest", "no manifest", "truncated"])
def test_a_damaged_backup_is_refused_before_anything_is_touched(site, tmp_path, harm):
    url, home = site
    folder = tmp_path / "backup"
    backup.write(url, home, folder, now=NOW)
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
    else:
        (folder / "manifest.json").unlink()
    was = rows(url), files(home)
    with pytest.raises(UserError):
        backup.check(folder)
    assert (rows(url), files(home)) == was


def test_a_restore_that_does_not_fit_its_manifest_leaves_everything_as_it_was(site, tmp_path):
    url, home = site
    made = backup.write(url, home, tmp_path / "backup", now=NOW)
    was = rows(url), files(home)
    made.manifest["rows"]["figure"] += 1
    with pytest.raises(UserError, match="行数"):
        backup.restore(made, url, home, now=NOW)
    assert (rows(url), files(home)) == was


def test_a_restore_whose_audit_head_does_not_fit_its_manifest_leaves_everything_as_it_was(site, tmp_path):
    url, home = site
    made = backup.write(url, home, tmp_path / "backup", now=NOW)
    was = rows(url), files(home)
    assert made.manifest["audit_head"] == [50, was[0]["audit_event"][-1][1]]
    made.manifest["audit_head"][1] = "0" * 32
    with pytest.raises(UserError, match="审计链头"):
        backup.restore(made, url, home, now=NOW)
    assert (rows(url), files(home)) == was


def test_the_head_is_the_last_sealed_event_also_when_later_ones_are_not_sealed(site, tmp_path):
    url, home = site
    with psycopg.connect(url) as connection:
        connection.execute("ALTER TABLE audit_event DROP CONSTRAINT audit_event_pkey, ALTER number DROP NOT NULL")
        connection.execute("INSERT INTO audit_event VALUES (NULL, NULL)")
    assert backup.write(url, home, tmp_path / "backup", now=NOW).manifest["audit_head"][0] == 50


def test_an_anchor_made_while_the_backup_is_taken_is_not_in_it(site, tmp_path):
    url, home = site

    def tick(_: str) -> None:
        with (home / "audit-anchors.jsonl").open("a") as file:
            file.write('{"number": 51}\n')

    backup.write(url, home, tmp_path / "backup", now=NOW, say=tick)
    assert (tmp_path / "backup" / "home" / "audit-anchors.jsonl").read_text() == '{"number": 50}\n'


def test_a_backup_never_writes_over_another(site, tmp_path):
    (tmp_path / "backup").mkdir()
    with pytest.raises(UserError, match="已经存在"):
        backup.write(*site, tmp_path / "backup", now=NOW)
