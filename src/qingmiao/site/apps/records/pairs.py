"""Files that may be of one child: found when a child is registered, put side by side, settled by a person."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from qingmiao.flow import State
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, Seen
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import exposure, listing
from qingmiao.site.apps.records.doors import twins_flow
from qingmiao.site.apps.records.event_models import SameChild
from qingmiao.site.apps.records.given import IdentityGiven
from qingmiao.site.apps.records.models import Child
from qingmiao.site.apps.records.twice import LikelyFile, all_pairs, likely_files

A_NIGHT = 500
"""So many pairs are put before people in one night at most, the likeliest first (local setting)."""


@dataclass(frozen=True)
class PairRow:
    """Two files side by side."""

    id: int
    version: int
    left: listing.ChildRow
    right: listing.ChildRow
    probability: float
    reasons: tuple[str, ...]
    state: State

    @property
    def percent(self) -> int:
        """How likely they are of one child, in whole percent."""
        return round(self.probability * 100)


def alike(reach: Reach, said: IdentityGiven, *, area: str, guardian: str, phone: str) -> tuple[
    tuple[listing.ChildRow | None, LikelyFile], ...
]:  # fmt: skip
    """The likely files for whoever registers: with the file's line where the person sees it."""
    of, day = exposure.sights(reach), timezone.localdate()
    found = []
    for one in likely_files(said, area=area, guardian=guardian, phone=phone):
        child = Child.objects.select_related("unit", "school_unit").get(pk=one.child)
        found.append((listing.row(child, day) if of.sees(child) else None, one))
    return tuple(found)


def suspect(child: Child, like: LikelyFile) -> None:
    """Put two files before those who settle such pairs."""
    left, right = sorted((child.pk, like.child))
    if SameChild.objects.filter(left=left, right=right).exists():
        return
    pair = SameChild(
        left_id=left, right_id=right, probability=like.probability, reasons=list(like.reasons), unit=child.unit,
        found_at=timezone.now(),
    )  # fmt: skip
    access.create(audit.SYSTEM, pair, "suspect")


def look_through() -> int:
    """All files against each other: pairs that nobody has looked at are put before people. How many are new."""
    known = set(SameChild.objects.values_list("left_id", "right_id"))
    fresh = [p for p in all_pairs() if (p[0], p[1]) not in known][:A_NIGHT]
    units = Child.objects.select_related("unit").in_bulk([right for _, right, _, _ in fresh])
    for left, right, probability, reasons in fresh:
        suspect(units[right], LikelyFile(left, probability, reasons))
    return len(fresh)


def may_settle(reach: Reach) -> bool:
    """Whether this person settles pairs of files."""
    return any(h.rule.settles for h in exposure.maybe(reach).held)


def pairs(reach: Reach, *, state: str = "open", before: int = 0, size: int = 50) -> tuple[PairRow, ...]:
    """The pairs of which this person sees both files, the likeliest first. AbsentError for who settles none."""
    of, day = exposure.sights(reach), timezone.localdate()
    if not may_settle(reach):
        raise AbsentError("没有这个页面")
    seen = Child.objects.filter(of.where).values("pk")
    rows = SameChild.objects.filter(state=state, left__in=seen, right__in=seen)
    rows = rows.select_related("left__unit", "left__school_unit", "right__unit", "right__school_unit")
    if before:
        rows = rows.filter(pk__lt=before)
    return tuple(
        PairRow(
            p.pk, p.version, listing.row(p.left, day), listing.row(p.right, day), p.probability, tuple(p.reasons),
            twins_flow().state(p.state),
        )
        for p in rows.order_by("-pk")[:size]
    )  # fmt: skip


def decide_pair(reach: Reach, number: int, *, same: bool, version: int, reason: str) -> None:
    """Two files are of one child (the younger goes into the older), or of two."""
    of = exposure.sights(reach)
    pair = SameChild.objects.select_related("left__unit", "right__unit", "unit").filter(pk=number).first()
    if pair is None or not (of.sees(pair.left) and of.sees(pair.right)):
        raise AbsentError("没有这一对档案")
    access.perform(reach, pair, "join" if same else "tell_apart", Seen("open", version), {"reason": reason})
