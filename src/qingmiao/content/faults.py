"""A fault of meaning at the place where an entry stands, and the likely id behind a misspelt one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault


def fault_at(
    pack: Pack,
    kind: str,
    id_: str,
    code: str,
    message: str,
    hint: str = "",
    *,
    at: tuple[str | int, ...] = (),
) -> Fault:
    """A fault at the place where an entry stands, or at the key `at` inside it."""
    place = pack.place(kind, id_)
    return Fault(place.file, place.at(*at), code, message, place=id_, hint=hint)


def circle(start: str, parent_of: Mapping[str, str | None]) -> str:
    """ "a → b → a" where going up from `start` comes back to it; empty otherwise."""
    chain = [start]
    while (above := parent_of.get(chain[-1])) is not None and above not in chain:
        chain.append(above)
    return " → ".join([*chain, start]) if above == start else ""


def near(wanted: str, known: Iterable[str]) -> str:
    """ "是不是 X" for a misspelt id, or the first few that exist."""
    options = list(known)
    close = difflib.get_close_matches(wanted, options, n=1, cutoff=0.6)
    if close:
        return f"是不是「{close[0]}」"
    return "可用：" + "、".join(options[:12]) + ("…" if len(options) > 12 else "") if options else "先建立它"
