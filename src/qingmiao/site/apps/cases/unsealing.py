"""A sealed case is there for nobody, but for an unsealing by two people on a legal ground, for some hours, to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.cases import standing
from qingmiao.site.apps.cases.models import CaseUnsealing, KeptCase
from qingmiao.site.apps.cases.showing import title
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach

LEAST = 2 * access.LEAST_WORDS
"""Characters that say the legal ground at least: the law, its article, who asks."""
LISTED = 100


@dataclass(frozen=True)
class UnsealingRow:
    """An unsealing, as those who may ask for one at the case's unit see it. `mine`: this person asked for it."""

    number: int
    case: int
    title: str
    asked_by: str
    asked_at: datetime
    ground: str
    agreed_by: str
    until: datetime | None
    mine: bool
    open: bool
    """Both read the case now."""


def ask_unsealing(reach: Reach, number: int, ground: str) -> int:
    """Ask that a sealed case be opened, on a legal ground. For people of the unit that owns it, and of those above.

    AbsentError for every other, as for a case that is not there. The number of the unsealing.
    """
    case = _sealed(reach, number)
    said = ground.strip()
    if len(said) < LEAST:
        raise UserError(f"请写明启封的法律依据（文件、条款）和提出的机关（不少于 {LEAST} 个字）")
    with access.beside(reach, "cases.unseal.ask", object_type="case", object_id=number):
        made = CaseUnsealing.objects.create(
            case=case, asked_by=reach.person, asked_at=timezone.now(), ground=said[:1000]
        )  # fmt: skip
    return made.pk


def agree_unsealing(reach: Reach, unsealing: int) -> None:
    """Agree to it: another person than who asked. Both read the case for as long as glass stays broken (policy)."""
    found = CaseUnsealing.objects.filter(pk=unsealing, agreed_by=None).select_related("case").first()
    if found is None or found.asked_by_id == reach.person.pk:
        raise AbsentError("没有等待同意的启封")
    _sealed(reach, found.case_id)
    until = timezone.now() + timedelta(hours=site_pack.pack().policy.glass_hours)
    with access.beside(reach, "cases.unseal", object_type="case", object_id=found.case_id):
        rows = CaseUnsealing.objects.filter(pk=found.pk, agreed_by=None)
        if not rows.update(agreed_by=reach.person, until_at=until):  # somebody else was first
            raise AbsentError("没有等待同意的启封")


def unsealings(reach: Reach) -> tuple[UnsealingRow, ...]:
    """The unsealings of cases of the person's units, the newest first: what waits for a second person, and what was
    opened."""
    sights, now = standing.sights(reach), timezone.now()
    cases = KeptCase.objects.filter(sights.owning, state="sealed")
    rows = CaseUnsealing.objects.filter(case__in=cases).select_related("case", "asked_by", "agreed_by")
    return tuple(
        UnsealingRow(
            u.pk, u.case_id, title(u.case), u.asked_by.name, u.asked_at, u.ground,
            u.agreed_by.name if u.agreed_by is not None else "", u.until_at, u.asked_by_id == reach.person.pk,
            u.until_at is not None and now < u.until_at,
        )
        for u in rows.order_by("-pk")[:LISTED]
    )  # fmt: skip


def _sealed(reach: Reach, number: int) -> KeptCase:
    found = KeptCase.objects.filter(standing.sights(reach).owning, pk=number, state="sealed").first()
    if found is None:
        raise AbsentError("没有这个个案")
    return found
