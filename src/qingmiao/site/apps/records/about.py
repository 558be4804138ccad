"""What casework asks of children's files: who a child is, where, who the brothers and sisters are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from qingmiao.kernel.areas import stem
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import exposure, showing
from qingmiao.site.apps.records.given import IdentityGiven
from qingmiao.site.apps.records.models import Child, Relation
from qingmiao.site.apps.records.showing import RelativeShown
from qingmiao.site.apps.records.twice import likely_files

MOST_LIKELY = 5
PARENTS = ("mother", "father")


@dataclass(frozen=True)
class ChildBrief:
    """A child as a case names it. `number` is that of the surviving file."""

    number: int
    name: str
    sex: str
    birth_date: date
    area: str
    village: str


@dataclass(frozen=True)
class FamilyBrief:
    """A child's relatives of today, and the brothers and sisters whose files the person sees too, each with the names
    of the parents in common."""

    child: ChildBrief
    relatives: tuple[RelativeShown, ...]
    siblings: tuple[tuple[ChildBrief, tuple[str, ...]], ...]


def family_of(reach: Reach, number: int) -> FamilyBrief | None:
    """The family of a child as its file has it: for whoever sees the file, without protected relations but for the unit
    that keeps it; None for every other."""
    of = exposure.maybe(reach)
    child = Child.objects.select_related("merged_into").filter(pk=number).first()
    if child is None or not of.sees(child.survivor):
        return None
    whole = child.survivor
    rows = Relation.objects.filter(to_date=None)
    parents = Relation.objects.filter(child__in=exposure.family(whole), kind__in=PARENTS, sealed=False)
    names = dict(parents.values_list("relative", "relative__name"))
    shared: dict[int, set[str]] = {}
    own = set(exposure.family(whole))
    others = Relation.objects.filter(relative__in=names, kind__in=PARENTS, sealed=False, child__merged_into=None)
    for other, relative in others.exclude(child__in=own).values_list("child", "relative"):
        shared.setdefault(other, set()).add(names[relative])
    seen = in_sight(reach).filter(pk__in=shared).order_by("birth_date", "pk")
    return FamilyBrief(
        _brief(whole),
        tuple(r for pk in sorted(own) for r in showing.relatives(of, Child.objects.get(pk=pk), rows, numbers=False)),
        tuple((_brief(c), tuple(sorted(shared[c.pk]))) for c in seen),
    )


def in_sight(reach: Reach) -> QuerySet[Child]:
    """The children that the person sees (none for somebody who sees no child's file)."""
    return Child.objects.filter(exposure.maybe(reach).where)


def files_in_sight(reach: Reach) -> QuerySet[Child]:
    """The files of the children that the person sees, with those that were merged into one of them."""
    seen = in_sight(reach).values("pk")
    into = Q(merged_into__in=seen) | Q(merged_into__merged_into__in=seen)
    return Child.objects.filter(Q(pk__in=seen) | into | Q(merged_into__merged_into__merged_into__in=seen))


def seen_brief(reach: Reach, number: int) -> ChildBrief:
    """A child of whom the person sees the file. Raises AbsentError for every other."""
    return _brief(exposure.get(exposure.sights(reach), number).survivor)


def likely(reach: Reach, name: str, sex: str, birth: date, area: str) -> list[tuple[ChildBrief, tuple[str, ...]]]:
    """The files that may be of a child of whom so much is known, among those that the person sees, and why in words;
    the likeliest first, `MOST_LIKELY` at most."""
    found = likely_files(IdentityGiven(name, sex, birth), area=area, guardian="", phone="")
    seen = in_sight(reach).filter(merged_into=None).in_bulk([one.file for one in found])
    return [(_brief(seen[one.file]), one.reasons) for one in found if one.file in seen][:MOST_LIKELY]


def briefs(numbers: Iterable[int]) -> dict[int, ChildBrief]:
    """File → who it is, whoever asks: for cases that somebody may read."""
    rows = Child.objects.filter(pk__in=set(numbers)).select_related("merged_into")
    return {child.pk: _brief(child.survivor) for child in rows}


def near(birth: date, area: str, days: int = 200, most: int = 20) -> list[ChildBrief]:
    """Children of a place who were born about a day, whoever asks: for made-up cases."""
    born = (birth - timedelta(days=days), birth + timedelta(days=days))
    rows = Child.objects.filter(area__startswith=stem(area), birth_date__range=born, state="here")
    return [_brief(child) for child in rows.order_by("pk")[:most]]


def many(area: str, born: tuple[date, date], most: int) -> list[ChildBrief]:
    """Children of a place without a case who were born from a day to another, spread over all of them, whoever asks:
    for made-up cases."""
    rows = Child.objects.filter(area__startswith=stem(area), birth_date__range=born, state="here", merged_into=None)
    found = list(rows.filter(cases=None).order_by("pk").values_list("pk", flat=True))
    step = max(1, len(found) // most) if most else 1
    chosen = Child.objects.filter(pk__in=found[::step][:most]).order_by("pk")
    return [_brief(child) for child in chosen]


def files_of(number: int) -> list[int]:
    """The numbers of a child's file and of all that were merged into it."""
    found = Child.objects.filter(pk=number).select_related("merged_into").first()
    return exposure.family(found.survivor) if found is not None else []


def siblings(number: int) -> list[int]:
    """The files of children who have a parent in common with this one, by relations that are not protected."""
    parents = Relation.objects.filter(child__in=files_of(number), kind__in=PARENTS, sealed=False)
    others = Relation.objects.filter(relative__in=parents.values("relative"), sealed=False)
    mine = set(files_of(number))
    found = others.filter(child__merged_into=None).values_list("child_id", flat=True).distinct()
    return sorted(set(found) - mine)


def _brief(child: Child) -> ChildBrief:
    return ChildBrief(child.pk, child.name, child.sex, child.birth_date, child.area, child.village)
