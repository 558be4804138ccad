"""What makes a password easy to guess: runs of keys, repetition, being common, names of person, unit and county."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from django.contrib.auth.password_validation import CommonPasswordValidator

from qingmiao.identity.spelling import chinese_parts, spelled

RUN = 4
"""So many neighbours in a row are a sequence anywhere in a password (local setting)."""
ROWS = (
    "abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "!@#$%^&*()",
    "1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm",
)  # fmt: skip
"""Letters, digits and keys in the order in which they are typed; each also backwards and as one key again and again."""
SHORTEST_READING = 4
"""A name's pinyin of fewer letters stands in too many words (local setting)."""
SHORTEST_PAIR = 6
"""The same for two characters out of a longer name."""
_INSTEAD = str.maketrans("013457@$!", "oleastasi")


@lru_cache(maxsize=1)
def _neighbours() -> frozenset[str]:
    """Every two keys of which one follows the other in a row, forwards or backwards."""
    pairs = {a + b for row in ROWS for a, b in pairwise(row)}
    return frozenset(pairs | {p[::-1] for p in pairs})


def sequences(password: str) -> list[str]:
    """The runs of three and more keys that follow each other in one direction, or are the same: abcd, 4321, aaaa."""
    low, found, start = password.lower(), [], 0
    while start < len(low) - 1:
        end = start + 1
        step = _step(low, end)
        while step and end + 1 < len(low) and _step(low, end + 1) == step:
            end += 1
        if step and end - start >= 2:
            found.append(password[start : end + 1])
        start = end
    return found


def _step(low: str, at: int) -> str:
    """How one key follows the one before: same, up or down in its row; "" where they are no neighbours."""
    pair = low[at - 1 : at + 1]
    if pair[0] == pair[1]:
        return "same"
    if pair not in _neighbours():
        return ""
    return next((f"{row}+" if pair in row else f"{row}-" for row in ROWS if pair in row or pair[::-1] in row), "")


def is_sequence(password: str) -> bool:
    """Whether a password holds a run of four, or mostly consists of shorter runs (abc!123)."""
    runs = sequences(password)
    return any(len(r) >= RUN for r in runs) or 2 * sum(map(len, runs)) > len(password)


def is_repeated(password: str) -> bool:
    """Whether a password is one piece said again and again."""
    return re.fullmatch(r"(.+?)\1+", password, re.S) is not None


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """The common passwords and their stems: Django's twenty thousand and the local list."""
    text = (Path(__file__).with_name("data") / "common_passwords.txt").read_text("utf-8")
    local = {line for line in text.splitlines() if line and not line.startswith("#")}
    return frozenset(CommonPasswordValidator().passwords | local)


def is_common(password: str) -> bool:
    """Whether a password is a common one, also with other letters' signs (P@ssw0rd) or digits and signs around it."""
    low = password.lower().strip()
    stem = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", low)
    forms = {low, stem, re.sub(r"[\W_]", "", low), low.translate(_INSTEAD), stem.translate(_INSTEAD)}
    return any(len(f) >= 4 and f in _common() for f in forms)


def named_in(password: str, names: Iterable[str]) -> str:
    """Which of the names (of a person, unit, area …) stands in a password, as it is or in pinyin; "" for none.

    Latin names count from three characters, Chinese ones from two; of a longer Chinese name each two characters side by
    side count in pinyin too (卫生健康局 → weisheng, jiankang).
    """
    low = password.lower()
    letters = re.sub(r"[^a-z]", "", low)
    for name in names:
        if len(name) >= 3 and name.lower() in low:
            return name
        for part in chinese_parts(name):
            if part in low or any(len(s) >= SHORTEST_READING and s in letters for s in spelled(part)):
                return part
            pairs = [part[i : i + 2] for i in range(len(part) - 1)] if len(part) > 2 else []
            for pair in pairs:
                if pair in low or any(len(s) >= SHORTEST_PAIR and s in letters for s in spelled(pair)):
                    return pair
    return ""
