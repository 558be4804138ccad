"""The demonstration's rounds of checks: at each unit with made-up people a list as long as a small staff, checked over
the last year and a little more, so that some are due and some are late."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone

from qingmiao.casework.ready import ReadyProgramme
from qingmiao.casework.rounds import round_clock
from qingmiao.content.organisations import narrowed
from qingmiao.content.pack import Pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.cases import parties
from qingmiao.site.apps.cases.models import RoundStaff
from qingmiao.site.apps.directory.models import Assignment, Organisation, Person
from qingmiao.site.demo.accounts import MARK
from qingmiao.site.demo.cases import SEED, Cast, Played, case_of, scripts

LISTED, UNLISTED, SPREAD = 14, 2, 400
"""People of a list, those who work there and are on none, and the days over which the last checks lie."""


class UnitCast(Cast):
    """Made-up people: of a unit where it has somebody of the role, else whoever holds it over the place."""

    unit = ""

    def of(self, roles: tuple[str, ...], area: str, other: Person | None = None) -> tuple[str, str, Person] | None:
        """Somebody of the unit first."""
        here = [
            (role, unit, person)
            for role in roles
            for _, unit, person in self.held.get(role, ())
            if unit == self.unit and (other is None or person.pk != other.pk)
        ]
        return here[0] if here else super().of(roles, area, other)


def stage(pack: Pack, *, now: datetime | None = None) -> int:
    """Lists of every programme with a round, once; how many people are on them."""
    draw, at = Random(f"rounds {SEED}"), timezone.make_naive(now or timezone.now())
    find = lru_cache(maxsize=2000)(parties.nearest)
    people, made = UnitCast(), 0
    with transaction.atomic(), audit.through("cases"):
        for played in scripts(pack):
            if played.ready.programme.round is not None:
                for unit in _units(played.ready):
                    people.unit = unit.pk
                    made += _list(played, unit, draw, at, people, find)
        people.publish()
        if made:
            audit.append(audit.SYSTEM, "cases.stage", object_type="case", detail={"cases": made})
    return made


def _units(ready: ReadyProgramme) -> list[Organisation]:
    """The units that must, where somebody made up may open a case."""
    assert ready.programme.round is not None
    opening = {r for s in ready.programme.steps if s.opens for r in s.roles}
    seated = Assignment.objects.filter(role__in=opening, person__is_demo=True).values("organisation")
    return list(
        Organisation.objects.filter(pk__in=seated, kind__in=narrowed(ready.programme.round.units)).order_by("pk")
    )  # fmt: skip


def _list(played: Played, unit: Organisation, draw: Random, at: datetime, people: UnitCast, find: Any) -> int:
    ready, starts = played.ready, round_clock(played.ready).starts
    rule = ready.programme.round
    until = next((n for n, t in enumerate(played.history, start=1) if t.target in starts), 0)
    if not until or rule is None or RoundStaff.objects.filter(programme=ready.programme.id, unit=unit).exists():
        return 0
    history, made = played.history[:until], 0
    for n in range(LISTED):
        steps = history if n or len(history) == 1 else history[:-1]  # the first one is still under way
        name = {rule.shows[0]: f"演示人员{n + 1:02d}"} if rule.shows else {}
        named = replace(steps[0], values={**steps[0].values, **name})
        days = SPREAD * n // LISTED + draw.randint(5, 20)
        lasted = steps[-1].at - steps[0].at
        first = at - timedelta(days=days) - lasted
        made += case_of(replace(played, history=(named, *steps[1:])), draw, first, at, unit.area_id, people, find)
    by = Person.objects.filter(organisation=unit, is_demo=True).order_by("pk").first()
    if made and by is not None:
        RoundStaff.objects.create(
            programme=ready.programme.id, unit=unit, staff=made + UNLISTED, source=f"花名册{MARK}", by=by,
            at=timezone.make_aware(at),
        )  # fmt: skip
    return made
