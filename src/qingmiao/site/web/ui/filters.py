"""The one form above every list: words, unit, field and what else a list may be narrowed by, read from the address.

A choice that is not offered is no choice: the list is whole then. The year is kept by `years`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest

from qingmiao.site.narrowing import Narrowed
from qingmiao.site.pack import pack
from qingmiao.site.web.ui.language import said, t

LONGEST = 60
"""Characters of the words that are looked for."""
Option = tuple[str, str]
"""A value and its words, in the language of the page."""


@dataclass(frozen=True)
class Select:
    """One choice among several: its parameter, its words, what is offered."""

    name: str
    label: str
    options: tuple[Option, ...]
    chosen: str = ""


class Filters:
    """What somebody has chosen, and the form that shows it. `unit`: the parameter of the unit; `keep`: parameters of
    the page that are no filters and stay (a tab); `words`: whether the list is searched by words."""

    def __init__(
        self,
        request: HttpRequest,
        *,
        units: Iterable[Option] | None = None,
        unit: str = "unit",
        unit_label: str = "",
        fields: bool = False,
        more: Sequence[Select] = (),
        keep: Sequence[str] = (),
        words: bool = True,
    ) -> None:
        given = request.GET
        self.words = words
        self.text = " ".join(given.get("q", "").replace("\0", "").split())[:LONGEST] if words else ""
        selects = list(more)
        if fields:
            label = t("领域", "Field")
            selects.insert(0, Select("field", label, tuple((f.id, said(f.label)) for f in pack().fields)))
        if units is not None:
            selects.insert(0, Select(unit, unit_label or t("单位", "Unit"), tuple(units)))
        self.selects = tuple(
            Select(s.name, s.label, s.options, _offered(given.get(s.name, ""), s.options)) for s in selects
        )
        chosen = {s.name: s.chosen for s in self.selects}
        self.kept = {name: given.get(name, "")[:LONGEST] for name in keep if given.get(name)}
        own = {k: v for k, v in chosen.items() if k not in (unit, "field")}
        self.narrowed = Narrowed(self.text, chosen.get(unit, ""), chosen.get("field", ""), own)
        self.asked = {k: v for k, v in {"q": self.text, **chosen}.items() if v}

    @property
    def all(self) -> dict[str, str]:
        """Everything that a link or form of the page keeps."""
        return {**self.kept, **self.asked}

    @property
    def query(self) -> str:
        """The same for a link, with an & at its end; empty where nothing was chosen."""
        return urlencode(self.all) + "&" if self.all else ""

    @property
    def narrowing(self) -> str:
        """What the list is narrowed to, for a link that changes what the page keeps (a tab)."""
        return urlencode(self.asked) + "&" if self.asked else ""

    @property
    def without(self) -> str:
        """The address without what was chosen."""
        return "?" + urlencode(self.kept)


def _offered(value: str, options: Iterable[Option]) -> str:
    return value if any(value == v for v, _ in options) else ""


def units_of(ids: Iterable[str]) -> tuple[Option, ...]:
    """These units as options, in the order of the pack."""
    wanted = set(ids)
    return tuple((u.id, said(u.label)) for u in pack().organisations.values() if u.id in wanted)
