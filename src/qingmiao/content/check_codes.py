"""Rules over code lists."""

from __future__ import annotations

from collections.abc import Iterator

from qingmiao.content.faults import circle, fault_at, near
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault


def check_codes(pack: Pack) -> Iterator[Fault]:
    """A code's parent is a code of the same list and lies above it."""
    for codes in pack.codes.values():
        parents = {i.code: i.parent for i in codes.items}
        for n, item in enumerate(codes.items):
            at = ("items", n, "parent")
            if item.parent is not None and item.parent not in parents:
                message, hint = f"上级代码「{item.parent}」不存在", near(item.parent, parents)
                yield fault_at(pack, "codes", codes.id, "dangling_id", message, hint, at=at)
            elif ring := circle(item.code, parents):
                yield fault_at(pack, "codes", codes.id, "circle", f"上级代码成环：{ring}", "改 parent", at=at)
