"""What the children of `test_children` are asked to do."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from qingmiao.kernel.errors import UserError


def write(path: str, text: str) -> None:
    Path(path).write_text(text, "utf-8")


def write_number(path: str) -> None:
    Path(path).write_text(f"{os.getpid()}\n", "ascii")


def write_parent(path: str) -> None:
    Path(path).write_text(f"{os.getppid()}\n", "ascii")


LOADED: list[str] = []


def load() -> None:
    LOADED.append("loaded")


def write_loaded(path: str) -> None:
    write(path, ",".join(LOADED))


def refuse() -> None:
    raise UserError("没有数据")


def break_down() -> None:
    raise ZeroDivisionError


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave() -> None:
    os._exit(7)


def sleep() -> None:
    time.sleep(600)


def sleep_with_number(path: str) -> None:
    write_number(path)
    sleep()


def chatter() -> None:
    print("{}")
    os.write(1, b"not an answer\n")
