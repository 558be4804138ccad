"""What an app does that others may follow without being known to it: calls made in its own transaction, to defer a job.

Imports nothing, so that a process that only listens stays light.
"""

from __future__ import annotations

from collections.abc import Callable


class Followed:
    """An event of an app; `follow` is called once a process by whoever wants to know, `happened` by the app."""

    def __init__(self) -> None:
        self._calls: list[Callable[[], object]] = []

    def follow(self, call: Callable[[], object]) -> None:
        """From now on `call` is called in the transaction of every such event."""
        self._calls.append(call)

    def happened(self) -> None:
        """The event takes place in the present transaction."""
        for call in self._calls:
            call()


RETURN_SUBMITTED = Followed()
"""A return was submitted."""
