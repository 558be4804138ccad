"""How Chinese names are typed in Latin letters: the readings of characters without tones (data/syllables.txt)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from pathlib import Path

MOST = 64
"""Combinations of readings of one word that are looked at (a name of three characters rarely has more than eight)."""


@lru_cache(maxsize=1)
def _readings() -> dict[str, tuple[str, ...]]:
    """Character → its readings, ü as v."""
    found: dict[str, tuple[str, ...]] = {}
    text = (Path(__file__).with_name("data") / "syllables.txt").read_text("utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            syllable, characters = line.split(" ")
            for character in characters:
                found[character] = (*found.get(character, ()), syllable)
    return found


def chinese_parts(text: str) -> list[str]:
    """The runs of two and more Chinese characters in a text."""
    kept = "".join(c if "\u3400" <= c <= "\u9fff" else " " for c in text)
    return [part for part in kept.split() if len(part) >= 2]


def spelled(word: str) -> Iterator[str]:
    """Every way in which a word of Chinese characters reads in pinyin: 单县 → danxian, shanxian, chanxian.

    Nothing where a character has no reading in the table (it holds those of GB/T 2312); ü is given as v and as u.
    """
    known = _readings()
    if all(c in known for c in word):
        for number, syllables in enumerate(product(*(known[c] for c in word))):
            if number == MOST:
                return
            yield "".join(syllables)
            if any("v" in s for s in syllables):
                yield "".join(syllables).replace("v", "u")
