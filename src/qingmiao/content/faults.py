"""A fault of meaning at the place where an entry stands, and the likely id behind a misspelt one."""

from __future__ import annotations

import difflib
from collections.abc import Container, Iterable, Mapping

from qingmiao.content.pack import Pack
from qingmiao.content.words import half_width
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
    subject: str = "",
) -> Fault:
    """A fault at the place where an entry stands, or at the key `at` inside it; `subject`: the missing thing behind
    it."""
    place = pack.place(kind, id_)
    return Fault(place.file, place.at(*at), code, message, place=id_, hint=hint, subject=subject)


def unknown(pack: Pack, known: Container[str], id_: str) -> bool:
    """Nothing defines this id, and no file with a fault of its own might."""
    return id_ not in known and not pack.lends(id_)


def circle(start: str, parent_of: Mapping[str, str | None]) -> str:
    """ "a → b → a" where going up from `start` comes back to it; empty otherwise."""
    chain = [start]
    while (above := parent_of.get(chain[-1])) is not None and above not in chain:
        chain.append(above)
    return " → ".join([*chain, start]) if above == start else ""


def near(wanted: str, known: Iterable[str] | Mapping[str, object]) -> str:
    """ "是不是 X" for a misspelt id or for a name in the place of one (`known` maps ids to what has a name), else the
    first few."""
    options = list(known)
    if isinstance(known, Mapping):
        named = [id_ for id_, entry in known.items() if wanted and wanted in _names(entry)]
        if len(named) == 1:
            return f"写编号「{named[0]}」，不写名称"
    plain = half_width(wanted)
    close = [plain] if plain in options else difflib.get_close_matches(plain, options, n=1, cutoff=0.6)
    if close:
        return f"是不是「{close[0]}」"
    return "可用：" + "、".join(options[:12]) + ("…" if len(options) > 12 else "") if options else "先建立它"


def _names(entry: object) -> tuple[str, ...]:
    label = getattr(entry, "label", None)
    return tuple(
        str(x) for x in (label, getattr(label, "en", ""), *(getattr(entry, n, "") for n in ("name", "short"))) if x
    )
