"""What the cells of a spreadsheet of targets say: a kind, a bar, a change, in the words that plans use.

Nothing is guessed: where two readings are possible (「下降」 and 「20%」: to 20 % or by 20 %?) the cell is refused with both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from qingmiao.content.targets import WANTED, TargetKind
from qingmiao.content.words import code_word, half_width
from qingmiao.kernel.figure_texts import ReadFigure, read_figure, same_unit
from qingmiao.kernel.misread import MisreadError

Keys = dict[str, Any]
"""Keys of a target as a file holds them."""

LEVELS = {"省": "province", "市": "city", "县": "county", "区县": "county", "县区": "county", "乡镇": "township",
          "乡": "township", "镇": "township", "街道": "township", "村": "village", "社区": "village",
          "村居": "village"}  # fmt: skip
QUALIFIERS = {"保持": "keep", "力争": "strive", "左右": "about", "接近": "near", "持续": "sustained", "明显": "marked",
              "显著": "marked", "逐步": "gradual", "普遍": "universal", "全面": "universal", "基本": "basic"}  # fmt: skip
_SIDES = {"正向": "at_least", "正指标": "at_least", "越高越好": "at_least", "逆向": "at_most", "负向": "at_most",
          "逆指标": "at_most", "越低越好": "at_most"}  # fmt: skip
_STRICT = {"高于": (">", "at_least"), "超过": (">", "at_least"), "大于": (">", "at_least"), "低于": ("<", "at_most"),
           "小于": ("<", "at_most"), "不满": ("<", "at_most")}  # fmt: skip
_BY_BOUND = {
    ">=": ("at_least", True),
    ">": ("at_least", False),
    "<=": ("at_most", True),
    "<": ("at_most", False),
}
_EACH = re.compile(r"(?:以|每个|各|所有)(省|市|县|区县|县区|乡镇|乡|镇|街道|村|社区|村居)(?:为单位)?(?:都|均|全部)?")
_HIGHER = re.compile(r"(高于|不低于|低于|不高于|超过)(全省|全国|全市|省|市|国家)(?:平均)?(?:水平)?")
_CHANGE = re.compile(
    r"(?P<way>下降|降低|减少|提高|上升|增加|增长)?(?P<every>每年|年均)?(?:下降|降低|减少|提高|上升|增加|增长)?(?P<rest>.+)"
)
_RANGE = re.compile(r"(?P<low>[^—–~～至到]*\d[^—–~～至到-]*)(?:—+|–|~|～|至|到|-)(?P<high>\d.*)")
_LEADING = re.compile(r"^(?:控制在|达到|达|保持在|稳定在|维持在|降至|降到|下降到|下降至|提高到|提高至|升至|上升到|为)")
_FRACTION = re.compile(r"(?:(\d+)/(\d+)|([一二三四五六七八九十]+)分之([一二三四五六七八九十]+))")
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九十")}
_NOTHING = ("", "—", "-", "/", "无", "无数值")


class CellError(ValueError):
    """A cell that cannot be read as one thing; `hint` says what to write."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass(frozen=True)
class KindCell:
    """What a cell of the column 类型 says: the kind (empty: to be seen from the value), for which areas, and of whom."""

    kind: str = ""
    inclusive: bool = True
    level: str = ""
    relation: str = ""
    other: str = ""
    qualifiers: tuple[str, ...] = ()
    turns: str = ""
    """下降, 上升: a trend where there is no number; with a number not clear."""


def read_kind(text: str) -> KindCell:
    """The cell 类型: a kind in Chinese or English, 正向/逆向, or words of the plan around it."""
    plain = half_width(text).strip().replace(" ", "")
    qualifiers, plain = _qualified(plain)
    each = _EACH.match(plain)
    level = LEVELS[each[1]] if each else ""
    plain = plain[each.end() :] if each else plain
    if found := _HIGHER.fullmatch(plain):
        relations = {
            "高于": "above",
            "超过": "above",
            "不低于": "at_least",
            "低于": "below",
            "不高于": "at_most",
        }
        return KindCell("relative_to", relation=relations[found[1]], other=found[2], qualifiers=qualifiers)
    if plain in _SIDES:
        return KindCell(_SIDES[plain], level=level, qualifiers=qualifiers)
    if plain in _STRICT:
        return KindCell(_STRICT[plain][1], inclusive=False, level=level, qualifiers=qualifiers)
    kind = code_word(plain, [k.value for k in TargetKind]) or ""
    if not plain or kind == "every_area":
        return KindCell(level=level or ("township" if kind else ""), qualifiers=qualifiers)
    if not kind:
        words = "、".join(k.label for k in TargetKind)
        raise CellError(f"不认识的类型「{text}」", f"可写：{words}；或 正向、逆向")
    turns = kind if kind in ("falling", "rising") else ""
    return KindCell(kind, level=level, qualifiers=qualifiers, turns=turns)


