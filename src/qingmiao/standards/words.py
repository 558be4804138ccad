"""Words that many sheets share: sex and yes or no, in the forms that registers and schools write; and the nearest known
word."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Final

from qingmiao.kernel.misread import half_width

SEX: Final[Mapping[str, int]] = {
    **dict.fromkeys(("m", "1", "男", "男性", "男生", "男孩", "男童", "男婴", "男宝", "male", "boy"), 1),
    **dict.fromkeys(("f", "2", "女", "女性", "女生", "女孩", "女童", "女婴", "女宝", "female", "girl"), 2),
    **dict.fromkeys(("0", "9", "未知", "不详", "未说明", "未知的性别", "未说明的性别"), 0),
}
"""1 male, 2 female, 0 not said: the codes of GB/T 2261.1-2003 (0 未知的性别, 1 男性, 2 女性, 9 未说明的性别) and words."""

YES_NO: Final[Mapping[str, int]] = {
    **dict.fromkeys(("true", "1", "yes", "y", "t", "是", "有", "对", "√", "✓"), 1),
    **dict.fromkeys(("false", "0", "no", "n", "f", "否", "无", "没有", "不是", "×"), 2),
}
"""1 yes, 2 no."""


def nearest_word(text: str, words: Iterable[str]) -> str:
    """The known word that is most like ``text``: the longest that stands in it, else the closest spelling; ``""`` when
    none is."""
    plain, known = half_width(text).lower(), list(words)
    inside = [word for word in known if word in plain and (len(word) > 1 or not word.isascii())]
    if inside:
        return max(inside, key=len)
    found = difflib.get_close_matches(plain, known, 1, 0.5)
    return found[0] if found else ""
