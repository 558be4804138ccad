"""Work beside a first start: its end is known; faults are said in words; its parent's end is its own."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys

from qingmiao.kernel.errors import UserError
from qingmiao.site.prepare import Beside, said

ENDS = 30.0
ORPHAN = """
import os, signal, sys
from qingmiao.site.prepare import Beside
Beside(lambda: signal.pause() or 0)
print("begun", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_code_of_work_beside_is_told():
    assert Beside(lambda: 0).join() == 0
    assert Beside(lambda: 3).join() == 3


def test_work_that_a_signal_ends_has_a_negative_code():
    assert Beside(lambda: os.kill(os.getpid(), signal.SIGKILL) or 0).join() == -signal.SIGKILL


def test_a_bug_beside_is_written_down_and_never_comes_back_into_the_parents_code(capfd):
    parent = os.getpid()
    assert Beside(lambda: [][1]).join() == 1
    assert os.getpid() == parent
    assert "IndexError" in capfd.readouterr().err


def test_a_users_fault_is_said_in_words_with_exit_code_2(capfd):
    def wrong() -> int:
        raise UserError("数据库结构更新不了")

    assert Beside(lambda: said(wrong)).join() == 2
    told = capfd.readouterr().err
    assert "错误：数据库结构更新不了" in told
    assert "Traceback" not in told


def test_work_beside_ends_when_its_parent_is_killed():
    """The pipe's other end is held by the parent and by what works beside it: it closes when both are gone."""
    with subprocess.Popen([sys.executable, "-c", ORPHAN], stdout=subprocess.PIPE) as orphan:
        assert orphan.stdout is not None
        assert orphan.stdout.readline() == b"begun\n"
        assert select.select([orphan.stdout], [], [], ENDS)[0]
        assert orphan.stdout.read() == b""
