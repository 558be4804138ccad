"""The reference page of record forms, printed from the pack: every kind of event with its form and what follows."""

from __future__ import annotations

from collections.abc import Iterator

from qingmiao.content.check_records import PARTS
from qingmiao.content.citing import cited
from qingmiao.content.forms import FormCheck, FormField
from qingmiao.content.pack import Pack
from qingmiao.content.records import RecordKind
from qingmiao.content.schedules import Schedule

_HEAD = (
    "# 儿童和孕产妇记录的表单",
    "",
    "本页由内容包打印（`python tools/record_docs.py`），不要手改。姓名、证件、电话、住址、监护人在登记信息里加密保存，表单不重复。",
    "“字段”是要填的；“系统填”不由人填；“计算”随填随算；“询问”是常见范围以外和前后不一致时的提问。怎样加一种见 docs/how-to/add-a-record.md。",
    "",
)


def page(pack: Pack) -> str:
    """The whole page as Markdown: a table for each part of the record, then the schedules."""
    kinds = sorted(pack.entries("records", RecordKind).values(), key=lambda k: (k.order, k.id))
    lines = [*_HEAD]
    for part in pack.codes[PARTS].items:
        rows = [_row(pack, k) for k in kinds if k.part == part.code]
        if rows:
            lines += [f"## {part.label.zh}", "", _header(), "|---|---|---:|---:|---:|---:|---|---|---|", *rows, ""]
    lines += [f"合计 {len(kinds)} 种记录、{len({k.form for k in kinds})} 张表单。", "", "## 时间表", ""]
    lines += ["| 时间表 | 项 | 由哪些记录完成 | 依据 |", "|---|---:|---|---|"]
    for one in sorted(pack.entries("schedules", Schedule).values(), key=lambda s: (s.order, s.id)):
        count = "按程序" if one.norm is not None else str(len(one.items))
        done = "、".join(f"`{k}`" for k in one.every_kind())
        lines.append(f"| {one.label.zh} `{one.id}` | {count} | {done} | {cited(one.source)} |")
    return "\n".join(lines).rstrip() + "\n"


def _header() -> str:
    return "| 记录 | 表单 | 字段 | 系统填 | 计算 | 询问 | 发布到 | 随访 | 依据 |"


def _row(pack: Pack, kind: RecordKind) -> str:
    form = pack.forms[kind.form]
    fields = [f for f in form.all_fields() if f.type not in ("group", "note")]
    given = sum(f.given is not None for f in fields)
    computed = sum(f.type == "computed" for f in fields)
    asked = sum(c.level == "query" for c in (*form.checks, *_checks(fields)))
    facts = "、".join(dict.fromkeys(f"`{r.fact}`" for r in kind.publishes)) or "—"
    follow = "、".join(r.label.zh for r in kind.follow_up) or "—"
    counts = f"{len(fields) - given - computed} | {given} | {computed} | {asked}"
    source = cited(form.source)
    return f"| {kind.label.zh} `{kind.id}` | `{form.id}` | {counts} | {facts} | {follow} | {source} |"


def _checks(fields: list[FormField]) -> Iterator[FormCheck]:
    for one in fields:
        yield from one.every_check
