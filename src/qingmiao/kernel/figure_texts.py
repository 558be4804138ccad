"""Reading a figure as a person sees it: an exact decimal, with the unit or the bound that stands beside it.

One reader for the cells of returns (workbook, CSV, typed on a page) and of series.csv. The browser's sheet
(`frontend/src/grid/entry.js`) reads plain figures alike. No figure is infinite, larger than `LARGEST` or has more than
`LONGEST` characters, so nothing that follows can grow without bound.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

from qingmiao.kernel.misread import MisreadError, half_width

LARGEST = Decimal("1e12")
"""Figures of a county's statistics are smaller; what is not is an identity number or a code."""
LONGEST = 40
"""Characters of the longest text that can be a figure."""
FINEST = 6
"""Decimals from which the tail of a binary double is looked for."""

_PLAIN = re.compile(r"([+-]?)(?:(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d*))?|\.(\d+))", re.ASCII)
_SCIENTIFIC = re.compile(r"[+-]?[\d.]+[eE][+-]?\d+", re.ASCII)
_MARKS = str.maketrans({"−": "-", "﹣": "-", "–": "-", "。": ".", "、": ",", "﹐": ",", "﹪": "%"})
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff]")
_GAP = re.compile(r"(?<=\d)[ \u00a0](?=\d{3}(?:\D|$))", re.ASCII)
_DAY = re.compile(r"\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}.*", re.ASCII)
_RANGE = re.compile(r"[\d.]+%?[-~—－至到][\d.]+%?", re.ASCII)
_FRACTION = re.compile(r"[\d.]+/[\d.]+", re.ASCII)
_ERROR = re.compile(r"#[A-Z0-9/?!]{2,20}", re.IGNORECASE)
_NOTHING = frozenset(
    [
        "-",
        "--",
        "—",
        "——",
        "─",
        "…",
        "……",
        "...",
        ".",
        "..",
        "/",
        "//",
        "\\",
        "*",
        "x",
        "×",
        "无",
        "没有",
        "暂无",
        "缺",
        "缺失",
        "空",
        "未报",
        "未统计",
        "未知",
        "不详",
        "不适用",
        "na",
        "n/a",
        "nan",
        "null",
        "none",
        "nil",
        "#n/a",
        "inf",
        "+inf",
        "-inf",
        "infinity",
        "+infinity",
        "-infinity",
        "∞",
        "<na>",
        "nat",
    ]
)
_ABOUT_BEFORE = ("约", "大约", "近", "≈", "~", "将近", "接近", "估计", "预计")
_ABOUT_AFTER = re.compile(r"(左右|上下|多|余|略多|略少|\(.*\)|\[.*\]|\*+|预计|估计|初步)$")
_BOUND_BEFORE = {
    ">=": (
        ">=",
        "=>",
        "≥",
        "≧",
        "⩾",
        "不低于",
        "不少于",
        "不小于",
        "至少",
        "最少",
        "大于等于",
        "大于或等于",
        "达到",
    ),
    "<=": (
        "<=",
        "=<",
        "≤",
        "≦",
        "⩽",
        "不高于",
        "不超过",
        "不多于",
        "不大于",
        "至多",
        "最多",
        "小于等于",
        "小于或等于",
    ),
    ">": (">", "大于", "高于", "超过", "多于"),
    "<": ("<", "小于", "低于", "少于", "不足", "不到", "不满", "未满"),
}
_BOUND_AFTER = {">=": ("及以上", "含以上", "(含)以上", "以上"), "<=": ("及以下", "(含)以下", "以下", "以内")}


