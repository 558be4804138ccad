"""The child that brings the database to this version and loads: how far it is, told through a pipe (decision 0039)."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path

from qingmiao.kernel.errors import UserError
from qingmiao.site.config.children import ChildProcess, end

PREPARING = 3600.0
"""Seconds that migrations and the first loading may take."""
TELL = "--tell="
"""The word of its command that names the pipe's handle."""
STRUCTURE, ANSWERS, WHOLE = b"s", b"a", b"w"
"""The tables are there, and nobody who asks waits for them; the figures stand, and the rest follows; all is loaded."""


class Preparation:
    """One run of `qingmiao.site.prepare`, from `start` until it ends by itself or is ended."""

    def __init__(self, data: Path | None) -> None:
        self._reading, self._writing = os.pipe()
        words = [f"{TELL}{self._writing}", *([str(data)] if data else [])]
        command = [sys.executable, "-m", "qingmiao.site.prepare", *words]
        self._child = ChildProcess("prepare", command, handles=(self._writing,))
        self._told = b""
        self._end_at = 0.0

    def start(self) -> None:
        """Start it, in the main thread."""
        self._child.start()
        os.close(self._writing)
        self._end_at = time.monotonic() + PREPARING

    def until(self, mark: bytes, stop: threading.Event) -> int:
        """Wait until it has told one of some marks, has ended, or the site is stopped: 0, or its exit code (it says why
        itself). Raises UserError when a signal ended it, or it takes too long."""
        while not stop.is_set():
            self.hear(0.1)
            if set(mark) & set(self._told):
                return 0
            code = self.over()
            if code is not None:
                return code
            if time.monotonic() > self._end_at:
                raise UserError(f"准备数据超过 {PREPARING / 60:.0f} 分钟没有做完，已经停止；数据太大，或者机器太忙")
        return 0

    def hear(self, seconds: float) -> None:
        """Take in what it tells within some seconds."""
        ready, _, _ = select.select([self._reading], [], [], seconds)
        if ready:
            told = os.read(self._reading, 64)
            self._told += told
            if not told:
                time.sleep(seconds)  # it is ending

    @property
    def whole(self) -> bool:
        """Whether it has told that all is loaded."""
        return WHOLE in self._told

    def over(self) -> int | None:
        """Its exit code; None as long as it lives. Raises UserError when a signal ended it."""
        assert self._child.process is not None
        try:
            code = self._child.process.wait(0)
        except subprocess.TimeoutExpired:
            return None
        if code < 0:
            why = f"准备数据时进程被终止（信号 {-code}，多半是内存不足）"
            raise UserError(f"{why}；关闭别的程序或增加内存后再启动")
        return code

    def end(self) -> None:
        """End it: what it had not finished is undone, and done by the next start."""
        end(self._child)
        os.close(self._reading)
