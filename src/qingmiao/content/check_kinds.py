"""The rules that hold for every kind of content by its row: what an entry refers to exists, and what it serves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from qingmiao.content.base import Content
from qingmiao.content.faults import fault_at, near, unknown
from qingmiao.content.kind import ContentKind, Reference
from qingmiao.content.kinds import KINDS
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault


def check_references(pack: Pack) -> Iterator[Fault]:
    """Every id that an entry gives in a key of `refers` is there."""
    for kind in KINDS.values():
        for entry in kind.entries(pack).values():
            yield from dangling(pack, kind, entry)


def dangling(pack: Pack, kind: ContentKind, entry: Content) -> Iterator[Fault]:
    """Every id that this entry gives and that nothing defines."""
    for reference in kind.refers:
        yield from _dangling(pack, kind, reference, entry)


def _dangling(pack: Pack, kind: ContentKind, reference: Reference, entry: Content) -> Iterator[Fault]:
    known = KINDS[reference.folder].entries(pack)
    if reference.where_listed and not known:
        return
    id_ = kind.named(entry)
    for at, wanted in reference.wanted(entry):
        if unknown(pack, known, wanted):
            message, subject = f"{reference.word}「{wanted}」不存在", f"{reference.folder}/{wanted}"
            hint = near(wanted, known)
            fault = fault_at(pack, kind.folder, id_, "dangling_id", message, hint, at=at, subject=subject)
            yield replace(fault, place=".".join(map(str, (id_, *(at[:-1] or at)))))


def check_serving(pack: Pack) -> Iterator[Fault]:
    """What an entry serves stands in the plan. (Indicators say for themselves what they implement, inform and
    serve.)"""
    elements = set(pack.elements())
    for kind in KINDS.values():
        for entry in kind.entries(pack).values() if kind.serving is not None else ():
            for wanted in serves(entry):
                if elements and unknown(pack, elements, wanted):
                    message, hint = f"serves 提到没有的「{wanted}」", near(wanted, elements)
                    id_, subject = kind.named(entry), f"plan/{wanted}"
                    code, at = "dangling_id", ("serves",)
                    yield fault_at(pack, kind.folder, id_, code, message, hint, at=at, subject=subject)


def serves(entry: Content) -> tuple[str, ...]:
    """The elements of the plan that an entry names in its `serves`; none where its model has no such key."""
    found: tuple[str, ...] = getattr(entry, "serves", ())
    return found
