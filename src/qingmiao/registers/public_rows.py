"""What of an entry's numbers everybody may see: free places that give away no count of a few children."""

from __future__ import annotations

from typing import Literal

from qingmiao.disclosure import RULE
from qingmiao.registers.yearly import Occupancy

Free = int | Literal["none", "few", "some"]
"""Free places: none, fewer than the rule's base, some (how many is not told), or at least so many."""


def places_shown(found: Occupancy | None) -> tuple[int | None, Free | None]:
    """(places, free ones) as everybody may see them; None where nothing can be said.

    Where 1 to 7 children use the places, only whether some are free is told, and of a site with so few places not even
    how many there are: subtraction gives no small count. Else free places are rounded down to the base (5).
    """
    if found is None or not found.places:
        return None, None
    places = None if RULE.is_small(found.places) else found.places
    free = found.places - found.used
    if RULE.is_small(found.used):
        return places, "some" if free > 0 else "none"
    if free <= 0:
        return places, "none"
    return places, "few" if free < RULE.base else free // RULE.base * RULE.base