def read_qualifiers(text: str) -> tuple[str, ...]:
    """The cell 限定词: 保持、力争 …"""
    found = []
    for word in re.split(r"[、,，;；\s]+", text.strip()):
        if word:
            known = QUALIFIERS.get(word) or code_word(word, QUALIFIERS.values())
            if known is None:
                raise CellError(f"不认识的限定词「{word}」", "可写：" + "、".join(QUALIFIERS))
            found.append(known)
    return tuple(dict.fromkeys(found))


def read_bar(text: str, kind: KindCell, unit: str) -> tuple[str, Keys, str, tuple[str, ...]]:
    """The cell 目标值 for a kind: the kind (seen from the value where the cell 类型 is empty), the keys, the unit, the
    words."""
    qualifiers, plain = _qualified(half_width(text).replace(" ", "").strip())
    each = _EACH.match(plain)
    keys: Keys = {}
    if each:
        plain = plain[each.end() :]
        keys["level"] = LEVELS[each[1]]
    plain = _LEADING.sub("", plain)
    if plain in _NOTHING:
        if not kind.kind:
            raise CellError("没有写类型，也没有目标值", "类型写 不低于、不高于、下降、上升、定性……")
        return kind.kind, keys, unit, qualifiers
    if kind.kind in ("reduce_by", "increase_by") or (
        not kind.kind and re.match(r"(?:每年|年均)?(?:下降|降低|减少|提高|上升|增加|增长)", plain)
    ):
        return *_change(text, plain, kind, unit, keys), qualifiers
    if kind.turns:
        word = "下降" if kind.turns == "falling" else "上升"
        side, to = ("不高于", "降") if kind.turns == "falling" else ("不低于", "升")
        hint = f"{to}到「{text}」写「{side}」；比基期{word}这么多写「较基期{'下降' if to == '降' else '提高'}」"
        raise CellError(f"「{word}」和「{text}」有两种意思", hint)
    if kind.kind == "relative_to":
        more = re.fullmatch(r"(?:高|低|多|少|相差)?(.+)", plain)
        figure = _figure(more[1] if more else plain, text)
        return kind.kind, {**keys, "margin": number(figure.value)}, unit, qualifiers
    if kind.kind in ("falling", "rising", "contained", "qualitative", "assigned"):
        raise CellError(f"这一类型不写目标值「{text}」", "删去目标值，或改类型")
    found = _RANGE.fullmatch(plain)
    if found is not None:
        if kind.kind not in ("", "within"):
            raise CellError(f"目标值「{text}」是区间，与类型不符", "类型写「区间」")
        low, high = _figure(found["low"], text), _figure(found["high"], text)
        unit = _same(low, text, _same(high, text, unit))
        return "within", {**keys, "low": number(low.value), "high": number(high.value)}, unit, qualifiers
    figure = _figure(plain, text)
    unit = _same(figure, text, unit)
    if kind.kind == "within":
        side = "low" if figure.bound in (">=", ">") else "high" if figure.bound else ""
        if not side:
            raise CellError(f"目标值「{text}」不是区间", "写成 103—107")
        return "within", {**keys, side: number(figure.value)}, unit, qualifiers
    return (
        _limit(figure, text, kind, keys),
        {**keys, "value": number(figure.value), **_open(figure, kind)},
        unit,
        qualifiers,
    )


def _limit(figure: ReadFigure, text: str, kind: KindCell, keys: Keys) -> str:
    if not figure.bound:
        if not kind.kind:
            raise CellError(f"没有写类型，不知道「{text}」是上限还是下限", "类型写 不低于 或 不高于")
        return kind.kind
    side, _ = _BY_BOUND[figure.bound]
    wanted = WANTED.get(TargetKind(kind.kind)) if kind.kind else None
    if wanted is not None and wanted != WANTED[TargetKind(side)]:
        raise CellError(f"目标值「{text}」与类型（{TargetKind(kind.kind).label}）相反", "改其中一个")
    return kind.kind or side


def _open(figure: ReadFigure, kind: KindCell) -> Keys:
    strict = figure.bound in (">", "<") or (not figure.bound and not kind.inclusive)
    return {"inclusive": False} if strict else {}


