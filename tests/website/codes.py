"""The codes that a page shows where words should stand: what is folded behind 查看依据 is not looked at."""

from __future__ import annotations

import re
from functools import lru_cache
from html.parser import HTMLParser
from importlib import import_module

from qingmiao.content.pack import Pack
from qingmiao.site.apps.directory.access import DOORS

SILENT = {"script", "style", "template", "svg", "title", "option", "textarea"}
"""What is not read: no text of the page, or what somebody chooses or types."""
VALUES = re.compile(r"(?<![A-Za-z0-9_])(?:True|False|None|nan|NaN|null|true|false|undefined)(?![A-Za-z0-9_])")
NUMBERED = re.compile(r"(?<![A-Za-z0-9])[TSGMD]\d{2,3}(?![A-Za-z0-9])")
WORD = re.compile(r"(?<![A-Za-z0-9_.\-/])[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*(?![A-Za-z0-9_])")
DIGITS = re.compile(r"(?<![\d\-])\d{6,12}(?![\d\-])")
MARKS = re.compile("partly_seen|general_knowledge|转载|转引|读到的是")
"""How well a source was read and where a reprint stands: said in the docs alone, on no page, folded or not."""
VOID = {"br", "hr", "img", "input", "link", "meta", "use", "col", "source", "wbr"}


class VisibleText(HTMLParser):
    """The text of a page without what is silent and without what is folded as evidence (`details.basis`, `pre`)."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Whether what follows is read."""
        if tag in VOID:
            return
        classes = (dict(attrs).get("class") or "").split()
        hidden = tag in SILENT or (tag == "details" and "basis" in classes)
        self._open.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        """Closes the latest of that name."""
        for n in range(len(self._open) - 1, -1, -1):
            if self._open[n][0] == tag:
                del self._open[n:]
                return

    def handle_data(self, data: str) -> None:
        """Text that is read."""
        if not any(hidden for _, hidden in self._open):
            self.words.append(data)


@lru_cache(maxsize=1)
def _states() -> frozenset[str]:
    """Names of the states of every flow of the site."""
    import_module("qingmiao.site.config.urls")  # with the pages come the apps, each with its doors
    return frozenset(s.name for door in DOORS.values() for flow in door.flows() for s in flow.states)


def _ids(pack: Pack) -> frozenset[str]:
    """Ids of the content, which are no words of Chinese."""
    kinds = (pack.indicators, pack.goals, pack.measures, pack.targets, pack.systems, pack.facts, pack.forms)
    return frozenset(name for kind in kinds for name in kind)


def codes_in(html: str, pack: Pack) -> list[str]:
    """The codes on a page, each with a few characters around it."""
    page = VisibleText()
    page.feed(html)
    text = " ".join(" ".join(page.words).split())
    ids = _ids(pack) | _states()
    found = [*VALUES.finditer(text), *NUMBERED.finditer(text)]
    marks = [f"{m[0]}: …{html[max(0, m.start() - 20) : m.end() + 20]}…" for m in MARKS.finditer(html)]
    found += [m for m in WORD.finditer(text) if m[0] in ids]
    found += [m for m in DIGITS.finditer(text) if m[0] in pack.areas]
    return marks + [f"{m[0]}: …{text[max(0, m.start() - 20) : m.end() + 20]}…" for m in found]
