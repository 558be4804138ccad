"""Who sees which children, which of their records, and how much of who they are: decided here alone.

A role (content: `children`) sees the children of the area for which it is held, of the villages and classes in the
person's charge, or of the unit (they attend it, or it registered or examined them). Which kinds of records it reads
says the kind (`recorded_by`, `seen_by`).
Broken glass opens one file, for some hours, as far as the person's own roles read records. A merged file is seen by
whoever sees the surviving one, and by nobody else. A blocked file is used by nobody; a role whose purposes all ask for
consent sees the children whose guardians gave it. A refusal looks like absence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from qingmiao.content.purposes import Purpose
from qingmiao.content.roles import ChildrenSeen
from qingmiao.kernel.areas import lies_in, stem
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import kinds, once, purposes
from qingmiao.site.apps.records.event_models import Charge, Glass, HealthRecord
from qingmiao.site.apps.records.models import Child
from qingmiao.site.apps.records.privacy.models import Consent

NOBODY = Q(pk__in=[])
USED = Q(merged_into=None, blocked_at=None) & ~Q(state="void")
"""The files that are used: neither merged into another one nor blocked nor taken back."""


@dataclass(frozen=True)
class ChargeHeld:
    """A village or a class in the person's charge."""

    area: str
    village: str
    school_unit: str
    school_class: str

    def within(self, sight: RoleSight) -> bool:
        """Whether a role counts for it: it lies in the role's area, the class is one of the role's unit."""
        return self.school_unit == sight.unit if self.school_unit else lies_in(self.area, sight.area)

    def holds(self, child: Child) -> bool:
        """Whether the child lives there, or goes there."""
        if self.school_unit:
            return child.school_unit_id == self.school_unit and self.school_class in ("", child.school_class)
        return lies_in(child.area, self.area) and self.village in ("", child.village)

    @property
    def where(self) -> Q:
        """The same as a condition."""
        if self.school_unit:
            return Q(school_unit=self.school_unit) & (Q(school_class=self.school_class) if self.school_class else Q())
        return Q(area__startswith=stem(self.area)) & (Q(village=self.village) if self.village else Q())


@dataclass(frozen=True)
class RoleSight:
    """What one role lets a person see: the rule of the role, and over which area and unit it is held."""

    roles: frozenset[str]
    """All that the role stands for: the kinds of records name some of them."""
    rule: ChildrenSeen
    area: str
    unit: str

    @cached_property
    def asking(self) -> tuple[str, ...]:
        """The purposes for which a guardian's consent is asked, where the role has no other; none where it has one of
        law."""
        mine = purposes.of_roles(self.roles)
        return () if any(p.basis == "law" for p in mine) else tuple(p.id for p in mine)

    @property
    def consented(self) -> Q:
        """The condition of the children for whom a guardian agreed to what the role reads for."""
        given = Consent.objects.filter(child=OuterRef("pk"), purpose__in=self.asking, state="given")
        return Q(Exists(given)) if self.asking else Q()


