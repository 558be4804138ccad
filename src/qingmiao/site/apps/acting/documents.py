"""Plans, self-reports, checks, meetings and the like: recorded, signed by the unit's leader, reviewed by the office."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from qingmiao.flow import Who
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import policies
from qingmiao.site.apps.acting.errors import said
from qingmiao.site.apps.acting.kinds import kind_of, kinds
from qingmiao.site.apps.acting.models import Activity, Evidence
from qingmiao.site.apps.acting.permissions import may_answer, may_record
from qingmiao.site.apps.acting.workflow import DOCUMENT, RECORD, ActivityState
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.access import (
    AbsentError,
    Doing,
    Door,
    Seen,
    allow,
    conflict,
    perform,
    register,
    require,
)
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.tasks import api as tasks


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
    if kind not in kinds():
        raise UserError(f"没有“{kind}”这种文书")
    about = kind_of(kind)
    made = Activity.objects.create(
        kind=kind, year=year, on_date=on_date, unit=unit, title=said(title, "标题", 2)[:120], text=said(text, about.text.zh),
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
    require(actor, activity, "rewrite")
    decision = policies.can_rewrite(activity)
    if not decision:
        raise UserError(decision.reason)
    title, text = said(title, "标题", 2)[:120], said(text, kind_of(activity.kind).text.zh)
    moved = Activity.objects.filter(pk=activity.pk, state=ActivityState.DRAFT, version=version).update(
        title=title, text=text, version=version + 1
    )
    if not moved:
        raise conflict("activity", activity.pk, "改过这份材料；你写的文字还在框里")
    audit.append(
        actor,
        "acting.activity.rewrite",
        object_type="activity",
        object_id=activity.pk,
        detail={"title": title, "text": text},
    )


def move_activity(
    by: Reach | Person,
    activity: Activity,
    name: str,
    *,
    version: int,
    opinion: str = "",
    score: Decimal | None = None,
) -> None:
    """Sign, send back or review a unit's document."""
    perform(by, activity, name, Seen("", version), {"opinion": opinion, "score": score})


@transaction.atomic
def add_evidence(actor: Person, upload: UploadedFile[bytes], *, activity: Activity) -> Evidence:
    """Add a file to a document: a unit's own until it is reviewed, what stands at once always."""
    found = Activity.objects.select_for_update().get(pk=activity.pk)
    may = may_answer(Reach(actor), found.unit_id) or may_record(Reach(actor), kind_of(found.kind))
    if not actor.is_active or not may:
        raise AbsentError("没有这一步")
    allow(policies.can_prove_activity(found))
    name, digest, size = tasks.keep(upload)
    made = Evidence.objects.create(
        activity=found, name=name, sha256=digest, bytes=size, added_by=actor, added_at=timezone.now()
    )
    detail = {"name": name, "sha256": digest}
    audit.append(actor, "acting.evidence.add", object_type="activity", object_id=found.pk, detail=detail)
    return made


def evidence(reach: Reach, number: int) -> tuple[Path, str] | None:
    """Where a file of a document lies and what it is called, for those who may see the document; the sight is audited."""
    proof = Evidence.objects.select_related("activity").filter(pk=number).first()
    if proof is None or proof.activity.unit_id not in reach.unit_ids or not tasks.path_of(proof.sha256).is_file():
        return None
    audit.seen(reach.person, "acting.evidence.see", object_type="document_evidence", object_id=number)
    return tasks.path_of(proof.sha256), proof.name


def _score_in_range(activity: Activity, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    score = answers.get("score")
    return YES if score is None or 0 <= score <= 100 else no("得分是 0 到 100")


def _changes(activity: Activity, doing: Doing) -> dict[str, Any]:
    """The columns of each step; the version goes up by one."""
    columns: dict[str, dict[str, Any]] = {
        "signed": {"signed_by": doing.person, "signed_at": doing.at},
        "sent_back": {"opinion": doing.said("opinion"), "signed_by": None, "signed_at": None},
        "reviewed": {"opinion": doing.said("opinion"), "reviewed_by": doing.person},
    }
    found: dict[str, Any] = {"version": activity.version + 1}
    for name in doing.step.effects:
        found |= columns[name]
    if "reviewed" in doing.step.effects and kind_of(activity.kind).scored and doing.answers.get("score") is not None:
        found["score"] = doing.answers["score"]
    return found


register(
    Door(
        Activity,
        lambda activity: DOCUMENT if kind_of(activity.kind).signed else RECORD,
        noun="这份材料",
        kind="activity",
        action="acting.activity",
        unit=lambda activity: activity.unit,
        guards={"score_in_range": _score_in_range},
        changes=_changes,
    )
)
