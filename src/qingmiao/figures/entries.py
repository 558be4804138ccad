"""What it takes to follow one number: the line that a report's appendix gives it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AppendixEntry:
    """One number with its source, `number` being its place in the appendix (0: not yet numbered).

    `command` is what to type to see its rows; empty where the number is not counted from rows (a target's bar).
    """

    number: int
    text: str
    what: str
    area: str = ""
    year: str = ""
    numerator: str = ""
    denominator: str = ""
    version: str = ""
    origin: str = ""
    command: str = ""
