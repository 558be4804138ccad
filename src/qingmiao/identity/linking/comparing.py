"""The comparisons of two records: for each its levels, what a level weighs, in SQL for a batch and in Python for one
pair.

A level's `m` is how often two records of one child reach it, its `u` two records of different children; their ratio in
bits is its weight (Fellegi and Sunter 1969; Splink). Evidence that hangs together (guardian and telephone) is one
comparison, so that a family is not counted twice. `m` and `u` are set from made-up registers (`benchmarks/link.py`),
not from a county's data. The first level that holds counts; where a record says nothing the comparison weighs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from qingmiao.identity.likeness import LIKENESS_LABELS, Likeness, likeness
from qingmiao.identity.linking.keys import Keys

NEAR_DAYS = 31


@dataclass(frozen=True, slots=True)
class MatchLevel:
    """One answer of a comparison: `label` (Chinese), its condition in SQL and in Python, `m` and `u`; `rare`: the
    column whose rarity counts instead of `u`. `m` 0: says nothing."""

    label: str
    sql: str
    holds: Callable[[Keys, Keys], bool]
    m: float = 0.0
    u: float = 0.0
    rare: str = ""

    @property
    def bits(self) -> float:
        """The weight, in bits, without rarity."""
        return math.log2(self.m / self.u) if self.m else 0.0


@dataclass(frozen=True, slots=True)
class RecordComparison:
    """One aspect of two records and its levels, the first that holds counts; the last always holds."""

    name: str
    label: str
    levels: tuple[MatchLevel, ...]

    def level(self, a: Keys, b: Keys) -> MatchLevel:
        """The level of two records."""
        return next(level for level in self.levels if level.holds(a, b))


def within_one_edit(a: str, b: str) -> bool:
    """Whether one character typed wrong, left out, doubled, or two neighbours changed about make the one the other."""
    if len(a) > len(b):
        a, b = b, a
    if len(b) - len(a) > 1:
        return False
    start = 0
    while start < len(a) and a[start] == b[start]:
        start += 1
    if len(a) < len(b):
        return a[start:] == b[start + 1 :]
    return a[start + 1 :] == b[start + 1 :] or (
        a[start : start + 2] == b[start : start + 2][::-1] and a[start + 2 :] == b[start + 2 :]
    )


def edits(a: str, b: str) -> int:
    """Edits between two texts, neighbours changed about counting as one (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def _either(a: str, b: str) -> str:
    return f"({a}_l is null or {b}_r is null)"


def _name(levels: tuple[Likeness, ...], m: float, u: float) -> MatchLevel:
    return MatchLevel(
        LIKENESS_LABELS[levels[0]],
        f"name_likeness(name_l, name_r) in ({', '.join(str(int(level)) for level in levels)})",
        lambda a, b: likeness(a.name, b.name) in levels,
        m,
        u,
    )


NAME = RecordComparison(
    "name",
    "姓名",
    (
        MatchLevel(
            LIKENESS_LABELS[Likeness.UNKNOWN],
            "(name_l is null or name_r is null or name_likeness(name_l, name_r) = -1)",
            lambda a, b: likeness(a.name, b.name) is Likeness.UNKNOWN,
        ),
        MatchLevel(
            LIKENESS_LABELS[Likeness.SAME],
            "written_l = written_r",
            lambda a, b: bool(a.written) and a.written == b.written,
            0.75,
            0.0002,
            "written",
        ),
        _name((Likeness.WRITTEN, Likeness.SAME), 0.05, 0.0002),
        _name((Likeness.SOUND,), 0.05, 0.0004),
        _name((Likeness.FORM,), 0.05, 0.002),
        _name((Likeness.GIVEN,), 0.01, 0.001),
        _name((Likeness.SURNAME,), 0.04, 0.05),
        _name((Likeness.PARTIAL,), 0.01, 0.04),
        _name((Likeness.UNLIKE,), 0.02, 0.9),
    ),
)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _near(a: Keys, b: Keys) -> bool:
    one, other = _day(a.birth), _day(b.birth)
    return bool(one and other and abs((one - other).days) <= NEAR_DAYS)


BIRTH = RecordComparison(
    "birth",
    "出生日期",
    (
        MatchLevel(
            "有一方没有出生日期",
            "(year_l is null or year_r is null)",
            lambda a, b: a.year is None or b.year is None,
        ),
        MatchLevel(
            "出生日期相同", "birth_l = birth_r", lambda a, b: bool(a.birth) and a.birth == b.birth, 0.9, 0.0002, "birth"
        ),
        MatchLevel(
            "月日互换后相同",
            "(birth_l = swapped_r or swapped_l = birth_r)",
            lambda a, b: bool(b.swapped and a.birth == b.swapped) or bool(a.swapped and a.swapped == b.birth),
            0.01,
            0.0002,
        ),
        MatchLevel(
            "一方是农历",
            "(birth_l = solar_r or solar_l = birth_r)",
            lambda a, b: bool(b.solar and a.birth == b.solar) or bool(a.solar and a.solar == b.birth),
            0.01,
            0.0003,
        ),
        MatchLevel(
            "月日相同，年份差一年",
            "(month_l = month_r and day_l = day_r and abs(year_l - year_r) = 1)",
            lambda a, b: (
                a.month == b.month is not None
                and a.day == b.day is not None
                and abs((a.year or 0) - (b.year or 0)) == 1
            ),
            0.01,
            0.0003,
        ),
        MatchLevel(
            "出生日期差一个数字",
            "(birth_l is not null and birth_r is not null and damerau_levenshtein(birth_l, birth_r) <= 1)",
            lambda a, b: bool(a.birth and b.birth and within_one_edit(a.birth, b.birth)),
            0.02,
            0.004,
        ),
        MatchLevel(
            "出生在同一个月前后",
            "(abs(datediff('day', try_cast(birth_l as date), try_cast(birth_r as date))) <= 31"
            " or ((birth_l is null or birth_r is null) and year_l = year_r and month_l = month_r))",
            lambda a, b: (
                _near(a, b)
                or ((a.birth is None or b.birth is None) and a.year == b.year and a.month == b.month is not None)
            ),
            0.015,
            0.01,
        ),
        MatchLevel("出生日期不同", "ELSE", lambda a, b: True, 0.015, 0.95),
    ),
)

SEX = RecordComparison(
    "sex",
    "性别",
    (
        MatchLevel("有一方没有性别", "(sex_l is null or sex_r is null)", lambda a, b: a.sex is None or b.sex is None),
        MatchLevel("性别相同", "sex_l = sex_r", lambda a, b: a.sex == b.sex, 0.98, 0.5),
        MatchLevel("性别不同", "ELSE", lambda a, b: True, 0.02, 0.5),
    ),
)

NUMBER = RecordComparison(
    "number",
    "证件号码",
    (
        MatchLevel(
            "有一方没有证件号码", _either("number", "number"), lambda a, b: a.number is None or b.number is None
        ),
        MatchLevel("证件号码相同", "number_l = number_r", lambda a, b: a.number == b.number, 0.8, 0.8 / 2**24),
        MatchLevel(
            "证件号码都有效而不同",
            "(right_l and right_r)",
            lambda a, b: bool(a.right and b.right),
            0.0001,
            0.9,
        ),
        MatchLevel(
            "证件号码差一处",
            "damerau_levenshtein(number_l, number_r) <= 1",
            lambda a, b: within_one_edit(a.number or "", b.number or ""),
            0.1,
            0.1 / 2**14,
        ),
        MatchLevel(
            "证件号码差两处",
            "damerau_levenshtein(number_l, number_r) <= 2",
            lambda a, b: edits(a.number or "", b.number or "") <= 2,
            0.02,
            0.02 / 2**5,
        ),
        MatchLevel("证件号码不同", "ELSE", lambda a, b: True, 0.006, 0.9),
    ),
)

_GUARD_SQL = (
    "greatest(name_likeness(guardian_l, guardian_r), name_likeness(mother_l, guardian_r),"
    " name_likeness(guardian_l, mother_r), name_likeness(mother_l, mother_r))"
)
_GUARD_KNOWN = "(coalesce(guardian_l, mother_l) is not null and coalesce(guardian_r, mother_r) is not null)"
_PHONES = "(phone_l is not null and phone_r is not null)"
_PHONE_NEAR = f"({_PHONES} and damerau_levenshtein(phone_l, phone_r) <= 1)"


def guardian_likeness(a: Keys, b: Keys) -> Likeness:
    """The best likeness of the adults that two records name: guardian and, of a newborn without a name, mother."""
    pairs = [(one, other) for one in (a.guardian, a.mother) for other in (b.guardian, b.mother) if one and other]
    return max((likeness(*pair) for pair in pairs), default=Likeness.UNKNOWN)


def _phones_near(a: Keys, b: Keys) -> bool:
    return bool(a.phone and b.phone and within_one_edit(a.phone, b.phone))


def _guards_known(a: Keys, b: Keys) -> bool:
    return bool((a.guardian or a.mother) and (b.guardian or b.mother))


FAMILY = RecordComparison(
    "family",
    "监护人和电话",
    (
        MatchLevel(
            "监护人和电话都相同",
            f"({_PHONE_NEAR} and {_GUARD_SQL} >= 4)",
            lambda a, b: _phones_near(a, b) and guardian_likeness(a, b) >= Likeness.FORM,
            0.4,
            0.4 / 2**12.5,
        ),
        MatchLevel(
            "电话相同", "phone_l = phone_r", lambda a, b: bool(a.phone) and a.phone == b.phone, 0.1, 0.1 / 2**10.5
        ),
        MatchLevel(
            "监护人相同",
            f"{_GUARD_SQL} >= 5",
            lambda a, b: guardian_likeness(a, b) >= Likeness.SOUND,
            0.2,
            0.2 / 2**9,
        ),
        MatchLevel(
            "监护人姓名相近或电话差一位",
            f"({_GUARD_SQL} >= 4 or {_PHONE_NEAR})",
            lambda a, b: guardian_likeness(a, b) >= Likeness.FORM or _phones_near(a, b),
            0.02,
            0.02 / 2**5,
        ),
        MatchLevel(
            "监护人和电话都不同",
            f"({_GUARD_KNOWN} and {_PHONES})",
            lambda a, b: _guards_known(a, b) and bool(a.phone and b.phone),
            1.0,
            2**2.5,
        ),
        MatchLevel(
            "监护人或电话不同",
            f"({_GUARD_KNOWN} or {_PHONES})",
            lambda a, b: _guards_known(a, b) or bool(a.phone and b.phone),
            1.0,
            2**1,
        ),
        MatchLevel("没有监护人和电话可比", "ELSE", lambda a, b: True),
    ),
)

AREA = RecordComparison(
    "area",
    "住址",
    (
        MatchLevel(
            "有一方没有住址",
            "(county_l is null or county_r is null)",
            lambda a, b: a.county is None or b.county is None,
        ),
        MatchLevel(
            "同一个村（社区）",
            "village_l = village_r",
            lambda a, b: bool(a.village) and a.village == b.village,
            0.5,
            0.5 / 2**6,
        ),
        MatchLevel("同一个乡镇", "town_l = town_r", lambda a, b: bool(a.town) and a.town == b.town, 0.3, 0.3 / 2**3),
        MatchLevel(
            "同县，有一方没有写乡镇",
            "(county_l = county_r and (town_l is null or town_r is null))",
            lambda a, b: a.county == b.county and (a.town is None or b.town is None),
        ),
        MatchLevel(
            "不同乡镇，监护人和电话也都不同",
            f"({_GUARD_KNOWN} and {_PHONES} and not {_PHONE_NEAR} and {_GUARD_SQL} < 4)",
            lambda a, b: (
                _guards_known(a, b)
                and bool(a.phone and b.phone)
                and not _phones_near(a, b)
                and guardian_likeness(a, b) < Likeness.FORM
            ),
            0.01,
            0.01 * 2**13.5,
        ),
        MatchLevel("不同乡镇", "county_l = county_r", lambda a, b: a.county == b.county, 0.1, 0.1 * 2**3),
        MatchLevel("不同的县", "ELSE", lambda a, b: True, 0.05, 0.05 * 2**4),
    ),
)

COMPARISONS = (NAME, BIRTH, SEX, NUMBER, FAMILY, AREA)

_OTHER_NUMBER = "(number_l is null or number_r is null or number_l <> number_r)"
VETO_SQL = (
    "(right_l and right_r and number_l <> number_r)"
    f" or (name_likeness(name_l, name_r) in (0, 1) and ({_OTHER_NUMBER} or birth_l <> birth_r))"
    f" or (name_likeness(name_l, name_r) in (-1, 2) and sex_l <> sex_r and {_OTHER_NUMBER})"
    f" or ((twin_l and name_r is not null or twin_r and name_l is not null) and {_OTHER_NUMBER})"
)


def vetoed(a: Keys, b: Keys) -> str:
    """Why two records are never of one child, in Chinese; ``""`` when nothing forbids it.

    Both numbers right and different. Names neither alike in sound nor in form without one number in common, or with
    two births. Without a number in common also: a child that has no name yet, and another sex; one that is called a
    twin (大双), and a name.
    """
    if a.right and b.right and a.number != b.number:
        return "两个证件号码都有效而不相同"
    alike = likeness(a.name, b.name)
    if a.number is not None and a.number == b.number:
        other_birth = a.birth and b.birth and a.birth != b.birth
        unlike = alike in (Likeness.UNLIKE, Likeness.PARTIAL)
        return "证件号码相同，而姓名和出生日期都不同" if unlike and other_birth else ""
    if alike in (Likeness.UNLIKE, Likeness.PARTIAL):
        return "姓名音、形都不相近，又没有相同的证件号码"
    if alike in (Likeness.UNKNOWN, Likeness.SURNAME) and a.sex and b.sex and a.sex != b.sex:
        return "有一方还没有名，性别又不同，可能是双胞胎里的另一个"
    if (a.twin and b.name) or (b.twin and a.name):
        return "双胞胎里还没有名的一个，分不清是哪一个"
    return ""
