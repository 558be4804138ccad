"""Kills of the real site: what dies is there again, nothing acknowledged is lost or half done, no process is left."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from waiting import ENDS, until
from website.killing import Drill, lives

KILLS = 30


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
    assert outcome.acknowledged["save"] >= 10
    assert outcome.acknowledged["accept"] >= 2
    assert outcome.acknowledged["upload"] >= 2
    assert sum(outcome.unknown.values()) >= 1, "no kill ever met a request: the drill proves nothing"


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
    started = drill.started()
    assert len(started) >= 3
    drill.site.kill()
    drill.site.wait(ENDS)
    until(lambda: not any(lives(p) for p in started))
    drill.log.close()
    drill.begin()
    drill.wait(drill.serves)
