"""Made-up entries of registers for tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from website.role_ids import Role

GOOD: dict[str, Any] = {
    "name": "演示托育园", "kind": "nursery", "area": "141029100", "credit_code": "91141029MA0000002H", "inclusive": True,
    "classes_infant": 1, "infants": 6, "classes_toddler": 1, "toddlers": 10, "classes_senior": 1, "seniors": 14,
    "classes_mixed": 0, "mixed": 0, "places": 40,
}  # fmt: skip
"""A nursery in which everything is answered."""


def a_nursery(make_person: Callable[..., Any]) -> int:
    """The number of a nursery that the health department entered; the same one when it is there already."""
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.registers import api
    from qingmiao.site.apps.registers.models import RegisterEntry

    known = RegisterEntry.objects.filter(register="nurseries").first()
    if known is not None:
        return int(known.pk)
    made = api.enter(Reach(make_person("health", Role.LIAISON, "register-keeper")), "nurseries", api.EntryGiven(GOOD))
    assert isinstance(made, int)
    return made


def a_school(make_person: Callable[..., Any], name: str, **more: str) -> int:
    """The number of a school of the register that the education department keeps; a primary school unless it says
    otherwise."""
    from qingmiao.site.apps.directory.permissions import Reach
    from qingmiao.site.apps.registers import api

    said = {
        "name": name, "kind": "primary", "area": "141029100", "ownership": "public", "pupils": "100", "boarders": "0",
        "classes": "4",
    }  # fmt: skip
    keeper = Reach(make_person("education", Role.LIAISON, "school-keeper"))
    made = api.enter(keeper, "schools", api.EntryGiven(said | more))
    assert isinstance(made, int), made
    return made