@dataclass(frozen=True)
class Sights:
    """Everything that decides what a person sees of children, read once a request."""

    person: int
    held: tuple[RoleSight, ...]
    charges: tuple[ChargeHeld, ...]
    opened: frozenset[int]
    """The children whose file the person has open by broken glass now."""
    units: frozenset[str] = field(default=frozenset())
    """The units for which the person holds a role that sees children."""

    @property
    def any(self) -> bool:
        """Whether the person sees any child's file at all."""
        return bool(self.held)

    @cached_property
    def where(self) -> Q:
        """The condition of the children that the person sees; merged files are not among them (`merged`)."""
        found = NOBODY
        for h in self.held:
            found |= self._of(h)
        if self.held and self.opened:
            found |= Q(pk__in=self.opened)
        return found & USED

    @property
    def merged(self) -> Q:
        """The condition of the merged files whose surviving one the person sees."""
        seen, found = Child.objects.filter(self.where), list[int]()
        waiting = list(seen.filter(merged__isnull=False).values_list("pk", flat=True).distinct())
        while waiting:
            waiting = list(Child.objects.filter(merged_into__in=waiting).values_list("pk", flat=True))
            found += waiting
        return Q(pk__in=found)

    def _of(self, h: RoleSight) -> Q:
        return self._reached(h) & h.consented

    def _reached(self, h: RoleSight) -> Q:
        if h.rule.over == "area":
            return Q(area__startswith=stem(h.area))
        if h.rule.over == "unit":
            made = HealthRecord.objects.filter(child=OuterRef("pk"), unit=h.unit)
            return Q(unit=h.unit) | Q(school_unit=h.unit) | Q(Exists(made)) | Q(pk__in=_examined_before_merging(h.unit))
        found = NOBODY
        for c in self.charges:
            found |= c.where if c.within(h) else NOBODY
        return found

    def readings(self) -> tuple[tuple[Q, frozenset[str]], ...]:
        """By each role: the condition of its children, and the kinds of records that it reads in their files."""
        every = tuple(kinds.kinds().values())
        found = [(where, kinds.read_by(h.roles, every)) for where, h in self._by_role()]
        if self.held and self.opened:
            found.append(
                (Q(pk__in=self.opened) & USED, kinds.read_by(frozenset(r for h in self.held for r in h.roles), every))
            )
        return tuple(found)

    def having(self, kind: str) -> Q:
        """The condition of the children in whose files the person reads a record of a kind; one of a merged file counts
        for the surviving one."""
        kept = HealthRecord.objects.filter(kind=kind, child__isnull=False).exclude(state="withdrawn")
        of = Coalesce("child__merged_into__merged_into", "child__merged_into", "child")
        found = NOBODY
        for where, read in self.readings():
            found |= where if kind in read else NOBODY
        return found & Q(pk__in=kept.annotate(file=of).values("file"))

    def kinds_read(self) -> frozenset[str]:
        """The kinds of records that the person reads in any child's file."""
        every = tuple(kinds.kinds().values())
        return frozenset().union(*(kinds.read_by(h.roles, every) for h in self.held))

    def told_due(self) -> tuple[tuple[Q, frozenset[str]], ...]:
        """By each role: the condition of its children, and the schedules of which it is told what is due without
        reading the records."""
        return tuple((where, frozenset(h.rule.due)) for where, h in self._by_role() if h.rule.due)

    def told(self, child: Child) -> frozenset[str]:
        """The schedules of which the person is told what is due of a child without reading the records."""
        return frozenset(s for h in self.over(child) for s in h.rule.due)

    def writings(self) -> tuple[tuple[Q, frozenset[str]], ...]:
        """By each role: the condition of its children, and the kinds of records that it adds to their files."""
        every = tuple(kinds.kinds().values())
        return tuple((where, kinds.written_by(h.roles, every)) for where, h in self._by_role())

    def _by_role(self) -> Iterator[tuple[Q, RoleSight]]:
        """Each role with the condition of its children; merged files go by the surviving one."""
        return ((self._of(h) & USED, h) for h in self.held)

    def over(self, child: Child) -> tuple[RoleSight, ...]:
        """The roles by which the person sees a child (not counting broken glass), a merged one as the surviving one."""
        shown = child.survivor
        if not shown.used:
            return ()
        return tuple(h for h in self.held if self._reaches(h, shown) and agreed(h, shown))

    def _reaches(self, h: RoleSight, child: Child) -> bool:
        if h.rule.over == "area":
            return lies_in(child.area, h.area)
        if h.rule.over == "charge":
            return any(c.holds(child) for c in self.charges if c.within(h))
        if h.unit in (child.unit_id, child.school_unit_id):
            return True
        return HealthRecord.objects.filter(child__in=family(child), unit=h.unit).exists()

    def opens(self, child: Child) -> bool:
        """Whether the person has the file open by broken glass now."""
        return bool(self.held) and child.survivor.pk in self.opened and child.survivor.used

    def sees(self, child: Child) -> bool:
        """Whether the person sees a child's file."""
        return self.opens(child) or bool(self.over(child))

    def reading(self, child: Child) -> frozenset[str]:
        """The kinds of records that the person reads in a child's file, whoever made them."""
        by = self.held if self.opens(child) else self.over(child)
        roles = frozenset(r for h in by for r in h.roles)
        return kinds.read_by(roles, kinds.kinds().values())

    def writing(self, child: Child) -> frozenset[str]:
        """The kinds of records that the person may add to a child's file. Broken glass only reads."""
        roles = frozenset(r for h in self.over(child) for r in h.roles)
        return kinds.written_by(roles, kinds.kinds().values())

    def identity(self, child: Child) -> bool:
        """Whether numbers, phones and addresses are shown (masked) and may be asked for in full."""
        return any(h.rule.identity == "masked" for h in self.over(child))

    def purposes(self, child: Child) -> tuple[Purpose, ...]:
        """For what the person looks: the purposes of the roles by which the file is seen, else the urgent look."""
        mine = purposes.of_roles(frozenset(r for h in self.over(child) for r in h.roles))
        found = tuple(p for p in mine if p.basis == "law" or agreed_to(child.survivor, (p.id,)))
        return found or (purposes.of_use("emergency"),)

    def may(self, roles: Iterable[str]) -> bool:
        """Whether one of the roles is held."""
        wanted = set(roles)
        return any(h.roles & wanted for h in self.held)


