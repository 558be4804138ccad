"""Plans, self-reports, checks, meetings and the like: recorded, then taken through the flow of their kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from qingmiao.content.clocks import ClockStanding
from qingmiao.content.documents import ABOVE, PROVE, RECORD, REWRITE, SCORES
from qingmiao.flow import Guard, Who
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import apart, filling, goal_figures, outside, packages, policies, sampling
from qingmiao.site.apps.acting.errors import said
from qingmiao.site.apps.acting.kinds import kind_of, kinds
from qingmiao.site.apps.acting.models import Activity, DocumentFile
from qingmiao.site.apps.acting.permissions import above
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.access import (
    Doing,
    Door,
    Seen,
    allow,
    conflict,
    create,
    next_version,
    perform,
    register,
    work,
)
from qingmiao.site.apps.directory.clocks import standings
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.files import api as files
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.pack import pack


def record(
    actor: Person,
    *,
    kind: str,
    year: int,
    on_date: date,
    unit: Organisation,
    title: str,
    text: str,
    score: Decimal | None = None,
    decisions: str = "",
    answers: Mapping[str, Any] | None = None,
    explanations: Mapping[str, str] | None = None,
) -> Activity:
    """Record an activity: it begins where the flow of its kind begins.

    `answers` and `explanations` are those of the kind's form. UnfilledError while the form is not right, AbsentError
    for whoever may not.
    """
    if kind not in kinds():
        raise UserError(f"没有“{kind}”这种文书")
    about = kind_of(kind)
    given = score if about.scored_when_recorded else None
    made = Activity(
        kind=kind, year=year, on_date=on_date, unit=unit, title=said(title, "标题", 2)[:120],
        text=said(text, about.text.zh), score=given, decisions=decisions.strip() if about.decides else "",
        made_by=actor, made_at=timezone.now(),
    )  # fmt: skip
    if about.figures == "goals":
        made.figures = goal_figures.kept(goal_figures.figures_of(unit.pk, year))
    if about.numbers:
        with_numbers = goal_figures.quoting_figures(goal_figures.read(made.figures), made.text, year)
        made.figures = goal_figures.kept(with_numbers)
    filling.fill_new(made, about, answers or {}, explanations or {}, timezone.localdate())
    return create(actor, made, RECORD, {"score": given})


def rewrite(
    actor: Person,
    activity: Activity,
    *,
    version: int,
    title: str,
    text: str,
    answers: Mapping[str, Any] | None = None,
    explanations: Mapping[str, str] | None = None,
) -> None:
    """Rewrite a document while its flow lets it, compare-and-set. `answers` None leaves its form as it is.

    The form is the one that it was recorded by; UnfilledError while that is not right.
    """
    with work(actor, activity, REWRITE):
        allow(policies.can_rewrite(activity))
        title, text = said(title, "标题", 2)[:120], said(text, kind_of(activity.kind).text.zh)
        detail: dict[str, Any] = {"title": title, "text": text}
        columns: dict[str, Any] = {}
        if kind_of(activity.kind).numbers:
            found = goal_figures.quoting_figures(goal_figures.read(activity.figures), text, activity.year)
            columns["figures"] = goal_figures.kept(found)
        ready = filling.ready_of(activity)
        if ready is not None and answers is not None:
            columns |= filling.kept(ready, answers, explanations or {}, timezone.localdate())
            detail["answers"] = filling.open_answers(ready, columns["answers"])
        moved = Activity.objects.filter(pk=activity.pk, state=activity.state, version=version).update(
            title=title, text=text, version=version + 1, **columns
        )
        if not moved:
            raise conflict("activity", activity.pk, "改过这份材料；您填写的文字仍保留在页面上")
        audit.append(
            actor,
            "acting.activity.rewrite",
            object_type="activity",
            object_id=activity.pk,
            detail=detail,
        )


def move_activity(
    by: Reach | Person,
    activity: Activity,
    name: str,
    *,
    version: int,
    opinion: str = "",
    score: Decimal | None = None,
    said: Mapping[str, str] | None = None,
) -> None:
    """Take a step of the kind's flow with a document: sign, send back, review …; `said`: what else it asks for."""
    perform(by, activity, name, Seen("", version), {"opinion": opinion, **(said or {}), "score": score})


