"""Two roots for what goes wrong: a user's mistake (shown, exit 2) and a bug (raised as any other exception).

A `Fault` says what is wrong, where, and what to do next; a `UserError` carries all faults found in one go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong in a user's file.

    `code` is stable and short (``unknown_area``); `message` is Chinese prose; `place` names sheet and cell,
    or a dotted path in YAML; `hint` says the likely fix. `line` is 1-based, 0 = not known. As text it is one line,
    whatever control characters the file held.
    """

    file: str
    line: int
    code: str
    message: str
    place: str = ""
    hint: str = ""

    def __str__(self) -> str:
        where = self.file + (f":{self.line}" if self.line else "")
        text = f"{where}"
        if self.place:
            text += f" [{self.place}]"
        text += f" {self.message}"
        if self.hint:
            text += f"（建议：{self.hint}）"
        return "".join(c if c.isprintable() else "�" for c in text)


class UserError(Exception):
    """What the user gave cannot be used; `faults` lists everything found (never only the first)."""

    def __init__(self, message: str, faults: Iterable[Fault] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.faults: tuple[Fault, ...] = tuple(sorted(set(faults)))

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  {f}" for f in self.faults)])
