"""A person's name in one form: dots, widths and blanks put right, rare characters kept, and what is not yet a name
told.

A newborn is often written by its mother (李丽之女, 李丽之大双), a name may lack its given part (张某, 张×), a character may be
missing from a machine's font (□, 〇, a private character) or written by its sound (张yu桐). None of these is a fault.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from qingmiao.identity.readings import compound_surnames, plain_letters

DOT = "·"
UNREAD = "□"
"""A character that the writer's machine could not write."""
_DOTS = re.compile("[·•・･‧∙⋅●．.˙᛫⸱ꞏ‣◦]")
_ORDINARY = re.compile("[一-龥]+")
"""Characters that are their own normal form: most names have no others."""
_INVISIBLE = re.compile(r"[\s​-‏⁠﻿　'’`]+")
_UNREAD = re.compile("[〇○◯□■▢◇◆?？*＊×✕_＿�\ue000-\uf8ff\U000f0000-\U0010ffff]")
_FORMER = re.compile(
    r"[(（\[【<〈](?:曾用名|原名|又名|别名|旧名|现名|曾名)?[:：]?(?P<name>[^()（）\[\]【】<>〈〉]*)[)）\]】>〉]"
)
_BY_MOTHER = re.compile(
    r"(?P<mother>.+)[之的](?P<child>[长次三四五大小双老头]*(?:女儿|儿子|[子女儿男孩双婴胎]|[女男]婴|婴儿|宝宝?|毛毛?))[12一二甲乙ab]?$"
    r"|(?P<she>.{2,})(?P<born>[大小]双|[长次][子女]|女婴|男婴|婴儿|bb|baby)[12一二甲乙ab]?$"
)
_MISSING_GIVEN = re.compile(r"(?:某+|[xX]+|氏|未(?:取|起|命)?名|待(?:取|起|命)名|无名(?:氏)?|暂无名?|不详)$")
_NO_NAME = frozenset(
    (
        "",
        "无",
        "无名",
        "暂无",
        "不详",
        "未知",
        "未取名",
        "未命名",
        "未起名",
        "待取名",
        "新生儿",
        "婴儿",
        "女婴",
        "男婴",
        "无名氏",
        "-",
        "/",
    )
)
_SONS, _DAUGHTERS = "子男儿", "女"


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name read: `tokens` are its characters (a run of letters is one token, `UNREAD` any character), `surname`
    counts how many of them are the surname; no tokens where there is no name. `mother` is the mother's name where the
    child is written by her; `former` the names in brackets."""

    text: str
    tokens: tuple[str, ...] = ()
    surname: int = 0
    mother: str = ""
    sex: str = ""
    former: tuple[str, ...] = ()
    twin: bool = False
    """Called one of twins (大双)."""

    @property
    def named(self) -> bool:
        """Whether the child has a name of its own, surname and given part."""
        return len(self.tokens) > self.surname or (len(self.tokens) > 0 and self.surname == 0)

    @property
    def family(self) -> tuple[str, ...]:
        return self.tokens[: self.surname]

    @property
    def given(self) -> tuple[str, ...]:
        return self.tokens[self.surname :]


def normal_name(text: str | None) -> str:
    """The name as it is kept and compared: full width and compatibility characters as the ordinary ones, every middle
    dot of the world as ``·``, no blanks, letters small; characters beyond the first plane and variants stay as they
    are."""
    if _ORDINARY.fullmatch(text or ""):
        return text or ""
    plain = unicodedata.normalize("NFKC", _DOTS.sub(DOT, text or ""))
    return _INVISIBLE.sub("", _DOTS.sub(DOT, plain)).strip(DOT).lower()


@lru_cache(maxsize=1 << 18)
def read_name(text: str | None) -> PersonName:
    """What a cell of names says: the name, names in brackets (former ones), the mother of a child that has no name
    yet, or that there is none. Never raises: every text is a name, or none."""
    whole = unicodedata.normalize("NFKC", _DOTS.sub(DOT, text or ""))
    former = tuple(n for found in _FORMER.finditer(whole) if (n := normal_name(found["name"])))
    plain = normal_name(_FORMER.sub("", whole))
    if plain in _NO_NAME:
        return PersonName("", former=former)
    if found := _BY_MOTHER.match(plain):
        child, mother = found["child"] or found["born"], found["mother"] or found["she"]
        sex = "F" if _DAUGHTERS in child else "M" if any(mark in child for mark in _SONS) else ""
        return PersonName("", mother=mother if len(mother) > 1 else "", sex=sex, former=former, twin="双" in child)
    lacking = _MISSING_GIVEN.sub("", plain) if len(plain) > 1 and not plain.isascii() else plain
    tokens = _tokens(lacking)
    surname = _surname(tokens)
    if all(token == UNREAD for token in tokens[surname:]):
        tokens = tokens[:surname]
    return PersonName("".join(tokens) if lacking != plain else plain, tokens, surname, former=former)


def _tokens(plain: str) -> tuple[str, ...]:
    marked = _UNREAD.sub(UNREAD, plain)
    return tuple(
        plain_letters(run) if run[0].isalpha() and ord(run[0]) < 0x2E80 else run
        for run in re.findall(r"[^\W\d_⺀-\U0003ffff]+|[^·\-]", marked)
    )


def _surname(tokens: tuple[str, ...]) -> int:
    """How many tokens are the surname: 2 of a compound one, else 1; 0 in a name of letters alone and in a long one (of
    a nationality that has none)."""
    if not tokens or len(tokens) > 5 or all(token.isascii() for token in tokens):
        return 0
    if len(tokens) >= 2 and "".join(tokens[:2]) in compound_surnames():
        return 2
    return 1
