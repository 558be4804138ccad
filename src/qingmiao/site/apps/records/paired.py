"""Files that may be of one person: put side by side, settled by a person. One engine for children's files and mothers'.

What differs between the two is a `Pairing`: whose files, who settles them, what of two files is put side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Q
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.flow import Flow, State
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, Seen
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records.twice import FoundPair, LikelyFile

File = TypeVar("File")
Row = TypeVar("Row")
A_NIGHT = 500
"""So many pairs are put before people in one night at most, the likeliest first (local setting)."""


@dataclass(frozen=True)
class PairSaid:
    """What one file says in one line. `exact`: what the other file's is compared with, where `text` hides a part of
    it."""

    label: Label
    text: str
    exact: str = ""


@dataclass(frozen=True)
class PairLine:
    """One line of two files side by side. `differs`: both say something, and not the same."""

    label: Label
    left: str
    right: str
    differs: bool


def line(left: PairSaid, right: PairSaid) -> PairLine:
    """Two files side by side in one line."""
    a, b = left.exact or left.text, right.exact or right.text
    return PairLine(left.label, left.text, right.text, bool(a and b) and a != b)


@dataclass(frozen=True)
class PairRow(Generic[Row]):
    """Two files side by side."""

    id: int
    version: int
    left: Row
    right: Row
    lines: tuple[PairLine, ...]
    probability: float
    reasons: tuple[str, ...]
    state: State

    @property
    def percent(self) -> int:
        """How likely they are of one person, in whole percent; never 0 or 100, for a person decides."""
        return min(max(round(self.probability * 100), 1), 99)


Said = Mapping[int, Sequence[PairSaid]]
"""Number of a file → what is put side by side of it, line by line; of every file the same lines."""


@dataclass(frozen=True)
class Pairing(Generic[File, Row]):
    """Whose files are paired."""

    pairs: type[Any]
    """The model of pairs, a `SameFiles`, and that of the files."""
    files: type[Any]
    flow: Callable[[], Flow]
    settles: Callable[[Reach], bool]
    """Whether this person settles pairs."""
    where: Callable[[Reach], Q]
    """The condition of the files that this person sees."""
    sees: Callable[[Reach, File], bool]
    row: Callable[[File], Row]
    said: Callable[[Reach, Sequence[File]], Said]
    shown: Callable[[Reach, int], None]
    """Write down that so many rows were shown."""
    every: Callable[[], list[FoundPair]]
    """All files against each other."""
    joined: tuple[str, ...]
    """What a row needs of other tables."""


def suspect(of: Pairing[Any, Any], file: Any, like: LikelyFile) -> None:
    """Put two files before those who settle such pairs; nothing where they are there already."""
    left, right = sorted((file.pk, like.file))
    if of.pairs.objects.filter(left=left, right=right).exists():
        return
    pair = of.pairs(
        left_id=left, right_id=right, probability=like.probability, reasons=list(like.reasons), unit=file.unit,
        found_at=timezone.now(),
    )  # fmt: skip
    access.create(audit.SYSTEM, pair, "suspect")


def look_through(of: Pairing[Any, Any]) -> int:
    """All files against each other: pairs that nobody has looked at are put before people. How many are new."""
    known = set(of.pairs.objects.values_list("left_id", "right_id"))
    fresh = [p for p in of.every() if (p[0], p[1]) not in known][:A_NIGHT]
    units = of.files.objects.select_related("unit").in_bulk([right for _, right, _, _ in fresh])
    for left, right, probability, reasons in fresh:
        suspect(of, units[right], LikelyFile(left, probability, reasons))
    return len(fresh)


def rows(of: Pairing[Any, Row], reach: Reach, *, before: int = 0, size: int = 50) -> tuple[PairRow[Row], ...]:
    """The open pairs of which this person sees both files, the newest first; the sight is written down. AbsentError for
    who settles none."""
    if not of.settles(reach):
        raise AbsentError("没有这个页面")
    seen = of.files.objects.filter(of.where(reach)).values("pk")
    found = of.pairs.objects.filter(state="open", left__in=seen, right__in=seen)
    found = found.select_related(*(f"{side}__{name}" for side in ("left", "right") for name in of.joined))
    if before:
        found = found.filter(pk__lt=before)
    pairs: list[Any] = list(found.order_by("-pk")[:size])
    said = of.said(reach, [file for p in pairs for file in (p.left, p.right)])
    of.shown(reach, 2 * len(pairs))
    return tuple(
        PairRow(
            p.pk, p.version, of.row(p.left), of.row(p.right),
            tuple(line(a, b) for a, b in zip(said[p.left_id], said[p.right_id], strict=True)),
            p.probability, tuple(p.reasons), of.flow().state(p.state),
        )
        for p in pairs
    )  # fmt: skip


def decide(of: Pairing[Any, Any], reach: Reach, number: int, *, same: bool, version: int, reason: str) -> None:
    """Two files are of one person (the younger goes into the older), or of two. AbsentError where one is out of
    sight."""
    joined = [f"{side}__{name}" for side in ("left", "right") for name in of.joined]
    pair: Any = of.pairs.objects.select_related(*joined, "unit").filter(pk=number).first()
    if pair is None or not (of.sees(reach, pair.left) and of.sees(reach, pair.right)):
        raise AbsentError("没有这一对档案")
    access.perform(reach, pair, "join" if same else "tell_apart", Seen("open", version), {"reason": reason})
