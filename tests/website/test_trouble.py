"""What people see in trouble, and what the health check says of it."""

from __future__ import annotations

import errno
from dataclasses import replace
from types import SimpleNamespace

import psycopg
import pytest
from click.testing import CliRunner
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory
from psycopg_pool import PoolTimeout

from qingmiao.cli import administrators, main
from qingmiao.kernel.errors import UserError
from qingmiao.site.config import port, process
from qingmiao.site.config.environment import read
from qingmiao.site.web.ui import disk, errors, health, trouble


def database(cause: Exception) -> OperationalError:
    """As Django raises an error of the database."""
    made = OperationalError("x")
    made.__cause__ = cause
    return made


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (database(PoolTimeout("x")), trouble.AWAY),
        (database(psycopg.errors.AdminShutdown("x")), trouble.AWAY),
        (database(psycopg.errors.CannotConnectNow("x")), trouble.AWAY),
        (InterfaceError("connection is closed"), trouble.AWAY),
        (database(psycopg.errors.DiskFull("x")), trouble.FULL),
        (database(psycopg.errors.QueryCanceled("x")), trouble.BUSY),
        (database(psycopg.errors.TooManyConnections("x")), trouble.BUSY),
        (database(psycopg.errors.DeadlockDetected("x")), trouble.BUSY),
        (OSError(errno.ENOSPC, "x"), trouble.FULL),
        (OSError(errno.EDQUOT, "x"), trouble.FULL),
        (OSError(errno.EROFS, "x"), trouble.LOCKED),
        (PermissionError(errno.EACCES, "x"), trouble.LOCKED),
        (MemoryError(), trouble.SHORT),
        (ValueError("x"), None),
        (FileNotFoundError(errno.ENOENT, "x"), None),
        (ConnectionResetError(errno.ECONNRESET, "x"), None),
        (None, None),
    ],
)
def test_each_trouble_is_told_from_a_fault_of_the_program(error, told) -> None:
    assert trouble.trouble_of(error) is told


@pytest.fixture
def watch(monkeypatch) -> list[bool]:
    """Whether the database is back, as the next look will find it; nothing is away at first."""
    back = [False]
    monkeypatch.setattr(trouble, "WATCH", trouble.Watch(lambda: back[0]))
    return back


@pytest.mark.parametrize("cause", [database(PoolTimeout("x")), OSError(errno.ENOSPC, "x"), OSError(errno.EROFS, "x")])
def test_the_page_says_what_happened_what_was_kept_and_what_to_do(cause, watch) -> None:
    try:
        raise cause
    except Exception:
        answer = errors.broken(RequestFactory().get("/returns/"))
    told = trouble.trouble_of(cause)
    assert answer.status_code == told.status
    assert answer["Retry-After"] == "5"
    for part in (told.title, told.happened, told.kept, told.todo):
        assert part in answer.content.decode()


@pytest.mark.parametrize(
    ("free", "url", "told"),
    [
        (0, "", trouble.STOPPED),
        (disk.STARTING - 1, "", trouble.STOPPED),  # what it held when it stopped is free, and no room to start
        (disk.STARTING, "", trouble.AWAY),
        (0, "postgresql://elsewhere/qm", trouble.AWAY),
    ],
)
def test_a_database_that_stopped_for_want_of_room_is_not_said_to_be_back_in_seconds(
    free, url, told, watch, monkeypatch
) -> None:
    monkeypatch.setattr(disk.shutil, "disk_usage", {settings.HOME: SimpleNamespace(free=free)}.get)
    monkeypatch.setattr(settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, database_url=url))
    answer = trouble.tell(RequestFactory().get("/returns/"), trouble.AWAY)
    assert answer.status_code == 503
    assert told.happened in answer.content.decode()
    assert trouble.WATCH.is_away()


def test_while_the_database_is_away_nobody_waits_and_with_it_the_pages_are_back(watch) -> None:
    reached: list[str] = []

    def site(request) -> HttpResponse:
        reached.append(request.path)
        return HttpResponse("here")

    away = trouble.Away(site)
    ask = RequestFactory().get
    assert away(ask("/returns/")).status_code == 200
    trouble.WATCH.away()
    assert away(ask("/returns/")).status_code == 503
    assert away(ask("/health/live")).status_code == 200
    assert reached == ["/returns/", "/health/live"]
    watch[0] = True
    assert away(ask("/returns/")).status_code == 200
    watch[0] = False
    assert away(ask("/returns/")).status_code == 200, "once back, nobody looks again"


