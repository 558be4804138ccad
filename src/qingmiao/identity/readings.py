"""How names sound: the readings of characters, surnames by a table of their own, and sounds that dialects do not tell
apart.

Readings of single characters come from pypinyin; its table of phrases (0.4 s and 40 MB) is not loaded. Surnames that
sound otherwise than the character (单 仇 查 区 解 曾 尉迟) stand in ``surnames.csv`` (general knowledge).
"""

from __future__ import annotations

import csv
import importlib.util
import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path

_TONES = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0300": "4"}
_BLURS: tuple[tuple[str, str], ...] = (
    ("zh", "z"),
    ("ch", "c"),
    ("sh", "s"),
    ("iang", "ian"),
    ("uang", "uan"),
    ("ang", "an"),
    ("ing", "in"),
)
_BLURS += (("eng", "en"), ("lv", "lu"), ("nv", "lu"), ("hu", "f"))


def plain_letters(text: str) -> str:
    """Letters small, without tones: ``Lǚ`` and ``lü`` are ``lv``."""
    parted = unicodedata.normalize("NFD", text.lower()).replace("u\u0308", "v")
    return "".join(mark for mark in parted if not unicodedata.combining(mark))


@cache
def _characters() -> dict[int, str]:
    found = importlib.util.find_spec("pypinyin")
    assert found is not None
    assert found.origin is not None
    spec = importlib.util.spec_from_file_location("qingmiao_pinyin", Path(found.origin).with_name("pinyin_dict.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    table: dict[int, str] = module.pinyin_dict
    return table


@cache
def _surnames() -> dict[str, str]:
    text = (resources.files("qingmiao.identity") / "surnames.csv").read_text("utf-8")
    return {row["surname"]: row["reading"] for row in csv.DictReader(text.splitlines())}


@cache
def compound_surnames() -> frozenset[str]:
    """Surnames of two characters."""
    return frozenset(surname for surname in _surnames() if len(surname) > 1)


@lru_cache(maxsize=1 << 16)
def readings(token: str) -> tuple[str, ...]:
    """Every reading of a character, without tone, the usual one first; of a run of letters the run; of others none."""
    if token.isascii():
        return (token,) if token.isalpha() else ()
    told = _characters().get(ord(token), "") if len(token) == 1 else ""
    return tuple(dict.fromkeys(plain_letters(reading) for reading in told.split(",") if reading))


def sounds(tokens: tuple[str, ...], surname: int, *, tone: bool = False) -> tuple[str, ...]:
    """The sound of each token, the surname by its own table; with `tone` as ``dan1``; a token without a sound as
    itself."""
    known = _surnames().get("".join(tokens[:surname])) if surname else None
    said = known.split(" ") if known else [_told(token) for token in tokens[:surname]]
    said += [_told(token) for token in tokens[surname:]]
    return tuple(_numbered(sound) if tone else plain_letters(sound) for sound in said)


def blurred(sound: str) -> str:
    """The sound as dialects of the south have it: no zh ch sh, no final g, n as l, hu as f; for likeness, never for
    equality."""
    for clear, blur in _BLURS:
        sound = sound.replace(clear, blur)
    return "l" + sound[1:] if sound.startswith("n") else sound


def initials(tokens: tuple[str, ...], surname: int) -> str:
    """The first letters of a name's sounds: ``zyt`` of 张雨桐."""
    return "".join(sound[:1] for sound in sounds(tokens, surname))


def _told(token: str) -> str:
    if len(token) != 1 or token.isascii():
        return token
    return _characters().get(ord(token), token).split(",")[0]


def _numbered(sound: str) -> str:
    parted = unicodedata.normalize("NFD", sound)
    tone = next((number for mark, number in _TONES.items() if mark in parted), "")
    return re.sub(r"\d$", "", plain_letters(sound)) + tone
