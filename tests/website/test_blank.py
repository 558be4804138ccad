"""The blank database is what the migrations make, and one of another state is none."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from qingmiao.site.config import blank, postgres
from website import databases, served

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree's blank; where set-up has not made it of this state, one made here."""
    if (blank.BESIDE / blank.STATE).is_file() and (blank.BESIDE / blank.STATE).read_text("ascii") == blank.state():
        return blank.BESIDE
    at = tmp_path_factory.mktemp("blank") / "blank"
    subprocess.run([sys.executable, "-m", "qingmiao.site.config.blank", at], check=True, env=served.surroundings())
    return at


def dumped(address: str, *what: str) -> list[str]:
    """What pg_dump says of a database, without its tokens against injection, new each time, and how far sequences got
    (numbers that were asked for in vain are not given back)."""
    told = subprocess.run(
        [postgres.programs() / "pg_dump", "--no-owner", *what, address], check=True, capture_output=True, text=True
    )
    return [
        line for line in told.stdout.splitlines() if not re.match(r"\\(un)?restrict |SELECT pg_catalog.setval", line)
    ]


def test_the_blank_is_what_the_migrations_make(made: Path, tmp_path: Path) -> None:
    """Tables, constraints, triggers, functions; and the rows that come with them, but for the moments of migrating."""
    folder = tmp_path / "postgres"
    migrated = postgres.address(settings.SERVER, databases.MADE + blank.state())
    server = postgres.start(folder, lambda new: blank.begin(new, made))
    try:
        assert (folder / "PG_VERSION").is_file()
        assert dumped(server.url, "--schema-only") == dumped(migrated, "--schema-only")
        rows = ("--data-only", "--exclude-table-data=django_migrations", "--inserts")
        assert dumped(server.url, *rows) == dumped(migrated, *rows)
        with psycopg.connect(server.url) as ours, psycopg.connect(migrated) as theirs:
            names = "SELECT app, name FROM django_migrations ORDER BY id"
            assert ours.execute(names).fetchall() == theirs.execute(names).fetchall()
    finally:
        postgres.stop(folder, mode="immediate")


def test_a_blank_of_another_state_or_none_is_passed_over(tmp_path: Path) -> None:
    other, new = tmp_path / "blank", tmp_path / "postgres"
    other.mkdir()
    new.mkdir()
    assert not blank.begin(new, other)
    (other / blank.STATE).write_text("another", "ascii")
    (other / "PG_VERSION").write_text("18", "ascii")
    assert not blank.begin(new, other)
    assert not list(new.iterdir())
    (other / blank.STATE).write_text(blank.state(), "ascii")
    (other / "log").write_text("of the server that made it", "ascii")
    assert blank.begin(new, other)
    assert [p.name for p in new.iterdir()] == ["PG_VERSION"]


def test_the_state_is_another_with_another_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = blank.state()
    assert blank.state() == before
    monkeypatch.setitem(postgres.SETTINGS, "max_connections", "201")
    assert blank.state() != before
