"""Requests, consents, broken glass and files past their time for the matrices of permissions and steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from qingmiao.content.intervals import LifeInterval
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.directory.models import Organisation
from qingmiao.site.apps.directory.roles import SECURITY_ADMIN
from qingmiao.site.apps.records import kinds
from qingmiao.site.apps.records.event_models import Glass
from qingmiao.site.apps.records.models import Child, Relation, Relative
from qingmiao.site.apps.records.privacy import erasing
from qingmiao.site.apps.records.privacy.models import Consent, Erasure, FileRequest, GlassReview

SAID = {"ground": "kept_by_law"}


def roles() -> frozenset[str]:
    """The roles that the flows name."""
    return kinds.roles_that(lambda r: r.answers or r.keeps) | {SECURITY_ADMIN}


def times_set(monkeypatch: Any) -> None:
    """A county that has set how long files are kept: one year each."""
    pack = site_pack.pack()
    local = {p.setting: LifeInterval(value=1, unit="years") for p in erasing.keeping() if p.keep.within.local}
    policy = pack.policy.model_copy(update={"intervals": {**pack.policy.intervals, **local}})
    made = replace(pack, policy=policy)
    monkeypatch.setattr(site_pack, "pack", lambda: made)


def a_guardian(child: Child) -> Relation:
    """A mother who is the guardian."""
    now = timezone.now()
    who = Relative.objects.create(name="演示母", name_key="演示母", made_at=now)
    return Relation.objects.create(child=child, relative=who, kind="mother", guardian=True, from_date=child.birth_date)


def a_consent(child: Child, by: Any) -> Consent:
    """A guardian's consent that somebody writes down; not saved yet."""
    today = timezone.localdate()
    return Consent(
        child=child, purpose="reminders", guardian=a_guardian(child), given_date=today, form="书面同意", by=by,
        at=timezone.now(),
    )  # fmt: skip


def a_request(child: Child, unit: Organisation, by: Any) -> FileRequest:
    """A guardian asks that a file is used no more; not saved yet. It is so already, so that it may be lifted."""
    Child.objects.filter(pk=child.pk).update(blocked_at=timezone.now())
    child.refresh_from_db()
    return FileRequest(
        kind="restrict", child=child, unit=unit, applicant="演示母", relation="mother", asked="请停止使用这份档案",
        received_by=by, received_at=timezone.now(),
    )  # fmt: skip


def a_review(child: Child, unit: Organisation, by: Any) -> GlassReview:
    """Broken glass to be judged; not saved yet."""
    now = timezone.now()
    broken = Glass.objects.create(
        child=child, person=by, reason="急需核对既往史和过敏史", from_at=now, until_at=now + timedelta(hours=1)
    )
    return GlassReview(glass=broken, unit=unit)


def an_erasure(child: Child, unit: Organisation) -> Erasure:
    """A file that is past its times; not saved yet."""
    long_ago = timezone.localdate().replace(year=1990, month=1, day=2)
    Child.objects.filter(pk=child.pk).update(birth_date=long_ago, made_at=timezone.now() - timedelta(days=20000))
    child.refresh_from_db()
    return Erasure(child=child, unit=unit, over_date=long_ago, found_at=timezone.now())


def a_kept_request(child: int, unit: str, by: Any) -> FileRequest:
    """A request for a copy that a unit granted."""
    known = FileRequest.objects.filter(unit=unit).first()
    if known is None:
        known = FileRequest.objects.create(
            kind="copy", child_id=child, unit_id=unit, applicant="演示母", relation="mother", asked="请给我一份档案",
            received_by=by, received_at=timezone.now(), document="户口簿", decided_by=by, decided_at=timezone.now(),
            state="granted",
        )  # fmt: skip
    return known
