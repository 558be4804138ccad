"""How a name is searched: its normal form, how it sounds, its initials. Of a child without a name, the mother's."""

from __future__ import annotations

from dataclasses import dataclass

from qingmiao.identity.names import normal_name, read_name
from qingmiao.identity.readings import initials, sounds


@dataclass(frozen=True)
class SearchKeys:
    """What stands beside a name in its row."""

    key: str
    pinyin: str
    initials: str


def keys_of(name: str) -> SearchKeys:
    """The keys of a name, cut to what their columns hold."""
    read = read_name(name)
    if not read.tokens and read.mother:
        read = read_name(read.mother)
    heard = "".join(sounds(read.tokens, read.surname))
    return SearchKeys(normal_name(name)[:60], heard[:200], initials(read.tokens, read.surname)[:60])


def key(name: str) -> str:
    """The normal form alone."""
    return normal_name(name)[:60]
