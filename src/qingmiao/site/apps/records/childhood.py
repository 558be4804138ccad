"""Who is a child on a day: nobody of eighteen full years (未成年人保护法第二条), nobody who was gone by then."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Q

from qingmiao.kernel.days import add_months

MONTHS = 18 * 12


def of_age(birth: date, on: date) -> bool:
    """Whether eighteen years are full on a day (民法典第二百零二条: the corresponding day, else the month's last)."""
    return add_months(birth, MONTHS) <= on


def last_birth_of_age(on: date) -> date:
    """The latest day of birth of those who are eighteen on a day."""
    found = add_months(on, -MONTHS)
    while of_age(found + timedelta(days=1), on):  # born on 29 February: eighteen on 28 February
        found += timedelta(days=1)
    return found


def minors(on: date, of: str = "") -> Q:
    """The condition that a child is not eighteen on a day; `of`: the way to the child ("child__")."""
    return Q(**{f"{of}birth_date__gt": last_birth_of_age(on)})


def here(on: date, of: str = "") -> Q:
    """The condition that somebody was a child on the register on a day: born, not yet eighteen, not moved out or dead
    by then, not merged into another file."""
    present = Q(**{f"{of}left_date": None}) | Q(**{f"{of}left_date__gt": on})
    whole = Q(**{f"{of}merged_into": None, f"{of}birth_date__lte": on})
    return present & whole & minors(on, of)
