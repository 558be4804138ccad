"""Two roots for what goes wrong: a user's mistake (shown, exit 2) and a bug (raised as any other exception).

A `Fault` says what is wrong, where, and what to do next; a `UserError` carries all faults found in one go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

FOLD_KEEPS = 5
"""How many places of one and the same fault are named; the rest is counted."""


@dataclass(frozen=True, order=True)
class Fault:
    """One thing that is wrong in a user's file.

    `code` is stable and short (``unknown_area``); `message` is Chinese prose; `place` names sheet and cell,
    or a dotted path in YAML; `hint` says the likely fix. `line` is 1-based, 0 = not known. `subject` is the one thing
    behind many faults (an id that nothing defines), not shown; `fix` is what stands in the line and what it must be,
    where that is certain. As text it is one line, whatever control characters the file held.
    """

    file: str
    line: int
    code: str
    message: str
    place: str = ""
    hint: str = ""
    subject: str = ""
    fix: tuple[str, str] | None = field(default=None, compare=False)

    @property
    def where(self) -> str:
        """File and line: "plan/fields/1.yaml:12"."""
        return self.file + (f":{self.line}" if self.line else "")

    def __str__(self) -> str:
        text = self.where
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
        return "\n".join([self.message, *(f"  {line}" for line in told(self.faults))])


def fold(faults: Iterable[Fault]) -> list[tuple[Fault, ...]]:
    """Faults in groups of one cause, each group and the groups in the order of their first fault.

    One cause: the same missing thing (`subject`) anywhere, or in one file the same code and message but for what is
    quoted, counted or named by row.
    """
    groups: dict[tuple[str, ...], list[Fault]] = {}
    for fault in faults:
        groups.setdefault(_cause(fault), []).append(fault)
    return [tuple(group) for group in groups.values()]


def told(faults: Iterable[Fault], keep: int = FOLD_KEEPS) -> list[str]:
    """The lines that tell the faults: of each group of one cause the first `keep`, then how many more there are and
    where.

    Faults with one and the same message are told once with the places of the others.
    """
    lines: list[str] = []
    for group in fold(faults):
        if len({(f.message, f.hint) for f in group}) == 1 or group[0].subject:
            lines.append(str(group[0]))
            rest = group[1:]
        else:
            lines.extend(str(f) for f in group[:keep])
            rest = group[keep:]
        if rest:
            lines.append(f"  …同样的问题还有 {len(rest)} 处：{_places(group[0], rest, keep)}")
    return lines


def _cause(fault: Fault) -> tuple[str, ...]:
    if fault.subject:
        return (fault.code, fault.subject)
    skeleton = re.sub(r"\d+", "0", re.sub(r"「[^」]*」", "「」", fault.message))
    return (fault.file, fault.code, skeleton)


def _places(first: Fault, rest: Sequence[Fault], keep: int) -> str:
    shown = list(dict.fromkeys(_place(first, f) for f in rest))
    return "、".join(shown[:keep]) + ("……" if len(shown) > keep else "")


def _place(first: Fault, fault: Fault) -> str:
    if fault.file != first.file or not fault.line:
        text = fault.where if fault.line or not fault.place else f"{fault.file} [{fault.place}]"
    else:
        text = f"第 {fault.line} 行"
    return "".join(c if c.isprintable() else "�" for c in text)
