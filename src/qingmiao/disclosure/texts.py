"""Which texts may be published: none that holds a person's number or name; a telephone only where it is an office's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

_JOINED = re.compile(r"(?<=\d)[\s\-‐-―]+(?=\d)")
_PERSONAL = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|\d{17}[\dXx])(?!\d)")
_OFFICE = re.compile(r"(?:0\d{2,3}-?)?[2-9]\d{6,7}(?:[-转]\d{1,6})?|1[12]\d{3}|1[12]0|[48]00-?\d{3}-?\d{4}")
SHORTEST = 2
"""Characters of a name that is looked for in a text."""


def tells_of_person(text: str, names: Collection[str]) -> bool:
    """Whether a text holds a mobile number, an identity number or one of the `names`, however it is spaced."""
    plain = _JOINED.sub("", unicodedata.normalize("NFKC", text))
    tight = "".join(plain.split())
    return _PERSONAL.search(plain) is not None or any(len(n) >= SHORTEST and n in tight for n in names)


def office_phone(text: str) -> str:
    """A number of an institution (a line with its area code, a hotline) as it is written; "" for any other: a mobile
    number is somebody's own."""
    plain = "".join(unicodedata.normalize("NFKC", text).split()).replace("—", "-")
    return plain if _OFFICE.fullmatch(plain) else ""
