"""What waits for a person today: one row a kind of work, each asked of its own app, so only what the person sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from django.urls import reverse
from django.utils import timezone

from qingmiao.flow.house import LEADER
from qingmiao.site.apps.cases import api as cases
from qingmiao.site.apps.directory.api import COUNTY_WIDE, WORKING, Reach
from qingmiao.site.apps.inspections import api as inspections
from qingmiao.site.apps.records import api as records
from qingmiao.site.apps.registers import api as registers
from qingmiao.site.apps.returns import api as returns
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.web.ui.language import said, t

LINES = 5
"""Lines of a part; its number says how many there are."""
NEW = timedelta(days=7)
"""A case or notice is new for so long (our setting)."""


@dataclass(frozen=True)
class WaitingLine:
    """One thing that waits: what it is, where it is done, until when; `tone`: bad, warn or "". `new`: of the
    last days."""

    text: str
    address: str
    more: str = ""
    due: str = ""
    tone: str = ""
    new: bool = False


@dataclass(frozen=True)
class WaitingPart:
    """One kind of work: how much waits and how much of it is late (as texts: there may be more than are counted), the
    first lines, and the page of all."""

    label: str
    address: str
    waits: str
    late: str
    lines: tuple[WaitingLine, ...]

    @property
    def idle(self) -> bool:
        """Nothing of this kind waits."""
        return self.waits == "0" and not self.lines


Looking = Callable[[Reach, date], WaitingPart | None]
"""(reach, today) → what waits; None for whoever does not do such work."""


def _due(day: date, today: date) -> tuple[str, str]:
    """How long until a day, or since it, in words, and its tone."""
    days = (day - today).days
    if days < 0:
        return t(f"逾期 {-days} 天", f"{-days} days overdue"), "bad"
    if days == 0:
        return t("今天到期", "due today"), "warn"
    return t(f"还有 {days} 天", f"{days} days left"), "warn" if days <= 3 else ""


def _children(reach: Reach, today: date) -> WaitingPart | None:
    """Children of whom something is overdue or due, or was found and not followed up."""
    if not reach.has(records.looking_roles()):
        return None
    found = records.work_page(reach, "overdue", otherwise="due", size=LINES)
    lines = []
    for row in found.rows:
        due, tone = _due(row.last, today) if row.last is not None else ("", "")
        lines.append(
            WaitingLine(row.child.name, reverse("records.one", args=[row.child.id]), said(row.what), due, tone)
        )
    counts, tallies = found.counts, found.tallies
    waits = tallies["due"] if not counts["overdue"] else _sum(counts["due"], counts["overdue"], records.COUNTED)
    return WaitingPart(
        t("儿童保健和随访", "Children's care"), reverse("records.work"), waits, tallies["overdue"], tuple(lines)
    )


def _sum(a: int, b: int, most: int) -> str:
    return f"{most}+" if max(a, b, a + b) > most else str(a + b)


MINE: tuple[cases.Queue, ...] = ("mine", "received", "unit")
"""The queues of cases that may be shown, the first in which something stands."""


def _cases(reach: Reach, today: date) -> WaitingPart | None:
    """The cases of the person or the unit: danger first, then what ends first."""
    if not reach.has(cases.working_roles()):
        return None
    queue, tally = cases.first_waiting(reach, MINE)
    found = cases.list_cases(reach, cases.QueueFilters(queue=queue)).rows[:LINES]
    lines = []
    for row in found:
        due, tone = _due(timezone.localdate(row.due), today) if row.due is not None and not row.at_once else ("", "")
        if row.danger:
            due, tone = t("有危险", "in danger"), "bad"
        fresh = timezone.now() - row.opened_at < NEW
        label = f"{said(row.programme_label)} {(not row.core and row.child) or row.title}"
        lines.append(
            WaitingLine(label, reverse("cases.one", args=[row.number]), said(row.stage_label), due, tone, fresh)
        )
    address = f"{reverse('cases.list')}?queue={queue}"
    label = t(f"个案（{cases.QUEUES[queue].zh}）", f"Cases ({cases.QUEUES[queue].en})")
    return WaitingPart(label, address, _most(tally.open), _most(tally.late), tuple(lines))


def _most(number: int) -> str:
    return f"{number}+" if number >= cases.MOST_COUNTED else str(number)


def _returns(reach: Reach, today: date) -> WaitingPart | None:
    """The returns that the unit fills in and signs; for the county's statisticians, those that wait for audit."""
    units = returns.own_units(reach)
    if units:
        found = returns.waiting(units, on=today)
        signing = found.to_sign if reach.has(frozenset({LEADER})) else []
        mine = tuple(chain(found.sent_back, signing, found.to_fill))
    elif reach.has(COUNTY_WIDE):
        mine = tuple(returns.county(reach, on=today).queue)
    else:
        return None
    lines = []
    for row in mine[:LINES]:
        due, tone = _due(row.due_date, today)
        named = said(row.sheet.label) if row.sheet is not None else row.return_id
        lines.append(
            WaitingLine(
                f"{row.year} {named}",
                reverse("returns.filing", args=[row.pk]),
                t(row.stage.label, row.stage.label_en),
                due,
                tone,
            )
        )
    late = sum(row.late > 0 for row in mine)
    return WaitingPart(t("统计报表", "Returns"), reverse("returns.home"), str(len(mine)), str(late), tuple(lines))


