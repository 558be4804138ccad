"""Heavy work in processes that end: what comes back, what is told when it goes wrong, and that nothing outlives its
worker."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from qingmiao.site.children import AFTER_A_STOP, ChildError, Line
from waiting import ENDS, finished, until

HERE = "website.children_work"


@pytest.fixture
def surroundings(monkeypatch, tmp_path):
    """The child's environment: the settings of the tests, and this folder's modules."""
    tests = str(Path(__file__).resolve().parents[1])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([tests, *sys.path]))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "qingmiao.site.config.testing")
    return tmp_path


def run(work, *, seconds: float = 60, stay: float = 0.0):
    """What a coroutine gives that is called with a line of its own; its child is ended."""

    async def whole():
        line = Line("tests", seconds=seconds, stay=stay)
        try:
            return await work(line)
        finally:
            await line.end()

    return finished(whole())


def test_arguments_go_in_and_what_was_written_stays(surroundings):
    run(lambda line: line.do(f"{HERE}:write", path=str(surroundings / "a"), text="写好了"))
    assert (surroundings / "a").read_text("utf-8") == "写好了"


def twice(folder: Path, function: str):
    """Two jobs, one after the other, and the numbers that they wrote."""

    async def both(line):
        for name in "ab":
            await line.do(f"{HERE}:{function}", path=str(folder / name))
        return [int((folder / name).read_text("ascii")) for name in "ab"]

    return both


def test_a_child_that_does_not_stay_is_gone_after_its_job(surroundings):
    first, second = run(twice(surroundings, "write_number"))
    assert first != second
    assert not psutil.pid_exists(second)


def test_a_child_that_stays_begins_the_next_job_too_and_each_job_gives_all_back(surroundings):
    first, second = run(twice(surroundings, "write_parent"), stay=60)
    assert first == second
    assert not psutil.pid_exists(first)
    first, second = run(twice(surroundings, "write_number"), stay=60)
    assert first != second
    until(lambda: not psutil.pid_exists(second))


def test_what_a_staying_child_loads_is_there_for_each_job(surroundings):
    async def two(line):
        line.warm = f"{HERE}:load"
        for name in "ab":
            await line.do(f"{HERE}:write_loaded", path=str(surroundings / name))

    run(two, stay=60)
    assert [(surroundings / name).read_text("utf-8") for name in "ab"] == ["loaded", "loaded"]


@pytest.mark.parametrize(
    ("function", "told"),
    [
        ("refuse", "没有数据"),
        ("break_down", "程序出错（ZeroDivisionError）"),
        ("die", "内存不足"),
        ("leave", "退出码 7"),
    ],
)
def test_every_bad_end_is_told_in_chinese_and_the_next_job_is_done(surroundings, function, told):
    async def fails_then_works(line):
        with pytest.raises(ChildError, match=told):
            await line.do(f"{HERE}:{function}")
        await line.do(f"{HERE}:write", path=str(surroundings / "after"), text="好")

    run(fails_then_works, stay=60)
    assert (surroundings / "after").exists()


def test_a_job_that_takes_too_long_is_ended(surroundings):
    async def too_long(line):
        await line.do(f"{HERE}:write_number", path=str(surroundings / "pid"))
        line.seconds = 0.2
        with pytest.raises(ChildError, match="没有做完"):
            await line.do(f"{HERE}:sleep")

    run(too_long, stay=60)
    assert not psutil.pid_exists(int((surroundings / "pid").read_text("ascii")))


def test_a_job_that_is_stopped_is_gone_with_the_child_that_stays(surroundings):
    path = surroundings / "pid"

    async def stopped(line):
        job = asyncio.create_task(line.do(f"{HERE}:sleep_with_number", path=str(path)))
        while not (path.exists() and path.read_text("ascii").endswith("\n")):
            await asyncio.sleep(0.05)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        return int(path.read_text("ascii"))

    number = run(stopped, stay=60)
    until(lambda: not psutil.pid_exists(number))


def test_what_a_library_prints_is_no_answer(surroundings):
    run(lambda line: line.do(f"{HERE}:chatter"))


def test_a_child_dies_with_its_worker_however_it_dies(surroundings):
    path = surroundings / "pid"
    code = (
        "import asyncio; from qingmiao.site.children import Line\n"
        f"asyncio.run(Line('tests', seconds=600).do('{HERE}:sleep_with_number', path={str(path)!r}))"
    )
    worker = subprocess.Popen([sys.executable, "-c", code])
    try:
        until(lambda: path.exists() and path.read_text("ascii").endswith("\n"))
        child = psutil.Process(int(path.read_text("ascii")))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        child.wait(ENDS)
    finally:
        worker.kill()
        worker.wait()


def test_a_report_that_the_sites_stop_cut_off_is_made_again_and_one_that_failed_is_not():
    from procrastinate.jobs import Job

    job = Job(id=1, queue="report", lock=None, queueing_lock=None, task_name="publishing.make", attempts=1)
    again = AFTER_A_STOP.get_retry_exception(exception=asyncio.CancelledError(), job=job)
    assert again is not None
    assert AFTER_A_STOP.get_retry_exception(exception=ChildError("没有数据"), job=job) is None