def _change(text: str, plain: str, kind: KindCell, unit: str, keys: Keys) -> tuple[str, Keys, str]:
    found = _CHANGE.fullmatch(plain)
    assert found is not None
    every = {"per_year": True} if "每年" in plain or "年均" in plain else {}
    rest = re.sub(r"每年|年均|以上|左右", "", found["rest"]).strip()
    way = found["way"] or next((w for w in ("下降", "降低", "减少", "提高", "上升", "增加", "增长") if w in plain), "")
    seen = "" if not way else "reduce_by" if way in ("下降", "降低", "减少") else "increase_by"
    if kind.kind and seen and seen != kind.kind:
        raise CellError(f"目标值「{text}」与类型（{TargetKind(kind.kind).label}）相反", "改其中一个")
    which = kind.kind or seen
    if part := _FRACTION.fullmatch(rest):
        top, below = (part[1], part[2]) if part[1] else (str(_DIGITS[part[4]]), str(_DIGITS[part[3]]))
        return which, {**keys, "cut": f"{top}/{below}", **every}, unit
    figure = _figure(rest, text)
    if figure.unit == "%":
        return which, {**keys, "cut": f"{figure.value.normalize():f}%", **every}, unit
    if figure.unit in ("个百分点", "百分点", "个千分点", "千分点") or (
        figure.unit and same_unit(figure.unit.removeprefix("个"), unit)
    ):
        return which, {**keys, "points": number(figure.value), **every}, unit
    hint = "按比例写 20%；按单位写 2个百分点（百分比的指标）或带上单位"
    raise CellError(f"目标值「{text}」是按比例还是按单位变化，看不出来", hint)


def read_number(text: str, unit: str) -> int | float:
    """A plain number, with the target's own unit at most."""
    figure = _figure(half_width(text).replace(" ", ""), text)
    if figure.bound:
        raise CellError(f"「{text}」是界限，不是一个数", "只写数")
    _same(figure, text, unit)
    return number(figure.value)


def read_milestones(text: str, kind: str, unit: str) -> list[Keys]:
    """The cell 里程碑: 2023年70；2025年80."""
    found = []
    for part in re.split(r"[;；\n]+|[,，、](?=\s*\d{4}\s*年)", text.strip()):
        if not part.strip():
            continue
        match = re.fullmatch(r"\s*(\d{4})\s*年?\s*[:：]?\s*(.+)", half_width(part))
        if match is None:
            raise CellError(f"里程碑「{part.strip()}」读不懂", "写成 2023年70；2025年80")
        _, keys, _, _ = read_bar(match[2], KindCell(kind), unit)
        keys.pop("inclusive", None)
        found.append({"year": int(match[1]), **keys})
    return sorted(found, key=lambda k: int(k["year"]))


def read_tolerance(text: str, unit: str) -> Keys:
    """The cell 允许偏差: 1, ±0.5, 1个百分点 (in the unit) or 10% (a share of the target, where the unit is none itself)."""
    figure = _figure(half_width(text).replace(" ", "").lstrip("±"), text)
    if figure.unit == "%" and unit in ("%", "百分点"):
        raise CellError(
            f"允许偏差「{text}」有两种意思", "按单位写 1个百分点；按目标值的份额在 YAML 里写 kind: relative"
        )
    if figure.unit == "%":
        return {"kind": "relative", "value": number(figure.value / 100)}
    if figure.unit and figure.unit not in ("个百分点", "百分点") and not same_unit(figure.unit, unit):
        raise CellError(f"允许偏差「{text}」的单位与「{unit}」不同", "按指标的单位写")
    return {"kind": "absolute", "value": number(figure.value)}


def number(value: Decimal) -> int | float:
    """As a file holds it: 90, 5.3."""
    return int(value) if value == value.to_integral_value() else float(value)


def _figure(plain: str, told: str) -> ReadFigure:
    try:
        found = read_figure(plain)
    except MisreadError as e:
        raise CellError(f"「{told}」不是数", getattr(e, "hint", "") or "只写数") from None
    if found is None:
        raise CellError(f"「{told}」不是数", "只写数")
    return found


def _same(figure: ReadFigure, told: str, unit: str) -> str:
    if not figure.unit:
        return unit
    if unit and not same_unit(figure.unit, unit):
        raise CellError(f"「{told}」的单位与单位列「{unit}」不同", "两处写成一样")
    return unit or figure.unit


def _qualified(plain: str) -> tuple[tuple[str, ...], str]:
    """The plan's softening words at the ends of a text, and the text without them; 保持在 is one, too."""
    found: list[str] = []
    changed = True
    while changed:
        changed = False
        for word, code in QUALIFIERS.items():
            if plain == word:
                return (*found, code), ""
            if (plain.startswith(word) and not plain.startswith("基本")) or plain.endswith(word):
                plain = plain.removeprefix(word + "在").removeprefix(word).removesuffix(word)
                found.append(code)
                changed = True
    return tuple(dict.fromkeys(found)), plain
