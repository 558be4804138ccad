"""Reading a time of the day as people write it: ``8:30``, ``08:30:00``, ``8时30分``, ``8点半``, ``下午3点20``, full width."""

from __future__ import annotations

import re
from datetime import time

from qingmiao.kernel.misread import BLANK, MisreadError, half_width

_CLOCK = re.compile(
    r"(?P<part>上午|早上|凌晨|下午|晚上|中午)?\s*(?P<hour>\d{1,2})\s*(?:[:时点]\s*(?:(?P<half>半)|(?P<minute>\d{1,2})\s*分?)?"
    r"(?:\s*:\s*(?P<second>\d{1,2})(?:\.\d{1,9})?|(?P<seconds>\d{1,2})秒)?)(?:[+-]\d{2}:\d{2}|Z)?$",
    re.ASCII,
)
_LATE = ("下午", "晚上")


def read_time(text: str | None) -> time | None:
    """The hour and minute that a cell names, seconds left out; ``None`` for a blank cell. Raises `MisreadError`.

    24:00 is misread (it is 0:00 of the next day), and so is 晚上12点. After 下午 and 晚上 an hour from 1 to 11 is in the
    afternoon.
    """
    if text is None:
        return None
    plain = half_width(text)
    if plain in BLANK:
        return None
    found = _CLOCK.match(plain)
    if found is None or (found["minute"] is None and found["half"] is None and ":" in plain):
        raise MisreadError("not_a_time", f"「{text}」不是钟点", "08:30 这样的写法")
    hour = int(found["hour"])
    minute = 30 if found["half"] else int(found["minute"] or 0)
    if found["part"] == "晚上" and hour == 12:
        raise MisreadError("which_twelve", f"「{text}」分不清是中午还是半夜", "00:00 或 12:00")
    if found["part"] in _LATE and hour < 12:
        hour += 12
    if hour > 23 or minute > 59 or int(found["second"] or found["seconds"] or 0) > 59:
        raise MisreadError("no_such_time", f"没有「{text}」这个钟点", "00:00" if hour == 24 and not minute else "")
    return time(hour, minute)
