"""A woman is registered: by the person's own unit, which keeps her file from then on."""

from __future__ import annotations

from django.utils import timezone

from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import naming, sealing
from qingmiao.site.apps.records.models import Relative
from qingmiao.site.apps.records.mothers import exposure, pairs, twice
from qingmiao.site.apps.records.mothers.given import MotherGiven
from qingmiao.site.apps.records.mothers.models import MotherFile
from qingmiao.site.apps.records.twice import ASKED


def blank(reach: Reach) -> MotherFile:
    """A file that is not saved yet, of the person's own unit."""
    unit: Organisation = reach.person.organisation
    return MotherFile(unit=unit, made_by=reach.person, made_at=timezone.now())


def may_register(reach: Reach) -> bool:
    """Whether this person registers women for the own unit."""
    return bool(exposure.maybe(reach).held) and any(s.name == "register" for s in access.steps(reach, blank(reach)))


def register(reach: Reach, said: MotherGiven, *, reason: str = "") -> int:
    """Make a woman's file; its number. AbsentError for somebody who registers none; NotAllowedError with the reason
    where her number is taken or somebody alike is there."""
    if not may_register(reach):
        raise AbsentError("没有这一步")
    there = Relative.objects.filter(
        number_index__in=sealing.number_marks(said.number), name_key=naming.key(said.name), file=None
    )
    relative = there.order_by("pk").first()
    like = twice.likely_files(said)
    made = blank(reach)
    made.relative_id = relative.pk if relative is not None else sealing.next_row(sealing.RELATIVE)
    told = {"mother": said, "reason": reason, "alike": sum(one.probability >= ASKED for one in like)}
    file = access.create(reach, made, "register", told)
    for one in like:
        pairs.suspect(file, one)
    return int(file.pk)
