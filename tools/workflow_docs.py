"""Write the pages of docs/reference that are printed from the site's flows and duties (`--check`: exit 1 when one is
stale)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingmiao.site.config.testing")
django.setup()

from qingmiao.content import load_pack  # noqa: E402
from qingmiao.content.documents import DocumentKind  # noqa: E402
from qingmiao.content.roles import all_roles  # noqa: E402
from qingmiao.flow import Flow, pages  # noqa: E402
from qingmiao.flow.house import INSPECTION  # noqa: E402
from qingmiao.flow.words import DOCUMENTS  # noqa: E402
from qingmiao.site.apps.directory import workflow as directory  # noqa: E402
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
    "account-workflow.md": "系统管理员管账号，安全管理员管角色和动态口令，谁也不能改自己的；授权还要对所授的单位管得到。"
    "`system`（后台）只在第一次启动、`qingmiao first-admin` 和演示数据里新建账号、授权；`qingmiao reset-admin` 给唯一的系统管理员换口令。",
    "inspection-workflow.md": "谁检查由检查单的 `inspected_by` 决定（表里以部门联络员为例），除安排、取消和更换检查人员外，都由安排到这次检查的人办。"
    "整改随检查：下达整改时每个问题开一项任务，复查合格时办结；立即危险的问题提交检查记录时就开任务。",
    "task-workflow.md": "逾期以后升级给谁、隔多久，由内容包里任务的时限（`deadlines/`、`policy.yaml`）决定；每一步都留记录。",
}
FLOWS = {
    "returns-workflow.md": ("统计报表的流转", (returns.FLOW,)),
    "task-workflow.md": ("任务的流转", (tasks.TASK,)),
    "report-workflow.md": ("监测报告的流转", (publishing.FLOW,)),
    "inspection-workflow.md": ("督导检查的流转", (INSPECTION,)),
    "account-workflow.md": ("账号与角色的管理", (directory.FLOW, directory.TOKEN_FLOW)),
}


def page(name: str) -> str:
    """One page of flows: diagram and table of each."""
    title, flows = FLOWS[name]
    lines = [f"# {title}", "", HEAD, ""]
    lines += [NOTES[name], ""] if name in NOTES else []
    for flow in flows:
        lines += [f"## {flow.label}", "", *pages.diagram(flow, _role), "", *pages.table(flow, _role), ""]
    return "\n".join(lines)


PACK = load_pack(FOLDER.parents[1] / "content" / "china")
ROLES = all_roles(PACK)


def _role(name: str) -> str:
    return ROLES[name].label.zh


def documents() -> str:
    """The page of the kinds of documents: who records each, then each way that they go, with its kinds."""
    found = PACK.entries("documents", DocumentKind).values()
    kinds = sorted(found, key=lambda k: (k.order, k.id))
    lines = ["# 文书的流转", "", HEAD, "", DOCUMENTS_NOTE, "", "| 文书种类 | 谁记录 |", "|---|---|"]
    lines += [f"| {k.label} `{k.id}` | {'、'.join(_role(r) for r in k.recorded_by)} |" for k in kinds]
    ways: dict[str, list[DocumentKind]] = {}
    for kind in kinds:
        ways.setdefault("\n".join(_way(kind)), []).append(kind)
    for way, those in ways.items():
        lines += ["", f"## {'、'.join(str(k.label) for k in those)}", "", way]
    for title, words in (("条件", DOCUMENTS.guards), ("后果", DOCUMENTS.effects)):
        lines += ["", f"## 流程可以写的{title}", "", f"| {title} | 意思 |", "|---|---|"]
        lines += [f"| `{word}` | {meaning} |" for word, meaning in words.items()]
    return "\n".join([*lines, ""])


def _way(kind: DocumentKind) -> list[str]:
    """What follows once it was recorded."""
    flow = kind.workflow
    after = Flow(kind.id, "", flow.states, tuple(s for s in flow.steps if not s.makes))
    return [*pages.diagram(after, _role), "", *pages.table(after, _role)]


DOCUMENTS_NOTE = (
    "文书种类由内容包的 `documents/` 决定：`signed: true` 是签报审阅，写了 `flow` 的按自己的流程，其余记录后即成立。"
    "记录这一步由 `recorded_by` 的角色办；`about_unit` 的种类也可由管到该单位的记录人记录。怎样写见"
    "[做一种文书](../how-to/make-a-kind-of-document.md)。"
)
PAGES = {name: page(name) for name in FLOWS} | {
    "duties.md": duties.reference(),
    "document-workflow.md": documents(),
}

if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(any((FOLDER / name).read_text("utf-8") != text for name, text in PAGES.items()))
    for name, text in PAGES.items():
        (FOLDER / name).write_text(text, "utf-8")
