"""How a thing stands under a deadline of the content: its moments are the steps that the audit trail holds of it."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone

from qingmiao.content.clocks import ClockStanding, Moment, standing
from qingmiao.content.deadlines import Deadline
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.access import DOORS


def moments(thing: models.Model) -> list[Moment]:
    """The steps that were taken with a thing, oldest first, by China's clock."""
    door = DOORS[type(thing)]
    prefix, found = f"{door.action}.", []
    for event in audit.of_object(door.kind, thing.pk, limit=1000):
        if event.action.startswith(prefix) and "to" in event.detail:
            step, at = event.action.removeprefix(prefix), timezone.make_naive(event.at)
            source, target = str(event.detail.get("from", "")), str(event.detail["to"])
            found.append(Moment(step, source, target, at, str(event.detail.get("reason", ""))))
    return found[::-1]


def standings(thing: models.Model, deadlines: tuple[Deadline, ...], now: datetime) -> list[ClockStanding]:
    """How a thing stands under each of the deadlines that it has begun, at a moment."""
    if not deadlines:
        return []
    lived, local = moments(thing), timezone.make_naive(now)
    return [s for d in deadlines if (s := standing(d, lived, local)) is not None]
