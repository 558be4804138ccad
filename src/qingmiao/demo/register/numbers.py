"""Numbers that look right and belong to nobody: identity numbers with their check character, certificates, phones."""

from __future__ import annotations

import numpy as np

from qingmiao.demo.drafts import Array
from qingmiao.demo.people import PeopleBlock
from qingmiao.identity.numbers import DEMONSTRATION

PHONES = "154"
"""A range of mobile phones that no operator has been given."""
CERTIFICATES = "Z"
"""The letter of made-up birth certificates."""
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_MARKS = np.array(list("10X98765432"))
ADULTS = 99
"""The third and fourth digit of grown-ups' numbers; children's say their block."""


def with_check(seventeen: Array) -> Array:
    """Numbers of 17 digits (n,) as texts of 18 with the check character (ISO 7064 MOD 11-2, GB 11643-1999)."""
    powers = 10 ** np.arange(16, -1, -1, dtype=np.int64)
    digits = seventeen.astype(np.int64)[:, None] // powers % 10
    found: Array = np.char.add(seventeen.astype(np.int64).astype("U17"), _MARKS[digits @ _WEIGHTS % 11])
    return found


def identity_numbers(area: Array, birth: Array, order: Array) -> Array:
    """Texts of 18 characters: area (6 digits), day of birth, order (1–999, odd for the male)."""
    year = birth.astype("datetime64[Y]").astype(np.int64) + 1970
    month = birth.astype("datetime64[M]").astype(np.int64) % 12 + 1
    day = (birth.astype("datetime64[D]") - birth.astype("datetime64[M]")).astype(np.int64) + 1
    whole = ((area.astype(np.int64) * 10_000 + year) * 100 + month) * 100 + day
    return with_check(whole * 1000 + order)


def of_children(block: PeopleBlock) -> Array:
    """Every child's own number: within block, township, day and sex in the order of the block; 499 a day at most."""
    keys = np.lexsort((block.number, block.sex, block.birth, block.home))
    home, birth, sex = block.home[keys], block.birth[keys], block.sex[keys]
    new = np.r_[True, (home[1:] != home[:-1]) | (birth[1:] != birth[:-1]) | (sex[1:] != sex[:-1])]
    starts = np.flatnonzero(new)
    rank = np.empty(len(keys), dtype=np.int64)
    rank[keys] = np.arange(len(keys)) - starts[np.cumsum(new) - 1]
    area = _area(block.id % ADULTS, block.home.astype(np.int64) + 1)
    return identity_numbers(area, block.birth, 1 + rank * 2 % 998 + (block.sex == 1))


def of_grown_ups(birth: Array, male: Array, serial: Array) -> Array:
    """Numbers of grown-ups by a serial: of one day of birth 49,900 are told apart."""
    return identity_numbers(_area(ADULTS, serial // 499), birth, 1 + serial % 499 * 2 + (~male).astype(np.int64))


def _area(two: Array | int, last: Array) -> Array:
    """An area (6 digits) that exists nowhere."""
    found: Array = (int(DEMONSTRATION) * 100 + np.asarray(two, dtype=np.int64)) * 100 + last % 100
    return found


def certificates(number: Array) -> Array:
    """A birth certificate's number for each child's number."""
    return padded(CERTIFICATES, number, 9)


def phones(serial: Array) -> Array:
    """A phone for each serial (below a hundred million)."""
    return padded(PHONES, serial % 100_000_000, 8)


def padded(prefix: str, number: Array, width: int) -> Array:
    """Prefix and number with zeros before it, as texts."""
    if not len(number):
        return np.array([], dtype=f"U{len(prefix) + width}")
    found: Array = np.char.add(prefix, np.char.zfill(number.astype(f"U{width}"), width))
    return found