class FigureError(MisreadError):
    """A text that is no figure; `hint` says what to write instead."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(code, message)
        self.hint = hint


@dataclass(frozen=True)
class ReadFigure:
    """A figure as read. `unit` is what stood behind it ("%", "人" or nothing), `bound` one of ``> >= < <=`` or nothing.

    以上、以下、以内 hold the number itself (Civil Code, art. 1259); 超过、不满、以外 do not.
    """

    value: Decimal
    unit: str = ""
    bound: str = ""


def quoted(text: object, most: int = 30) -> str:
    """「text」 for a message, cut after `most` characters; a long run of digits (an identity number?) is not repeated."""
    whole = "".join(c if c.isprintable() else "\ufffd" for c in str(text).strip()[: most + 200])
    if re.search(r"(?<![.\d])\d{15,}", whole):
        return f"「{whole[:3]}…」"
    return f"「{whole[:most]}…」" if len(whole) > most else f"「{whole}」"


def read_figure(text: str) -> ReadFigure | None:
    """The figure that a text says, with its unit or bound; None for a blank one. Raises FigureError for everything
    else.

    Full-width characters (１２．５), thousands separators (1,234 or 1 234), a Chinese full stop as the point and a
    leading plus are understood. Words for nothing (— … 无 /), approximate figures (约95), ranges, dates, scientific
    notation and errors of a spreadsheet are told apart, each with its own advice.
    """
    if len(text) > 4 * LONGEST and text.strip():
        raise FigureError("wrong_type", f"{quoted(text)}不是数", "只填数，文字写在备注里")
    plain = _GAP.sub("", half_width(_INVISIBLE.sub("", text)))
    if not plain:
        return None
    told = quoted(text)
    _no_words(plain.lower(), told)
    bound, rest = _bound(plain.translate(_MARKS).replace(" ", "") if not re.search(r"\d \d", plain) else plain)
    found = _PLAIN.match(rest)
    if found is None or len(rest) > LONGEST:
        raise FigureError("wrong_type", f"{told}不是数", "只填数，单位不写在格子里；没有数据就留空")
    unit, after = rest[found.end() :], ""
    for sign, words in _BOUND_AFTER.items():
        word = next((w for w in words if unit.startswith(w) or unit.endswith(w)), "")
        if word and not bound:
            unit, after = unit.removeprefix(word).removesuffix(word), sign
            break
    if re.search(r"[\d.,:<>=+-]", unit):
        raise FigureError("wrong_type", f"{told}不是数", "只填一个数；小数点用「.」，千位分隔用「,」")
    if unit and _ABOUT_AFTER.search(unit):
        raise _about(told)
    value = Decimal(rest[: found.end()].replace(",", ""))
    return ReadFigure(_bounded(seen(value), told), unit, bound or after)


def read_double(number: float) -> Decimal:
    """The figure of a spreadsheet's number cell, as a person sees it (`seen`). Raises FigureError for what is no
    figure."""
    if not math.isfinite(number):
        raise FigureError("wrong_type", f"「{number}」不是数", "改成普通的数；没有数据就留空")
    exact = Decimal(int(number)) if number == int(number) else Decimal(repr(float(number)))
    return _bounded(seen(exact), quoted(f"{exact:f}"))


def seen(value: Decimal) -> Decimal:
    """A figure without the tail that binary arithmetic leaves: 3.3000000000000003 and 9.99999999999998 are 3.3 and 10.

    A figure with more than `FINEST` decimals becomes the shortest decimal (0–6 places) within a few last bits of a
    double of it; one that has no such neighbour (a third) is cut to the 15 digits that spreadsheets show.
    """
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -FINEST or value.adjusted() >= 15:
        return value
    if value.adjusted() < -12:
        return Decimal(0)
    near = max(Decimal("1e-12"), abs(value) * Decimal("1.5e-14"))
    for decimals in range(7):
        rounded = round(value, decimals)
        if abs(rounded - value) <= near:
            return rounded
    return Decimal(f"{value:.15g}")


def plain_figure(text: str) -> Decimal | None:
    """A figure without unit or bound; None for a blank text. Raises FigureError for everything else, each with its
    advice."""
    figure = read_figure(text)
    if figure is None:
        return None
    if figure.bound:
        hint = "这里只能填一个数；确实只知道界限的，写在备注里"
        raise FigureError("wrong_type", f"{quoted(text)}是界限，不是一个数", hint)
    if figure.unit:
        raise FigureError("wrong_type", f"{quoted(text)}不是数：带着单位", f"只填 {figure.value:f}，单位不写在格子里")
    return figure.value


def same_unit(one: str, other: str) -> bool:
    """Whether two spellings name one unit: ％ and %, 1/10万 and 每10万 and /10万."""
    return _unit(one) == _unit(other)


_UNITS = {
    "百分之": "%", "百分比": "%", "百分率": "%", "percent": "%", "千分之": "‰", "千分比": "‰", "千分率": "‰",
    "十万分之": "/10万", "十万分率": "/10万", "万分之": "/万", "万分率": "/万", "‱": "/万",
}  # fmt: skip


def _unit(text: str) -> str:
    plain = re.sub(r"\s", "", half_width(text)).translate(_MARKS).lower()
    plain = _UNITS.get(plain, plain).replace("十万", "10万").replace("100000", "10万").replace("10000", "万")
    return re.sub(r"^(1/|每|/)(1(?=万|千))?", "/", plain)


def _bounded(value: Decimal, told: str) -> Decimal:
    if abs(value) >= LARGEST:
        hint = "核对是不是把证件号码、编码或电话填进了数的格子"
        raise FigureError("wrong_type", f"{told}太大，不是统计数（有 {value.adjusted() + 1} 位）", hint)
    return value if value else abs(value)


def _no_words(plain: str, told: str) -> None:
    """Refuse what is plainly something else than a figure."""
    if plain in _NOTHING:
        hint = "是零填 0；没有数据就留空，原因写在 reason、note 或批注里"
        raise FigureError("wrong_type", f"{told}不是数", hint)
    if _ERROR.fullmatch(plain):
        raise FigureError("wrong_type", f"{told}不是数：公式出错", "改正公式，或直接填数；没有数据就留空")
    if _DAY.fullmatch(plain):
        raise FigureError("wrong_type", f"{told}是日期，不是数", "把单元格格式改成「常规」，重填这个数")
    if plain.startswith(_ABOUT_BEFORE):
        raise _about(told)
    if _SCIENTIFIC.fullmatch(plain):
        hint = "写成普通的数（1.2E+03 写 1200）；若是证件号码或编码，不该在这里"
        raise FigureError("wrong_type", f"{told}是科学计数法，不是普通的数", hint)
    if _RANGE.fullmatch(plain) or _FRACTION.fullmatch(plain):
        raise FigureError("wrong_type", f"{told}不是一个数", "只填一个数；分子、分母填各自的格子")


def _about(told: str) -> FigureError:
    return FigureError("wrong_type", f"{told}是约数或带说明的数", "填统计数，说明写在备注里；还没有定的数就留空")


def _bound(plain: str) -> tuple[str, str]:
    for sign, words in _BOUND_BEFORE.items():
        for word in words:
            if plain.startswith(word):
                return sign, plain.removeprefix(word)
    return "", plain
