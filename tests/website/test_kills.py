"""Fifty kills of the real server and worker at random moments: nothing acknowledged is lost, nothing is half done."""

from __future__ import annotations

from website.killing import Drill

KILLS = 50


def test_nothing_acknowledged_is_lost_by_kill_9() -> None:
    drill = Drill(seed=20260501)
    try:
        drill.start()
        outcome = drill.run(KILLS)
        wrong = drill.check()
    finally:
        ended = drill.end()
    assert wrong == []
    assert ended == []
    assert outcome.acknowledged["save"] >= 10
    assert outcome.acknowledged["accept"] >= 2
    assert outcome.acknowledged["upload"] >= 2
    assert sum(outcome.unknown.values()) >= 1, "no kill ever met a request: the drill proves nothing"
