"""The columns that say who or what a row is about: read as text, digit for digit, by the rules of
`kernel.identifiers`."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qingmiao.content.facts import Fact
from qingmiao.content.pack import Pack
from qingmiao.kernel.identifiers import read_identifier, read_identifier_number
from qingmiao.kernel.misread import MisreadError

LONGEST_TEXT = 2000
"""Characters of a cell of text (local setting)."""
LONGEST_ID = 120
"""Bytes of an identifier (local setting)."""
_CERTAIN = (
    "^(?:"
    + "|".join(
        (
            r"[A-Za-z一-龥][0-9A-Za-z_/一-龥-]*",  # begins with a letter or an ordinary Chinese character
            r"\d+[_/-][0-9A-Za-z_/一-龥-]*",  # a number and a stroke: 2024-0017
            r"\d+[A-DF-WYZa-df-wyz一-龥][0-9A-Za-z_/一-龥-]*",  # a number and a letter, neither a power nor an x: 7c3
            r"\d+[Ee]\d*[A-DF-WYZa-df-wyz一-龥][0-9A-Za-z_/一-龥-]*",  # and what no power can be: 7e3a
            r"\d{1,15}",
            r"[1-9]\d{16}[1-9X]",
        )
    )
    + ")$"
)
"""Texts that are identifiers as they stand (nothing in them is a blank, wide, decimal or rounded); all others are read
singly."""
_SPREADSHEET = r"^\s*[+-]?\d\.\d+[eE]\+\d{2,3}\s*$"
_LONG_NUMBER = r"^\d{18,19}$"
_ENOUGH = 5


@dataclass
class Identities:
    """The column as it counts; rows (positions) that cannot be, with the reason; rows that were written otherwise."""

    values: pa.Array
    bad: dict[int, MisreadError] = field(default_factory=dict)
    changed: list[int] = field(default_factory=list)
    lost: MisreadError | None = None
    """Why the column as a whole has lost digits."""


def identifying(pack: Pack, fact: Fact) -> set[str]:
    """The text columns that identify: the fact's key, keys of the pack's other facts, what children are followed or
    counted by."""
    names = set(fact.key) | {k for other in pack.facts.values() for k in other.key}
    names |= {d.previous.per for d in fact.derived.values() if d.previous is not None}
    for indicator in pack.indicators.values():
        for d in indicator.definitions:
            names |= {d.latest.per} if d.latest is not None else set()
            names |= {a.distinct for a in (d.numerator, d.denominator) if a is not None and a.distinct}
    return {n for n in names if n in fact.columns and fact.columns[n].type == "text"}


def identities(values: pa.Array) -> Identities:
    """Identifiers from a column of text, of whole numbers, or of floating-point numbers below 2**53."""
    if pa.types.is_floating(values.type):
        return _from_floats(values)
    texts = values if pa.types.is_string(values.type) else values.cast(pa.string())
    result = Identities(texts)
    certain = pc.match_substring_regex(texts, _CERTAIN).fill_null(True)
    if not pc.all(certain).as_py():
        places = np.flatnonzero(~certain.to_numpy(zero_copy_only=False))
        _read_each(result, texts, places)
    long = pc.greater(pc.binary_length(result.values), LONGEST_ID).fill_null(False)
    for place in np.flatnonzero(long.to_numpy(zero_copy_only=False)).tolist():
        text = result.values[place].as_py()
        result.bad.setdefault(place, MisreadError("too_long", f"「{text[:20]}…」太长（{len(text)} 字），不像编号"))
    result.lost = _lost_digits(result.values)
    return result


def _read_each(result: Identities, texts: pa.Array, places: np.typing.NDArray[np.int64]) -> None:
    """Read the odd ones by the kernel's rule, each different text once."""
    read: dict[str, str | MisreadError | None] = {}
    clean: list[str | None] = []
    for place, text in zip(places.tolist(), texts.take(pa.array(places)).to_pylist(), strict=True):
        if text not in read:
            read[text] = _read_one(text)
        value = read[text]
        if isinstance(value, MisreadError):
            result.bad[place] = value
            clean.append(None)
            continue
        if value is not None and value != text:
            result.changed.append(place)
        clean.append(value)
    mask = np.zeros(len(texts), dtype=bool)
    mask[places] = True
    result.values = pc.replace_with_mask(texts, pa.array(mask), pa.array(clean, pa.string()))


def _read_one(text: str) -> str | MisreadError | None:
    try:
        if any(not c.isprintable() for c in text.strip()):
            raise MisreadError(
                "unprintable",
                f"编号「{''.join(c if c.isprintable() else '�' for c in text[:40])}」含有看不见的字符",
            )
        found = read_identifier(text)
    except MisreadError as e:
        return e
    return found.text if found is not None else None


def _from_floats(values: pa.Array) -> Identities:
    """Whole numbers below 2**53 become their digits (all of them changed); the others are refused."""
    given = values.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
    usable = np.isfinite(given) & (np.abs(given) < 2**53) & (given == np.trunc(given))
    missing = np.isnan(given)
    whole = pa.array(np.where(usable, given, 0).astype(np.int64), mask=~usable).cast(pa.string())
    result = Identities(whole, changed=np.flatnonzero(usable).tolist())
    for place in np.flatnonzero(~usable & ~missing).tolist():
        try:
            read_identifier_number(float(given[place]))
        except (MisreadError, OverflowError) as e:
            result.bad[place] = e if isinstance(e, MisreadError) else MisreadError("id_rounded", "编号不是有限的数")
    return result


def _lost_digits(texts: pa.Array) -> MisreadError | None:
    """Whether most of the 18-digit numbers of a column are just what a double can hold, as numbers that went through
    one are.

    One in sixteen genuine ones is; five or more different ones, most of them so, are no accident.
    """
    long = texts.filter(pc.greater_equal(pc.binary_length(texts), 18).fill_null(False))
    long = long.filter(pc.match_substring_regex(long, _LONG_NUMBER))
    if not len(long):
        return None
    different = [int(t) for t in pc.unique(long).slice(0, 1000).to_pylist()]
    held = sum(1 for n in different if int(float(n)) == n)
    if len(different) < _ENOUGH or held * 2 <= len(different):
        return None
    return MisreadError(
        "id_rounded",
        f"{len(different)} 个 18 位编号里有 {held} 个正好是浮点数能存下的数：后面的数字已经丢了",
        "",
    )


def free_texts(values: pa.Array) -> Identities:
    """Other text: blanks around it are cut; what a spreadsheet left of a long number, and what is far too long, is
    refused."""
    texts = pc.utf8_trim_whitespace(values)
    texts = pc.if_else(pc.equal(texts, ""), None, texts)
    result = Identities(texts)
    for test, code, why in (
        (
            pc.match_substring_regex(texts, _SPREADSHEET),
            "id_scientific",
            "是科学计数法，后面的数字已经丢了；请把这一列设为文本，重新导出",
        ),
        (pc.greater(pc.utf8_length(texts), LONGEST_TEXT), "too_long", f"太长，最多 {LONGEST_TEXT} 字"),
        (pc.match_substring(texts, "\0"), "nul", "含有空字符（NUL），文件坏了；请重新导出"),
    ):
        for place in np.flatnonzero(test.fill_null(False).to_numpy(zero_copy_only=False)).tolist():
            text = texts[place].as_py()
            text = text if len(text) <= 40 else text[:40] + "…"
            result.bad.setdefault(place, MisreadError(code, f"「{text}」{why}"))
    return result
