"""The pack's programmes made ready, once a process; which roles they name."""

from __future__ import annotations

from functools import lru_cache

from qingmiao.casework.ready import ReadyProgramme, prepare_programme
from qingmiao.content.pack import Pack
from qingmiao.content.programme_changes import programmes_of
from qingmiao.content.programme_forms import blocks_of, case_groups
from qingmiao.content.programmes import Programme
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.access import AbsentError

MOST = 128
"""Programmes that a process keeps ready: a pack has far fewer."""


class _Kept:
    """The programmes of the pack that was asked last."""

    pack: Pack | None = None


@lru_cache(maxsize=MOST)
def _prepared(id_: str) -> ReadyProgramme:
    return prepare_programme(site_pack.pack(), id_)


@lru_cache(maxsize=1)
def _every() -> dict[str, Programme]:
    return programmes_of(site_pack.pack())


def _fresh() -> None:
    """Forget what was made of another pack (tests load several)."""
    if _Kept.pack is not site_pack.pack():
        _prepared.cache_clear()
        _every.cache_clear()
        _named.cache_clear()
        _Kept.pack = site_pack.pack()


def every() -> dict[str, Programme]:
    """Every programme by id, with the county's changes."""
    _fresh()
    return _every()


def ready(id_: str) -> ReadyProgramme:
    """A programme that cases can go through. Raises AbsentError for one that the pack has not (any more)."""
    if id_ not in every():
        raise AbsentError("没有这个服务项目")
    return _prepared(id_)


def roles_of(id_: str) -> frozenset[str]:
    """Every role that a programme names: whose the states are, who takes or confirms a step, who reads a group."""
    return named().get(id_, frozenset())


def named() -> dict[str, frozenset[str]]:
    """Programme → the roles that it names."""
    _fresh()
    return _named()


@lru_cache(maxsize=1)
def _named() -> dict[str, frozenset[str]]:
    blocks = blocks_of(site_pack.pack())
    found = {}
    for id_, one in _every().items():
        roles = {r for state in one.states.values() for r in state.owners}
        for step in one.steps:
            roles |= {*step.roles, *(step.second.roles if step.second is not None else ())}
        roles |= {r for group in case_groups(one, blocks).values() for r in group.roles}
        found[id_] = frozenset(roles)
    return found
