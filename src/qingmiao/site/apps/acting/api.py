"""Acting's door: tasks from warnings and decisions, activities, responsibilities, funds, projects. Every write has an actor, an
audit event in its transaction, and compares before it sets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from qingmiao.content.pack import Pack
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.acting import files
from qingmiao.site.apps.acting.kinds import BY_ID
from qingmiao.site.apps.acting.models import Activity, Evidence, Fund, Project, Responsibility, Task
from qingmiao.site.apps.acting.workflow import ACTIVITY_BY_NAME, TASK_BY_NAME, ActivityState, TaskState
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.models import Organisation, Person
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.monitoring.models import Warning

MIN_WORDS = 10
"""An answer, a reason has at least so many characters (local setting)."""
TO_OFFICE = timedelta(days=7)
"""This long after the deadline a task goes up to the office (local setting, docs/reference/task-workflow.md)."""


class ConflictError(UserError):
    """Somebody else was first."""


def _said(text: str, what: str, least: int = MIN_WORDS) -> str:
    text = text.strip()
    if len(text) < least:
        raise UserError(f"{what}要写清楚（至少 {least} 个字，现在 {len(text)} 个）")
    return text


@transaction.atomic
def open_task(
    actor: Person,
    *,
    unit: Organisation,
    due_date: date,
    title: str,
    warning: Warning | None = None,
    activity: Activity | None = None,
) -> Task:
    """Open a task to a unit. A warning has at most one open task; the indicator's value now is kept to measure the effect."""
    if due_date <= timezone.localdate():
        raise UserError("期限要在今天以后")
    title = _said(title, "任务", 4)
    before = _value(warning.indicator, warning.area) if warning and warning.indicator else (None, None)
    try:
        with transaction.atomic():
            made = Task.objects.create(
                warning=warning, activity=activity, title=title[:200], indicator=warning.indicator if warning else "",
                area=(warning.area if warning else ""), value_before=before[0], year_before=before[1], unit=unit, due_date=due_date,
                opened_by=actor, opened_at=timezone.now(),
            )  # fmt: skip
    except IntegrityError:
        raise ConflictError("这条预警已经有一个在办的任务") from None
    audit.append(
        actor,
        "acting.task.open",
        object_type="task",
        object_id=made.pk,
        detail={"unit": unit.pk, "due": due_date, "warning": warning.pk if warning else None},
    )
    return made


def _value(indicator: str, area: str) -> tuple[float | None, int | None]:
    state = monitoring.current()
    if state is None or indicator not in state.pack.indicators:
        return None, None
    known = state.series(indicator, area or state.root).until(state.run.year).known
    return (known[-1].value, known[-1].year) if known else (None, None)


def _move(
    actor: audit.Actor,
    task: Task,
    name: str,
    *,
    version: int,
    detail: dict[str, Any] | None = None,
    **fields: Any,
) -> None:
    t = TASK_BY_NAME[name]
    with transaction.atomic():
        moved = Task.objects.filter(pk=task.pk, state=t.source, version=version).update(
            state=t.target, version=version + 1, **fields
        )
        if not moved:
            now = Task.objects.get(pk=task.pk)
            last = audit.of_object("task", task.pk, limit=1)
            who = f"，{last[0].actor} 在 {timezone.localtime(last[0].at):%H:%M:%S} 办的" if last else ""
            raise ConflictError(f"没有成功：任务现在是“{TaskState(now.state).label}”{who}；请刷新再看")
        audit.append(actor, f"acting.task.{name}", object_type="task", object_id=task.pk, detail=detail or {})


def answer(actor: Person, task: Task, *, version: int, cause: str, countermeasure: str) -> None:
    """The unit answers: why, and what it does about it."""
    cause, countermeasure = _said(cause, "原因"), _said(countermeasure, "对策")
    _move(
        actor,
        task,
        "answer",
        version=version,
        cause=cause,
        countermeasure=countermeasure,
        answered_by=actor,
        answered_at=timezone.now(),
        detail={"cause": cause, "countermeasure": countermeasure},
    )


def close(actor: Person, task: Task, *, version: int) -> None:
    """The office has verified the answer; somebody else than who answered."""
    if task.answered_by_id == actor.pk:
        raise UserError("办理人不能核实自己的任务")
    _move(actor, task, "close", version=version, closed_by=actor, closed_at=timezone.now(), note="")


