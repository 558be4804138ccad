"""The pack's programmes made ready, once a process; which roles they name."""

from __future__ import annotations

from functools import lru_cache

from qingmiao.casework.ready import ReadyProgramme, prepare_programme
from qingmiao.content import programme_reach
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
        for made in (_named, _owning, _watching):
            made.cache_clear()
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


def owning() -> dict[str, frozenset[str]]:
    """Programme → the roles whose its states are, and who confirms: at a unit that has to do with a case they see it,
    whoever took its steps. Who only reports or opens sees the own ones."""
    _fresh()
    return _owning()


def watching() -> dict[str, frozenset[str]]:
    """Programme → the roles that have to do with every case of a place: whose the states are beyond the first ones, who
    confirms, who moves a case on without being of those who open it."""
    _fresh()
    return _watching()


def supervising() -> dict[str, frozenset[str]]:
    """Programme → the roles that supervise its cases without handling them; only those that have any."""
    return {id_: frozenset(one.supervision.roles) for id_, one in every().items() if one.supervision is not None}


def working_roles() -> frozenset[str]:
    """The roles that any programme names: whoever holds one works with cases."""
    return frozenset().union(*named().values())


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
        roles |= set(one.supervision.roles) if one.supervision is not None else set()
        roles |= {r for group in case_groups(one, blocks).values() for r in group.roles}
        found[id_] = frozenset(roles)
    return found


@lru_cache(maxsize=1)
def _owning() -> dict[str, frozenset[str]]:
    return {id_: programme_reach.owning(one) for id_, one in _every().items()}


@lru_cache(maxsize=1)
def _watching() -> dict[str, frozenset[str]]:
    return {id_: programme_reach.watching(one) for id_, one in _every().items()}
