"""The sheet of a child for the guardian as a PDF that the server sets: the same parts as the page, with the growth
curves; across it stands who made it, where and when, and it stands in the trail of the child's file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.utils import timezone

from qingmiao.kernel.rounding import half_up
from qingmiao.report.model import Block, FormBox, FormBoxes, Heading, Picture, Pictures
from qingmiao.report.paper import form_document, note, plain_table, verbatim
from qingmiao.report.single import single
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.records import looking
from qingmiao.site.apps.records.sheet import SheetPage, sheet
from qingmiao.site.apps.records.vaccines import DoseShown

COMING = 6
"""So many lines of what comes next of each kind."""
TITLE = "儿童健康档案摘要"
NO_CERTIFICATE = "本页供监护人了解情况，不是诊断证明；筛查结果异常的，请到医疗机构检查。"


def sheet_pdf(reach: Reach, number: int) -> bytes:
    """The sheet of a child. The sight and the print are written down. Raises AbsentError for who does not see the
    child, ReportError where the fonts are missing."""
    found, now = sheet(reach, number), timezone.localtime()
    mark = f"第{found.row.id}号档案　{found.unit}　{found.by}　{now:%Y-%m-%d %H:%M}"
    document = form_document(
        TITLE, _blocks(found), unit=found.unit, on=found.today, reference=f"档案号：{found.row.id}", watermark=mark,
        demo=bool(reach.person.is_demo),
    )  # fmt: skip
    data = single(document, "pdf", settings.ENVIRONMENT.fonts)
    audit.seen(reach.person, looking.PRINT, object_type=looking.CHILD, object_id=found.row.id, detail={"format": "pdf"})
    return data


def _blocks(s: SheetPage) -> list[Block]:
    row = s.row
    boxes = [
        ("姓名", row.name), ("性别", row.sex), ("出生日期", _day(row.birth_date)), ("年龄", row.age),
        ("监护人", "、".join(s.guardians)), ("现住", f"{row.area} {row.village}".strip()),
        ("就读", f"{row.school_unit} {row.school_class}".strip()),
    ]  # fmt: skip
    found: list[Block] = [FormBoxes(tuple(FormBox(label, (verbatim(text),)) for label, text in boxes if text))]
    if s.growth:
        rows = [
            (_day(g.on), g.age, *(_number(v, places) for (v, _), places in zip(g.cells, (2, 1, 1, 1), strict=True)))
            for g in s.growth
        ]
        found += _part("生长", ("日期", "年龄", "体重（千克）", "身长、身高（厘米）", "体质指数", "头围（厘米）"), rows)
    if s.curves:
        found.append(Pictures(tuple(Picture(svg, "生长曲线") for svg in s.curves)))
    if s.eyes:
        checks = [
            (
                _day(e.on), _number(e.right.acuity, 1), _number(e.left.acuity, 1), _signed(e.right.equivalent),
                _signed(e.left.equivalent), "、".join(m.zh for m in (*([e.low] if e.low else ()), *e.marks)),
            )
            for e in s.eyes
        ]  # fmt: skip
        heads = ("日期", "视力（右）", "视力（左）", "等效球镜（右）", "等效球镜（左）", "判断")
        found += _part("视力和屈光", heads, checks, (1.0, 0.8, 0.8, 1.0, 1.0, 1.8))
    if s.fitness:
        years = [(y.school_year, y.grade.zh, _number(y.total, 1), y.level.zh if y.level else "") for y in s.fitness]
        found += _part("体质健康", ("学年", "年级", "总分", "等级"), years)
    if s.vaccines:
        doses = [(vaccine.zh, "　".join(_dose(d) for d in each)) for vaccine, each in s.vaccines]
        found += _part("预防接种", ("疫苗", "各剂次"), doses, (1.0, 3.2))
    coming = [
        (_from(day, s.today), "、".join(d.label.zh for d in each)) for day, each in s.next_days[:COMING]
    ] + [
        (f"{_day(d.last)} 以前" if d.last else "现在就可以", d.words.zh + ("（已经逾期）" if d.overdue else ""))
        for d in s.due[:COMING]
    ]  # fmt: skip
    if coming:
        found += _part("下一步", ("时间", "做什么"), coming, (1.0, 3.2))
    return [*found, note(NO_CERTIFICATE)]


def _part(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float] = ()
) -> tuple[Heading, Block]:  # fmt: skip
    return Heading(1, (verbatim(title),), numbered=False), plain_table("", heads, rows, widths)


def _dose(one: DoseShown) -> str:
    return f"{one.dose}．{_day(one.given) if one.given else one.words.zh}"


def _from(day: date, today: date) -> str:
    return "现在就可以" if day == today else f"{_day(day)} 起"


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""


def _number(value: float | None, places: int) -> str:
    return "" if value is None else str(half_up(value, places))


def _signed(value: float | None) -> str:
    """Dioptres with their sign."""
    rounded = half_up(value or 0.0, 2)
    return "" if value is None else f"{'' if not rounded else '−' if rounded < 0 else '+'}{abs(rounded):.2f}"
