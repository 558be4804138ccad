"""Is a pack whole? Every reference resolves, every expression fits its columns, every target can be decided.

`check_pack` finds all faults of meaning in one go; faults of form come from loading (`read_pack`). The rules of a kind
of content are those that its row in `kinds` names; what holds for every kind is in `check_kinds`.
"""

from __future__ import annotations

from pathlib import Path

from qingmiao.content.causes import named, settled
from qingmiao.content.check_kinds import check_references, check_serving
from qingmiao.content.kinds import KINDS
from qingmiao.content.load import read_pack
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault


def check_path(root: Path) -> tuple[Pack | None, list[Fault]]:
    """Load a pack and find every fault of form and of meaning, sorted by file and line."""
    pack, faults = read_pack(root)
    if pack is not None:
        faults = [named(pack, f) for f in faults] + check_pack(pack)
    return pack, sorted(set(faults))


def check_pack(pack: Pack) -> list[Fault]:
    """Every fault of meaning in a loaded pack."""
    rules = [kind.check for kind in KINDS.values() if kind.check is not None]
    return settled(pack, [fault for rule in (*rules, check_references, check_serving) for fault in rule(pack)])
