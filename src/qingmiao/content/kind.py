"""What a row of the registry of content kinds says (`kinds.KINDS`), and how one entry names another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from qingmiao.content.base import Content
from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import Fault

Check = Callable[[Pack], Iterator[Fault]]
Side = Literal["measured", "operated"]
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Reference:
    """A key of an entry that holds the id of an entry of another kind.

    `path` leads to it ("columns.*.codes": of every column); a list of ids is one id after the other. `word` is what
    people call it. `where_listed`: a pack that has no entry of that kind at all may name any (a pack to be extended).
    """

    path: str
    folder: str
    word: str
    where_listed: bool = False

    def wanted(self, entry: BaseModel) -> Iterator[tuple[Path, str]]:
        """Every id that stands there, with its place in the entry."""
        yield from _walk(entry, self.path.split("."), ())


def _walk(value: object, steps: list[str], at: Path) -> Iterator[tuple[Path, str]]:
    if value is None:
        return
    if not steps:
        if isinstance(value, str):
            yield at, value
        elif isinstance(value, tuple | list):
            yield from (((*at, n), one) for n, one in enumerate(value) if isinstance(one, str))
        return
    step, rest = steps[0], steps[1:]
    if step == "*" and isinstance(value, Mapping):
        for key, one in value.items():
            yield from _walk(one, rest, (*at, key))
    elif step == "*" and isinstance(value, tuple | list):
        for n, one in enumerate(value):
            yield from _walk(one, rest, (*at, n))
    elif isinstance(value, BaseModel):
        yield from _walk(getattr(value, step), rest, (*at, step))


@dataclass(frozen=True)
class ContentKind:
    """One kind of content: where it stands, what it holds, and all that loading, checking and telling ask about it.

    `many`: a file may hold a list. `key` names the identifying field; a kind without one is a list of entries, told
    apart by the fields `told_apart` (the first is what faults name). `word`: how coverage and links call an entry
    ("form:ID"). `serving`: whether what an entry's `serves` names is measured by it or operated by it, or a function of
    the entry; None where entries serve nothing. `check`: its own rules beside its references. `counter`: how Chinese
    counts its entries in the summary of `check`; empty where they are not counted there.
    """

    folder: str
    model: type[Content]
    title: str
    title_en: str
    many: bool = False
    key: str | None = "id"
    told_apart: tuple[str, ...] = ()
    word: str = ""
    serving: Side | Callable[[Content], Side] | None = None
    refers: tuple[Reference, ...] = ()
    check: Check | None = None
    counter: str = ""

    @property
    def name(self) -> str:
        """The last part of the folder: how a pack's attribute and a difference call it."""
        return self.folder.rpartition("/")[2]

    def named(self, entry: BaseModel) -> str:
        """What tells an entry from the others of its kind."""
        if self.key is not None:
            return str(getattr(entry, self.key))
        return "@".join(str(getattr(entry, k) or "") for k in self.told_apart)

    def entries(self, pack: Pack) -> Mapping[str, Content]:
        """The pack's entries of this kind by what tells them apart, in its order."""
        held = pack.held(self.folder)
        return held if isinstance(held, Mapping) else {self.named(one): one for one in held}

    def side(self, entry: Content) -> Side | None:
        """Whether an entry measures or operates what it serves; None where it serves nothing."""
        return self.serving(entry) if callable(self.serving) else self.serving
