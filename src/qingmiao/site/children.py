"""Heavy work runs in a process of its own that ends: the worker stays small and gives the memory back (decision 0019).

The worker calls `do("module:function", …)`; the child (`qingmiao.site.child`) calls the function with the arguments.
Requests go in and answers come out as JSON lines; results are what the function wrote to the database and to files. A
child is ended when its time is up, when the job is cancelled, and when the worker dies, however it dies.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from typing import Any

from procrastinate import JobContext, RetryStrategy

from qingmiao.kernel.errors import UserError
from qingmiao.site.parenthood import SMALL, bound_to_parent

AFTER_A_STOP = RetryStrategy(
    max_attempts=100,
    # A stop ends a job by it, though it is no Exception.
    retry_exceptions={asyncio.CancelledError},  # type: ignore[arg-type]
)
"""A job that the site's stop cut off is done again at the next start; one that failed is not."""


class ChildError(UserError):
    """The work in a child did not end well; the message, in Chinese, is fit for the record of the job."""


class Line:
    """One line of work: one job at a time, the next waits. Its child ends after each job, or stays some idle
    seconds."""

    def __init__(self, name: str, *, seconds: float, stay: float = 0.0, warm: str = "") -> None:
        """`seconds`: the limit of one job; `stay`: how long a child waits for the next job before it ends; `warm`: the
        `module:function` by which one that stays loads what its jobs need."""
        self.name, self.seconds, self.stay, self.warm = name, seconds, stay, warm
        self._free = asyncio.Lock()
        self._child: Process | None = None

    async def do(self, function: str, **arguments: Any) -> None:
        """Call `module:function` in the child with arguments that JSON can carry; return when it has returned.

        Raises ChildError when the function raised, when the time was up, or when the process ended before it answered.
        """
        async with self._free:
            asked = json.dumps({"do": function, "with": arguments}).encode() + b"\n"
            child = await self._ready()
            try:
                answer = await asyncio.wait_for(_exchange(child, asked), self.seconds)
            except TimeoutError:
                await self.end()
                raise ChildError(f"超过 {self.seconds:.0f} 秒没有做完，已经停止；请看站点日志，或稍后再试") from None
            except BaseException:
                await self.end()
                raise
            if answer is None:
                code = await child.wait()
                self._child = None
                raise ChildError(_ended(code))
            if not self.stay:
                await self.end()
            if answer["error"]:
                raise ChildError(answer["error"])

    async def do_where(self, waiting: str, function: str, *, context: JobContext) -> None:
        """Do it where something waits, else begin no process: `waiting` is what comes after FROM, for the worker has
        no models. The job must be one with `pass_context=True`."""
        asked = f"SELECT EXISTS (SELECT FROM {waiting}) AS waiting"
        if (await context.app.connector.execute_query_one_async(asked))["waiting"]:
            await self.do(function)

    async def _ready(self) -> Process:
        """The waiting child, if it lives, else a new one."""
        if self._child is not None and self._child.returncode is None:
            return self._child
        self._child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "qingmiao.site.child", f"--line={self.name}", f"--stay={self.stay}",
            f"--warm={self.warm}", stdin=PIPE, stdout=PIPE, env=SMALL | os.environ, preexec_fn=bound_to_parent(),
            limit=2**20,
        )  # fmt: skip
        return self._child

    async def end(self) -> None:
        """End the child now, whatever it does; what it had not committed is undone by the database."""
        child, self._child = self._child, None
        if child is not None:
            if child.returncode is None:
                child.kill()
            await child.wait()


async def _exchange(child: Process, asked: bytes) -> dict[str, str] | None:
    """Ask and hear the answer; None when the process ended before."""
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(asked)
        await child.stdin.drain()
        told = await child.stdout.readline()
    except (BrokenPipeError, ConnectionResetError):
        return None
    return json.loads(told) if told else None


def _ended(code: int) -> str:
    if code == -signal.SIGKILL:
        return "做到一半被系统终止（多半是内存不足）；关闭别的程序或增加内存后再试"
    return f"做到一半意外结束（{'信号' if code < 0 else '退出码'} {abs(code)}）；请看站点日志后再试"


REPORT = Line("report", seconds=900)
"""A report needs much memory for half a minute: its child ends with it."""
MEASURE = Line("measure", seconds=900, stay=900, warm="qingmiao.site.apps.monitoring.tasks:warm")
"""The next acceptance shall not wait for libraries to load: the child stays a quarter of an hour."""
CHORES = Line("chores", seconds=600)
"""What happens by the hour."""
LISTS = Line("lists", seconds=7200)
"""A list of a million rows takes its time; the next one waits."""
