"""A made-up pupil with some years of records, for the tests of a child's pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from unittest import mock

from django.utils import timezone

from website.filed import SERIAL, a_child, born

SIGHT = (
    (900, "4.9", "5.0", "-0.25", "0.00", "0.25", "-0.50"), (540, "4.8", "4.9", "-0.75", "-0.50", "-0.25", "-0.50"),
    (200, "4.7", "4.8", "-1.50", "-0.50", "-0.75", "-0.50"), (20, "4.5", "4.7", "-2.25", "-0.50", "-1.25", "-0.50"),
)  # fmt: skip
"""Days ago, acuity right and left, sphere and cylinder right, sphere and cylinder left."""
FITNESS = ((760, "P3", "130", "27", "1500"), (395, "P4", "136", "31", "1800"), (30, "P5", "142", "37", "2100"))
"""Days ago, grade, height, weight, vital capacity."""


def a_record(kind: str, on: date, answers: dict[str, Any], *, child: int = 0, mother: int = 0) -> Any:
    """A record of a kind in a child's or a woman's file, as it is kept."""
    from qingmiao.site.apps.directory.models import Person
    from qingmiao.site.apps.records import kinds, versions
    from qingmiao.site.apps.records.event_models import HealthRecord, RecordVersion

    of, by = kinds.kinds()[kind], Person.objects.order_by("pk")[0]
    made = HealthRecord.objects.create(
        kind=kind, child_id=child or None, mother_id=mother or None, on_date=on, unit=by.organisation, by=by,
        made_at=timezone.now(), operation=f"kept-{next(SERIAL)}",
    )  # fmt: skip
    RecordVersion.objects.create(
        record=made, number=1, form=versions.form_kept(of.form), on_date=on, filled_date=on,
        answers={of.on: on.isoformat(), **answers}, by=by, at=timezone.now(),
    )  # fmt: skip
    return made


def ago(days: int) -> date:
    """The day so many days before today."""
    return timezone.localdate() - timedelta(days=days)


@contextmanager
def days_ago(days: int) -> Iterator[None]:
    """What is done within is done at noon so many days ago."""
    moment = timezone.localtime(timezone.now()).replace(hour=12) - timedelta(days=days)
    with mock.patch("django.utils.timezone.now", return_value=moment):
        yield


def a_dose(child: int, vaccine: str, days: int) -> None:
    """A dose that was given so many days ago."""
    a_record("vaccination", ago(days), {"kind": "1", "vaccine": vaccine, "dose": "1"}, child=child)


def a_pupil(by: Any, name: str = "演示学生") -> int:
    """The number of a pupil of ten years and a half with four checks of the eyes and three tests of fitness."""
    birth = born(3850)
    child = a_child(by, name, birth=birth)
    for days, right, left, sphere_r, cylinder_r, sphere_l, cylinder_l in SIGHT:
        said = {
            "where": "1", "done": "1", "wears": "0", "acuity_right": right, "acuity_left": left,
            "sphere_right": sphere_r, "cylinder_right": cylinder_r, "axis_right": "180", "sphere_left": sphere_l,
            "cylinder_left": cylinder_l, "axis_left": "10", "birth_date": birth.isoformat(),
        }  # fmt: skip
        a_record("vision_record", ago(days), said, child=child)
    for days, grade, height, weight, capacity in FITNESS:
        said = {
            "exempt": "no", "grade": grade, "sex": "F", "birth_date": birth.isoformat(), "height": height,
            "weight": weight, "vital_capacity": capacity, "run_50m": "10.2", "sit_reach": "9.5", "rope": "95",
            "sit_ups": "28", "body_on": ago(days).isoformat(), "shuttle": "112.5" if grade == "P5" else None,
        }  # fmt: skip
        a_record("fitness_test", ago(days), {k: v for k, v in said.items() if v is not None}, child=child)
    for vaccine, days in (("HepB", 3850), ("BCG", 3849), ("HepB", 3819), ("HepB", 3660), ("MMR", 3600), ("MMR", 3300)):
        a_dose(child, vaccine, days)
    return child
