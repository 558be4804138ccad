"""Overdue tasks go up, rung by rung; the rungs are said here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from qingmiao.kernel.deadlines import Limit, limit_of
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.roles import Role
from qingmiao.site.apps.tasks.models import Task
from qingmiao.site.apps.tasks.workflow import TaskState


@dataclass(frozen=True)
class Rung:
    """One step up: the role that learns of it, and how many days must have passed after the last day."""

    to: Role
    after: Limit

    @property
    def words(self) -> str:
        """When, in words: 到期 / 再过 7 日."""
        return f"逾期超过 {self.after}" if self.after.value else "逾期"


LADDER = (
    Rung(Role.LEADER, limit_of("0", "calendar_days")),
    Rung(Role.COMMITTEE_OFFICE, limit_of("7", "calendar_days")),
)
"""A local setting without a source, to be confirmed."""


def role_label(role: str) -> str:
    """The Chinese name of a role; its id where the site does not know it any more."""
    return Role(role).label if role in list(Role) else role


def said(role: str) -> str:
    """Why a task went up to a role, in words."""
    rung = next((r for r in LADDER if r.to == role), None)
    return f"{rung.words if rung else '逾期'}，已升级到{role_label(role)}"


def ladder_words() -> str:
    """All rungs in one sentence, for the reference."""
    return "；".join(f"{r.words}，升级到{r.to.label}" for r in LADDER)


@transaction.atomic
def escalate(*, now: datetime) -> int:
    """Open tasks that are overdue go up to every rung that they have passed. Returns how many moved."""
    today, moved = timezone.localdate(now), 0
    late = Task.objects.select_for_update(skip_locked=True).filter(state=TaskState.OPEN, due_at__lt=now)
    for task in late.order_by("pk"):
        last = timezone.localdate(task.due_at)
        reached = [r.to.value for r in LADDER if today > last + timedelta(days=r.after.count)]
        new = [r for r in reached if r not in task.went_up_to]
        if not new:
            continue
        task.went_up_to, task.went_up_at = [*task.went_up_to, *new], now
        task.save(update_fields=["went_up_to", "went_up_at"])
        detail = {"to": new, "due": task.due_at}
        audit.append(audit.SYSTEM, "task.escalate", object_type="task", object_id=task.pk, detail=detail)
        moved += 1
    return moved
