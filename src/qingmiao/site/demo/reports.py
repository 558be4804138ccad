"""The demonstration's reports: the year before is released by two made-up people, the newest year waits as a draft."""

from __future__ import annotations

from qingmiao.flow import house
from qingmiao.site.apps.directory.api import Reach
from qingmiao.site.apps.publishing import api
from qingmiao.site.demo import accounts


def stage() -> None:
    """Once: nothing when there is an edition. One killed half way leaves an edition that people can go on with."""
    office, second = accounts.first(house.COMMITTEE_OFFICE), accounts.first(house.STATISTICS)
    years = api.years()
    if office is None or second is None or len(years) < 2 or api.listed(Reach(office))[0]:
        return
    before = api.start(office, year=years[1]).pk
    api.make(before)
    draft = api.shown(Reach(office), before)
    if draft.state == api.EditionState.DRAFT:
        api.move(office, draft, "submit", version=draft.version)
        api.prepare(before)
        waiting = api.shown(Reach(second), before)
        api.move(second, waiting, "approve", version=waiting.version)
    api.start(office, year=years[0])
