"""Who sees which mothers' files and which of their records: by the role's rule (content: `mothers`), decided here
alone.

A refusal looks like absence. A role that sees children sees no mother for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from qingmiao.content.purposes import Purpose
from qingmiao.kernel.areas import lies_in, stem
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import kinds, once, purposes
from qingmiao.site.apps.records.event_models import Charge, HealthRecord
from qingmiao.site.apps.records.exposure import NOBODY, ChargeHeld, RoleSight
from qingmiao.site.apps.records.mothers.models import MotherFile


@dataclass(frozen=True)
class MotherSights:
    """Everything that decides what a person sees of mothers, read once a request."""

    held: tuple[RoleSight, ...]
    charges: tuple[ChargeHeld, ...]

    @cached_property
    def where(self) -> Q:
        """The condition of the files that the person sees; merged ones are not among them: they go by the surviving
        one."""
        found = NOBODY
        for h in self.held:
            found |= self._of(h)
        return found & Q(merged_into=None)

    def _of(self, h: RoleSight) -> Q:
        if h.rule.over == "area":
            return Q(area__startswith=stem(h.area))
        if h.rule.over == "unit":
            hers = Q(mother=OuterRef("pk")) | Q(mother__file__merged_into=OuterRef("pk"))
            made = HealthRecord.objects.filter(hers, unit=h.unit)
            return Q(unit=h.unit) | Q(Exists(made))
        found = NOBODY
        for c in self.charges:
            found |= c.where if lies_in(c.area, h.area) else NOBODY
        return found

    def over(self, file: MotherFile) -> tuple[RoleSight, ...]:
        """The roles by which the person sees a file, a merged one as the surviving one."""
        shown = file.survivor
        return tuple(h for h in self.held if self._reaches(h, shown))

    def _reaches(self, h: RoleSight, file: MotherFile) -> bool:
        if h.rule.over == "area":
            return lies_in(file.area, h.area)
        if h.rule.over == "charge":
            mine = (c for c in self.charges if lies_in(c.area, h.area))
            return any(lies_in(file.area, c.area) and c.village in ("", file.village) for c in mine)
        hers = Q(mother=file.pk) | Q(mother__file__merged_into=file.pk)
        return h.unit == file.unit_id or HealthRecord.objects.filter(hers, unit=h.unit).exists()

    def having(self, kind: str) -> Q:
        """The condition of the files in which the person reads a record of a kind."""
        kept = HealthRecord.objects.filter(kind=kind, mother__isnull=False).exclude(state="withdrawn")
        found = NOBODY
        for h in self.held:
            found |= self._of(h) if kind in kinds.read_by(h.roles, kinds.of_mothers()) else NOBODY
        return found & Q(pk__in=kept.values("mother"))

    def kinds_read(self) -> frozenset[str]:
        """The kinds of records that the person reads in any mother's file."""
        return frozenset().union(*(kinds.read_by(h.roles, kinds.of_mothers()) for h in self.held))

    def reading(self, file: MotherFile) -> frozenset[str]:
        """The kinds of records that the person reads in a file, whoever made them."""
        roles = frozenset(r for h in self.over(file) for r in h.roles)
        return kinds.read_by(roles, kinds.of_mothers())

    def writing(self, file: MotherFile) -> frozenset[str]:
        """The kinds of records that the person may add to a file."""
        roles = frozenset(r for h in self.over(file) for r in h.roles)
        return kinds.written_by(roles, kinds.of_mothers())

    def identity(self, file: MotherFile) -> bool:
        """Whether numbers and phones are shown (masked) and may be asked for in full."""
        return any(h.rule.identity == "masked" for h in self.over(file))

    def purposes(self, file: MotherFile) -> tuple[Purpose, ...]:
        """For what the person looks: the purposes of law of the roles by which the file is seen."""
        mine = purposes.of_roles((r for h in self.over(file) for r in h.roles), "mother")
        return tuple(p for p in mine if p.basis == "law")


def maybe(reach: Reach) -> MotherSights:
    """What decides of a person, now; somebody without such a role sees nothing."""
    return once.read(("mothers' sights", reach.person.pk), lambda: _sights(reach))


def _sights(reach: Reach) -> MotherSights:
    rules = kinds.mothers_rules()
    held = tuple(
        RoleSight(h.grants, rules[id_], h.area, h.unit) for h in reach.held for id_ in sorted(h.grants & set(rules))
    )
    if not held or not reach.person.is_active:
        return MotherSights((), ())
    rows: Iterable[Charge] = ()
    if any(h.rule.over == "charge" for h in held):
        rows = Charge.objects.filter(
            person=reach.person, state="held", from_date__lte=timezone.localdate(), school_unit=None
        )
    return MotherSights(held, tuple(ChargeHeld(c.area, c.village, "", "") for c in rows))


def sights(reach: Reach) -> MotherSights:
    """The same. Raises AbsentError for somebody who sees no mother's file."""
    found = maybe(reach)
    if not found.held:
        raise AbsentError("没有孕产妇档案")
    return found


def get(of: MotherSights, number: int) -> MotherFile:
    """A file that the person sees. Raises AbsentError."""
    found = MotherFile.objects.select_related("relative", "unit").filter(pk=number).first()
    if found is None or not of.over(found):
        raise AbsentError("没有这份孕产妇档案")
    return found
