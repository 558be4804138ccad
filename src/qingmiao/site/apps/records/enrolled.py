"""How many children attend a unit today: a count for who closes it, no names."""

from __future__ import annotations

from qingmiao.site.apps.records.models import SchoolAttendance


def attending(unit: str) -> int:
    """The children who attend a school, kindergarten or nursery now."""
    return SchoolAttendance.objects.filter(school_unit=unit, to_date=None).count()
