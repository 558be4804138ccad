"""What officers do for guardians: receive a request and take it through its steps; write a consent down and end it;
judge broken glass; decide of files past their time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeVar

from django.db import models
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, Seen
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import exposure
from qingmiao.site.apps.records.models import Relation
from qingmiao.site.apps.records.privacy.models import Consent, Erasure, FileRequest, GlassReview

M = TypeVar("M", bound=models.Model)


def may_receive(reach: Reach) -> bool:
    """Whether this person receives requests for the own unit."""
    blank = FileRequest(unit=reach.person.organisation, received_by=reach.person)
    return bool(exposure.maybe(reach).held) and any(s.name == "receive" for s in access.steps(reach, blank))


def receive(reach: Reach, child: int, *, kind: str, applicant: str, relation: str, asked: str) -> int:
    """Take a guardian's request about a child whose file this person sees; its number. Raises AbsentError, and
    NotAllowedError in words."""
    of = exposure.get(exposure.sights(reach), child).survivor
    made = FileRequest(
        kind=kind, child=of, unit=reach.person.organisation, applicant=" ".join(applicant.split())[:60],
        relation=relation[:20], asked=asked.strip()[:2000], received_by=reach.person, received_at=timezone.now(),
    )  # fmt: skip
    return int(access.create(reach, made, "receive").pk)


def step_of_request(reach: Reach, number: int, step: str, *, version: int, said: Mapping[str, Any]) -> None:
    """Take a step with a request. AbsentError where it is not this person's."""
    _step(FileRequest, reach, number, step, version, said)


def judge(reach: Reach, number: int, *, justified: bool, version: int, reason: str) -> None:
    """Say whether glass was broken for a good reason."""
    _step(GlassReview, reach, number, "justify" if justified else "object", version, {"reason": reason})


def decide_erasure(reach: Reach, number: int, step: str, *, version: int, reason: str) -> None:
    """Erase a file past its time, keep it for a reason, or list it again."""
    _step(Erasure, reach, number, step, version, {"reason": reason})


def consent(reach: Reach, child: int, *, purpose: str, guardian: int, given_date: str, form: str) -> None:
    """Write down a guardian's consent to a purpose."""
    of = exposure.get(exposure.sights(reach), child).survivor
    relation = Relation.objects.filter(pk=guardian, child=of).first()
    if relation is None:
        raise UserError("请选择监护人；没有登记的，先在档案里登记亲属")
    try:
        day = date.fromisoformat(given_date)
    except ValueError:
        raise UserError(f"同意的日期“{given_date[:20]}”不是日期；请按 2026-01-31 这样填写") from None
    made = Consent(
        child=of, purpose=purpose, guardian=relation, given_date=day, form=" ".join(form.split())[:200],
        by=reach.person, at=timezone.now(),
    )  # fmt: skip
    access.create(reach, made, "give")


def end_consent(reach: Reach, child: int, number: int, *, version: int, reason: str) -> None:
    """A guardian takes a consent back: its purpose reads nothing of the child from now on."""
    of = exposure.get(exposure.sights(reach), child).survivor
    found = Consent.objects.filter(pk=number, child=of).first()
    if found is None:
        raise AbsentError("没有这项同意")
    access.perform(reach, found, "withdraw", Seen("", version), {"reason": reason})


def _step(model: type[M], reach: Reach, number: int, step: str, version: int, said: Mapping[str, Any]) -> None:
    found = model._default_manager.filter(pk=number).first()
    if found is None:
        raise AbsentError("没有这件事")
    access.perform(reach, found, step, Seen("", version), said)