def give_back(actor: Person, task: Task, name: str, *, version: int, reason: str) -> None:
    """Send back, reopen or withdraw, with a reason. Reopening counts."""
    reason = _said(reason, "理由", 5)
    fields: dict[str, Any] = {"note": reason}
    if name == "reopen":
        fields |= {"closed_by": None, "closed_at": None, "reopened": task.reopened + 1}
    _move(actor, task, name, version=version, detail={"reason": reason}, **fields)


@transaction.atomic
def add_evidence(
    actor: Person, upload: UploadedFile[bytes], *, task: Task | None = None, activity: Activity | None = None
) -> Evidence:
    """Add a file to a task that is open or to a document that is a draft."""
    if task is not None and Task.objects.select_for_update().get(pk=task.pk).state != TaskState.OPEN:
        raise UserError("任务已经报送，不能再加材料；需要时请妇儿工委办退回")
    if (
        activity is not None
        and Activity.objects.select_for_update().get(pk=activity.pk).state == ActivityState.REVIEWED
        and BY_ID[activity.kind].signed
    ):
        raise UserError("已经审阅，不能再加材料")
    name, digest, size = files.keep(upload)
    made = Evidence.objects.create(
        task=task,
        activity=activity,
        name=name,
        sha256=digest,
        bytes=size,
        added_by=actor,
        added_at=timezone.now(),
    )
    about = ("task", task.pk) if task else ("activity", activity.pk if activity else 0)
    audit.append(
        actor,
        "acting.evidence.add",
        object_type=about[0],
        object_id=about[1],
        detail={"name": name, "sha256": digest},
    )
    return made


@transaction.atomic
def escalate(*, now: datetime) -> int:
    """Overdue tasks go up: to the unit's leader the day after the deadline, to the office a week later. Returns how many moved."""
    today, moved = timezone.localdate(now), 0
    for task in Task.objects.select_for_update(skip_locked=True).filter(
        state=TaskState.OPEN, due_date__lt=today, escalated__lt=2
    ):
        level = 2 if today > task.due_date + TO_OFFICE else 1
        if level <= task.escalated:
            continue
        task.escalated, task.escalated_at = level, now
        task.save(update_fields=["escalated", "escalated_at"])
        audit.append(
            audit.SYSTEM,
            "acting.task.escalate",
            object_type="task",
            object_id=task.pk,
            detail={"level": level, "due": task.due_date},
        )
        moved += 1
    return moved


@dataclass(frozen=True)
class Effect:
    """What has become of the indicator since the task was opened: the values of later years (year, text, change)."""

    before: str
    year: int | None
    after: tuple[tuple[int, str, float], ...]
    better: bool | None


def effect(task: Task) -> Effect | None:
    """The measured effect of a task on its indicator; None where it has none."""
    state = monitoring.current()
    if (
        state is None
        or task.value_before is None
        or task.year_before is None
        or task.indicator not in state.pack.indicators
    ):
        return None
    found, area = state.pack.indicators[task.indicator], task.area or state.root
    later = [
        (p.year, state.text(task.indicator, area, p.year), (p.value or 0.0) - task.value_before)
        for p in state.series(task.indicator, area).known
        if p.year >= task.year_before
    ]
    changed = [x for x in later if x[2] != 0.0]
    better = None
    if changed and found.better != "none":
        better = (changed[-1][2] < 0) == (found.better == "lower")
    return Effect(f"{task.value_before:.{found.decimals}f}", task.year_before, tuple(later), better)


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
) -> Activity:
    """Record an activity; a unit's document begins as a draft, everything else stands at once."""
    about = BY_ID[kind]
    made = Activity.objects.create(
        kind=kind, year=year, on_date=on_date, unit=unit, title=_said(title, "标题", 2)[:120], text=_said(text, about.text),
        people=people if about.people else None, score=score if about.scored and not about.signed else None,
        state=ActivityState.DRAFT if about.signed else ActivityState.REVIEWED, made_by=actor, made_at=timezone.now(),
    )  # fmt: skip
    audit.append(
        actor,
        "acting.activity.record",
        object_type="activity",
        object_id=made.pk,
        detail={"kind": kind, "unit": unit.pk, "title": made.title},
    )
    return made


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
        fields = {"opinion": _said(opinion, "理由", 5), "signed_by": None, "signed_at": None}
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