def add_evidence(actor: Person, upload: UploadedFile[bytes], *, activity: Activity) -> DocumentFile:
    """Add a file to a document while its flow lets it."""
    with work(actor, activity, PROVE):
        found = Activity.objects.select_for_update().get(pk=activity.pk)
        allow(policies.can_prove_activity(found))
        kept = files.keep(files.EVIDENCE, upload)
        tasks.new_file(DocumentFile.objects.filter(activity=found, sha256=kept.sha256))
        made = DocumentFile.objects.create(
            activity=found, name=kept.name, sha256=kept.sha256, bytes=kept.size, added_by=actor, added_at=timezone.now()
        )
        detail = {"name": kept.name, "sha256": kept.sha256}
        audit.append(actor, "acting.evidence.add", object_type="activity", object_id=found.pk, detail=detail)
        return made


def evidence(reach: Reach, number: int) -> files.Handed | None:
    """A file of a document, for those who may see the document; the sight is audited."""
    proof = DocumentFile.objects.select_related("activity").filter(pk=number).first()
    if proof is None or proof.activity.unit_id not in reach.unit_ids or not apart.is_open(reach, proof.activity):
        return None
    found = (files.hand(shelf, proof.sha256, proof.name) for shelf in (files.EVIDENCE, files.MADE))
    handed = next((one for one in found if one is not None), None)
    if handed is not None:
        audit.seen(reach.person, "acting.evidence.see", object_type="document_evidence", object_id=number)
    return handed


def proofs(activity: Activity) -> tuple[files.KeptProof, ...]:
    """The files of a document as its page lists them."""
    return tasks.proofs_of(DocumentFile.objects.filter(activity=activity).select_related("added_by").order_by("pk"))


def standings_of(activity: Activity) -> tuple[ClockStanding, ...]:
    """How a document stands under the deadlines that the content sets for its kind and that are not met yet."""
    held = pack().deadlines_of(f"document:{activity.kind}", timezone.localdate())
    return tuple(s for s in standings(activity, held, timezone.now()) if s.state not in ("met", "met_late"))


def _score_in_range(activity: Activity, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    score = answers.get("score")
    return YES if score is None or 0 <= score <= 100 else no("得分是 0 到 100")


def _another_signs(activity: Activity, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return no("记录人是您本人，应由他人签报") if activity.made_by.username == who.id else YES


def _another_reviews(activity: Activity, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    mine = activity.signed_by is not None and activity.signed_by.username == who.id
    return no("签报人是您本人，应由他人审阅") if mine else YES


def _has_evidence(activity: Activity, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    return YES if DocumentFile.objects.filter(activity=activity).exists() else no("先上传佐证材料")


GUARDS: Mapping[str, Guard] = {
    "score_in_range": _score_in_range,
    "another_signs": _another_signs,
    "another_reviews": _another_reviews,
    "has_evidence": _has_evidence,
    **apart.GUARDS,
    **outside.GUARDS,
}
"""The guards that flows of documents name (`flow.words`)."""
COLUMNS: Mapping[str, Callable[[Doing], dict[str, Any]]] = {
    "signed": lambda doing: {"signed_by": doing.person, "signed_at": doing.at},
    "sent_back": lambda doing: {"opinion": doing.said("opinion"), "signed_by": None, "signed_at": None},
    "taken_back": lambda doing: {"signed_by": None, "signed_at": None},
    "reviewed": lambda doing: {"opinion": doing.said("opinion"), "reviewed_by": doing.person},
}
"""The columns that each effect of such a flow sets."""


def _changes(activity: Activity, doing: Doing) -> dict[str, Any]:
    """The columns of each step; the version goes up by one."""
    found = next_version(activity, doing)
    for name in doing.step.effects:
        found |= COLUMNS[name](doing) if name in COLUMNS else {}
    scored = kind_of(activity.kind).scored and SCORES in doing.step.effects
    if scored and doing.answers.get("score") is not None:
        found["score"] = doing.answers["score"]
    return found


def _told(activity: Activity, doing: Doing) -> Mapping[str, Any]:
    """What the audit keeps of a record."""
    return {"kind": activity.kind, "unit": activity.unit_id, "title": activity.title}


def _relations(activity: Activity, person: Person) -> Iterable[str]:
    if activity.made_by_id == person.pk:
        yield "self"
    if above(person, kind_of(activity.kind), str(activity.unit_id)):
        yield ABOVE


register(
    Door(
        Activity,
        lambda activity: kind_of(activity.kind).workflow,
        noun="这份材料",
        kind="activity",
        several=lambda: (k.workflow for k in kinds().values()),
        action="acting.activity",
        unit=lambda activity: activity.unit,
        guards=GUARDS,
        effects={"recorded": _told, "settled": apart.settled, "packed": packages.packed, "drawn": sampling.drawn},
        changes=_changes,
        relations=_relations,
    )
)
