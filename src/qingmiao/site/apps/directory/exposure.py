"""Which rows, columns and small counts a person sees: decided here alone.

Columns carry a label (公开 内部 敏感 核心) in the fact's file; keys of a child or an event are never listed. Few rows are
listed only to those who see the whole area. The threshold is the server's policy, never a request's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qingmiao.content.facts import Fact
from qingmiao.disclosure.policy import RULE
from qingmiao.flow import house
from qingmiao.kernel.areas import lies_in
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import COUNTY_WIDE, REPORTING

SMALL = RULE.small + 1
"""Counts below this stay with those who see the whole area: the same that are suppressed in publication."""
LISTED_LABELS = frozenset({"公开", "内部"})
"""Columns with another label are in no list of rows."""


@dataclass(frozen=True)
class Exposed:
    """What somebody sees of one list of rows: the columns in order, and whether the rows are listed at all."""

    columns: tuple[str, ...]
    few: bool
    """There are too few rows to list them to this person; only their number is told."""


def may_see_rows(reach: Reach, area: str, owners: Iterable[str]) -> bool:
    """Whether somebody may see rows of an area.

    Those who see the whole area; people of a unit that owns the figure, for the area for which they work; the
    supervisor of the area itself. Each by a role held over that very area, not by one held elsewhere.
    """
    if reach.holds(COUNTY_WIDE, over=area):
        return True
    if reach.holds({house.SUPERVISOR}, over=area):
        return True
    wanted = set(owners)
    working = {h.unit: h for h in reach.held if h.grants & REPORTING and lies_in(area, h.area)}
    if wanted & set(working):
        return True
    below = Organisation.objects.filter(pk__in=wanted).values_list("path", flat=True)
    return any(path.startswith(h.path) for path in below for h in working.values())


def shown(reach: Reach, fact: Fact | None, columns: Sequence[str], total: int, *, area: str) -> Exposed:
    """What of a list of `total` rows with these columns may be seen. `fact` None: rows of a return, which name
    nobody."""
    if fact is None:
        return Exposed(tuple(columns), few=False)
    hidden = set(fact.key) if fact.grain in ("child", "event") else set()
    hidden |= {name for name, column in fact.columns.items() if column.sensitivity not in LISTED_LABELS}
    few = total < SMALL and not reach.holds(COUNTY_WIDE, over=area)
    return Exposed(tuple(c for c in columns if c not in hidden), few)
