"""Rules over organisations."""

from __future__ import annotations

from collections.abc import Iterator

from qingmiao.content.faults import circle, fault_at
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault


def check_organisations(pack: Pack) -> Iterator[Fault]:
    """No unit stands above itself."""
    parents = {u.id: u.parent for u in pack.organisations.values()}
    for unit in pack.organisations.values():
        if unit.parent is not None and (ring := circle(unit.id, parents)):
            message = f"上级单位成环：{ring}"
            yield fault_at(pack, "organisations", unit.id, "circle", message, "改 parent", at=("parent",))
