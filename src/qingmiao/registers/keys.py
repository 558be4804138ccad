"""What tells one entry of a register from every other: the first unique rule of which all fields are answered."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from qingmiao.content.registers import PERSON, WITHIN, RegisterKind

_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of a unified social credit code, in the order of their values (GB 32100—2015, 附录 A)."""
_FORM = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")


def credit_code_fault(code: str) -> str:
    """Why a unified social credit code cannot be one, in Chinese; "" for one that can.

    Its 18th character is checked by weights 3^i modulo 31 over the other 17 (GB 32100—2015).
    """
    if not _FORM.fullmatch(code):
        return "统一社会信用代码是 18 位数字和大写字母（不含 I、O、S、V、Z），请核对"
    return "" if code == credit_code_of(code[:17]) else "统一社会信用代码的校验位不对，请核对有没有错字"


def credit_code_of(seventeen: str) -> str:
    """The code that begins with 17 characters, with its check character."""
    total = sum(_CODE.index(c) * pow(3, i, 31) for i, c in enumerate(seventeen))
    return seventeen + _CODE[-total % 31]


def plain(value: object) -> str:
    """A value as it is compared: full width and half width, capitals and spaces make no difference."""
    return "".join(unicodedata.normalize("NFKC", str(value)).split()).upper()


def unique_key(
    kind: RegisterKind, values: Mapping[str, Any], *, within: int | None = None, person: int | None = None
) -> str:
    """The entry's key: `rule=value|value`; "" where no rule has all its fields.

    Two entries with one key are the same thing entered twice; the database lets one of them be in force.
    """
    known = {**values, WITHIN: within, PERSON: person}
    for rule in kind.unique:
        said = [known.get(name) for name in rule]
        if all(v is not None and plain(v) for v in said):
            return f"{'+'.join(rule)}={'|'.join(plain(v) for v in said)}"[:300]
    return ""


def key_words(kind: RegisterKind, key: str, labels: Mapping[str, str]) -> str:
    """What a key is made of, in words: 统一社会信用代码; 名称、所在乡镇（村）、类别."""
    more = {PERSON: "人员", WITHIN: kind.within.label.zh if kind.within is not None else WITHIN}
    return "、".join(labels.get(n, more.get(n, n)) for n in key.partition("=")[0].split("+"))
