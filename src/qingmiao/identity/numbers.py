"""The numbers by which a child is known: read as written, put into one form, judged, and told in words what is wrong.

A citizen's number (公民身份号码, GB 11643-1999) is 6 digits of an area, 8 of the birth, 3 of order (odd: male) and a check
character of ISO 7064 MOD 11-2. The residence permit of 港澳台居民 has the same shape and begins with 81, 82 or 83
(国务院办公厅《港澳台居民居住证申领发放办法》2018 年，第三条). The card of foreigners who stay for good is three letters and 12
digits on the old card and, on the card of 2023, 18 characters that begin with 9 and have the same check (国家移民管理局
《新版外国人永久居留身份证机读信息规则》2023 版，第二部分). Areas of counties are not a closed list: they change, and numbers stay.
The form of a birth certificate's number (a letter and nine digits) and of passports is general knowledge, not a source.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from qingmiao.kernel.identifiers import is_identity_number, looks_rounded
from qingmiao.kernel.misread import BLANK, MisreadError

_REGIONS = {"1": "12345", "2": "123", "3": "1234567", "4": "123456", "5": "01234", "6": "12345", "7": "1", "8": "123"}
PROVINCES = frozenset(region + place for region, places in _REGIONS.items() for place in places)
"""First two digits of areas (GB/T 2260); 83 is Taiwan in residence permits."""
DEMONSTRATION = "79"
"""First two digits of made-up numbers: no province has them, and they are not a foreigner's 9."""
OLDEST = 1900
_NOTHING = BLANK | {"无", "暂无", "没有", "不详", "未知", "未办", "-", "--", "—", "/", "0"}
_DROPPED = re.compile(r"[\s\-‐‑‒–—―_.·　​﻿'’‘\"]+")
_LOOKALIKE = str.maketrans({"×": "X", "✕": "X", "Χ": "X", "Х": "X", "х": "X", "χ": "X"})
_EIGHTEEN = re.compile(r"\d{17}[\dX]$", re.ASCII)
_FIFTEEN = re.compile(r"\d{15}$", re.ASCII)
_OLD_FOREIGN = re.compile(r"[A-Z]{3}\d{12}$", re.ASCII)
_PASSPORT = re.compile(r"(?=.*\d)[A-Z0-9]{6,12}$", re.ASCII)
_BIRTH = re.compile(r"[A-Z]\d{9}$", re.ASCII)


class NumberKind(StrEnum):
    """What a number is of."""

    CITIZEN = "citizen"
    CITIZEN_OLD = "citizen_old"
    PERMIT = "permit"
    FOREIGN = "foreign"
    FOREIGN_OLD = "foreign_old"
    PASSPORT = "passport"
    BIRTH_CERTIFICATE = "birth_certificate"


KIND_LABELS: dict[NumberKind, str] = {
    NumberKind.CITIZEN: "居民身份证",
    NumberKind.CITIZEN_OLD: "居民身份证（15 位）",
    NumberKind.PERMIT: "港澳台居民居住证",
    NumberKind.FOREIGN: "外国人永久居留身份证",
    NumberKind.FOREIGN_OLD: "外国人永久居留身份证（旧版）",
    NumberKind.PASSPORT: "护照",
    NumberKind.BIRTH_CERTIFICATE: "出生医学证明",
}


@dataclass(frozen=True, slots=True)
class PersonNumber:
    """A number in its one form: `kind`, `text`, and the birth and sex (``M`` or ``F``) that it states, where it
    does."""

    kind: NumberKind
    text: str
    birth: date | None = None
    sex: str | None = None


def plain_number(text: str | None) -> str:
    """The characters that count: half width, capitals, X for every mark that looks like it; no blanks, dashes or
    quotes; ``""`` for a cell that says that there is none."""
    plain = unicodedata.normalize("NFKC", (text or "").translate(_LOOKALIKE)).strip()
    if plain in _NOTHING:
        return ""
    return _DROPPED.sub("", plain).upper()


