"""What the system says in Chinese, said in English: one catalogue of sentences for pages, messages and reports.

The engines and the site's apps speak written Chinese. Who reads English gets each sentence through `english`: looked up
whole, else by a pattern with places, else part by part between its stops. What the catalogue does not hold (the plan's
text, names, what people typed) stays as it is, and is marked as Chinese by whoever shows it.

The catalogue is the YAML files of this folder, `"{n} 处发现": "{n} findings"`. A place whose name begins with `n` holds a
number, with `y` a year, with `u` one thing of a list, with `w` whole sentences, any other part of a sentence; what
stands there is said in English in its turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from qingmiao.content import Pack
from qingmiao.content.base import Content, Label
from qingmiao.content.yaml_source import read_yaml

CHINESE = re.compile("[㐀-鿿]")
PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
STOPS = (
    ("。", ". "),
    ("；", "; "),
    ("：", ": "),
    ("（", " ("),
    ("）", ") "),
    ("，", ", "),
    ("、", ", "),
    (" · ", " · "),
    (" ", " "),
)
"""Where a text is cut when it is not known whole, the widest first, and what stands there in English."""
_KINDS = {"n": r"[-−+±]?[\d.,%‰–—…<>≥≤]*\d[\d.,%‰]*", "y": r"\d{4}(?:[—–-]\d{2,4})?", "u": "[^；。、]+?", "w": ".+"}
ANY = "[^；。，：]+?"
NOTHING: Mapping[str, str] = {}
LISTING = frozenset("、")
FULL_WIDTH = re.compile("[㐀-鿿。；，：、（）]")
PUNCTUATION = str.maketrans(
    {"。": ". ", "；": "; ", "，": ", ", "：": ": ", "、": ", ", "（": " (", "）": ")", "「": "“", "」": "”"}
)
TITLE = re.compile("《[^》]*》")
MASK = "\ue000"
"""Stands for a title while the words around it are said."""
MOST_KNOWN = 20_000
"""Sentences that a speaker remembers."""


@dataclass(frozen=True)
class Pattern:
    """A sentence with places: what must stand in a text to match, how it is matched, and its English."""

    literal: str
    matches: re.Pattern[str]
    english: str


class Speaker:
    """Says Chinese in English: by the catalogue, and by the names that a pack has in both languages."""

    def __init__(self, names: Mapping[str, str] = NOTHING, places: tuple[str, ...] = ()) -> None:
        self.names, self.places = names, places
        self.known: dict[str, str] = {}

    def say(self, text: str) -> str:
        """The text in English as far as it is known. Space around it is kept; titles in 《》 stay as they are."""
        if not FULL_WIDTH.search(text):
            return text
        found = self.known.get(text)
        if found is None:
            if len(self.known) > MOST_KNOWN:
                self.known.clear()
            found = self.known[text] = self._say(text)
        return found

    def _say(self, text: str) -> str:
        titles = TITLE.findall(text)
        masked = TITLE.sub(lambda _: MASK, text) if titles else text
        inner = masked.strip()
        told = _catalogue()[0].get(inner)
        if told is None:
            told = self._named(text.strip()) or self._whole(inner) or self._parted(inner)
        if not CHINESE.search(told):
            told = told.translate(PUNCTUATION)
            inner = masked if inner == masked or not inner else inner
        out = masked.replace(inner, told, 1) if inner else masked
        for title in titles:
            out = out.replace(MASK, title, 1)
        return out

    def _named(self, text: str) -> str:
        """A name of the pack, alone or behind an area's; empty where it is none."""
        if text in self.names:
            return self.names[text]
        place = next((p for p in self.places if text.startswith(p) and text.removeprefix(p) in self.names), "")
        return f"{self.names[text.removeprefix(place)]}, {place}" if place else ""

    def _whole(self, text: str) -> str:
        """A whole sentence by its pattern; empty where the catalogue has none."""
        for p in _catalogue()[1]:
            if p.literal in text and (found := p.matches.fullmatch(text)):
                return p.english.format_map({name: self.say(value) for name, value in found.groupdict().items()})
        return ""

    def _parted(self, text: str) -> str:
        """The parts between the widest stops that the text has, each in English where it is known.

        A list is left alone unless all of it is known: half a name is none.
        """
        for stop, said in STOPS:
            if stop not in text:
                continue
            parts = text.split(stop)
            told = [self.say(part) for part in parts]
            if told == parts or (stop in LISTING and any(CHINESE.search(t) for t in told)):
                continue
            return re.sub(r" +([.;,:)])", r"\1", re.sub(r"  +", " ", said.join(told))).strip()
        return text


PLAIN = Speaker()


def english(text: str) -> str:
    """The text in English as far as the catalogue knows it."""
    return PLAIN.say(text)


def speaker_of(pack: Pack) -> Speaker:
    """A speaker that knows every label of the pack that has both languages, also behind the name of an area."""
    names = {label.zh: label.en for label in _labels(tuple(vars(pack).values())) if label.en}
    return Speaker(names, tuple(a.name for a in pack.areas.values()))


@cache
def _catalogue() -> tuple[dict[str, str], tuple[Pattern, ...]]:
    """Sentences without places, and patterns, those with the most words of their own first."""
    whole: dict[str, str] = {}
    patterns: list[tuple[int, Pattern]] = []
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        for zh, en in read_yaml(path, path.name).data.items():
            if not PLACE.search(zh):
                whole[zh] = en
                continue
            pieces = PLACE.split(zh)
            form = "".join(
                re.escape(piece) if i % 2 == 0 else f"(?P<{piece}>{_KINDS.get(piece[0], ANY)})"
                for i, piece in enumerate(pieces)
            )
            own = len("".join(pieces[::2]))
            patterns.append((own, Pattern(max(pieces[::2], key=len), re.compile(form, re.DOTALL), en)))
    return whole, tuple(pattern for _, pattern in sorted(patterns, key=lambda p: -p[0]))


def _labels(value: object) -> Iterator[Label]:
    """Every label inside a value of the pack."""
    if isinstance(value, Label):
        yield value
    elif isinstance(value, Content):
        for inner in value.__dict__.values():
            yield from _labels(inner)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _labels(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _labels(inner)
