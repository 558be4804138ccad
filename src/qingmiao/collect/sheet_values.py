"""What the cells of a list say: minutes and seconds, codes by their words, numbers in another unit; and the same
written back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from qingmiao.content.sheets import ListColumn
from qingmiao.kernel.misread import BLANK, MisreadError, half_width
from qingmiao.kernel.number_texts import read_decimal

Read = Callable[[str], str]
"""The text of a cell → the answer as people type it. Raises MisreadError."""
_MARKS = str.maketrans({"’": "'", "‘": "'", "′": "'", "`": "'", "”": '"', "“": '"', "″": '"', "：": ":", "＇": "'"})
_SPAN = re.compile(
    r"(?P<minutes>\d{1,2})(?:'|分|:)(?P<seconds>\d{1,2})(?:\.(?P<part>\d{1,2}))?(?:\"|''|秒)?(?P<tenth>\d)?$"
)
_CLOCK = re.compile(r"(?P<hours>\d{1,2}):(?P<minutes>\d{2}):(?P<seconds>\d{2})$")
_WHOLE_MINUTES = re.compile(r"(\d{1,2})(?:'|分)$")


def read_span(text: str) -> Decimal:
    """A length of time in seconds: 3'45", 3'45"6, 3分45秒, 3:45, 225. Raises MisreadError.

    A cell that Excel took for a time of the day (3:45 typed, 03:45:00 kept) is 3 minutes 45 seconds; 3.45 is not read,
    because it may be 3.45 seconds or 3'45".
    """
    plain = half_width(text).translate(_MARKS).replace(" ", "")
    if whole := _WHOLE_MINUTES.match(plain):
        return Decimal(60 * int(whole[1]))
    if clock := _CLOCK.match(plain):
        hours, minutes, seconds = (int(clock[k]) for k in ("hours", "minutes", "seconds"))
        if hours and seconds:
            raise MisreadError("not_a_span", f"「{text}」是钟点，不是用时", "3'45\"")
        return _seconds(text, *((hours, minutes) if hours else (minutes, seconds)))
    if found := _SPAN.match(plain):
        part = found["part"] or found["tenth"] or ""
        return _seconds(text, int(found["minutes"]), int(found["seconds"]), part)
    if re.fullmatch(r"\d\.\d{2}", plain):
        nearest = f"{plain[0]}'{plain[2:]}\""
        raise MisreadError("not_a_span", f"「{text}」分不清是几秒还是几分几秒", nearest)
    try:
        number = read_decimal(plain.rstrip('秒"'))
    except MisreadError:
        number = None
    if number is None or number < 0:
        raise MisreadError("not_a_span", f"「{text}」不是用时", "3'45\"")
    return number


def _seconds(text: str, minutes: int, seconds: int, part: str = "") -> Decimal:
    if seconds > 59:
        raise MisreadError("not_a_span", f"「{text}」的秒数超过 59")
    return Decimal(f"{60 * minutes + seconds}.{part or 0}").normalize() if part else Decimal(60 * minutes + seconds)


def reader(column: ListColumn, choices: Mapping[str, str]) -> Read:
    """How the cells of a column are read. `choices`: code → words of what may be chosen; a cell that is none of them,
    of the column's own `codes` or of the codes is misread."""
    if column.time:
        return lambda text: format(read_span(text), "f")
    if column.factor is not None:
        return lambda text: _times(text, column.factor or Decimal(1))
    if column.codes or choices:
        return _coded(column, choices)
    return lambda text: "" if half_width(text) in BLANK else text


def writer(column: ListColumn, choices: Mapping[str, str]) -> Read:
    """How the answers of a column are written back: what `reader` reads as that very answer. `choices` as there.

    A code is written as the layout's own text of it, else by its words, else by itself.
    """
    if column.time:
        return write_span
    if column.factor is not None:
        factor = column.factor
        return lambda answer: format((Decimal(answer) / factor).normalize(), "f")
    if column.codes or choices:
        return _decoded(column, choices)
    return lambda answer: answer


def _decoded(column: ListColumn, choices: Mapping[str, str]) -> Read:
    read = reader(column, choices)
    texts: dict[str, str] = {}
    for text, code in [*((t, c) for t, c in column.codes.items()), *((w, c) for c, w in choices.items())]:
        if code not in texts and read(text) == code:
            texts[code] = text
    return lambda answer: texts.get(answer, answer)


def write_span(answer: str) -> str:
    """A length of time as the national sheets write it: 225 is 3'45", 225.6 is 3'45.6"; an hour and more in seconds."""
    whole = Decimal(answer)
    minutes, seconds = divmod(whole, 60)
    if whole < 0 or minutes > 99 or seconds != round(seconds, 2):
        return format(whole, "f")
    rest, _, part = format(seconds, "f").partition(".")
    part = part.rstrip("0")
    return f"{int(minutes)}'{int(rest):02d}{'.' if part else ''}{part}\""


def _times(text: str, factor: Decimal) -> str:
    number = read_decimal(text)
    return "" if number is None else format((number * factor).normalize(), "f")


def _coded(column: ListColumn, choices: Mapping[str, str]) -> Read:
    known = {plain(code): code for code in choices} | {plain(word): code for code, word in choices.items()}
    known |= {plain(text): code for text, code in column.codes.items()}
    shown = "、".join(dict.fromkeys([*column.codes, *choices.values()]))

    def read(text: str) -> str:
        if half_width(text) in BLANK:
            return ""
        found = known.get(plain(text))
        if found is None:
            raise MisreadError("unknown_code", f"「{column.heading}」不认识「{text}」，可以写：{shown[:200]}")
        return found

    return read


def plain(text: str) -> str:
    """A heading or a code's words for comparing: half width, no blanks, no case, no unit in brackets at its end."""
    bare = "".join(half_width(text).split()).casefold()
    return re.sub(r"[(\[][^()\[\]]{0,12}[)\]]$", "", bare) or bare
