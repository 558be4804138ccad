"""Overdue tasks go up as the content's deadline says: which role learns of it, how long after the end."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from qingmiao.content.deadlines import SET_BY_HAND, Deadline
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.tasks.models import Task
from qingmiao.site.apps.tasks.workflow import TASK, TaskState
from qingmiao.site.pack import pack


def deadline_of(id_: str = "") -> Deadline | None:
    """The deadline that a task was counted by; of a day that somebody set, the pack's own for tasks. None: the pack has
    none."""
    own = pack().deadlines.get(id_)
    of_tasks = pack().deadlines_of(f"flow:{TASK.name}", timezone.localdate())
    return own or next((d for d in of_tasks if SET_BY_HAND in d.starts), None)


def proposed_day(today: date) -> date | None:
    """The last day that a new task is proposed, counted from today; None where the county has set none."""
    deadline = deadline_of()
    return None if deadline is None else deadline.proposed(today)


def role_label(role: str) -> str:
    """The Chinese name of a role; its id where the pack does not have it any more."""
    found = pack().roles.get(role)
    return found.label.zh if found is not None else role


def said(role: str, deadline: Deadline | None) -> str:
    """Why a task went up to a role, in words: the deadline's own."""
    rung = next((e for e in deadline.escalate if e.to == role), None) if deadline is not None else None
    late = f"逾期超过 {rung.after.limit}" if rung is not None and rung.after.value else "逾期"
    return f"{late}，已升级到{role_label(role)}"


@transaction.atomic
def escalate(*, now: datetime) -> int:
    """Open tasks that are overdue go up to every role whose time has come. Returns how many moved."""
    moved, local = 0, timezone.make_naive(now)
    late = Task.objects.select_for_update(skip_locked=True).filter(state=TaskState.OPEN, due_at__lt=now)
    for task in late.order_by("pk"):
        deadline = deadline_of(task.deadline)
        reached = [e.to for e in deadline.told(timezone.make_naive(task.due_at), local)] if deadline else []
        new = [role for role in dict.fromkeys(reached) if role not in task.went_up_to]
        if not new:
            continue
        task.went_up_to, task.went_up_at = [*task.went_up_to, *new], now
        task.save(update_fields=["went_up_to", "went_up_at"])
        detail = {"to": new, "due": task.due_at}
        audit.append(audit.SYSTEM, "task.escalate", object_type="task", object_id=task.pk, detail=detail)
        moved += 1
    return moved
