"""The printed papers of a visit, made at once and kept nowhere; that one was printed is written down."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from qingmiao.report.case_form import OfCase
from qingmiao.report.single import SingleFormat, single
from qingmiao.report.visit_paper import TITLES, PaperKind, VisitPaper, visit_paper
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.inspections import showing
from qingmiao.site.apps.inspections.models import METHODS, Inspection

PRINT = "inspections.print"
FINDINGS = ("问题", "轻重", "现场情况", "整改期限")


def papers_of(page: showing.InspectionPage) -> tuple[tuple[PaperKind, str], ...]:
    """The papers that there are where a visit stands, with their titles."""
    ordered = any(f.due_at is not None for f in page.findings)
    there: dict[PaperKind, bool] = {
        "record": bool(page.items),
        "order": ordered,
        "recheck": ordered and any(f.rectified_at is not None for f in page.findings),
        "transfer": bool(page.transferred_to),
    }
    return tuple((kind, TITLES[kind]) for kind, has in there.items() if has)


def paper(reach: Reach, number: int, kind: str, form: SingleFormat) -> tuple[str, bytes]:
    """A paper of a visit as (name of the file, bytes). AbsentError where there is no such paper yet."""
    found = showing.get(reach, number)
    page, now = showing.page_of(reach, found, timezone.now()), timezone.localtime()
    named = next((k for k, _ in papers_of(page) if k == kind), None)
    if named is None:
        raise AbsentError("没有这张文书")
    unit = reach.person.organisation
    code = f"检查-{found.pk}"
    stamp = f"{code}　{unit.short or unit.label}　{reach.person.name}　{now:%Y-%m-%d %H:%M}"
    of = OfCase(code, found.unit.label, now.date(), stamp, reach.person.is_demo)
    data = single(visit_paper(_filled(named, found, page), of), form, settings.ENVIRONMENT.fonts)
    audit.seen(
        reach.person, PRINT, object_type="inspection", object_id=number, detail={"paper": kind, "format": form}
    )  # fmt: skip
    return f"{TITLES[named]}-{found.pk}", data


def _filled(kind: PaperKind, found: Inspection, page: showing.InspectionPage) -> VisitPaper:
    day = page.visited_at or found.made_at
    boxes = [
        ("检查单", f"{page.row.label.zh}（{page.source}）"), ("受检场所", f"{found.place}（{page.place_kind}）"),
        ("所在乡镇", page.row.area), ("检查单位", page.row.unit), ("检查人员", "、".join(page.inspectors)),
        ("检查方式", METHODS[found.method].zh), ("检查时间", f"{timezone.localtime(day):%Y-%m-%d %H:%M}"),
        ("整改单位", page.responsible),
    ]  # fmt: skip
    rows = tuple(
        (f.label, f.severity.zh, "；".join(x for x in (f.said, f.done) if x), _moment(f.due_at)) for f in page.findings
    )
    if kind == "record":
        heads = ("检查项", "分级", "测量值或出示", "限值", "判定", "说明")
        items = tuple(
            (
                f"{o.where}：{o.item.label.zh}" if o.where else o.item.label.zh, "关键项" if o.item.key else "一般项",
                f"{o.value:f} {o.item.unit}".strip() if o.value is not None else o.shown,
                o.item.limit_words, verdict.zh,
                "；".join(x for x in (o.said, o.why, f"照片 {o.taken}" if o.taken else "") if x),
            )
            for o, verdict in page.items
        )  # fmt: skip
        boxes += [*page.head, ("检查结果", page.result)]
        return VisitPaper(
            kind, "", found.place, tuple(boxes), (("检查项", heads, items), ("发现的问题", FINDINGS, rows))
        )
    if kind == "order":
        asked = tuple(r for r, f in zip(rows, page.findings, strict=True) if f.due_at is not None)
        return VisitPaper(kind, page.responsible, found.place, tuple(boxes), (("限期整改的问题", FINDINGS, asked),))
    if kind == "recheck":
        of_recheck = ("问题", "整改期限", "复查结果")
        seen = tuple(
            (
                f.label,
                _moment(f.due_at),
                f"合格 {_moment(f.rectified_at)}" if f.rectified_at else "没有整改好，继续整改",
            )
            for f in page.findings
            if f.due_at is not None
        )
        boxes.append(("复查意见", page.note))
        return VisitPaper(kind, page.responsible, found.place, tuple(boxes), (("复查的问题", of_recheck, seen),))
    boxes.append(("移送原因", page.note))
    left = tuple(r for r, f in zip(rows, page.findings, strict=True) if f.ordered and f.rectified_at is None)
    return VisitPaper(kind, page.transferred_to, found.place, tuple(boxes), (("移送的问题", FINDINGS, left),))


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d}" if at is not None else ""