@transaction.atomic
def propose(actor: audit.Actor, pack: Pack, *, year: int) -> int:
    """The year's responsibilities as the pack proposes them; what is there stays. Returns how many were added."""
    there = set(Responsibility.objects.filter(year=year).values_list("of", flat=True))
    rows = []
    for of in (*pack.goals, *pack.measures):
        lead = pack.lead_of(of, year)
        if lead is None or of in there:
            continue
        units = [u for u in (lead.lead, *lead.with_units) if u in pack.organisations]
        official = lead.evidence.value == "official"
        rows += [
            Responsibility(
                of=of, year=year, unit_id=u, leads=u == lead.lead, document=lead.document if official else ""
            )
            for u in dict.fromkeys(units)
        ]
    Responsibility.objects.bulk_create(rows)
    if rows:
        audit.append(
            actor,
            "acting.responsibility.propose",
            object_type="year",
            object_id=year,
            detail={"rows": len(rows)},
        )
    return len(rows)


@transaction.atomic
def assign(actor: Person, *, of: str, year: int, unit: Organisation, document: str) -> None:
    """Confirm (or change) which unit leads a goal or measure in a year."""
    former = Responsibility.objects.select_for_update().filter(of=of, year=year, leads=True).first()
    if former is not None and former.unit_id != unit.pk:
        former.leads = False
        former.save(update_fields=["leads"])
    Responsibility.objects.update_or_create(
        of=of,
        year=year,
        unit=unit,
        defaults={
            "leads": True,
            "confirmed_by": actor,
            "confirmed_at": timezone.now(),
            "document": document.strip()[:200],
        },
    )
    if former is not None and former.unit_id != unit.pk:
        former.delete()
    audit.append(
        actor,
        "acting.responsibility.assign",
        object_type="goal",
        object_id=of,
        detail={"year": year, "unit": unit.pk, "before": former.unit_id if former else ""},
    )


@transaction.atomic
def put_fund(actor: Person, fund: Fund, *, version: int | None) -> None:
    """Add a fund (version None) or bring its figures up to date, compare-and-set."""
    if fund.spent > fund.allocated:
        raise UserError("支出不能多于拨付")
    if min(fund.budget, fund.allocated, fund.spent) < 0:
        raise UserError("金额不能是负数")
    if version is None:
        if Fund.objects.filter(year=fund.year, unit=fund.unit, item=fund.item).exists():
            raise UserError(f"{fund.year} 年已经有“{fund.item}”这一项")
        fund.save(force_insert=True)
    elif not Fund.objects.filter(pk=fund.pk, version=version).update(
        budget=fund.budget, allocated=fund.allocated, spent=fund.spent, version=version + 1
    ):
        raise ConflictError("别人刚改过这一项，请刷新再改")
    audit.append(
        actor,
        "acting.fund.put",
        object_type="fund",
        object_id=fund.pk,
        detail={"budget": fund.budget, "allocated": fund.allocated, "spent": fund.spent},
    )


@transaction.atomic
def put_project(actor: Person, project: Project, *, version: int | None) -> None:
    """Add a project (version None) or report its progress, compare-and-set; 100 per cent finishes it."""
    if not 0 <= project.percent <= 100:
        raise UserError("进度是 0 到 100")
    finished = timezone.localdate() if project.percent == 100 else None
    if version is None:
        if Project.objects.filter(year=project.year, title=project.title).exists():
            raise UserError(f"{project.year} 年已经有“{project.title}”")
        project.finished_date = finished
        project.save(force_insert=True)
    elif not Project.objects.filter(pk=project.pk, version=version).update(
        percent=project.percent, progress=project.progress, finished_date=finished, version=version + 1
    ):
        raise ConflictError("别人刚改过这一项，请刷新再改")
    audit.append(
        actor,
        "acting.project.put",
        object_type="project",
        object_id=project.pk,
        detail={"percent": project.percent},
    )


def counts(year: int) -> dict[str, int]:
    """How many activities of each kind, tasks, funds, projects a year has: what the page of duties shows."""
    found = {k: Activity.objects.filter(kind=k, year=year).count() for k in BY_ID}
    found["task"] = Task.objects.filter(opened_at__year=year).count()
    found["fund"] = Fund.objects.filter(year=year).count()
    found["project"] = Project.objects.filter(year=year).count()
    found["responsibility"] = Responsibility.objects.filter(year=year, confirmed_by__isnull=False).count()
    return found


def of_units(units: Iterable[str]) -> Any:
    """The tasks of these units, open ones first, by deadline."""
    return (
        Task.objects.filter(unit__in=list(units)).select_related("unit", "warning").order_by("due_date", "pk")
    )
