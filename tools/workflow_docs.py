"""Write the pages of docs/reference that are printed from the site's flows and duties (`--check`: exit 1 when one is stale)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingmiao.site.config.testing")
django.setup()

from qingmiao.content import load_pack  # noqa: E402
from qingmiao.content.roles import all_roles  # noqa: E402
from qingmiao.flow import Flow, pages  # noqa: E402
from qingmiao.site.apps.acting import workflow as acting  # noqa: E402
from qingmiao.site.apps.publishing import workflow as publishing  # noqa: E402
from qingmiao.site.apps.returns import workflow as returns  # noqa: E402
from qingmiao.site.apps.tasks import api as tasks  # noqa: E402
from qingmiao.site.web.console.acting import duties  # noqa: E402

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
HEAD = (
    "本页由流程表打印（`python tools/workflow_docs.py`），不要手改。每一步都是比较并交换：状态和版本与操作人看到的一致才成功，"
    "否则后来的人得到“谁、什么时候已经办了什么”。角色指对该单位持有的角色：全县的角色要管到该单位所在地区，其他角色要就在该单位。"
)
NOTES = {
    "report-workflow.md": "送审时定稿：批准人看到的文件就是发布的文件，一个字节也不变。发起、改写、送审过的人不能批准（规则和数据库约束都不许）；"
    "已发布的一版不再变动（数据库触发器），要改就生成新的一版。",
    "task-workflow.md": "逾期以后升级给谁、隔多久，由内容包里任务的时限（`deadlines/`、`policy.yaml`）决定；每一步都留记录。",
}
FLOWS = {
    "returns-workflow.md": ("统计报表的流转", (returns.FLOW,)),
    "task-workflow.md": ("任务与单位文书的流转", (tasks.TASK, acting.DOCUMENT)),
    "report-workflow.md": ("监测报告的流转", (publishing.FLOW,)),
}


def page(name: str) -> str:
    """One page of flows: diagram and table of each."""
    title, flows = FLOWS[name]
    lines = [f"# {title}", "", HEAD, ""]
    lines += [NOTES[name], ""] if name in NOTES else []
    for flow in flows:
        lines += [f"## {flow.label}", "", *pages.diagram(flow, _role), "", *pages.table(flow, _role), ""]
    return "\n".join(lines)


ROLES = all_roles(load_pack(FOLDER.parents[1] / "content" / "china"))


def _role(name: str) -> str:
    return ROLES[name].label.zh


PAGES = {name: page(name) for name in FLOWS} | {"duties.md": duties.reference()}
ALL: tuple[Flow, ...] = tuple(flow for _, flows in FLOWS.values() for flow in flows)

if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(any((FOLDER / name).read_text("utf-8") != text for name, text in PAGES.items()))
    for name, text in PAGES.items():
        (FOLDER / name).write_text(text, "utf-8")
