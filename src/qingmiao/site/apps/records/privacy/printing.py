"""What is printed for a guardian: the copy of a file, who looked at it, and the written answer to a request.

Chinese, with English beside each heading; set by the engine of reports. Across every page stands for which request it
was made, by whom and when.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from django.conf import settings
from django.utils import timezone

from qingmiao.report.model import Block, Document, Heading, Paragraph, Table, TableColumn, Text
from qingmiao.report.single import single
from qingmiao.site.apps.directory import access
from qingmiao.site.apps.directory.access import AbsentError, NotAllowedError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import words
from qingmiao.site.apps.records.privacy.copied import ChildCopy, CopiedRecord
from qingmiao.site.apps.records.privacy.models import FileRequest

Cells = Sequence[str]
TITLES = {"copy": "儿童档案副本 Copy of a child's file", "looked": "档案查阅情况 Who looked at the file"}


def pdf_of_copy(reach: Reach, request: FileRequest, copy: ChildCopy) -> bytes:
    """The copy (or, of a request who looked, the sights alone) as PDF."""
    blocks = [] if request.kind == "looked" else _whole(copy)
    looks = [(f"{x.at:%Y-%m-%d %H:%M}", x.unit, x.what, x.purpose) for x in copy.looks]
    blocks += _part("查阅记录 Who looked", ("时间 When", "单位 Unit", "事项 What", "目的 Purpose"), looks)
    return _set(TITLES[request.kind], blocks, request, reach)


def answer_for(reach: Reach, number: int) -> bytes:
    """The written answer to a request that was decided, as PDF: what was asked, the decision, its reason and ground.
    AbsentError for somebody who does not answer it, NotAllowedError before it is decided."""
    request = FileRequest.objects.select_related("child", "unit").filter(pk=number).first()
    if request is None:
        raise AbsentError("没有这件申请")
    access.require(reach, request, "grant")
    if request.decided_at is None or request.state == "withdrawn":
        raise NotAllowedError("决定以后才能打印答复")
    kind = words.code_label("request_kind", request.kind)
    relation = words.code_label("kinship", request.relation).zh
    ground = words.code_label("request_refusal", request.ground).zh if request.ground else ""
    granted = request.state in ("granted", "done", "lifted")
    lines = [
        ("申请人 Applicant", f"{request.applicant}（{relation}）"),
        ("申请事项 Asked for", f"{kind.zh} {kind.en or ''}".strip()),
        ("申请内容 Request", request.asked),
        ("受理日期 Received", f"{timezone.localtime(request.received_at):%Y年%-m月%-d日}"),
        ("核实情况 Identity checked by", request.document or "—"),
        ("决定 Decision", "同意办理 Granted" if granted else "不予办理 Refused"),
        ("理由 Reason", request.reason),
        *([("法律依据 Legal ground", ground)] if ground else []),
        *([("办理结果 Result", request.result)] if request.result else []),
    ]
    told = "对本答复不服的，可以依法投诉、举报，或者向人民法院提起诉讼（个人信息保护法第五十条第二款、第六十五条）。"
    blocks = [*_part("答复 Answer", ("项目 Item", "内容"), lines), Paragraph((Text(told),))]
    return _set("关于个人信息申请的答复 Answer to a request", blocks, request, reach)


def _set(title: str, blocks: Iterable[Block], request: FileRequest, reach: Reach) -> bytes:
    now = timezone.localtime()
    mark = (
        f"第{request.pk}号申请　{request.unit.short or request.unit.label}　{reach.person.name}　{now:%Y-%m-%d %H:%M}"
    )
    document = Document(
        title=title, issuer=request.unit.label, generated_on=now.date(), blocks=tuple(blocks), contents=False,
        linked=False, watermark=mark, demo=bool(reach.person.is_demo),
    )  # fmt: skip
    return single(document, "pdf", settings.ENVIRONMENT.fonts)


def _part(title: str, head: Cells, rows: Sequence[Cells], widths: Sequence[float] = ()) -> list[Block]:
    """A heading and its table (`widths`: the columns' shares); a part without rows says so."""
    if not rows:
        return [Heading(1, (Text(title),)), Paragraph((Text("没有登记。None."),))]
    columns = tuple(TableColumn(h, width=w) for h, w in zip(head, widths or [1.0] * len(head), strict=True))
    table = Table(
        caption=(Text(title),), columns=columns, cite=False, size="small",
        rows=tuple(tuple((Text(cell or "—"),) for cell in row) for row in rows),
    )  # fmt: skip
    return [Heading(1, (Text(title),)), table]


def _whole(copy: ChildCopy) -> list[Block]:
    identities = [
        (
            str(i.version), "、".join((i.name, *i.former_names)), i.sex, f"{i.birth_date}（{i.birth_certainty}）",
            i.number or i.papers, i.certificate, f"{i.by} {i.at:%Y-%m-%d}",
        )
        for i in copy.identities
    ]  # fmt: skip
    stays = [(s.kind, f"{s.area} {s.village} {s.address}".strip(), _span(s.from_date, s.to_date)) for s in copy.stays]
    classes = [(c.school, f"{c.grade} {c.school_class}".strip(), _span(c.from_date, c.to_date)) for c in copy.classes]
    family = [
        (r.name, f"{r.relation}{'、监护人' if r.guardian else ''}{'、受委托照护人' if r.carer else ''}", r.phone,
         _span(r.from_date, r.to_date))
        for r in copy.relatives
    ]  # fmt: skip
    consents = [
        (c.purpose, c.guardian, f"{c.given}　{c.form}", f"{c.withdrawn_at:%Y-%m-%d}" if c.withdrawn_at else "")
        for c in copy.consents
    ]
    who = ("版次 No.", "姓名 Name", "性别 Sex", "出生 Born", "证件号码 Identity", "出生证 Certificate", "登记 Recorded")
    return [
        *_part("身份信息（历次登记） Identity, all versions", who, identities, (0.5, 0.9, 0.5, 1.1, 2.1, 1.3, 1.2)),
        *_part("住址和户籍 Addresses", ("类别 Kind", "地址 Address", "起止 From–to"), stays),
        *_part("就读 Schools", ("学校 School", "班级 Class", "起止 From–to"), classes),
        *_part("亲属和监护人 Relatives", ("姓名 Name", "关系 Relation", "电话 Telephone", "起止 From–to"), family),
        *_part("同意 Consents", ("用途 Purpose", "监护人 Guardian", "同意 Given", "撤回 Withdrawn"), consents),
        Heading(1, (Text("健康记录 Health records"),)),
        *(block for record in copy.records for block in _record(record)),
    ]


def _record(record: CopiedRecord) -> list[Block]:
    title = f"{record.label} {record.label_en}".strip() + f"　{record.on}　{record.unit}（{record.state}）"
    found: list[Block] = [Heading(2, (Text(title),))]
    for v in record.versions:
        said = f"第{v.number}版 Version {v.number}　{v.by}　{v.at:%Y-%m-%d %H:%M}　{v.form}"
        said += f"　原因 Reason：{v.reason}" if v.reason else ""
        found.append(Paragraph((Text(said + ("　已撤销 Withdrawn" if v.withdrawn else "")),), "note"))
        if v.answers:
            found.append(
                Table(
                    caption=(Text(f"{record.label}（第{v.number}版） Version {v.number}"),),
                    columns=(TableColumn("项目 Item", width=1.2), TableColumn("内容 Answer", width=2.0)),
                    rows=tuple(((Text(a.label),), (Text(a.value or "—"),)) for a in v.answers), cite=False,
                    size="small",
                )
            )  # fmt: skip
    return found


def _span(start: date, last: date | None) -> str:
    return f"{start} — {last or '今 now'}"
