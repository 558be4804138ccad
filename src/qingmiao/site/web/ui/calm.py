"""Answers that are meant to ask for patience (a first start still loads, the database is away) are no faults: they
stand in the log as one line a minute that counts them, in place of an error line each.
"""

from __future__ import annotations

import logging
import threading
import time

from django.http import HttpResponse

log = logging.getLogger("qingmiao.patience")

EVERY = 60.0
"""Seconds between two lines of one reason in one server process."""


class Calm:
    """Counts answers by reason; says how many there were at most once in `every` seconds."""

    def __init__(self, every: float = EVERY) -> None:
        self._every = every
        self._said: dict[str, float] = {}
        self._since: dict[str, int] = {}
        self._lock = threading.Lock()

    def due(self, reason: str, now: float) -> int:
        """How many answers a line has to tell of now; 0 when it is not its time yet."""
        with self._lock:
            count = self._since.get(reason, 0) + 1
            if now - self._said.get(reason, float("-inf")) < self._every:
                self._since[reason] = count
                return 0
            self._said[reason], self._since[reason] = now, 0
            return count


CALM = Calm()


def patience(answer: HttpResponse, reason: str) -> HttpResponse:
    """The answer itself, no longer an error to Django's own log; `reason` is one of a few fixed sentences."""
    answer._has_been_logged = True  # type: ignore[attr-defined]  # read by django.utils.log.log_response
    count = CALM.due(reason, time.monotonic())
    if count:
        log.warning("%s (%s answers since the last line)", reason, count)
    return answer
