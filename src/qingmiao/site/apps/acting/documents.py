"""Plans, self-reports, checks, meetings and the like: recorded, signed by the unit's leader, reviewed by the office."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import policies
from qingmiao.site.apps.acting.errors import ConflictError, said
from qingmiao.site.apps.acting.kinds import BY_ID
from qingmiao.site.apps.acting.models import Activity
from qingmiao.site.apps.acting.workflow import ACTIVITY_BY_NAME, ActivityState
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.models import Organisation, Person


@transaction.atomic
def record(
    actor: Person,
    *,
    kind: str,
    year: int,
    on_date: date,
    unit: Organisation,
    title: str,
    text: str,
    people: int | None = None,
    score: Decimal | None = None,
    decisions: str = "",
) -> Activity:
    """Record an activity; a unit's document begins as a draft, everything else stands at once."""
    about = BY_ID[kind]
    made = Activity.objects.create(
        kind=kind, year=year, on_date=on_date, unit=unit, title=said(title, "标题", 2)[:120], text=said(text, about.text),
        people=people if about.people else None, score=score if about.scored and not about.signed else None,
        decisions=decisions.strip() if about.decides else "", state=ActivityState.DRAFT if about.signed else ActivityState.REVIEWED, made_by=actor, made_at=timezone.now(),
    )  # fmt: skip
    audit.append(
        actor,
        "acting.activity.record",
        object_type="activity",
        object_id=made.pk,
        detail={"kind": kind, "unit": unit.pk, "title": made.title},
    )
    return made


@transaction.atomic
def rewrite(actor: Person, activity: Activity, *, version: int, title: str, text: str) -> None:
    """Rewrite a unit's document while it is a draft, compare-and-set."""
    decision = policies.can_rewrite(activity)
    if not decision:
        raise UserError(decision.reason)
    title, text = said(title, "标题", 2)[:120], said(text, BY_ID[activity.kind].text)
    moved = Activity.objects.filter(pk=activity.pk, state=ActivityState.DRAFT, version=version).update(
        title=title, text=text, version=version + 1
    )
    if not moved:
        raise ConflictError("别人刚改过，请刷新再改；你写的文字还在框里")
    audit.append(
        actor,
        "acting.activity.rewrite",
        object_type="activity",
        object_id=activity.pk,
        detail={"title": title, "text": text},
    )


def move_activity(
    actor: Person,
    activity: Activity,
    name: str,
    *,
    version: int,
    opinion: str = "",
    score: Decimal | None = None,
) -> None:
    """Sign, send back or review a unit's document, compare-and-set."""
    t = ACTIVITY_BY_NAME[name]
    fields: dict[str, Any] = {}
    if name == "sign":
        fields = {"signed_by": actor, "signed_at": timezone.now()}
    elif name == "return":
        fields = {"opinion": said(opinion, "理由", 5), "signed_by": None, "signed_at": None}
    else:
        fields = {"opinion": opinion.strip(), "reviewed_by": actor}
        if BY_ID[activity.kind].scored and score is not None:
            fields["score"] = score
    with transaction.atomic():
        moved = Activity.objects.filter(pk=activity.pk, state=t.source, version=version).update(
            state=t.target, version=version + 1, **fields
        )
        if not moved:
            now = Activity.objects.get(pk=activity.pk)
            raise ConflictError(f"没有成功：现在是“{ActivityState(now.state).label}”，请刷新再看")
        audit.append(
            actor,
            f"acting.activity.{name}",
            object_type="activity",
            object_id=activity.pk,
            detail={"opinion": opinion.strip(), "score": score},
        )
