"""The entries of a register as rows from which something is opened for each (a round of all schools)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.registers import books, standing
from qingmiao.site.apps.registers.models import RegisterEntry


def rows_for(
    reach: Reach, register: str, fields: Mapping[str, str], kinds: Collection[str] = ()
) -> tuple[tuple[int, dict[str, str]], ...]:
    """The entries in force that this person sees, in the order of their areas and names: (place from 1, the name there
    → what the field of the entry says, as text). `kinds`: only these (none: all). None of a register that this person
    does not see."""
    if register not in books.every() or register not in standing.seen(reach):
        return ()
    rows = RegisterEntry.objects.filter(standing.visible(reach), register=register, state="open")
    found: list[tuple[int, dict[str, str]]] = []
    for entry in rows.order_by("area", "name", "pk"):
        if kinds and entry.answers.get("kind") not in kinds:
            continue
        said = {ours: entry.answers.get(theirs) for ours, theirs in fields.items()}
        found.append((len(found) + 1, {k: str(v) for k, v in said.items() if v not in (None, "")}))
    return tuple(found)
