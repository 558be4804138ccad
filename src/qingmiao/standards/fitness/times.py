"""Reading a running time: seconds, or minutes and seconds as score sheets write them (3'45", 3′45″, 3:45, 3分45秒)."""

from __future__ import annotations

import re

from qingmiao.kernel.misread import MisreadError, half_width
from qingmiao.kernel.number_texts import read_number

_MARKS = str.maketrans({**dict.fromkeys("′’‘´`ʹ＇", "'"), **dict.fromkeys("″”“˝ʺ＂", '"')})
_MINUTES = re.compile(
    r"(?:0{1,2}:)?(?P<minutes>\d{1,2})\s*(?P<mark>'|:|分)\s*(?P<seconds>\d{1,2})(?P<part>\.\d{1,3})?\s*"
    r"(?P<end>\"|''|秒)?(?P<tenth>\d)?$",
    re.ASCII,
)
_WHOLE_MINUTES = re.compile(r"(\d{1,2})\s*(?:分钟?|')$", re.ASCII)
_SECONDS = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)\s*(?:\"|''|秒|s)(\d)?$", re.ASCII | re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2}):00(?:\.0+)?$", re.ASCII)
_POINTED = re.compile(r"(\d{1,2})\.(\d{2})$", re.ASCII)


def read_seconds(text: str) -> float:
    """Seconds of a time: ``225``, ``225秒``, ``3'45"``, ``3′45″``, ``3'45``, ``3:45``, ``0:03:45``, ``3分45秒``, ``8"3``
    (8.3 s).

    Raises MisreadError for what can be read in two ways: ``3'5`` without a mark behind (5 or 50 seconds), ``3:45:00``
    (a spreadsheet made hours and minutes of it), 60 seconds and more beside minutes. A plain number is seconds.
    """
    plain = half_width(text).translate(_MARKS)
    if found := _MINUTES.match(plain):
        return _minutes(text, found)
    if found := _WHOLE_MINUTES.match(plain):
        return 60.0 * int(found[1])
    if found := _SECONDS.match(plain):
        return float(f"{found[1]}.{found[2]}" if found[2] and "." not in found[1] else found[1])
    if found := _CLOCK.match(plain):
        raise MisreadError(
            "time_as_clock",
            f"「{text}」是几时几分的写法，像是表格软件改过的",
            f"{int(found[1])}'{found[2]}\"",
        )
    number = read_number(text)
    if number is None:
        raise MisreadError("not_a_time", f"「{text}」不是时间")
    return number


def minutes_point_seconds(cell: str) -> str:
    """What a number too small to be a long run's seconds may mean: ``3.45`` perhaps 3'45" — offered, never taken."""
    found = _POINTED.match(half_width(cell))
    return f"{int(found[1])}'{found[2]}\"" if found and int(found[2]) < 60 else ""


def _minutes(text: str, found: re.Match[str]) -> float:
    minutes, seconds, end = int(found["minutes"]), found["seconds"], found["end"]
    if len(seconds) == 1 and not end and not found["part"]:
        both = f"{minutes}'0{seconds}\" 或 {minutes}'{seconds}0\"" if int(seconds) < 6 else f"{minutes}'0{seconds}\""
        raise MisreadError("time_unclear", f"「{text}」分不清秒是几", both)
    if int(seconds) > 59:
        raise MisreadError("no_such_time", f"「{text}」的秒数不小于 60")
    if found["tenth"] and (not end or found["part"]):
        raise MisreadError("not_a_time", f"「{text}」不是时间", f"{minutes}'{seconds}\"")
    part = float(f"0.{found['tenth']}") if found["tenth"] else float(found["part"] or 0)
    return 60.0 * minutes + int(seconds) + part