def read_person_number(text: str | None) -> PersonNumber | None:
    """The number that a cell of identity numbers names; ``None`` for a blank cell and 无.

    15 digits are a citizen's old number where they hold a day of birth (of 19xx), letters and digits of 6 to 12 a
        passport. Raises `MisreadError` that says in Chinese what is wrong: length, area, birth, check character, or
    digits lost.
    """
    plain = plain_number(text)
    if not plain:
        return None
    if _EIGHTEEN.match(plain):
        return _eighteen(text or "", plain)
    if _FIFTEEN.match(plain):
        return _fifteen(text or "", plain)
    if _OLD_FOREIGN.match(plain):
        return PersonNumber(NumberKind.FOREIGN_OLD, plain)
    if plain.isdigit() and len(plain) > 12:
        raise MisreadError(
            "id_length", f"证件号码「{text}」有 {len(plain)} 位；居民身份证是 18 位（旧的 15 位），请核对"
        )
    if _PASSPORT.match(plain):
        return PersonNumber(NumberKind.PASSPORT, plain)
    raise MisreadError("not_a_number", f"「{text}」不是证件号码：位数或字符不对，请对照证件重新填写")


def read_birth_certificate(text: str | None) -> PersonNumber | None:
    """The number of a birth certificate (出生医学证明): a letter and nine digits; ``None`` for a blank cell.

    The form is general knowledge, not taken from a document. Raises `MisreadError` for everything else.
    """
    plain = plain_number(text)
    if not plain:
        return None
    if not _BIRTH.match(plain):
        raise MisreadError("not_a_certificate", f"「{text}」不是出生医学证明编号：应当是一个字母加九位数字")
    return PersonNumber(NumberKind.BIRTH_CERTIFICATE, plain)


def check_character(seventeen: str) -> str:
    """The check character of the first 17 digits (ISO 7064 MOD 11-2, GB 11643-1999)."""
    return next(mark for mark in "0123456789X" if is_identity_number(seventeen + mark))


def disguised(text: str) -> str:
    """The number as it is shown: the first 6 and the last 2 characters of a long one, the last 2 of a short one."""
    keep = 6 if len(text) >= 15 else 0
    return text[:keep] + "*" * max(len(text) - keep - 2, 0) + text[-2:]


def _eighteen(text: str, plain: str) -> PersonNumber:
    if looks_rounded(plain):
        raise MisreadError(
            "id_rounded", f"证件号码「{text}」第 15 位以后全是 0，是当作数存过的；请把这一列设为文本，从原系统重新导出"
        )
    foreign = plain[0] == "9"
    if not foreign and plain[:2] not in PROVINCES | {DEMONSTRATION}:
        raise MisreadError("id_area", f"证件号码「{text}」的前两位 {plain[:2]} 不是省级行政区划代码")
    birth = _birth(text, plain[6:10], plain[10:12], plain[12:14])
    if not is_identity_number(plain):
        raise MisreadError(
            "id_check",
            f"证件号码「{text}」的校验位不对（最后一位按前 17 位应为 {check_character(plain[:17])}）；有一位抄错了，请对照证件",
        )
    kind = NumberKind.FOREIGN if foreign else NumberKind.CITIZEN
    if plain[:2] in ("81", "82", "83"):
        kind = NumberKind.PERMIT
    return PersonNumber(kind, plain, birth, _sex(plain[16]))


def _fifteen(text: str, plain: str) -> PersonNumber:
    if plain[:2] not in PROVINCES:
        raise MisreadError("id_area", f"证件号码「{text}」的前两位 {plain[:2]} 不是省级行政区划代码")
    birth = _birth(text, "19" + plain[6:8], plain[8:10], plain[10:12])
    return PersonNumber(NumberKind.CITIZEN_OLD, plain, birth, _sex(plain[14]))


def as_eighteen(number: PersonNumber) -> PersonNumber:
    """A citizen's old number of 15 digits as the one of 18 (19 before the year, the check character after it); every
    other number as it is."""
    if number.kind is not NumberKind.CITIZEN_OLD:
        return number
    body = number.text[:6] + "19" + number.text[6:]
    return PersonNumber(NumberKind.CITIZEN, body + check_character(body), number.birth, number.sex)


def _birth(text: str, year: str, month: str, day: str) -> date:
    y, m, d = int(year), int(month), int(day)
    if y < OLDEST or not 1 <= m <= 12 or not 1 <= d <= calendar.monthrange(y, m)[1]:
        raise MisreadError("id_birth", f"证件号码「{text}」里的出生日期 {year}-{month}-{day} 不存在")
    return date(y, m, d)


def _sex(digit: str) -> str:
    return "M" if int(digit) % 2 else "F"
