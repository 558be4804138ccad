"""A child process of the site: started so that it ends with its parent, ended with patience."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass

from qingmiao.site.parenthood import SMALL, bound_to_parent

GRACE = 15.0
"""Seconds that a child has to end by itself."""


@dataclass
class ChildProcess:
    """One kept-alive child process."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    quick_deaths: int = 0
    handles: tuple[int, ...] = ()
    """Open files that it inherits."""

    def start(self) -> None:
        """Start it, in the main thread; it ends when this process ends, even by kill -9."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command, env=SMALL | os.environ, preexec_fn=bound_to_parent(), start_new_session=True,
            pass_fds=self.handles,
        )  # fmt: skip


def end(child: ChildProcess) -> None:
    """Ask the child to end, wait, and kill what does not."""
    process = child.process
    if process is None or process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
