"""Which area a code means on a day: former codes, areas that ended, areas that did not exist yet.

A figure from before a change stands under the code of its time. After it the old code is taken as its one successor for
`policy.old_code_days` days, with a finding; later, or where nothing says which successor, it is a fault that names the
new code. Source: docs/explanation/area-history.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from qingmiao.kernel.area_history import ChangeKind
from qingmiao.kernel.areas import AreaTree
from qingmiao.kernel.periods import Period

FAR = 10**7
"""A day (since 1970) that no row reaches."""


@dataclass(frozen=True)
class CodeStanding:
    """What a code means: `code` until `last` (days since 1970), then `after` for a while (until `grace`), then
    nothing."""

    code: str
    first: int
    last: int
    after: str
    grace: int
    told: str

    def at(self, day: int) -> str:
        """The area's present code on a day; empty where the code no longer stands for one."""
        return self.code if day <= self.last else self.after if day <= self.grace else ""


@dataclass(frozen=True)
class InYear:
    """A code in one year: the area it means (None: none), what is wrong, or what is to be explained."""

    code: str | None
    problem: str = ""
    hint: str = ""
    note: str = ""


@dataclass(frozen=True)
class DatedCodes:
    """A column of codes at their time. `refused` and `noted`: (message, hint, positions of rows)."""

    codes: pa.Array
    refused: tuple[tuple[str, str, NDArray[np.int64]], ...] = ()
    noted: tuple[tuple[str, NDArray[np.int64]], ...] = ()


def standing(tree: AreaTree, code: str, grace: int) -> CodeStanding:
    """What a known code (present or former) means over the years."""
    if code in tree.former:
        old = tree.former[code]
        told = f"该地 {old.last + timedelta(days=1)} 起改为 {_named(tree, old.code)}"
        last = _days(old.last)
        return CodeStanding(old.code, -FAR, last, old.code, last + grace, told)
    area = tree[code]
    first = -FAR if area.first is None else _days(area.first)
    if area.last is None:
        return CodeStanding(code, first, FAR, "", FAR, "")
    last, change = _days(area.last), tree.became(code)
    day = area.last + timedelta(days=1)
    if change is None or not change.after:
        return CodeStanding(code, first, last, "", last, f"该地 {day} 起{'撤销' if change else '不再是一个地区'}")
    word = {ChangeKind.SPLIT: "分设为", ChangeKind.MOVED: "划转为"}.get(change.kind, "并入")
    told = f"该地 {day} 起{word} {'、'.join(_named(tree, c) for c in change.after)}"
    one = change.after[0] if len(change.after) == 1 and change.sources else ""
    return CodeStanding(code, first, last, one, last + grace if one else last, told)


def at_their_time(tree: AreaTree, codes: pa.Array, days: NDArray[np.int64], grace: int) -> DatedCodes:
    """Known codes (present or former; null stays null) on days since 1970, as present codes.

    `days`: one a row; below −FAR where the day is not known, which counts as before every change.
    """
    if not tree.has_history:
        return DatedCodes(codes)
    coded = codes.dictionary_encode()
    names: list[str] = coded.dictionary.to_pylist()
    ways = [standing(tree, c, grace) for c in names]
    if not ways:
        return DatedCodes(codes)
    at = coded.indices.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    known = codes.is_valid().to_numpy(zero_copy_only=False)
    last, until, first = (np.array([getattr(w, n) for w in ways])[at] for n in ("last", "grace", "first"))
    after = np.array([bool(w.after) for w in ways])[at]
    past = known & (days > last)
    moved = past & after & (days <= until)
    lost = past & ~moved
    present = pa.array([w.code for w in ways]).take(pa.array(at))
    later = pa.array([w.after or w.code for w in ways]).take(pa.array(at))
    found = pc.if_else(pa.array(moved), later, present)
    found = pc.if_else(pa.array(known), found, pa.scalar(None, pa.string()))
    refused, noted = [], []
    for i, way in enumerate(ways):
        mine = at == i
        if (rows := np.flatnonzero(lost & mine)).size:
            refused.append((f"{_named(tree, names[i])} 在这一天已不存在", way.told, rows))
        if (rows := np.flatnonzero(moved & mine)).size:
            noted.append((f"旧代码 {names[i]} 按新代码 {way.after} 计：{way.told}", rows))
        if (rows := np.flatnonzero(known & mine & (days < first) & (days > -FAR))).size:
            noted.append((f"{_named(tree, way.code)} 当时还没有设立，这些行按现区划追溯", rows))
    return DatedCodes(found, tuple(refused), tuple(noted))


def in_year(tree: AreaTree, code: str, period: Period, grace: int) -> InYear:
    """Which area a code means for a figure of a whole period: the area must exist on its last day.

    A recoded area may be given by the code that it had when the period began. The figure of one of several merged areas
    is never taken for the whole.
    """
    way = standing(tree, code, grace)
    start, end = _days(period.start), _days(period.end)
    if end <= way.last or (code in tree.former and start <= way.last):
        early = f"{_named(tree, way.code)} 在 {period} 还没有设立，这个数按现区划追溯" if end < way.first else ""
        return InYear(way.code, note=early)
    if code not in tree.former:
        change = tree.became(code)
        if change is None or change.kind is not ChangeKind.MOVED:
            return InYear(None, f"{_named(tree, code)} 在 {period} 的最后一天已不存在", way.told)
    if start <= way.grace and way.after:
        return InYear(way.after, note=f"旧代码 {code} 按新代码 {way.after} 计：{way.told}")
    return InYear(None, f"{_named(tree, code)} 在 {period} 已不存在", way.told)


def _named(tree: AreaTree, code: str) -> str:
    area = tree.get(code)
    name = area.name if area is not None else tree.former[code].name if code in tree.former else ""
    return f"{code}（{name}）" if name else code


def _days(day: date) -> int:
    return (day - date(1970, 1, 1)).days
