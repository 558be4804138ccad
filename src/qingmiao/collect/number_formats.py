"""What a spreadsheet's number format shows instead of the number that is stored: per cent, thousands left out, 万 added,
nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

_PIECE = re.compile(r'"([^"]*)"|[\\!](.)|_.|\*.|(\[[^\]]*\])|(.)', re.DOTALL)
_SCALING = re.compile(r"[0#?](,+)(?![,0#?])")
_WEIGHTY = re.compile(r"[0-9%‰‱十百千万亿.]")
_DATE = re.compile(r"[ymdhs年月日时分秒]", re.IGNORECASE)


@dataclass(frozen=True)
class ShownAs:
    """How the number seen differs from the one stored. `text` is what the format adds (literal), else the format.

    percent: a hundred times as much is shown; scaled: thousands are left out, or several % signs; hidden: no digit is
    shown; literal: text is added that changes the meaning (万, %, digits).
    """

    kind: Literal["percent", "scaled", "hidden", "literal"]
    text: str


@lru_cache(maxsize=4096)
def shown_as(code: str, negative: bool = False) -> ShownAs | None:
    """What a number format (ECMA-376 part 1, 18.8.31) does to a positive or negative number; None where it does not
    mislead.

    A format with conditions counts by its worst section. Dates are none of this: the reader gives them as dates.
    """
    if not code or "general" in code.lower() or "通用格式" in code:
        return None
    texts = _sections(code)[:3]
    sections = [_section(t) for t in texts]
    if re.search(r"\[[<>=]", code):
        found = [s for s in sections if s is not None]
        return next((s for s in found if s.kind != "percent"), found[0] if found else None)
    return sections[1] if negative and len(sections) > 1 else sections[0]


def _sections(code: str) -> list[str]:
    found = [""]
    for piece in _PIECE.finditer(code):
        if piece[0] == ";":
            found.append("")
        else:
            found[-1] += piece[0]
    return found


def _section(code: str) -> ShownAs | None:
    pieces = list(_PIECE.finditer(code))
    signs = "".join(p[4] or "" for p in pieces)
    literal = "".join(p[1] if p[1] is not None else p[2] or "" for p in pieces)
    literal += "".join(c for c in signs if c in "‰‱十百千万亿")
    if _DATE.search(re.sub(r"[Ee][+-]", "", signs)) and not re.search("[0#?]", re.sub(r"s\.0+", "", signs)):
        return None
    if not re.search("[0#?@]", signs):
        return ShownAs("hidden", code)
    if _SCALING.search(signs) or signs.count("%") > 1:
        return ShownAs("scaled", code)
    if "%" in signs:
        return ShownAs("percent", code)
    return ShownAs("literal", literal.strip()) if _WEIGHTY.search(literal) else None
