"""What every template knows: who asks, the language, the navigation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from qingmiao.content.documents import DocumentKind
from qingmiao.flow import house
from qingmiao.flow.house import LEADER
from qingmiao.site.apps.benefits import api as benefits
from qingmiao.site.apps.cases import api as cases
from qingmiao.site.apps.directory.api import (
    ADMINISTRATORS,
    AUDIT_ADMIN,
    AUDITOR,
    COUNTY_WIDE,
    LEAST_WORDS,
    OUTSIDE,
    WORKING,
)
from qingmiao.site.apps.notices import api as notices
from qingmiao.site.apps.records import api as records
from qingmiao.site.pack import pack
from qingmiao.site.web.ui import first_loading
from qingmiao.site.web.ui.language import CURRENT
from qingmiao.site.web.ui.sessions import Visitor


@dataclass(frozen=True)
class Entry:
    """One entry of the navigation."""

    name: str
    zh: str
    en: str
    roles: frozenset[str] | Callable[[], frozenset[str]]
    """The ids of roles; a function where the content says which."""
    group: str = ""
    """The menu in which it stands, of `GROUPS`, for who sees several of it."""

    def seen_by(self, roles: frozenset[str]) -> bool:
        """Whether somebody with these roles sees it."""
        return bool(roles & (self.roles() if callable(self.roles) else self.roles))


FIGURES = house.FILLERS | COUNTY_WIDE | {LEADER, AUDITOR}
"""Who works with the plan's figures from day to day. Whoever works with children and cases alone comes to them by the
overview; the navigation keeps to what is hers."""


def documenting() -> frozenset[str]:
    """The roles that record some kind of document (a plan, a yearly check …): they come to it by the duties; whoever is
    from outside by a page of their own."""
    kinds, outside = (
        pack().entries("documents", DocumentKind).values(),
        {r.id for r in pack().roles.values() if r.outside},
    )
    return frozenset(role for kind in kinds for role in kind.recorded_by) - outside


GROUPS = {"plan": ("规划", "Plan")}
"""Menus of the navigation and their words: so that what somebody does stands in one line."""
ENTRIES = (
    Entry("today", "今天", "Today", frozenset(WORKING)),
    Entry("records.list", "儿童档案", "Children", records.looking_roles),
    Entry("mothers.list", "孕产妇档案", "Mothers", records.looking_at_mothers),
    Entry("cases.list", "个案", "Cases", lambda: cases.working_roles() | COUNTY_WIDE | {LEADER}),
    Entry("benefits.list", "按月发放", "Benefits", benefits.working_roles),
    Entry("returns.home", "统计报表", "Returns", FIGURES),
    Entry("leader.overview", "全县概览", "Overview", frozenset(WORKING), "plan"),
    Entry("monitoring.wall", "规划监测", "Targets", FIGURES, "plan"),
    Entry("monitoring.indicators", "指标", "Indicators", FIGURES, "plan"),
    Entry("monitoring.benchmarks", "乡镇比较", "Areas compared", FIGURES, "plan"),
    Entry("monitoring.warnings", "预警", "Warnings", FIGURES, "plan"),
    Entry("acting.duties", "目标责任", "Duties", lambda: FIGURES | documenting(), "plan"),
    Entry("acting.commissioned", "受托评估", "Commissioned evaluation", frozenset(OUTSIDE)),
    Entry("publishing.reports", "监测报告", "Reports", FIGURES, "plan"),
    Entry("acting.tasks", "任务", "Tasks", frozenset(WORKING)),
    Entry("inspections.list", "督导检查", "Inspections", frozenset(WORKING)),
    Entry("registers.list", "登记册", "Registers", frozenset(WORKING)),
    Entry("surveys.list", "问卷调查", "Surveys", frozenset(WORKING)),
    Entry("audit.trail", "审计", "Audit", frozenset({AUDIT_ADMIN, AUDITOR})),
    Entry("people.list", "账号", "Accounts", frozenset(ADMINISTRATORS)),
)
"""In this order; what waits for the person first, then people's files."""


def page(request: HttpRequest) -> dict[str, Any]:
    """The context of every page."""
    who: Visitor = getattr(request, "visitor", Visitor(None))
    inside = who.person is not None and who.whole
    return {
        "language": CURRENT.get(),
        "person": who.person if inside else None,
        "roles": sorted(who.reach.roles) if inside else (),
        "navigation": navigation(who.reach.roles) if inside else (),
        "guide": inside
        and who.person is not None
        and who.person.guided_at is None
        and not who.person.must_change_password,
        "unread": notices.unread(who.person) if inside and who.person is not None else 0,
        "least_words": LEAST_WORDS,
        "first_loading": first_loading.of(request),
        "demo": settings.ENVIRONMENT.mode == "demo",
    }


@dataclass(frozen=True)
class NavigationItem:
    """What the navigation shows in one place: a link, or a menu of several (`entries`)."""

    zh: str
    en: str
    url: str
    entries: tuple[NavigationItem, ...] = ()


@lru_cache
def navigation(roles: frozenset[str]) -> tuple[NavigationItem, ...]:
    """What roles see, in order; a menu stands where its first entry would, and one entry alone is no menu."""
    seen = [e for e in ENTRIES if e.seen_by(roles)]
    found: dict[str, NavigationItem] = {}
    for e in seen:
        mine = [o for o in seen if e.group and o.group == e.group]
        if len(mine) > 1:
            zh, en = GROUPS[e.group]
            found.setdefault(e.group, NavigationItem(zh, en, "", tuple(_item(o) for o in mine)))
        else:
            found[e.name] = _item(e)
    return tuple(found.values())


def _item(entry: Entry) -> NavigationItem:
    return NavigationItem(entry.zh, entry.en, reverse(entry.name))
