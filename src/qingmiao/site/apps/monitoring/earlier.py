"""A number as it was known on an earlier day, or as departments say it: measured anew from what was published.

Facts are appended and never changed, so that any day can be shown. The definitions are those of today.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils import timezone

from qingmiao.content.pack import Pack
from qingmiao.content.reading import RETURN_PREFIX, read_for, years_on
from qingmiao.measure.lineage import Lineage, explain
from qingmiao.measure.plan import CELLS_TABLE
from qingmiao.site.apps.facts import api as facts
from qingmiao.site.apps.monitoring.partitions import finished
from qingmiao.site.apps.monitoring.sides import without_records
from qingmiao.site.apps.monitoring.state import LoadedRun


def lineage_as_of(
    shown: LoadedRun,
    day: date,
    indicator: str,
    area: str,
    year: int,
    *,
    dims: Mapping[str, str],
    limit: int,
    offset: int = 0,
) -> Lineage:
    """Where a number came from on a day; of each side at most `limit` rows after `offset` others.

    Raises NoSuchValueError where nothing was known of it then.
    """
    return _lineage(shown.pack, shown, day, indicator, area, year, dims, limit, offset)


def lineage_brought(
    shown: LoadedRun, indicator: str, area: str, year: int, *, dims: Mapping[str, str], limit: int, offset: int = 0
) -> Lineage:
    """The same number from what departments and returns say, where records count in their place.

    Raises NoSuchValueError where they say nothing.
    """
    plain = without_records(shown.pack)
    return _lineage(plain, shown, timezone.localdate(), indicator, area, year, dims, limit, offset)


def _lineage(
    pack: Pack, shown: LoadedRun, day: date, indicator: str, area: str, year: int, dims: Mapping[str, str], limit: int,
    offset: int,
) -> Lineage:  # fmt: skip
    tables = {name: facts.known(pack, name, day, near=_near(shown, name, year)) for name in _tables(pack, indicator)}
    return explain(pack, finished(pack, tables), indicator, area, year, dims=dims, limit=limit, offset=offset)


def _tables(pack: Pack, indicator: str) -> list[str]:
    """The tables of the facts that an indicator is measured from."""
    named = (CELLS_TABLE if s.startswith(RETURN_PREFIX) else s for s in read_for(pack, indicator))
    return list(dict.fromkeys(n for n in named if n == CELLS_TABLE or n in pack.facts or n == "series"))


def _near(shown: LoadedRun, name: str, year: int) -> tuple[int, int] | None:
    """The partitions whose rows may count in a year or be looked back at; all of a table whose keys cross years."""
    fact = shown.pack.facts.get(name)
    if name in shown.run.files.crossing:
        return None
    before = years_on(fact) if fact is not None else 0
    return year - 1 - before, year + 1
