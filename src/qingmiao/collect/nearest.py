"""The nearest right value of a cell that names no code or area: what the hint of a fault says."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from qingmiao.content.codes import CodeList
from qingmiao.kernel.areas import AreaTree
from qingmiao.kernel.misread import half_width

_POINT_ZERO = re.compile(r"\.0+$")


def code_hint(given: str, codes: CodeList) -> str:
    """「应写代码 M（男）」 for a label, another case or a decimal; a close code; else the codes there are (up to twelve)."""
    plain = _POINT_ZERO.sub("", half_width(given))
    named = {i.code: i.label.zh for i in codes.items}
    meant = [c for c, label in named.items() if plain in (c, label)] or [
        c for c, label in named.items() if plain.casefold() == c.casefold() or plain.strip("0 ") == c.strip("0 ") != ""
    ]
    if not meant and len(plain) > 1:
        meant = [c for c, label in named.items() if plain in label or label in plain]
    if len(meant) == 1:
        return f"应写代码 {meant[0]}（{named[meant[0]]}）"
    near = difflib.get_close_matches(plain, [*named, *named.values()], n=1, cutoff=0.6)
    if near:
        code = near[0] if near[0] in named else next(c for c, label in named.items() if label == near[0])
        return f"是不是 {code}（{named[code]}）"
    known = "、".join(f"{c}（{label}）" for c, label in list(named.items())[:12])
    return f"可用：{known}" + ("……" if len(named) > 12 else "")


def area_hint(given: str, tree: AreaTree, known: Iterable[str]) -> str:
    """「应写代码 980101101（甲镇）」 for a name or a decimal; a close code with its name; else what to check."""
    plain = _POINT_ZERO.sub("", half_width(given))
    areas = list(tree)
    forms = set(known)
    if plain in forms:
        return f"应写 {plain}"
    meant = [a for a in areas if a.name == plain] or [a for a in areas if len(plain) > 1 and plain in a.name]
    if len(meant) == 1:
        return f"应写代码 {meant[0].code}（{meant[0].name}）"
    if meant:
        return "同名的地区不止一个，应写代码：" + "、".join(f"{a.code}（{a.name}）" for a in meant[:6])
    near = difflib.get_close_matches(
        plain, [a.code for a in areas if abs(len(a.code) - len(plain)) < 2], n=1, cutoff=0.8
    )
    if near:
        return f"是不是 {near[0]}（{next(a.name for a in areas if a.code == near[0])}）"
    return "写内容包 areas/ 里有的代码；新的地区先加进去"
