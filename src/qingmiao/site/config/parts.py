"""The parts of a start, told as they begin and with their seconds at the end."""

from __future__ import annotations

import time
from collections.abc import Callable


class Parts:
    """Says each part when it begins, and at the end how many seconds each took."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._seconds: dict[str, float] = {}
        self._now, self._began = "", 0.0

    def begin(self, part: str, *, about: str = "") -> None:
        """The part before is over; this one begins."""
        self.end()
        self._now, self._began = part, time.monotonic()
        self._say(f"{part}{about}")

    def note(self, text: str) -> None:
        """Something that is no part of the work."""
        self._say(text)

    def end(self) -> None:
        """The present part is over."""
        if self._now:
            self._seconds[self._now] = time.monotonic() - self._began
            self._now = ""

    def summary(self) -> None:
        """Say each part with its seconds."""
        self.end()
        self._say("用时：" + "，".join(f"{part} {seconds:.1f} 秒" for part, seconds in self._seconds.items()))
