"""Is it possible now?"""

from __future__ import annotations

from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.acting.kinds import kind_of
from qingmiao.site.apps.acting.models import Activity, Evidence
from qingmiao.site.apps.acting.workflow import ActivityState
from qingmiao.site.apps.tasks import api as tasks


def can_prove_activity(activity: Activity) -> Decision:
    """A unit's document takes files until it is reviewed; what stands at once takes them always."""
    if activity.state == ActivityState.REVIEWED and kind_of(activity.kind).signed:
        return no("已经审阅，不能再加材料")
    return tasks.room(Evidence.objects.filter(activity=activity).count())


def can_rewrite(activity: Activity) -> Decision:
    """A unit's document is rewritten while it is a draft; everything else stands as recorded."""
    if not kind_of(activity.kind).signed:
        return no("记录不能改写；有补充请另记一条")
    if activity.state != ActivityState.DRAFT:
        return no(f"现在是“{ActivityState(activity.state).label}”，不能改写；需要时请妇儿工委办退回")
    return YES
