"""What a script expects of its lines (`expect`), compared with what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qingmiao.kernel.errors import UserError

EXPECT = "expect"
KNOWN = ("state", "refused", "due", "marks")
"""What may be expected: the state after the line, words of the refusal, the clocks that run, the side marks."""


def parted(data: object) -> tuple[object, list[Mapping[str, Any]]]:
    """A script without what it expects, and what each of its lines expects.

    Raises UserError for an expectation that is none.
    """
    if not isinstance(data, list):
        return data, []
    lines, wanted = [], []
    for n, line in enumerate(data, start=1):
        known = line.get(EXPECT) if isinstance(line, Mapping) else None
        if known is not None and not (isinstance(known, Mapping) and set(known) <= set(KNOWN)):
            raise UserError(f"脚本第 {n} 行的 expect 只写 {'、'.join(KNOWN)}")
        wanted.append(known or {})
        lines.append({k: v for k, v in line.items() if k != EXPECT} if isinstance(line, Mapping) else line)
    return lines, wanted


def missed(told: Mapping[str, Any], wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """In what a line came out otherwise than expected; a line of which nothing is expected may do anything."""
    if not wanted:
        return ()
    found = []
    if told["allowed"] is ("refused" in wanted):
        found.append(f"应当{'不准' if told['allowed'] else '准'}")
    elif str(wanted.get("refused") or "") not in str(told.get("refused") or ""):
        found.append(f"不准的话里没有“{wanted['refused']}”")
    found += [f"{k} 应为 {wanted[k]}" for k in ("state", "due", "marks") if k in wanted and told[k] != wanted[k]]
    return tuple(found)
