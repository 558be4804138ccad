"""Kills of the real site, and its disk full: what dies is there again, nothing acknowledged is lost or half done, no
process is left."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest

from waiting import ENDS, until
from website.killing import DISK, Drill, Outcome, lives

KILLS = 12


@pytest.fixture(scope="module")
def drill() -> Iterator[Drill]:
    """One site for all; at its end it stops in order and its audit chain is whole."""
    made = Drill(seed=20260501)
    try:
        made.start()
        yield made
    finally:
        ended = made.end()
    assert ended == []


def test_nothing_acknowledged_is_lost_by_kill_9(drill: Drill) -> None:
    outcome = drill.run(KILLS)
    assert drill.check() == []
    assert outcome.kills == KILLS
    met = sum(n for what, n in outcome.unknown.items() if what.startswith("case."))
    assert met >= 1, "no kill ever met a step of a case: the drill proves nothing"


def test_pages_come_back_after_the_database_was_killed(drill: Drill) -> None:
    drill.wait(drill.serves)
    drill.kill_database()
    until(lambda: not drill.serves())  # it is away, and says so with 503 and Retry-After (`Person.ask`)
    assert drill.alive(), "the page of life does not need the database"
    drill.wait(drill.serves)


@pytest.mark.parametrize("which", ["server", "its worker"])
def test_a_killed_web_server_leaves_none_beside_the_new_one(drill: Drill, which: str) -> None:
    server = drill.one("granian")
    worker = next(p for p in server.children() if lives(p))
    os.kill(server.pid if which == "server" else worker.pid, signal.SIGKILL)
    until(lambda: not lives(worker))
    drill.wait(drill.serves)
    assert len([p for p in drill.started() if "granian" in " ".join(p.cmdline())]) == 2


def test_a_killed_child_of_the_worker_leaves_nothing_unmeasured(drill: Drill) -> None:
    """The measuring child dies at its work, as when the memory is short."""
    before = drill.outcome.acknowledged["accept"]
    for child in drill.all_with("--line=measure"):  # it waits for work; the next one dies at it
        child.kill()
    while drill.outcome.acknowledged["accept"] == before:
        drill._move()
    until(lambda: bool(drill.all_with("--line=measure")))
    for child in drill.all_with("--line=measure"):
        child.kill()
    assert drill._measured() == []


def ready(drill: Drill) -> dict[str, bool]:
    connection = http.client.HTTPConnection("127.0.0.1", drill.port, timeout=ENDS)
    connection.request("GET", "/health/ready")
    return dict(json.loads(connection.getresponse().read()))


@contextmanager
def filled(drill: Drill) -> Iterator[None]:
    """The disk takes nothing more; whatever was found meanwhile, it is free again afterwards."""
    filler = drill.home / "filler"
    try:
        with filler.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(1 << 16))
        yield
    finally:
        filler.unlink(missing_ok=True)
        drill.wait(drill.serves)


def use_up_the_journal(connection: psycopg.Connection[object]) -> None:
    """Write into the journal until it needs a file more: there the server cannot go on."""
    for _ in range(DISK // 40_000_000):
        connection.execute("SELECT pg_logical_emit_message(true, 'full', repeat('x', 40000000))")


def told(drill: Drill, path: str) -> tuple[int, str]:
    """Status and words of a page, a 503 too."""
    who = drill.people["health-liaison"]
    connection = http.client.HTTPConnection("127.0.0.1", drill.port, timeout=ENDS)
    headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in who.cookies.items())}
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.status, re.sub("<[^>]+>", " ", answer.read().decode())


def save(drill: Drill, value: int) -> tuple[int, str]:
    who, filing = drill.people["health-liaison"], drill.filing["H101"]
    sheet = who.sheet(filing)
    body = {"name": sheet["name"], "revision": sheet["revision"], "cells": {"01.1": str(value)}}
    body |= {"notes": {}, "explanations": {}}
    status, _, text = who.ask("POST", f"/returns/{filing}/cells", json.dumps(body).encode(), "application/json")
    return status, text


def kept(drill: Drill) -> int:
    return int(drill.people["health-liaison"].sheet(drill.filing["H101"])["values"]["01.1"])


def test_what_a_full_disk_refuses_is_said_and_what_was_saved_stays(drill: Drill) -> None:
    if drill.disk is None:
        pytest.skip("这台机器不让进程有自己的磁盘（unshare、nsenter、tmpfs）")
    drill.outcome = Outcome()
    beside = drill.database()  # a new connection needs room
    with filled(drill):
        assert {k for k, v in ready(drill).items() if not v} >= {"home", "room"}
        last = 0
        for value in range(1, 2000):  # the pages and the journal that the database has already take some more
            status, text = save(drill, value)
            if status != 200:
                break
            last = value
        assert status == 507
        for word in ("磁盘满了", "以前保存的内容都在", "刚才提交的没有保存", "请告诉系统管理员"):
            assert word in text
        assert kept(drill) == last, "pages are read as before, and show what was acknowledged"
        for _ in range(40):  # each a new file, until one finds no room
            drill._upload()
            if drill.outcome.problems:
                break
        assert "磁盘满了" in drill.outcome.problems.pop()
        assert drill.outcome.problems == []

        with pytest.raises(psycopg.OperationalError):
            use_up_the_journal(beside)
        until(lambda: "数据库因为磁盘满了停止工作" in told(drill, "/returns/")[1])
        assert told(drill, "/returns/")[0] == 503
        assert drill.alive()
        assert not ready(drill)["database"]

    until(lambda: all(ready(drill).values()))
    assert kept(drill) == last
    assert save(drill, 4711)[0] == 200
    drill._upload()
    assert drill.outcome.problems == []
    assert list(drill.home.rglob("*.part")) == []
    with drill.database() as connection:
        there = {str(i) for (i,) in connection.execute("SELECT id FROM returns_upload").fetchall()}
    assert set(drill.outcome.uploads) <= there


@pytest.mark.parametrize(("home", "word"), [("other", "已经被别的程序占用"), ("home", "已经有一个站点在运行")])
def test_a_second_site_at_the_port_or_in_the_home_is_refused(drill: Drill, home: str, word: str) -> None:
    second = subprocess.run(
        drill.command(home), capture_output=True, text=True, env=drill.surroundings(), timeout=ENDS, check=False
    )
    assert second.returncode == 2
    assert word in second.stderr
    assert "Traceback" not in second.stderr
    assert "已启动" not in second.stderr
    assert drill.serves()


def test_nothing_outlives_a_site_that_was_killed_and_it_starts_again(drill: Drill) -> None:
    until(lambda: len(drill.started()) >= 3)  # the worker may be starting again after what went before
    started = drill.started()
    drill.site.kill()
    drill.site.wait(ENDS)
    until(lambda: not any(lives(p) for p in started))
    drill.log.close()
    drill.begin()
    drill.wait(drill.serves)
