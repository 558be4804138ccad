"""What a vaccine cell may say: codes, Chinese names and brands, in any width and case; and the nearest name of one that
is none.

``names.csv`` lists them. A name that leaves open which vaccine it was (脊灰疫苗) makes only its own series unclear.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import cache

from qingmiao.kernel.misread import MisreadError, half_width
from qingmiao.standards import norm_tables
from qingmiao.standards.immunisation import schedule
from qingmiao.standards.immunisation.circumstances import combined

GLOBULIN, OTHER = "IG", "other"
"""Codes of immunoglobulin and of vaccines outside the programme that change nothing here."""
_BRACKETS = re.compile(r"[(\[【〔].*?[)\]】〕]")
_MARKS = re.compile(r"[\s\-_/、,，·.+:：;；()\[\]【】〔〕“”\"'’]|^重组|^吸附|^冻干|^注射用")
_ROMAN = str.maketrans({"ⅰ": "i", "Ⅰ": "i", "ⅲ": "iii", "Ⅲ": "iii", "Ⅱ": "ii", "ⅱ": "ii"})
_NUMBERED = re.compile(r"(?:第?[0-9一二三四五六]+(?:剂次?|针)|加强[剂针]?|疫苗|联合疫苗)$")


@dataclass(frozen=True, slots=True)
class VaccineMeaning:
    """What a name means: a vaccine (``code``), or none for certain and then the series it may belong to
    (``unclear``)."""

    code: str
    unclear: tuple[str, ...] = ()


class UnclearNameError(MisreadError):
    """A name that leaves open which vaccine it was; ``series`` are those it may belong to."""

    def __init__(self, message: str, nearest: str, series: tuple[str, ...]) -> None:
        super().__init__("unclear_vaccine", message, nearest)
        self.series = series


@cache
def _known() -> dict[str, VaccineMeaning]:
    known: dict[str, VaccineMeaning] = {}
    for row in norm_tables.rows(schedule.SUBJECT, "names.csv"):
        meaning = VaccineMeaning(row["vaccine_code"], tuple(row["series_unclear"].split()))
        for name in (row["vaccine_code"], *row["names"].split()):
            if name:
                _add(known, name, meaning)
    for product in schedule.products():
        _add(known, product, VaccineMeaning(product))
    for line in schedule.rows():
        _add(known, line.vaccine_zh, VaccineMeaning(line.vaccine))
    for vaccine in combined():
        for name in (vaccine.code, vaccine.name):
            _add(known, name, VaccineMeaning(vaccine.code))
    return known


def _add(known: dict[str, VaccineMeaning], name: str, meaning: VaccineMeaning) -> None:
    held = known.setdefault(_plain(name), meaning)
    assert held == meaning, f"{name} names both {held} and {meaning}"


def _plain(name: str) -> str:
    return _MARKS.sub("", half_width(name).translate(_ROMAN).lower())


def read_vaccine(text: str) -> str:
    """The code of the vaccine that a cell names: a product, a combined vaccine, ``IG`` or ``other``.

    What stands in brackets (the cell line, the maker) and a dose number after the name do not matter. Raises
    :class:`UnclearNameError` for a name that fits several vaccines, `MisreadError` with the nearest names for any
    other.
    """
    whole = half_width(text)
    short = _BRACKETS.sub("", whole)
    for tried in (whole, short, _NUMBERED.sub("", short), _NUMBERED.sub("", _NUMBERED.sub("", short))):
        meaning = _known().get(_plain(tried))
        if meaning is None or not tried:
            continue
        if meaning.code:
            return meaning.code
        raise UnclearNameError(f"「{text}」分不清是哪一种疫苗", _choices(meaning.unclear), meaning.unclear)
    raise MisreadError("unknown_vaccine", f"「{text}」不是认得的疫苗", _nearest(_plain(short)))


def _choices(series: tuple[str, ...]) -> str:
    codes = [code for code, product in schedule.products().items() if product.series in series]
    return " 或 ".join(codes[:4])


def _nearest(plain: str) -> str:
    near = difflib.get_close_matches(plain, _known(), n=3, cutoff=0.5)
    codes = dict.fromkeys(_known()[name].code or _choices(_known()[name].unclear) for name in near)
    codes.pop(OTHER, None)
    return " 或 ".join(codes)
