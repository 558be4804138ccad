"""A queue over many units, read a little of each, gives exactly what reading everything and sorting gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from qingmiao.site.apps.cases import api, standing
from qingmiao.site.apps.cases.models import CALM, CaseParty, KeptCase
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from website.role_ids import Role

pytestmark = pytest.mark.django_db
UNITS, CASES = 60, 700


@pytest.fixture
def supervisor(make_person: Callable[..., Any]) -> Reach:
    """Somebody over many units, whose open cases lie anyhow over them: many in some, none in others."""
    who, rng, now = make_person("civil_affairs", Role.CHILD_PROTECTION_OFFICER, "over"), Random(7), timezone.now()
    top = Organisation.objects.get(pk="civil_affairs")
    units = []
    for n in range(UNITS):
        name = f"below.{n}"
        below = {"label": f"演示{n}", "short": f"演示{n}", "kind": "civil_affairs", "path": f"{top.path}{name}/"}
        units.append(Organisation.objects.create(id=name, area=top.area, **below))
    for _ in range(CASES):
        unit, danger = units[min(rng.randrange(UNITS), rng.randrange(UNITS))], rng.random() < 0.1
        due = now + timedelta(hours=rng.randint(-300, 300))
        case = KeptCase.objects.create(
            programme=rng.choice(("mandatory_report", "child_case")), stage="x", owner=unit, area=top.area_id,
            township="", secrecy="敏感", danger=danger, due_at=due, late_at=due, opened_at=now, moved_at=now,
            urgency=(0 if danger else CALM) + int(due.timestamp()) // 7200 * 7200, made_by=who,
            state="ended" if rng.random() < 0.2 else "open",
        )  # fmt: skip
        CaseParty.objects.create(
            case=case, unit=unit, sight="full", owner=True, open=case.state == "open", urgency=case.urgency
        )
    return Reach(who)


@pytest.mark.parametrize("state", ["open", "late", "danger"])
@pytest.mark.parametrize("programme", ["", "child_case"])
def test_every_page_is_as_reading_all_gives(supervisor: Reach, state: Any, programme: str) -> None:
    rows = KeptCase.objects.filter(standing.sights(supervisor).below, state="open")
    rows = rows.filter(programme=programme) if programme else rows
    rows = rows.filter(late_at__lt=timezone.now()) if state == "late" else rows
    rows = rows.filter(danger=True) if state == "danger" else rows
    wanted, found, after = list(rows.order_by("urgency", "pk").values_list("pk", flat=True)), [], ""
    assert len(wanted) > 10
    filters = api.QueueFilters("supervised", programme, state=state)
    while True:
        page = api.list_cases(supervisor, filters, after=after)
        found += [r.number for r in page.rows]
        if not (after := page.after):
            break
    assert found == wanted
