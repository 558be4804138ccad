"""Is it possible now?"""

from __future__ import annotations

from qingmiao.content.documents import PROVE, REWRITE
from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.acting.kinds import kind_of, state_of
from qingmiao.site.apps.acting.models import Activity, DocumentFile
from qingmiao.site.apps.tasks import api as tasks


def can_prove_activity(activity: Activity) -> Decision:
    """A document takes files while its flow has that step, and so many."""
    if kind_of(activity.kind).workflow.step(PROVE, activity.state) is None:
        return no(f"现在是“{state_of(activity).label}”，不能再加材料")
    return tasks.room(DocumentFile.objects.filter(activity=activity).count())


def can_rewrite(activity: Activity) -> Decision:
    """A document is rewritten while its flow has that step; what stands at once stands as recorded."""
    flow = kind_of(activity.kind).workflow
    if not flow.named(REWRITE):
        return no("记录不能改写；有补充请另记一条")
    if flow.step(REWRITE, activity.state) is None:
        return no(f"现在是“{state_of(activity).label}”，不能改写；需要时请退回")
    return YES
