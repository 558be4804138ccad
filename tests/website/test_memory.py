"""A web process gives back what it no longer uses."""

from __future__ import annotations

import threading

from qingmiao.site import memory
from waiting import ENDS


def test_it_gives_back_again_and_again_until_it_ends(monkeypatch):
    third, over, times = threading.Event(), threading.Event(), []

    def give_back() -> None:
        times.append(1)
        if len(times) == 3:
            third.set()

    monkeypatch.setattr(memory, "EVERY", 0.001)
    monkeypatch.setattr(memory, "give_back", give_back)
    thread = memory.keep_small(over)
    assert third.wait(ENDS)
    over.set()
    thread.join(ENDS)
    assert not thread.is_alive()


def test_another_c_library_has_nothing_to_give(monkeypatch):
    def none_there(name: object) -> None:
        raise OSError

    memory._trim.cache_clear()
    with monkeypatch.context() as other:
        other.setattr(memory.ctypes, "CDLL", none_there)
        memory.give_back()
    memory._trim.cache_clear()
