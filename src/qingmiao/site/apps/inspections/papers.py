"""The printed papers of a visit, as the pack lays them out; made at once and kept nowhere, that one was printed is
written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from qingmiao.content.base import Label
from qingmiao.content.visit_papers import PaperTable, VisitPaper
from qingmiao.forms.inspected import ItemOutcome
from qingmiao.report.printed_form import FormContent, OfForm, printed_form
from qingmiao.report.single import SingleFormat, single
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.access import AbsentError
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.inspections import showing
from qingmiao.site.apps.inspections.models import METHODS, Inspection

PRINT = "inspections.print"
NO_LAYOUT = "本表按检查记录排列；有规定式样的，以规定式样为准。"
WIDE = 20
"""Characters from which an answer takes a whole line."""


def papers_of(page: showing.InspectionPage) -> tuple[tuple[str, Label], ...]:
    """The papers that there are where a visit stands, with their titles."""
    ordered = any(f.due_at is not None for f in page.findings)
    there = {
        "recorded": bool(page.items),
        "ordered": ordered,
        "rechecked": ordered and any(f.rectified_at is not None for f in page.findings),
        "transferred": bool(page.transferred_to),
    }
    every = site_pack.pack().entries("visit_papers", VisitPaper).values()
    return tuple((p.id, p.label) for p in sorted(every, key=lambda p: (p.order, p.id)) if there[p.when])


def paper(reach: Reach, number: int, kind: str, form: SingleFormat) -> tuple[str, bytes]:
    """A paper of a visit as (name of the file, bytes). AbsentError where there is no such paper yet."""
    found = showing.get(reach, number)
    page, now = showing.page_of(reach, found, timezone.now()), timezone.localtime()
    if kind not in dict(papers_of(page)):
        raise AbsentError("没有这张文书")
    layout = site_pack.pack().entries("visit_papers", VisitPaper)[kind]
    unit = reach.person.organisation
    code = f"检查-{found.pk}"
    stamp = f"{code}　{unit.short or unit.label}　{reach.person.name}　{now:%Y-%m-%d %H:%M}"
    of = OfForm(f"编号：{code}", found.unit.label, now.date(), stamp, reach.person.is_demo)
    made = printed_form(_filled(layout, found, page), of, source=layout.source, no_layout=NO_LAYOUT)
    data = single(made, form, settings.ENVIRONMENT.fonts)
    audit.seen(
        reach.person, PRINT, object_type="inspection", object_id=number, detail={"paper": kind, "format": form}
    )  # fmt: skip
    return f"{layout.label.zh}-{found.pk}", data


def _filled(layout: VisitPaper, found: Inspection, page: showing.InspectionPage) -> FormContent:
    day = page.visited_at or found.made_at
    said = {
        "checklist": f"{page.row.label.zh}（{page.source}）", "place": f"{found.place}（{page.place_kind}）",
        "township": page.row.area, "unit": page.row.unit, "inspectors": "、".join(page.inspectors),
        "method": METHODS[found.method].zh, "visited": f"{timezone.localtime(day):%Y-%m-%d %H:%M}",
        "responsible": page.responsible, "result": page.result, "opinion": page.note, "receiver": page.transferred_to,
    }  # fmt: skip
    boxes: list[tuple[str, str]] = []
    for box in layout.boxes:
        boxes += page.head if box.label is None else [(box.label.zh, said[box.shows])]
    to = {"nobody": "", "responsible": page.responsible, "receiver": page.transferred_to}[layout.to]
    lead = layout.lead.zh.format(to=to, place=found.place) if layout.lead is not None else ""
    return FormContent(
        layout.label.zh, lead, [(label, text, len(text) > WIDE) for label, text in boxes],
        [(t.label.zh, [c.label.zh for c in t.columns], _rows(t, page)) for t in layout.tables],
        [s.zh for s in layout.signs],
    )  # fmt: skip


def _rows(table: PaperTable, page: showing.InspectionPage) -> list[list[str]]:
    if table.rows == "items":
        return [[_of_item(c.shows, *one) for c in table.columns] for one in page.items]
    kept: dict[str, Callable[[showing.FindingShown], bool]] = {
        "findings": lambda f: True,
        "ordered": lambda f: f.due_at is not None,
        "left": lambda f: f.ordered and f.rectified_at is None,
    }
    found = [f for f in page.findings if kept[table.rows](f)]
    return [[_of_finding(c.shows, f) for c in table.columns] for f in found]


def _of_item(shows: str, o: ItemOutcome, verdict: Label) -> str:
    match shows:
        case "item":
            return f"{o.where}：{o.item.label.zh}" if o.where else o.item.label.zh
        case "grade":
            return "关键项" if o.item.key else "一般项"
        case "value":
            return f"{o.value:f} {o.item.unit}".strip() if o.value is not None else o.shown
        case "limit":
            return o.item.limit_words
        case "verdict":
            return verdict.zh
    return "；".join(x for x in (o.said, o.why, f"照片 {o.taken}" if o.taken else "") if x)


def _of_finding(shows: str, f: showing.FindingShown) -> str:
    match shows:
        case "finding":
            return f.label
        case "severity":
            return f.severity.zh
        case "due":
            return _moment(f.due_at)
        case "rechecked":
            return f"合格 {_moment(f.rectified_at)}" if f.rectified_at else "没有整改好，继续整改"
    return "；".join(x for x in (f.said, f.done) if x)


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d}" if at is not None else ""
