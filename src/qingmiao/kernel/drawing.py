"""Double-random drawing (双随机): which places are visited and who visits them, drawn so that anybody can draw it again.

Everything follows from the two lists and a seed by SHA-256 alone, so that every version of every program that follows
these lines draws the same: a line is its cells joined by U+001F; the mark of a list is the hash of its sorted lines,
joined by U+000A; the mark of both is the hash of the two marks. Each place gets the hash of seed, "place", the mark of
both and its line, joined by U+000A; the places with the smallest hashes are drawn, in that order. For each drawn place
each person who may go (not of the place's own unit) gets the hash of seed, "person", the mark of both, the place's line
and the person's line; those drawn least often so far go first, of these the smallest hashes. Where nobody goes (a
sample of lines, `each` 0), the second list is empty and its mark is the hash of nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from qingmiao.kernel.errors import UserError

ALGORITHM = "qingmiao-draw-1"
CELL, LINE = "\x1f", "\n"
MOST = 100_000
"""So many lines a list has at most."""


@dataclass(frozen=True, order=True)
class DrawLine:
    """One line of a list: a place or a person, and the unit that it belongs to (empty: none)."""

    name: str
    unit: str = ""

    @property
    def line(self) -> str:
        """The line as it is hashed."""
        return f"{self.name}{CELL}{self.unit}"


@dataclass(frozen=True)
class Drawn:
    """A place that was drawn, and who goes there."""

    place: DrawLine
    people: tuple[DrawLine, ...]


@dataclass(frozen=True)
class DrawRecord:
    """Everything that a drawing followed from and what was drawn: what `verify` draws again."""

    seed: str
    wanted: int
    each: int
    places: tuple[DrawLine, ...]
    people: tuple[DrawLine, ...]
    drawn: tuple[Drawn, ...]
    places_hash: str
    people_hash: str
    algorithm: str = ALGORITHM

    def text(self) -> str:
        """The record as a file keeps it (JSON, keys in order)."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def list_hash(listed: Iterable[DrawLine]) -> str:
    """The mark of a list; its order does not matter."""
    return _hash(LINE.join(sorted(one.line for one in listed)))


def draw(places: Iterable[DrawLine], people: Iterable[DrawLine], *, seed: str, wanted: int, each: int) -> DrawRecord:
    """Draw `wanted` places and `each` people to every one of them (0 and no people: a sample of lines).

    Raises UserError in words for an empty seed, a line that stands twice, more places wanted than listed, and a place
    to which not enough people may go.
    """
    sites = _whole(places, "场所")
    inspectors = _whole(people, "检查人员") if each else _nobody(people)
    if not seed.strip():
        raise UserError("抽取要有种子：当场定下、记录在案的一串文字或数字")
    if not 1 <= wanted <= len(sites):
        raise UserError(f"要抽 {wanted} 个场所，名单里有 {len(sites)} 个")
    if each < 0:
        raise UserError("每个场所至少要抽 1 名检查人员")
    marks = list_hash(sites), list_hash(inspectors)
    both = _hash(LINE.join(marks))
    taken = sorted(sites, key=lambda s: (_of(seed, "place", both, s.line), s.line))[:wanted]
    times: dict[DrawLine, int] = dict.fromkeys(inspectors, 0)
    drawn: list[Drawn] = []
    for site in taken:
        able = [p for p in inspectors if not p.unit or p.unit != site.unit]
        if len(able) < each:
            raise UserError(f"「{site.name}」除去本单位的人，可以去的只有 {len(able)} 人，不够 {each} 人")
        able.sort(key=lambda p: (times[p], _of(seed, "person", both, site.line, p.line), p.line))
        go = tuple(able[:each])
        for person in go:
            times[person] += 1
        drawn.append(Drawn(site, go))
    return DrawRecord(seed, wanted, each, tuple(sorted(sites)), tuple(sorted(inspectors)), tuple(drawn), *marks)


def read_record(text: str) -> DrawRecord:
    """A record from its file. Raises UserError for what is none."""
    try:
        raw: Mapping[str, Any] = json.loads(text)
        return DrawRecord(
            str(raw["seed"]), int(raw["wanted"]), int(raw["each"]), _listed(raw["places"]), _listed(raw["people"]),
            tuple(Drawn(DrawLine(**d["place"]), _listed(d["people"])) for d in raw["drawn"]),
            str(raw["places_hash"]), str(raw["people_hash"]), str(raw["algorithm"]),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError) as e:
        raise UserError("这不是抽取记录：缺少种子、名单或者抽取结果") from e


def verify(record: DrawRecord) -> tuple[str, ...]:
    """Draw a record again: what differs, in words; nothing where all is as it says."""
    if record.algorithm != ALGORITHM:
        return (f"抽取办法是「{record.algorithm}」，这一版只认「{ALGORITHM}」",)
    try:
        again = draw(record.places, record.people, seed=record.seed, wanted=record.wanted, each=record.each)
    except UserError as e:
        return (str(e),)
    found = [
        f"{what}和记录的散列值不符，名单被改动过"
        for what, mine, theirs in (
            ("场所名单", again.places_hash, record.places_hash),
            ("检查人员名单", again.people_hash, record.people_hash),
        )
        if mine != theirs
    ]
    for n in range(max(len(again.drawn), len(record.drawn))):
        mine_, theirs_ = (r.drawn[n] if n < len(r.drawn) else None for r in (again, record))
        if mine_ != theirs_:
            found.append(f"第 {n + 1} 个：应为{_said(mine_)}，记录是{_said(theirs_)}")
    return tuple(found)


def _said(one: Drawn | None) -> str:
    return "没有" if one is None else f"「{one.place.name}」（{'、'.join(p.name for p in one.people)}）"


def _nobody(given: Iterable[DrawLine]) -> list[DrawLine]:
    if list(given):
        raise UserError("给了检查人员名单，每个场所至少要抽 1 名检查人员")
    return []


def _whole(given: Iterable[DrawLine], what: str) -> list[DrawLine]:
    found = list(given)
    if not found:
        raise UserError(f"{what}名单是空的")
    if len(found) > MOST:
        raise UserError(f"{what}名单超过 {MOST} 行")
    for one in found:
        if not one.name.strip() or any(mark in one.line.replace(CELL, "", 1) for mark in (CELL, LINE)):
            raise UserError(f"{what}名单里有空行或不能用的字符")
    if len(set(found)) < len(found):
        twice = next(one for one in found if found.count(one) > 1)
        raise UserError(f"{what}名单里「{twice.name}」重复")
    return found


def _listed(raw: Iterable[Mapping[str, str]]) -> tuple[DrawLine, ...]:
    return tuple(DrawLine(**one) for one in raw)


def _of(*parts: str) -> str:
    return _hash(LINE.join(parts))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