def sights(reach: Reach, *, now: datetime | None = None) -> Sights:
    """What decides of a person, at a moment (now). Raises AbsentError for somebody who sees no child's file."""
    found = maybe(reach, now=now)
    if not found.any:
        raise AbsentError("没有儿童档案")
    return found


def maybe(reach: Reach, *, now: datetime | None = None) -> Sights:
    """The same for anybody: somebody without such a role sees nothing."""
    if now is not None:
        return _sights(reach, now)
    return once.read(("sights", reach.person.pk), lambda: _sights(reach, timezone.now()))


def _sights(reach: Reach, at: datetime) -> Sights:
    rules = kinds.rules()
    held = tuple(
        RoleSight(h.grants, rules[id_], h.area, h.unit) for h in reach.held for id_ in sorted(h.grants & set(rules))
    )
    if not held or not reach.person.is_active:
        return Sights(reach.person.pk, (), (), frozenset())
    day = timezone.localdate(at)
    charges: tuple[ChargeHeld, ...] = ()
    if any(h.rule.over == "charge" for h in held):
        rows = Charge.objects.filter(person=reach.person, state="held", from_date__lte=day)
        charges = tuple(ChargeHeld(c.area, c.village, c.school_unit_id or "", c.school_class) for c in rows)
    broken = Glass.objects.filter(person=reach.person, from_at__lte=at, until_at__gt=at).select_related("child")
    opened = frozenset(g.child.survivor.pk for g in broken)
    return Sights(reach.person.pk, held, charges, opened, frozenset(h.unit for h in held))


def agreed(h: RoleSight, child: Child) -> bool:
    """Whether what the role reads for needs no consent, or a guardian gave it for this child."""
    return not h.asking or agreed_to(child, h.asking)


def agreed_to(child: Child, asked: Iterable[str]) -> bool:
    """Whether a guardian agreed to one of these purposes, and has not withdrawn it."""
    return Consent.objects.filter(child=child, purpose__in=tuple(asked), state="given").exists()


def family(child: Child) -> list[int]:
    """The numbers of a file and of all that were merged into it, directly or through another."""
    return list(once.read(("family", child.pk), lambda: _family(child.pk)))


def _family(number: int) -> tuple[int, ...]:
    found, waiting = [number], [number]
    while waiting:
        waiting = list(Child.objects.filter(merged_into__in=waiting).values_list("pk", flat=True))
        found += waiting
    return tuple(found)


def _examined_before_merging(unit: str) -> list[int]:
    """The surviving files of children whom a unit examined under a file that was merged."""
    made = HealthRecord.objects.filter(child=OuterRef("pk"), unit=unit)
    rows = Child.objects.filter(Exists(made), merged_into__isnull=False).select_related("merged_into__merged_into")
    return sorted({child.survivor.pk for child in rows})


def get(of: Sights, number: int) -> Child:
    """A child that the person sees; a merged one too, for whoever sees the surviving file. Raises AbsentError."""
    rows = Child.objects.select_related("unit", "school_unit", "merged_into").filter(pk=number)
    child = once.read(("child", number), rows.first)
    if child is None or not of.sees(child):
        raise AbsentError("没有这份儿童档案")
    return child
