"""How Chinese words are typed in Latin letters: a word's spellings, and what is heard when letters are typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice, product

from qingmiao.identity.readings import readings

MOST = 64
"""Combinations of readings of one word that are looked at (a name of three characters rarely has more than eight)."""
LONGEST, PARTINGS = 24, 16
"""Letters that are heard at most, and ways in which they part: they bound the expression (50,000 characters)."""
FIRST, LAST = 0x4E00, 0x9FFF
"""The block of Chinese characters that names are written in."""


def chinese_parts(text: str) -> list[str]:
    """The runs of two and more Chinese characters in a text."""
    kept = "".join(c if "\u3400" <= c <= "\u9fff" else " " for c in text)
    return [part for part in kept.split() if len(part) >= 2]


def spelled(word: str) -> Iterator[str]:
    """Every way in which a word of Chinese characters reads in pinyin: 单县 → danxian, shanxian, chanxian.

    Nothing where a character has no reading in the table; ü is given as v and as u.
    """
    known = [readings(c) for c in word]
    if all(known):
        for number, syllables in enumerate(product(*known)):
            if number == MOST:
                return
            yield "".join(syllables)
            if any("v" in s for s in syllables):
                yield "".join(syllables).replace("v", "u")


@lru_cache(maxsize=1 << 10)
def heard_as(letters: str) -> str:
    """A regular expression of the Chinese words that somebody means who types letters: their syllables, the last one
    perhaps not to its end (shuanghe, shuangh), or the first letter of each (shx). "" where letters are no pinyin.

    Two first letters are a whole text of two characters, for they stand in too many words. The expression is one for
    Python and PostgreSQL alike. ü is typed as v or u, an apostrophe says nothing.
    """
    said = letters.casefold().replace("'", "").replace("’", "").replace("ü", "v")
    if not (2 <= len(said) <= LONGEST and said.isascii() and said.isalpha()):
        return ""
    found = [_any_of(said)] if said in _syllables() else []
    found += ["".join(map(_any_of, p)) for p in islice(_partings(said), PARTINGS) if len(p) > 1]
    firsts = "".join(_any_of(f"{letter}*") for letter in said)
    if all(_any_of(f"{letter}*") for letter in said):
        found.append(firsts if len(said) > 2 else rf"\A{firsts}\Z")
    return "|".join(found)


@lru_cache(maxsize=1 << 10)
def _heard(letters: str) -> re.Pattern[str] | None:
    expression = heard_as(letters)
    return re.compile(expression) if expression else None


def sounds_in(letters: str, text: str) -> bool:
    """Whether a text holds a Chinese word that somebody means who types these letters (`heard_as`)."""
    meant = _heard(letters)
    return meant is not None and meant.search(text) is not None


def _partings(said: str) -> Iterator[tuple[str, ...]]:
    """The ways in which letters part into syllables, longest first; the last is or begins one, written with a star:
    shuangh → shuang, h*."""
    known = _syllables()
    if any(s.startswith(said) for s in known):
        yield (f"{said}*",)
    for size in range(min(len(said) - 1, 6), 0, -1):
        if said[:size] in known:
            for rest in _partings(said[size:]):
                yield (said[:size], *rest)


@lru_cache(maxsize=1 << 10)
def _any_of(syllable: str) -> str:
    """A class of the characters that sound so, or begin so (with a star); "" for none."""
    known = _syllables()
    begins = syllable.endswith("*")
    those = [known[s] for s in known if s.startswith(syllable[:-1])] if begins else [known.get(syllable, "")]
    characters = "".join(sorted(set("".join(those))))
    return f"[{characters}]" if characters else ""


@cache
def _syllables() -> dict[str, str]:
    """Syllable → the characters with such a reading; one table for the process."""
    found: dict[str, list[str]] = {}
    for number in range(FIRST, LAST + 1):
        for reading in readings(chr(number)):
            for said in {reading, reading.replace("v", "u")}:
                if set(said) & set("aeiouv"):
                    found.setdefault(said, []).append(chr(number))
    return {said: "".join(characters) for said, characters in found.items()}
