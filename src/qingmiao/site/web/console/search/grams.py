"""How Chinese words are looked for without a dictionary: by every two characters that stand side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable

from qingmiao.identity.spelling import sounds_in

CHINESE = re.compile(r"[\u3400-\u9fff]+")
ENOUGH = 0.6
"""So many of the asked grams have to be there for a text to count as found (local setting)."""
SHORT = 60
"""Characters of a name; in longer texts pinyin would be heard everywhere (local setting)."""


def grams(text: str) -> tuple[str, ...]:
    """The parts to look for: of each run of Chinese characters every two that are neighbours (a single one as it is),
    of anything else the words; in lower case, each once, in order.

    婴儿死亡率 → 婴儿, 儿死, 死亡, 亡率.
    """
    found: list[str] = []
    for word in text.casefold().split():
        at = 0
        for run in CHINESE.finditer(word):
            found += [word[at : run.start()]] if run.start() > at else []
            found += [run[0][i : i + 2] for i in range(len(run[0]) - 1)] or [run[0]]
            at = run.end()
        found += [word[at:]] if at < len(word) else []
    return tuple(dict.fromkeys(found))


def likeness(asked: str, texts: Iterable[str]) -> float:
    """How well texts answer what was asked: 2 where every word stands in them as it was typed, 1.5 where some are
    pinyin of what stands in the short ones, else the share of the asked grams that stand there (0 below `ENOUGH`)."""
    words, given = asked.casefold().split(), list(texts)
    whole = "\n".join(given).casefold()
    if not words:
        return 0.0
    if all(w in whole for w in words):
        return 2.0
    names = "\n".join(t for t in given if len(t) <= SHORT)
    if all(w in whole or sounds_in(w, names) for w in words):
        return 1.5
    parts = grams(asked)
    share = sum(p in whole for p in parts) / len(parts)
    return share if share >= ENOUGH else 0.0
