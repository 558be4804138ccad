"""A child is registered: by the person's own unit, which keeps the file from then on."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import exposure, filing, pairs, sealing
from qingmiao.site.apps.records.given import ClassGiven, IdentityGiven, RelativeGiven, StayGiven
from qingmiao.site.apps.records.models import Child
from qingmiao.site.apps.records.twice import ASKED, likely_files

REGISTER = "register"


def blank(reach: Reach) -> Child:
    """A file that is not saved yet, of the person's own unit."""
    return Child(unit=reach.person.organisation, made_by=reach.person, made_at=timezone.now())


def may_register(reach: Reach) -> bool:
    """Whether this person registers children for the own unit."""
    return exposure.maybe(reach).any and any(s.name == REGISTER for s in access.steps(reach, blank(reach)))


def register(
    reach: Reach,
    identity: IdentityGiven,
    *,
    stays: Sequence[StayGiven],
    relatives: Sequence[RelativeGiven] = (),
    attendance: ClassGiven | None = None,
    reason: str = "",
) -> int:
    """Make a child's file; its number. Without a reason nobody who may be there already is registered again.

    AbsentError for somebody who registers none; NotAllowedError with the reason where a number is taken or files are
    alike. Files that were alike are put before those who settle such pairs.
    """
    if not may_register(reach):
        raise AbsentError("没有这一步")
    home = next((s for s in stays if s.kind == "residence"), None)
    if home is None:
        raise access.NotAllowedError("请填写现住址")
    phone = next((r.phone for r in relatives if r.guardian and r.phone), "")
    guardian = next((r.name for r in relatives if r.guardian), "")
    like = likely_files(identity, area=home.area, guardian=guardian, phone=phone)
    made = blank(reach)
    made.id = sealing.next_row(sealing.CHILD)
    made.birth_date, made.sex, made.name = identity.birth_date, identity.sex, identity.name
    for name, value in filing.identity_columns(made.id, identity).items():
        setattr(made, name, value)
    made.area = home.area
    said = {
        "identity": identity, "stays": tuple(stays), "relatives": tuple(relatives), "attendance": attendance,
        "reason": reason,
        "alike": sum(one.probability >= ASKED for one in like),
    }  # fmt: skip
    child = access.create(reach, made, REGISTER, said)
    for one in like:
        pairs.suspect(child, one)
    return int(child.pk)
