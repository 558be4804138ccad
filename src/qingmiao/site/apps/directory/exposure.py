"""Which rows, columns and small counts a person sees: decided here alone.

Columns carry a label (公开 内部 敏感 核心) in the fact's file; keys of a child or an event are never listed. Few rows are
listed only to those who see the whole area. The threshold is the server's policy, never a request's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from qingmiao.content.facts import Fact
from qingmiao.disclosure.chains import ChainShown, show_chain
from qingmiao.disclosure.policy import RULE
from qingmiao.flow import house
from qingmiao.kernel.areas import lies_in
from qingmiao.site import pack as site_pack
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


def fewest_cases() -> int:
    """The least count of cases that is shown to who does not see them: the county's policy, never a request's."""
    return site_pack.pack().policy.cases_shown_from


def small(count: int, fewest: int) -> int | None:
    """A count, or None where it is above nothing and below what is shown."""
    return None if 0 < count < fewest else count


def total(counts: Mapping[str, int], known: Set[str], fewest: int) -> int | None:
    """A sum, or None where it would tell the one count that is not shown. `known`: which the person may count by
    lists."""
    other = [n for k, n in counts.items() if k not in known]
    hidden = [n for n in other if small(n, fewest) is None]
    return None if len(hidden) == 1 or small(sum(other), fewest) is None else sum(counts.values())


def chain(stayed: Sequence[Sequence[int]], arrived: int, fewest: int) -> ChainShown:
    """Links of a chain and what stayed at each, without small counts and what gives one back by subtracting."""
    return show_chain(stayed, arrived, fewest)


def parts(counts: Mapping[str, int], total: int | None, fewest: int, known: Set[str]) -> dict[str, int | None]:
    """The parts of a sum, small ones not shown but those `known` by lists; nor further ones, the smallest first, where
    what is left would tell the one part, or the sum, that is not shown."""
    shown = {k: n if k in known else small(n, fewest) for k, n in counts.items()}
    least = sorted((n, k) for k, n in counts.items() if n and k not in known and shown[k] is not None)
    hidden = sum(n is None for n in shown.values())
    while least and fewest and (hidden == 1 or (total is None and hidden < 2)):
        shown[least.pop(0)[1]] = None
        hidden += 1
    return shown
