"""The demonstration's reports: the year before is released by two made-up people, the newest year waits as a draft."""

from __future__ import annotations

from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.roles import Role
from qingmiao.site.apps.publishing import api, making
from qingmiao.site.apps.publishing.models import Edition
from qingmiao.site.apps.publishing.workflow import State


def stage() -> None:
    """Once: nothing when there is an edition. A run that was killed half way leaves an edition that people can go on with."""
    office, second = _person(Role.COMMITTEE_OFFICE), _person(Role.STATISTICS)
    years = api.years()
    if office is None or second is None or len(years) < 2 or Edition.objects.exists():
        return
    before = api.start(office, year=years[1])
    making.make(before.pk)
    before.refresh_from_db()
    if before.state == State.DRAFT:
        api.move(office, before, "submit", version=before.version)
        making.prepare(before.pk)
        before.refresh_from_db()
        api.move(second, before, "approve", version=before.version)
    api.start(office, year=years[0])


def _person(role: Role) -> Person | None:
    return Person.objects.filter(is_demo=True, is_active=True, assignments__role=role).order_by("pk").first()
