"""May this person?"""

from __future__ import annotations

from qingmiao.kernel.decisions import YES, Decision, no
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.directory.roles import COUNTY_WIDE
from qingmiao.site.apps.publishing.workflow import WRITERS


def may_write(reach: Reach) -> Decision:
    """The office and the statistics bureau of the whole site start, edit, submit and approve reports."""
    return YES if reach.holds(WRITERS, over=None) else no("报告由妇儿工委办和统计部门编写")


def may_see(reach: Reach, state: str) -> Decision:
    """Released reports are for everybody who works here; others for the office, statistics and auditors."""
    if state == "released" or reach.holds(COUNTY_WIDE, over=None):
        return YES
    return no("还没有发布")
