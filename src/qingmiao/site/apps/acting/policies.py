"""Is it possible now?"""

from __future__ import annotations

from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.acting.kinds import BY_ID
from qingmiao.site.apps.acting.models import Activity, Evidence, Task
from qingmiao.site.apps.acting.workflow import ActivityState, TaskState

MAX_FILES = 20
"""At most so many files prove one answer or document (local setting)."""


def can_close(task: Task, username: str) -> Decision:
    """Whoever answered does not verify (a constraint refuses it too)."""
    by = task.answered_by
    return no("办理人不能核实自己的任务") if by is not None and by.username == username else YES


def can_prove_task(task: Task) -> Decision:
    """Evidence is added while the unit has the task."""
    if task.state != TaskState.OPEN:
        return no("任务已经报送，不能再加材料；需要时请妇儿工委办退回")
    return _room(Evidence.objects.filter(task=task).count())


def can_prove_activity(activity: Activity) -> Decision:
    """A unit's document takes files until it is reviewed; what stands at once takes them always."""
    if activity.state == ActivityState.REVIEWED and BY_ID[activity.kind].signed:
        return no("已经审阅，不能再加材料")
    return _room(Evidence.objects.filter(activity=activity).count())


def can_rewrite(activity: Activity) -> Decision:
    """A unit's document is rewritten while it is a draft; everything else stands as recorded."""
    if not BY_ID[activity.kind].signed:
        return no("记录不能改写；有补充请另记一条")
    if activity.state != ActivityState.DRAFT:
        return no(f"现在是“{ActivityState(activity.state).label}”，不能改写；需要时请妇儿工委办退回")
    return YES


def _room(count: int) -> Decision:
    return YES if count < MAX_FILES else no(f"最多 {MAX_FILES} 个文件")
