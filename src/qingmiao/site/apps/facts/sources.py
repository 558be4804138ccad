"""Who publishes: a kind of source says how the origin of its rows is shown and where a person finds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Address = Callable[[str], str]
"""The name of a source → the page that shows it ("" for none)."""
Label = Callable[[str], str]
"""The name of a source → how it is called, in Chinese."""


@dataclass(frozen=True)
class Entered:
    """Whose a source is, and who entered it and took it over, in words ("" where nobody is known)."""

    unit: str = ""
    who: str = ""


NOBODY = Entered()
Seeing = Callable[[str, Any], bool]
"""The name of a source and a person's reach → whether it is for that person to see."""
Entering = Callable[[str], Entered]
"""The name of a source → whose it is and who entered it."""


@dataclass(frozen=True)
class RowOrigin:
    """Where a row came from, for a person: its words, the address of a page ("" when there is none), whose it is (the
    unit's id) and who entered it."""

    label: str
    address: str
    unit: str = ""
    who: str = ""


_kinds: dict[str, tuple[Label, Address, Entering]] = {}
_records: dict[str, Seeing | None] = {}
"""The kinds of sources that are children's records, and who may see what such a source leads to."""


def _by_nobody(name: str) -> Entered:
    return NOBODY


def _nowhere(name: str) -> str:
    return ""


def register(
    kind: str,
    *,
    label: Label,
    address: Address = _nowhere,
    entered: Entering = _by_nobody,
    of_records: bool = False,
    seen: Seeing | None = None,
) -> None:
    """Make a kind of source known (the word before the colon of a source). Raises ValueError for a second one of a
    kind.

    `of_records`: it tells of children's records, which count in the years that the policy says (`from_records`);
    `seen`: who may see where it leads and who entered it, where that is not everybody of its unit.
    """
    if kind in _kinds and _kinds[kind] != (label, address, entered):
        raise ValueError(f"two sources of facts are called {kind}")
    _kinds[kind] = (label, address, entered)
    if of_records:
        _records[kind] = seen


def of_records() -> tuple[str, ...]:
    """The kinds of sources that are children's records."""
    return tuple(sorted(_records))


def may_see(given: str, reach: Any) -> bool | None:
    """Whether a person may see what a row's source leads to; None where its kind leaves that to the source's unit."""
    kind, _, name = given.rpartition("@")[0].partition(":") if "@" in given else given.partition(":")
    seen = _records.get(kind)
    return None if seen is None else seen(name, reach)


def is_known(source: str) -> bool:
    """Whether a source is written as it must be: a registered kind, a colon, a name."""
    kind, colon, name = source.partition(":")
    return kind in _kinds and bool(colon and name)


def origin(given: str) -> RowOrigin:
    """The origin of a row by its `_file`: a source (kind:name@version) as its kind shows it; a file's name as it is."""
    source, at, version = given.rpartition("@") if "@" in given else (given, "", "")
    if not is_known(source):
        return RowOrigin(given, "")
    kind, _, name = source.partition(":")
    label, address, entered = _kinds[kind]
    by = entered(name)
    said = f"{label(name)}（第 {version} 版）" if at else label(name)
    return RowOrigin(said, address(name), by.unit, by.who)


register("load", label=lambda name: f"数据文件 {name}")