def test_only_one_looks_whether_the_database_is_back() -> None:
    asked: list[bool] = []

    def back() -> bool:
        asked.append(watch.is_away())  # a second request, while the first is looking
        return True

    watch = trouble.Watch(back)
    watch.away()
    assert watch.is_away() is False
    assert asked == [True]


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["worker", "sealing", "home", "room"])
def test_ready_names_what_is_missing(what, monkeypatch) -> None:
    from datetime import timedelta

    from django.db import connection

    if what != "worker":
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    if what == "sealing":
        monkeypatch.setattr(health.audit, "lag", lambda: timedelta(minutes=2))
    elif what == "home":
        monkeypatch.setattr(settings, "HOME", settings.HOME / "nothing")
        monkeypatch.setattr(disk, "roomy", lambda _: True)
    elif what == "room":
        monkeypatch.setattr(disk, "ROOM", 1 << 62)
    answer = Client().get("/health/ready")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert [name for name, well in answer.json().items() if not well] == [what]


@pytest.mark.django_db
def test_ready_when_all_is_well_and_live_asks_nothing(django_assert_num_queries) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
    assert Client().get("/health/ready").status_code == 200
    with django_assert_num_queries(0):
        assert Client().get("/health/live").json() == {"live": True}


def test_a_database_that_takes_no_connection_is_told_without_its_password(tmp_path) -> None:
    given = {"QINGMIAO_MODE": "test", "QINGMIAO_HOME": str(tmp_path)}
    settings_ = read(given | {"DATABASE_URL": "postgresql://u:s3cr3t@127.0.0.1:1/qm"})
    with pytest.raises(UserError, match="数据库连不上") as e, process.database(settings_):
        pass
    assert "s3cr3t" not in str(e.value)


def test_a_home_that_cannot_be_written_is_told(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    settings_ = read({"QINGMIAO_MODE": "production", "QINGMIAO_HOME": str(tmp_path / "file" / "home")} | GOOD)
    with pytest.raises(UserError, match="不能写"), process.one_site(settings_):
        pass


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("audit verify", "没有站点"), ("backup {out}", "没有站点"), ("first-admin --unit x", "没有站点"),
        ("reset-admin", "没有站点"), ("renew-codes", "没有站点"), ("token list", "没有站点"),
        ("keys list", "没有站点"), ("retention", "没有站点"), ("compliance --year 2024 --out {out}", "没有站点"),
        ("worker", "没有在运行"),
    ],
)  # fmt: skip
def test_a_command_in_a_folder_without_a_site_says_so_and_makes_none(words, told, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("QINGMIAO_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    answer = CliRunner().invoke(main, words.format(out=tmp_path / "out").split())
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr.startswith("错误：")
    assert told in answer.stderr
    assert not list(tmp_path.rglob("PG_VERSION"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (database(PoolTimeout("x")), "数据库连不上，或者刚刚停下"),
        (database(psycopg.OperationalError("x")), "数据库连不上，或者刚刚停下"),
        (database(psycopg.errors.AdminShutdown("x")), "数据库连不上，或者刚刚停下"),
        (database(psycopg.errors.DiskFull("x")), "数据库所在的磁盘满了"),
        (database(psycopg.errors.UndefinedTable("x")), None),
        (ValueError("x"), None),
    ],
)
def test_a_command_whose_database_is_lost_meanwhile_says_so(error, told, monkeypatch) -> None:
    def lost(**_: object) -> None:
        raise error

    monkeypatch.setattr(administrators.renew_codes, "callback", lost)
    answer = CliRunner().invoke(main, ["renew-codes"])
    if told is None:
        assert answer.exception is error
    else:
        assert (answer.exit_code, answer.stderr) == (2, f"错误：{told}；没有做完，检查后再运行一次\n")


GOOD = {"QINGMIAO_SECRET_KEY": "k7Jq-2vXw9_ZpL4mNc8RtYb3HfGd6SaQeUiOx5W1yTzVlKjB0n", "QINGMIAO_HOSTS": "a.gov.cn"}


@pytest.mark.parametrize(("host", "told"), [("no.such.host.invalid", "认不出来"), ("192.0.2.1", "没有 192.0.2.1")])
def test_an_address_that_is_not_ours_is_told(host, told) -> None:
    with pytest.raises(UserError, match=told), port.hold(host, 8765):
        pass


@pytest.mark.parametrize("text", ["0", "65536", "8000²", "٣", "9" * 5000, "-1", "web"])
def test_a_port_that_is_none_is_told(text, monkeypatch) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(UserError, match="不是端口号") as e:
        port.port_from_environment()
    assert len(str(e.value)) < 100
