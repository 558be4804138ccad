"""What the search finds: one row a kind of thing, each found by its own app's list, so only what the person may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from qingmiao.assess.subject_rows import shown_unit
from qingmiao.kernel.areas import lies_in
from qingmiao.site.apps.acting import api as acting
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory.api import ADMINISTRATORS, WORKING, Reach
from qingmiao.site.apps.inspections import api as inspections
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.publishing import api as publishing
from qingmiao.site.apps.registers import api as registers
from qingmiao.site.apps.returns import api as returns
from qingmiao.site.apps.surveys import api as surveys
from qingmiao.site.apps.tasks import api as tasks
from qingmiao.site.narrowing import Narrowed
from qingmiao.site.pack import pack
from qingmiao.site.web.console.help.topics import topics
from qingmiao.site.web.console.search.grams import grams, likeness
from qingmiao.site.web.ui.language import said, t


@dataclass(frozen=True)
class Hit:
    """One thing that was found: what it is called, where it is, and a few words more."""

    text: str
    address: str
    more: str = ""


Page = tuple[list[Hit], str]
"""A page of hits and the mark of the next one (empty: the last)."""
Finding = Callable[[Reach, str, str, int], Page]
"""(the person's reach, what was asked, a page's mark, how many) → a page. Raises ValueError for a mark that no page
has given."""


@dataclass(frozen=True)
class Kind:
    """One kind of thing that can be found, and by whom."""

    name: str
    zh: str
    en: str
    find: Finding
    roles: frozenset[str] = WORKING


def _ranked(asked: str, after: str, size: int, offered: Iterable[tuple[Hit, tuple[str, ...]]]) -> Page:
    """The best first, equals in the order of the pack. The pack does not change while the site runs, so that a place
    in the order is a mark."""
    if after and not (after.isascii() and after.isdigit() and len(after) <= 9):
        raise ValueError(after)
    scored = [(likeness(asked, texts), n, hit) for n, (hit, texts) in enumerate(offered)]
    found = sorted((x for x in scored if x[0]), key=lambda x: (-x[0], x[1]))
    start = int(after or 0)
    more = str(start + size) if len(found) > start + size else ""
    return [hit for _, _, hit in found[start : start + size]], more


def _goals() -> Iterator[tuple[Hit, tuple[str, ...]]]:
    for field in pack().fields:
        for g in field.goals:
            address = reverse("monitoring.goal", args=[g.id])
            yield (
                Hit(f"{g.number}. {g.text}", address, field.label.zh),
                (g.text, *(x.label.zh for x in g.targets), *(x.label.en for x in g.targets)),
            )


def _measures() -> Iterator[tuple[Hit, tuple[str, ...]]]:
    for field in pack().fields:
        goal = next(iter(field.goals), None)
        address = reverse("monitoring.goal", args=[goal.id]) if goal else reverse("monitoring.wall")
        for m in field.measures:
            yield Hit(f"{m.number} {m.title}", f"{address}#{m.id}", field.label.zh), (m.title, m.text)


def _indicators() -> Iterator[tuple[Hit, tuple[str, ...]]]:
    for i in pack().indicators.values():
        hit = Hit(said(i.label), reverse("monitoring.indicator", args=[i.id]), shown_unit(i.unit))
        yield hit, (i.label.zh, i.label.en, i.id)


def _units() -> Iterator[tuple[Hit, tuple[str, ...]]]:
    for u in pack().organisations.values():
        address = f"{reverse('returns.calendar')}?{urlencode({'unit': u.id})}"
        yield Hit(u.label.zh, address, t("填报情况", "its returns")), (u.label.zh, u.label.en, u.short)


def _areas() -> Iterator[tuple[Hit, tuple[str, ...]]]:
    state = monitoring.current()
    if state is None:
        return
    for code, a in pack().areas.items():
        if lies_in(code, state.root):
            above = pack().areas.get(a.parent) if a.parent else None
            yield Hit(a.name, reverse("monitoring.area", args=[code]), above.name if above else ""), (a.name, code)


def _of_pack(offered: Callable[[], Iterable[tuple[Hit, tuple[str, ...]]]]) -> Finding:
    return lambda can, asked, after, size: _ranked(asked, after, size, offered())


def _help(can: Reach, asked: str, after: str, size: int) -> Page:
    found = (
        (Hit(topic.label.zh, f"{reverse('help.topics')}#{topic.id}"), (topic.label.zh, topic.label.en, *topic.said))
        for topic in topics(can.roles)
    )
    return _ranked(asked, after, size, found)


def _returns(can: Reach, asked: str, after: str, size: int) -> Page:
    def find(narrowed: Narrowed) -> Page:
        rows, following = returns.find(can, narrowed=narrowed, after=after, size=size)
        return [
            Hit(
                f"{f.sheet.label.zh if f.sheet else f.return_id}（{f.period} {f.area_label}）",
                reverse("returns.filing", args=[f.pk]),
                f"{f.unit_label} · {t(f.state.label, f.state.label_en)}",
            )
            for f in rows
        ], following

    return _as_typed_or_by_grams(asked, find)


def _tasks(can: Reach, asked: str, after: str, size: int) -> Page:
    def find(narrowed: Narrowed) -> Page:
        found = tasks.listed(can, state=tasks.ALL, after=after, size=size, narrowed=narrowed)
        hits = [
            Hit(r.title, reverse("acting.task", args=[r.id]), f"{r.unit} · {t(r.state.label, r.state.label_en)}")
            for r in found.rows
        ]
        return hits, found.following

    return _as_typed_or_by_grams(asked, find)


def _documents(can: Reach, asked: str, after: str, size: int) -> Page:
    def find(narrowed: Narrowed) -> Page:
        rows, following = acting.find_documents(can, narrowed=narrowed, after=after, size=size)
        return [
            Hit(
                a.title,
                reverse("acting.activity", args=[a.kind, a.number]),
                f"{a.kind_label} · {a.unit} · {a.on_date}",
            )
            for a in rows
        ], following

    return _as_typed_or_by_grams(asked, find)


def _surveys(can: Reach, asked: str, after: str, size: int) -> Page:
    def find(narrowed: Narrowed) -> Page:
        rows, following = surveys.listed(can, narrowed=narrowed, after=after, size=size)
        return [Hit(s.title, reverse("surveys.one", args=[s.id]), s.unit) for s in rows], following

    return _as_typed_or_by_grams(asked, find)


def _inspections(can: Reach, asked: str, after: str, size: int) -> Page:
    def find(narrowed: Narrowed) -> Page:
        rows, following = inspections.listed(can, narrowed=narrowed, after=after, size=size)
        return [
            Hit(r.place, reverse("inspections.one", args=[r.id]), f"{r.label.zh} · {r.planned_date}") for r in rows
        ], following

    return _as_typed_or_by_grams(asked, find)


def _registers(can: Reach, asked: str, after: str, size: int) -> Page:
    def find(narrowed: Narrowed) -> Page:
        rows, following = registers.find(can, narrowed, after=after, size=size)
        return [
            Hit(
                row.name,
                reverse("registers.entry", args=[row.id]),
                f"{said(kind.label)} · {row.area}",
            )
            for kind, row in rows
        ], following

    return _as_typed_or_by_grams(asked, find)


def _reports(can: Reach, asked: str, after: str, size: int) -> Page:
    def find(narrowed: Narrowed) -> Page:
        rows, following = publishing.listed(can, narrowed=narrowed, after=after, size=size)
        return [
            Hit(
                f"{e.year} 年{e.report.zh}（第 {e.number} 版）",
                reverse("publishing.report", args=[e.pk]),
                e.state.label,
            )
            for e in rows
        ], following

    return _as_typed_or_by_grams(asked, find)


def _people(can: Reach, asked: str, after: str, size: int) -> Page:
    found = directory.showing.accounts(can, narrowed=Narrowed(asked), after=after, limit=size + 1)
    more = found[size - 1].username if len(found) > size else ""
    hits = [Hit(f"{p.name}（{p.username}）", reverse("people.one", args=[p.username]), p.unit) for p in found[:size]]
    return hits, more


def _as_typed_or_by_grams(asked: str, find: Callable[[Narrowed], Page]) -> Page:
    """What holds the words as they were typed; where nothing does, what holds all their grams."""
    found = find(Narrowed(asked))
    parts = " ".join(grams(asked))
    return found if found[0] or parts == asked.casefold() else find(Narrowed(parts))


KINDS = (
    Kind("goals", "主要目标", "Goals", _of_pack(_goals)),
    Kind("measures", "策略措施", "Measures", _of_pack(_measures)),
    Kind("indicators", "指标", "Indicators", _of_pack(_indicators)),
    Kind("returns", "统计报表", "Returns", _returns),
    Kind("tasks", "任务", "Tasks", _tasks),
    Kind("documents", "部门文书和活动", "Documents", _documents),
    Kind("inspections", "督导检查", "Inspections", _inspections),
    Kind("registers", "登记册", "Registers", _registers),
    Kind("surveys", "问卷调查", "Surveys", _surveys),
    Kind("reports", "监测报告", "Reports", _reports),
    Kind("areas", "地区", "Areas", _of_pack(_areas)),
    Kind("units", "单位", "Units", _of_pack(_units)),
    Kind("people", "账号", "Accounts", _people, ADMINISTRATORS),
    Kind("help", "帮助", "Help", _help, frozenset()),
)
"""In the order in which they are shown; without roles: everybody who has logged in."""
