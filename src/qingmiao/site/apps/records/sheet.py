"""A child's file on one sheet of A4 for the guardian: growth, eyes, fitness, vaccinations, what comes next.

It holds what the person who prints it reads, and no number, phone or address.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import exposure, eyes, fitness, growth, listing, looking, vaccines
from qingmiao.site.apps.records.dueness import DueShown, due_now
from qingmiao.site.apps.records.eyes import EyeRow
from qingmiao.site.apps.records.fitness import FitnessYear
from qingmiao.site.apps.records.growth import GrowthRow
from qingmiao.site.apps.records.measures import holding
from qingmiao.site.apps.records.models import Relation
from qingmiao.site.apps.records.vaccines import DoseShown

PRINTED = "打印给监护人"
"""The purpose that is written down beside that of the role."""
ROWS = 4
"""So many of the newest measurements of each part."""


@dataclass(frozen=True)
class SheetPage:
    """What is printed. `vaccines`: vaccine → its doses; `next_days` as on the card; `due`: other things to come."""

    row: listing.ChildRow
    guardians: tuple[str, ...]
    growth: tuple[GrowthRow, ...]
    curves: tuple[str, ...]
    eyes: tuple[EyeRow, ...]
    fitness: tuple[FitnessYear, ...]
    vaccines: tuple[tuple[Label, tuple[DoseShown, ...]], ...]
    next_days: tuple[tuple[date, tuple[DoseShown, ...]], ...]
    due: tuple[DueShown, ...]
    today: date
    unit: str
    by: str
    """Who printed it."""


def sheet(reach: Reach, number: int) -> SheetPage:
    """The sheet of a child; the sight is written down as one for the guardian. Raises AbsentError."""
    of = exposure.sights(reach)
    child = exposure.get(of, number)
    reading, day = of.reading(child.survivor), timezone.localdate()
    looking.seen(reach, child, of.purposes(child.survivor), also=PRINTED)
    weeks = growth.gestation(child)
    measured = growth.growth_rows(child, reading, weeks)
    doses = vaccines.doses(child, day) if vaccines.readable(reading) else ()
    programmes = {s.label.zh for s in vaccines.programmes()}
    due = due_now(child.survivor, day, reading=reading, writing=(), told=of.told(child.survivor))
    guardians = Relation.objects.filter(child=child, guardian=True, sealed=False, to_date=None)
    return SheetPage(
        listing.row(child, day), tuple(guardians.order_by("pk").values_list("relative__name", flat=True)),
        measured[-ROWS:][::-1], growth.curves_of(child, measured, weeks),
        eyes.eye_rows(child, reading)[-ROWS:][::-1] if holding(reading, eyes.WORDS) else (),
        fitness.fitness_years(child, reading, last=ROWS)[::-1], vaccines.by_vaccine(doses),
        vaccines.next_days(doses, day),
        tuple(d for d in due if d.schedule.zh not in programmes), day, reach.person.organisation.label,
        reach.person.name,
    )  # fmt: skip
