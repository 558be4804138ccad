"""Is it possible now?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from qingmiao.flow import Who
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.access import who_over
from qingmiao.site.apps.directory.models import Person
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.tasks.models import Evidence, Task
from qingmiao.site.apps.tasks.workflow import TaskState

MAX_FILES = 20
"""At most so many files prove one answer or document (local setting)."""


def another_verifies(task: Task, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    """Whoever answered does not verify (a constraint refuses it too)."""
    by = task.answered_by
    return no("办理人不能核实自己的任务") if by is not None and by.username == who.id else YES


def addressed(task: Task, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    """A task to one role or person of a unit is done by that one."""
    if task.person is not None and task.person.username != who.id:
        return no(f"这项任务交给了{task.person.name}，由本人办理")
    if task.role and task.role not in who.roles:
        return no("这项任务交给了单位里的另一个角色")
    return YES


def addressed_to(task: Task, person: Person) -> Decision:
    """The same for a file that is added: asked with the roles held in the unit."""
    return addressed(task, {}, who_over(Reach(person), task.unit), timezone.now())


def later(task: Task, answers: Mapping[str, Any], who: Who, at: datetime) -> Decision:
    """A new deadline lies ahead."""
    return ahead(answers.get("due_at"), at)


def ahead(due_at: object, at: datetime) -> Decision:
    """A deadline lies after today."""
    if not isinstance(due_at, datetime):
        return no("请写明期限")
    later_day = timezone.localtime(due_at).date() > timezone.localtime(at).date()
    return YES if later_day else no("期限要在今天以后")


def to_come(due_at: datetime, at: datetime) -> Decision:
    """An end that a deadline of the content gives (hours may end today) is still to come."""
    return YES if due_at > at else no("按时限算出的期限已经过了")


def can_prove(task: Task) -> Decision:
    """Evidence is added while the unit has the task."""
    if task.state != TaskState.OPEN:
        return no("任务已经报送，不能再加材料；需要时请妇儿工委办退回")
    return room(Evidence.objects.filter(task=task).count())


def new_file(same: Iterable[Any]) -> None:
    """The same bytes are not added twice to one thing; `same`: its files with these bytes. UserError says which one."""
    for one in same:
        when = timezone.localtime(one.added_at)
        raise UserError(f"这个文件已经上传过：{one.name}（{one.added_by.name}，{when:%Y-%m-%d %H:%M}），不用再传")


def room(count: int) -> Decision:
    """Whether one more file may be added."""
    return YES if count < MAX_FILES else no(f"最多 {MAX_FILES} 个文件")
