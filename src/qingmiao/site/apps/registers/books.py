"""The pack's registers made ready, once a process; their flows; who may do what with which."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from qingmiao.content.base import EvidenceMark, Label, Source
from qingmiao.content.pack import Pack
from qingmiao.content.registers import RegisterKind
from qingmiao.flow import Flow
from qingmiao.forms.ready import places
from qingmiao.registers.judging import ReadyRegister, ready_register
from qingmiao.registers.steps import flow_of
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.access import AbsentError

MOST = 128
"""Registers that a process keeps ready: a pack has far fewer."""


class _OfPack:
    """The pack whose registers are ready."""

    pack: Pack | None = None


def _fresh() -> None:
    """Forget what was made of another pack (tests load several)."""
    if _OfPack.pack is not site_pack.pack():
        for made in (_every, _ready, _flow):
            made.cache_clear()
        _OfPack.pack = site_pack.pack()


@lru_cache(maxsize=1)
def _every() -> dict[str, RegisterKind]:
    found = site_pack.pack().entries("registers", RegisterKind)
    return {k.id: k for k in sorted(found.values(), key=lambda k: (k.order, k.id))}


@lru_cache(maxsize=MOST)
def _ready(id_: str) -> ReadyRegister:
    pack = site_pack.pack()
    return ready_register(_every()[id_], pack.facts, pack.codes, places(pack))


@lru_cache(maxsize=MOST)
def _flow(id_: str) -> Flow:
    return flow_of(_every()[id_])


def every() -> dict[str, RegisterKind]:
    """Every register by id, low `order` first."""
    _fresh()
    return _every()


def ready(id_: str) -> ReadyRegister:
    """A register with its form. Raises AbsentError for one that the pack has not (any more)."""
    if id_ not in every():
        raise AbsentError("没有这个登记册")
    return _ready(id_)


def flow(id_: str) -> Flow:
    """A register's flow. Raises AbsentError likewise."""
    ready(id_)
    return _flow(id_)


GONE = RegisterKind(
    id="gone", version=1, label=Label(zh="已停用的登记册", en="a register no longer kept"), of="site", keeper="nobody",
    kept_by=("nobody",), source=Source(evidence=EvidenceMark.LOCAL), unique=(("name", "area"),),
)  # fmt: skip
"""What entries of a register go by that the pack no longer has: they stand, and nobody does anything with them."""
_WHOLE = flow_of(GONE)
_GONE_FLOW = Flow(
    _WHOLE.name, _WHOLE.label, tuple(s for s in _WHOLE.states if s.name in ("open", "closed")),
    tuple(replace(s, guards=()) for s in _WHOLE.steps if s.name == "close" and s.source == "open"),
)  # fmt: skip


def kind(id_: str) -> RegisterKind:
    """A register; `GONE` for one that the pack no longer has."""
    return every().get(id_, GONE)


def flow_or_gone(id_: str) -> Flow:
    """A register's flow; of one that the pack no longer has, that of nobody."""
    return flow(id_) if id_ in every() else _GONE_FLOW


def flows() -> tuple[Flow, ...]:
    """The flow of every register."""
    return tuple(flow(id_) for id_ in every())
