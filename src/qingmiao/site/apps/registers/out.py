"""A register handed out: as a workbook or CSV in the department's columns, printed as a sheet, one entry as a card."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.utils import timezone

from qingmiao.collect.register_sheets import (
    NUMBER,
    STATE,
    WITHIN,
    columns_of,
    register_csv,
    register_workbook,
)
from qingmiao.content.citing import cited
from qingmiao.content.registers import RegisterKind
from qingmiao.forms import fill
from qingmiao.forms.kinds import KINDS
from qingmiao.kernel.errors import UserError
from qingmiao.registers.judging import ReadyRegister
from qingmiao.report.register_sheet import OfRegister, register_card, register_sheet
from qingmiao.report.single import SingleFormat, single
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory.permissions import Reach
from qingmiao.site.apps.registers import books, showing, standing
from qingmiao.site.apps.registers.models import RegisterEntry
from qingmiao.site.narrowing import Narrowed

MOST = 20_000
"""Entries that are exported at once."""
PRINTED = 1_000
"""Entries on one printed sheet, and its columns: what fits a page's width."""
COLUMNS = 9
EXPORT, PRINT = "registers.export", "registers.print"


def exported(reach: Reach, register: str, narrowed: Narrowed, form: str) -> tuple[str, bytes]:
    """(name of the file, bytes) of the entries that a list shows, in the register's columns; written down. A person's
    number is not in it but for its last four characters."""
    kind, heads, rows = _listed(reach, register, narrowed, MOST)
    now, who = timezone.localtime(), reach.person
    told = {
        "登记册": kind.label.zh, "导出人": f"{who.name}（{who.organisation.label}）",
        "导出时间": f"{now:%Y年%-m月%-d日 %H:%M}", "行数": str(len(rows)),
    }  # fmt: skip
    data = register_csv(heads, rows) if form == "csv" else register_workbook(kind.label.zh, heads, rows, told)
    audit.seen(who, EXPORT, object_type="register", object_id=register, detail={"rows": len(rows), "format": form})
    return f"{kind.label.zh}-{now:%Y%m%d}.{form}", data


def sheet(reach: Reach, register: str, narrowed: Narrowed, form: SingleFormat) -> tuple[str, bytes]:
    """(name, bytes) of the printed sheet of what a list shows."""
    kind, heads, rows = _listed(reach, register, narrowed, PRINTED)
    made = register_sheet(heads[:COLUMNS], [r[:COLUMNS] for r in rows], _of(reach, kind, kind.label.zh))
    audit.seen(reach.person, PRINT, object_type="register", object_id=register, detail={"rows": len(rows)})
    return f"{kind.label.zh}.{form}", single(made, form, settings.ENVIRONMENT.fonts)


def card(reach: Reach, number: int, form: SingleFormat) -> tuple[str, bytes]:
    """(name, bytes) of one entry's card."""
    entry = standing.get(reach, number)
    page = showing.page_of(reach, entry)
    lines = [
        ("登记编号", str(entry.pk)), ("状态", page.row.state.label),
        *([(page.register.within.label.zh, page.row.within)] if page.register.within and page.row.within else []),
        *page.lines,
    ]  # fmt: skip
    of = _of(reach, page.register, f"{page.register.label.zh.removesuffix('登记册')}登记卡", f"登记编号：{entry.pk}")
    audit.seen(reach.person, PRINT, object_type="register_entry", object_id=number, detail={"format": form})
    return f"登记卡-{entry.pk}.{form}", single(register_card(lines, of), form, settings.ENVIRONMENT.fonts)


def _of(reach: Reach, kind: RegisterKind, title: str, reference: str = "") -> OfRegister:
    now, unit = timezone.localtime(), reach.person.organisation
    units = site_pack.pack().organisations
    keeper = units[kind.keeper].label.zh if kind.keeper in units else kind.keeper
    mark = f"{unit.short or unit.label}　{reach.person.name}　{now:%Y-%m-%d %H:%M}"
    return OfRegister(title, keeper, now.date(), mark, reference, cited(kind.source), reach.person.is_demo)


def _listed(
    reach: Reach, register: str, narrowed: Narrowed, most: int
) -> tuple[RegisterKind, list[str], list[list[str]]]:
    kind = standing.kind_of(reach, register)
    ready = books.ready(register)
    columns = columns_of(ready)
    rows = showing.narrowed_rows(reach, kind, narrowed).select_related("within", "person").order_by("name", "pk")
    if (many := rows.count()) > most:
        raise UserError(f"有 {many} 条，一次最多 {most} 条；请按乡镇或类别分开")
    names = [c.field for c in columns]
    return kind, [c.heading for c in columns], list(_cells(ready, names, list(rows)))


def _cells(ready: ReadyRegister, names: Sequence[str], rows: Sequence[RegisterEntry]) -> Iterator[list[str]]:
    today, fields = timezone.localdate(), {f.id: f for f in ready.form.every()}
    for entry in rows:
        values = fill(ready.form, entry.answers, on=today).values
        said = {
            WITHIN: entry.within.name if entry.within is not None else "",
            NUMBER: f"**************{entry.person.last4}" if entry.person is not None else "",
            STATE: ready.kind.state(entry.state).zh,
        }
        yield [
            said[n] if n in said and n not in fields else _shown(fields[n].type, fields[n], values.get(n))
            for n in names
        ]


def _shown(type_: str, one: object, value: object) -> str:
    if value is None or type_ == "group":
        return ""
    if type_ in ("integer", "number", "computed", "date"):
        return str(value) if type_ != "computed" else KINDS[type_].show(one, value)  # type: ignore[arg-type]
    return KINDS[type_].show(one, value)  # type: ignore[arg-type]
