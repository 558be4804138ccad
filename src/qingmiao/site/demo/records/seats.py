"""Who works with the children's files in the demonstration: people of the made-up clinics and schools, and what is in
whose charge."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from django.db.models import Count

from qingmiao.content.pack import Pack
from qingmiao.demo.scenario import read_scenario
from qingmiao.kernel.areas import stem
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory.api import Reach
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.records import api, kinds
from qingmiao.site.apps.records.models import Child
from qingmiao.site.demo import accounts

PLACE = "seats"


def seat(pack: Pack, units: Mapping[str, str], path: Path, *, on: date) -> None:
    """One account for each role that the scenario seats in a made-up unit (`seats`: role → kind of unit), and charges.

    The unit is the one of its kind with the most children. `units`: unit → its kind.
    """
    labels, book = directory.role_labels(), accounts.AccountBook(path, on=on)
    for role, kind in read_scenario(pack).group(PLACE).items():
        unit = _largest([u for u, k in units.items() if k == kind])
        if unit is not None and role in pack.roles:
            name = f"演示·{unit.label.removeprefix('（演示）')}{labels[role]}"
            book.make(role, unit, f"{role.replace('_', '-')}-{unit.pk[-5:]}".lower(), name[:40], unit.area_id)
    book.write()
    _charge(pack)


def _largest(among: list[str]) -> Organisation | None:
    """The unit with the most children: who go there, or whose file it keeps."""
    for column in ("school_unit", "unit"):
        counted = Child.objects.filter(state="here", **{f"{column}__in": among}).values(column)
        found = counted.annotate(children=Count("pk")).order_by("-children", column).first()
        if found is not None:
            return Organisation.objects.get(pk=found[column])
    return None


def _charge(pack: Pack) -> None:
    """Villages and classes for those who see only what is in their charge, given by who gives charges in their unit."""
    charged = kinds.roles_that(lambda rule: rule.over == "charge")
    givers = kinds.roles_that(lambda rule: rule.charges)
    people = Person.objects.filter(is_demo=True, is_active=True)
    for person in people.filter(assignments__role__in=charged).distinct().select_related("organisation").order_by("pk"):
        unit = person.organisation
        giver = people.filter(assignments__role__in=givers, organisation=unit).exclude(pk=person.pk).first()
        if giver is None or not api.may_charge(Reach(giver)):
            continue
        here = Child.objects.filter(state="here")
        one = here.filter(school_unit=unit).exclude(school_class="").order_by("school_class").first()
        if one is not None:
            api.give_charge(Reach(giver), person.username, school_class=one.school_class)
            continue
        home = here.filter(area__startswith=stem(unit.area_id)).exclude(village="").order_by("area").first()
        if home is not None:
            api.give_charge(Reach(giver), person.username, area=home.area, village=home.village)