def _tasks(reach: Reach, today: date) -> WaitingPart | None:
    """The tasks of the person and the units that she acts for."""
    found = tasks.listed(reach, state=tasks.TaskState.OPEN, queue="mine", size=LINES)
    late = tasks.listed(reach, state=tasks.LATE, queue="mine", size=LINES)
    if not found.rows and not late.rows and not reach.has(WORKING):
        return None
    lines = []
    for row in (*late.rows, *(r for r in found.rows if r not in late.rows))[:LINES]:
        due, tone = _due(row.due_date, today)
        lines.append(WaitingLine(row.title, reverse("acting.task", args=[row.id]), row.unit, due, tone))
    return WaitingPart(t("任务", "Tasks"), reverse("acting.tasks"), _page(found), _page(late), tuple(lines))


def _page(found: tasks.Listed) -> str:
    return f"{len(found.rows)}+" if found.following else str(len(found.rows))


def _inspections(reach: Reach, today: date) -> WaitingPart | None:
    """The visits that name the person as inspector, and what her unit ordered and was not put right in time."""
    found = inspections.mine(reach, size=LINES)
    if found is None:
        return None
    lines = []
    for row in found.rows:
        due, tone = _due(row.day, today)
        text = f"{row.place} {row.label}".strip() or said(row.checklist)
        more = said(row.waits) if row.label else f"{said(row.checklist)} · {said(row.waits)}"
        address = reverse("inspections.one", args=[row.inspection])
        shown = (due, tone) if row.late or row.day >= today else ("", "")
        lines.append(WaitingLine(text, address, more, *shown))
    address = reverse("inspections.standing")
    return WaitingPart(t("督导检查", "Inspections"), address, str(found.waits), str(found.late), tuple(lines))


def _registers(reach: Reach, today: date) -> WaitingPart | None:
    """Entries of the person's registers whose dates end or that wait to be confirmed; what is missing in which."""
    found = registers.waiting(reach, size=LINES)
    if found is None:
        return None
    rest = [_register(row) for row in found.registers]
    shown = found.entries[: max(LINES - len(rest), LINES // 2)]
    lines = (*(_entry(row, today) for row in shown), *rest)[:LINES]
    address = reverse("registers.list")
    return WaitingPart(t("登记册", "Registers"), address, str(found.waits), str(found.expired), tuple(lines))


def _entry(row: registers.EntryWaits, today: date) -> WaitingLine:
    if row.ends is None:
        due, tone = t("待确认", "to be confirmed"), "warn"
    elif row.ends < today:
        days = (today - row.ends).days
        due, tone = t(f"证照过期 {days} 天", f"expired {days} days ago"), "bad"
    else:
        days = (row.ends - today).days
        due, tone = t(f"证照还有 {days} 天到期", f"expires in {days} days"), "warn"
    return WaitingLine(row.name, reverse("registers.entry", args=[row.id]), said(row.register), due, tone)


def _register(row: registers.RegisterWaits) -> WaitingLine:
    """What waits in a whole register, with the page where it is done: minimums first."""
    words = []
    if row.short:
        words.append(t(f"最低要求 {row.short} 处没有达到", f"{row.short} minimums not met"))
    if row.unconfirmed:
        words.append(t(f"今年没有确认 {row.unconfirmed} 条", f"{row.unconfirmed} not confirmed this year"))
    page = "registers.missing" if row.short else "registers.confirm"
    return WaitingLine(
        said(row.label), reverse(page, args=[row.register]), t("，", ", ").join(words), "", "warn" if row.short else ""
    )


PARTS: tuple[Looking, ...] = (_cases, _children, _tasks, _returns, _inspections, _registers)
"""In this order on the page. A new kind of work is one more row."""


def waiting(reach: Reach) -> tuple[WaitingPart, ...]:
    """What waits for a person today, by kind of work."""
    today = timezone.localdate()
    return tuple(part for look in PARTS if (part := look(reach, today)) is not None)
