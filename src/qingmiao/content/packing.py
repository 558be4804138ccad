"""A pack for a process that keeps it for long: the same, in two thirds of the room."""

from __future__ import annotations

import marshal
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from pydantic import BaseModel

from qingmiao.content.pack import Keys, Pack


class PackedLines(Mapping[Keys, int]):
    """The lines of a file's values as they are kept by a process that hardly ever asks for one: small, and unpacked to
    be read."""

    def __init__(self, lines: Mapping[Keys, int]) -> None:
        self._packed = zlib.compress(marshal.dumps(dict(lines)), 1)

    def _lines(self) -> dict[Keys, int]:
        read: dict[Keys, int] = marshal.loads(zlib.decompress(self._packed))  # made by this process itself
        return read

    def __getitem__(self, keys: Keys) -> int:
        return self._lines()[keys]

    def __iter__(self) -> Iterator[Keys]:
        return iter(self._lines())

    def __len__(self) -> int:
        return len(self._lines())


def packed(pack: Pack) -> Pack:
    """The same pack: the lines of its files packed, equal sets of given keys one set.

    The models are changed in place: each of ten thousands of small ones, which nothing can change, holds a set of the
    keys that its file gave.
    """
    _share_sets(pack)
    whole = {id(p.lines): p.lines for p in pack.places.values()}
    small = {number: PackedLines(lines) for number, lines in whole.items()}
    return replace(pack, places={k: replace(p, lines=small[id(p.lines)]) for k, p in pack.places.items()})


def _share_sets(pack: Pack) -> None:
    sets: dict[frozenset[str], set[str]] = {}
    waiting: list[Any] = [getattr(pack, f.name) for f in fields(pack) if f.name != "places"]
    seen: set[int] = set()
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, str) or id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, BaseModel):
            given = thing.__pydantic_fields_set__
            object.__setattr__(thing, "__pydantic_fields_set__", sets.setdefault(frozenset(given), given))
            waiting.extend(vars(thing).values())
        elif isinstance(thing, Mapping):
            waiting.extend(thing.values())
        elif isinstance(thing, list | tuple | set | frozenset):
            waiting.extend(thing)
        elif is_dataclass(thing) and not isinstance(thing, type):
            waiting.extend(getattr(thing, f.name) for f in fields(thing))
